//! Pages whose main part is the same for everybody, such as a lesson.
//!
//! The main part is rendered and compressed when it is first asked for, and kept. What stands around it (who is signed in, their
//! token for forms) is made for each request and is small. Both are put together in one gzip stream: DEFLATE blocks that end at a
//! byte and refer to nothing before them can be joined (RFC 1951, section 3.2.4), and so can CRCs (RFC 1952, section 2.3.1).

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header as _};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use serde::Serialize;

use super::identity::{LocalFuture, Visitor};
use super::request::registered;
use crate::error::{Error, Result};

/// Stands where the main part goes. No name or title can look like it, since templates escape them.
const PLACE: &str = "<!--main-->";
/// The header of a gzip stream: DEFLATE, no time, no name, an unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The main parts that were made so far.
#[derive(Default)]
pub(crate) struct SharedParts(RwLock<HashMap<Key, Arc<MainPart>>>);

/// The template of a page, and the name of what it shows. A path won't do: one page can be asked for by many spellings.
type Key = (&'static str, String);

impl SharedParts {
    fn get_or_make(&self, key: Key, make: impl FnOnce() -> Result<MainPart>) -> Result<Arc<MainPart>> {
        if let Some(made) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(made.clone());
        }
        // Two who come first at once may both make it; the later one's stays.
        let made = Arc::new(make()?);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        Ok(made)
    }
}

/// A visitor of a page whose main part is the same for everybody.
pub(crate) struct SharedPage {
    visitor: Visitor,
    parts: web::Data<SharedParts>,
    takes_gzip: bool,
}

impl SharedPage {
    /// The page: `templates/<template>.hbs` within the layout. The template finds its data under `page` and nothing else. `name`
    /// tells the pages of one template apart; only what exists has a name, so the content bounds what is kept. `data` must not
    /// change while the process runs.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn of<T: Serialize>(
        &self,
        template: &'static str,
        name: &str,
        title: &str,
        data: impl FnOnce() -> T,
    ) -> Result<HttpResponse> {
        let make = || MainPart::new(self.visitor.templates.render(template, &Page { page: data() })?);
        let main = self.parts.get_or_make((template, name.to_owned()), make)?;
        let around = self.visitor.html("shared", title, PLACE)?;
        let around = around.split_once(PLACE);
        let (before, after) =
            around.ok_or_else(|| Error::internal("render a page", "the layout has no place for a main part"))?;
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::VARY, "accept-encoding"))
            .content_type("text/html; charset=utf-8");
        if !self.takes_gzip {
            return Ok(response.body([before, &main.html, after].concat()));
        }
        let body = main.gzip_between(before, after)?;
        Ok(response.insert_header((header::CONTENT_ENCODING, "gzip")).body(body))
    }
}

impl FromRequest for SharedPage {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visitor = Visitor::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            Ok(Self { visitor: visitor.await?, parts: registered(&request)?, takes_gzip: takes_gzip(&request) })
        })
    }
}

/// Whether the caller reads gzip at least as gladly as a body that isn't compressed.
fn takes_gzip(request: &HttpRequest) -> bool {
    let ours = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(ours.iter()) == Some(Encoding::gzip()))
}

/// What a template finds.
#[derive(Serialize)]
struct Page<T> {
    page: T,
}

/// A main part, as it is and compressed.
struct MainPart {
    html: String,
    blocks: Vec<u8>,
    crc: Crc,
}

impl MainPart {
    fn new(html: String) -> Result<Self> {
        let blocks = blocks(&html, Compression::best(), End::More)?;
        Ok(Self { crc: crc(&html), blocks, html })
    }

    /// A gzip stream of the main part between two texts.
    fn gzip_between(&self, before: &str, after: &str) -> Result<Vec<u8>> {
        let mut sum = crc(before);
        sum.combine(&self.crc);
        sum.combine(&crc(after));
        let first = blocks(before, Compression::fast(), End::More)?;
        let last = blocks(after, Compression::fast(), End::Last)?;
        Ok([&GZIP_HEADER, &*first, &self.blocks, &last, &sum.sum().to_le_bytes(), &sum.amount().to_le_bytes()].concat())
    }
}

fn crc(text: &str) -> Crc {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    crc
}

/// What comes after some blocks.
enum End {
    /// More blocks come, from the next byte on.
    More,
    /// The stream is over.
    Last,
}

/// A text as DEFLATE blocks that refer to nothing but themselves.
fn blocks(text: &str, level: Compression, end: End) -> Result<Vec<u8>> {
    let failed = |error| Error::internal("compress a page", error);
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(text.len() / 2), level);
    encoder.write_all(text.as_bytes()).map_err(failed)?;
    match end {
        // Ends with an empty block that fills up the byte.
        End::More => encoder.flush().map_err(failed).map(|()| encoder.get_ref().clone()),
        End::Last => encoder.finish().map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::test::TestRequest;
    use flate2::read::GzDecoder;

    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_put_together_is_one_stream(before in ".{0,300}", main in "[a-f<>/ ]{0,4000}", after in ".{0,60}") {
            let stream = MainPart::new(main.clone()).unwrap().gzip_between(&before, &after).unwrap();
            let (mut read, mut decoder) = (String::new(), GzDecoder::new(&*stream));
            decoder.read_to_string(&mut read).unwrap();
            assert_eq!(read, [before, main, after].concat());
            assert!(decoder.into_inner().is_empty(), "all of it is one member");
        }
    }

    #[test]
    fn whoever_takes_gzip_gets_it() {
        let takes = |accepted: &str| {
            let request = TestRequest::default().insert_header((header::ACCEPT_ENCODING, accepted)).to_http_request();
            takes_gzip(&request)
        };
        assert!(takes("gzip, deflate, br, zstd") && takes("gzip;q=0.5"));
        assert!(
            !takes("") && !takes("identity") && !takes("br") && !takes("gzip;q=0") && !takes("identity, gzip;q=0.1")
        );
        assert!(!takes_gzip(&TestRequest::default().to_http_request()));
    }
}

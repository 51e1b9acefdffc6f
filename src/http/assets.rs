//! Style sheet, scripts and icon of the pages, embedded in the binary.

use std::sync::LazyLock;

use actix_web::http::header::{self, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};

use super::params::Path;
use crate::error::{Refusal, Result};

#[derive(Embed)]
#[folder = "src/web/assets"]
struct Assets;

/// `GET /assets/{name}`: a file of the pages, to be asked for again each day.
///
/// The tag is a weak one, since the same file may be sent compressed or not (RFC 9110, section 8.8.1).
pub(crate) async fn asset(name: Path<String>, known: web::Header<IfNoneMatch>) -> Result<HttpResponse> {
    let file = Assets::get(&name.0).ok_or_else(|| Refusal::not_found("file"))?;
    let tag = EntityTag::new_weak(hex(&file.metadata.sha256_hash(), 8));
    let unchanged = match known.into_inner() {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    if unchanged {
        return Ok(response.finish());
    }
    Ok(response.content_type(media_type(&name.0)).body(contents(file)))
}

fn contents(file: EmbeddedFile) -> Vec<u8> {
    file.data.into_owned()
}

/// A hash over all files, which pages put into their addresses so that no browser keeps old ones.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let files = Assets::iter().filter_map(|name| Assets::get(&name));
        let whole = files.fold(Sha256::new(), |whole, file| whole.chain_update(file.metadata.sha256_hash()));
        hex(&whole.finalize(), 6)
    });
    &VERSION
}

fn hex(hash: &[u8], bytes: usize) -> String {
    hash.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

//! The three forms in which files come, read within the grader's limits. What breaks a rule is refused, naming the file.

use std::fmt;
use std::io::Cursor;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Files;
use crate::error::{Error, Field, Kind, Refusal, Result};
use crate::grader::{self, SubmittedFiles, unpack};

/// Reads files from a body, away from the threads that serve. `parse` reads JSON as the web does.
pub(super) async fn read(
    content_type: &str,
    bytes: impl AsRef<[u8]> + Send + 'static,
    parse: fn(&[u8]) -> Result<Body>,
) -> Result<Files> {
    let form = Form::of(content_type)?;
    let read = tokio::task::spawn_blocking(move || form.read(bytes.as_ref(), parse)).await;
    let files = read.map_err(|error| Error::internal("read a submission", error))??;
    Ok(files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
}

/// Checks files that a page's editor handed in.
///
/// # Errors
/// 422 with the file that breaks a rule.
pub fn checked(files: impl IntoIterator<Item = (String, String)>) -> Result<Files> {
    let files = unpack::from_pairs(files).map_err(|refusals| refused(&refusals))?;
    Ok(files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
}

enum Form {
    Json,
    Tar,
    Zip,
}

impl Form {
    fn of(content_type: &str) -> Result<Self> {
        match content_type.to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            "application/gzip" | "application/x-gzip" | "application/x-tar" => Ok(Self::Tar),
            "application/zip" => Ok(Self::Zip),
            other => {
                let detail = format!(
                    "the Content-Type is {other:?}, but application/json, application/gzip (a .tar.gz), \
                     application/x-tar or application/zip is wanted here"
                );
                Err(Refusal::new(Kind::UnsupportedMediaType, "unsupported_media_type", detail).into())
            }
        }
    }

    fn read(&self, bytes: &[u8], parse: fn(&[u8]) -> Result<Body>) -> Result<SubmittedFiles> {
        let files = match self {
            Self::Json => unpack::from_pairs(parse(bytes)?.files.0),
            Self::Tar => unpack::from_tar(bytes),
            Self::Zip => unpack::from_zip(Cursor::new(bytes)),
        };
        files.map_err(|refusals| refused(&refusals).into())
    }
}

/// All that was refused, a field each; the detail names them all.
fn refused(refusals: &[grader::Refusal]) -> Refusal {
    let field = |refusal: &grader::Refusal| {
        let pointer = match refusal.file.as_str() {
            "" => String::new(),
            file => format!("/files/{}", file.replace('~', "~0").replace('/', "~1")),
        };
        Field::new(pointer, refusal.rule.clone())
    };
    let detail = refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Refusal { detail, ..Refusal::invalid(refusals.iter().map(field).collect()) }
}

/// The files as JSON: an object with `files`, the text of each by its path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    files: Pairs,
}

/// A JSON object with all that it says: a map would keep the last of two files of one name.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with the text of each file under its path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

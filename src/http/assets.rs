//! Style sheet, scripts and icon of the pages, embedded in the binary.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::conditional;
use super::params::{Path, Query};
use crate::error::{Refusal, Result};
use crate::hex::hex;

#[derive(Embed)]
#[folder = "src/web/assets"]
struct Assets;

/// The version that the address of a file may carry.
#[derive(Deserialize)]
pub(crate) struct AssetQuery {
    v: Option<String>,
}

/// `GET /assets/{name}`: a file of the pages. With its version (`?v=`) a browser may keep it for good. Scripts import each
/// other without one, so that the browser has to ask whether the file is still the same: a mixture of old and new scripts
/// would be worse than a question.
pub(crate) async fn asset(name: Path<String>, query: Query<AssetQuery>, request: HttpRequest) -> Result<HttpResponse> {
    let file = Assets::get(&name.0).ok_or_else(|| Refusal::not_found("file"))?;
    let tag = conditional::tag_of_hash(&file.metadata.sha256_hash());
    let is_current = query.0.v.as_deref() == Some(version());
    let caching = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(conditional::respond(&request, &tag, caching, media_type(&name.0), || contents(file)))
}

fn contents(file: EmbeddedFile) -> Vec<u8> {
    file.data.into_owned()
}

/// A hash over all files, which pages put into their addresses so that no browser keeps old ones.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let files = Assets::iter().filter_map(|name| Assets::get(&name));
        let whole = files.fold(Sha256::new(), |whole, file| whole.chain_update(file.metadata.sha256_hash()));
        hex(whole.finalize().into_iter().take(6))
    });
    &VERSION
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

//! Work that would keep the thread that serves other requests too long.

use actix_web::web;

use crate::error::{Error, Result};

/// Largest body that is worked on by the thread that serves other requests, in bytes.
const QUICK_BYTES: usize = 64 * 1024;

/// Runs work on a body of `bytes` bytes: on a large one, away from the thread that serves other requests.
///
/// # Errors
/// 500 `internal` when the work panics or the server stops meanwhile.
pub(super) async fn by_size<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    if bytes <= QUICK_BYTES {
        return Ok(work());
    }
    web::block(work).await.map_err(|error| Error::internal("work on a large body", error))
}

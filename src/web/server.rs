//! The server itself: middleware in order, listening, draining.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};

use super::{observe, routes};
use crate::app::App;

/// Seconds that requests under way have when the server stops.
const DRAIN_SECONDS: u64 = 20;

/// A server on `listener`, not yet running; awaiting it runs it.
///
/// # Errors
/// When the socket can't be used.
pub fn server(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .wrap(Compress::default())
            .wrap(from_fn(observe::observe))
            .configure(routes::routes)
    })
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

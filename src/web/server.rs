//! The server itself: middleware in order, listening, draining.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpServer, web};

use super::health::Health;
use super::state::State;
use super::{observe, routes};

/// Seconds that requests under way have when the server stops.
const DRAIN_SECONDS: u64 = 20;

/// A server on `listener`, not yet running; awaiting it runs it.
///
/// # Errors
/// When the socket can't be used.
pub fn server(state: State, health: Health, listener: TcpListener) -> std::io::Result<Server> {
    let health = web::Data::new(health);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .configure(|config| state.register(config))
            .app_data(health.clone())
            .wrap(Compress::default())
            .wrap(from_fn(observe::observe))
            .configure(routes::routes)
    })
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

/// A server of a process that only grades: whether it is well, and nothing else.
///
/// # Errors
/// When the socket can't be used.
pub fn health_server(health: Health, listener: TcpListener) -> std::io::Result<Server> {
    let health = web::Data::new(health);
    let server = HttpServer::new(move || actix_web::App::new().app_data(health.clone()).configure(routes::operation))
        .workers(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

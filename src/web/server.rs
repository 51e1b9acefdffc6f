//! The server itself: middleware in order, listening, draining.

use std::any::Any;
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use actix_web::dev::{Extensions, Server};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{HttpServer, web};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{Shutdown, shutdown};

use super::health::Health;
use super::in_flight::InFlight;
use super::state::State;
use super::{observe, routes};
use crate::concurrency::ClientConcurrency;
use crate::http::address::TrustedProxies;

/// Seconds that requests under way have when the server stops.
const DRAIN_SECONDS: u64 = 20;
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a client may take to close a connection that we have ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Most connections of one client, and most of its requests under way: a class of a hundred with some tabs each may sit behind
/// one address.
const CLIENT_MAX: usize = 1000;
/// The share of all open files that one client may take, for connections and for requests.
const CLIENT_SHARE: usize = 4;
/// How many open files any system allows.
const FEWEST_FILES: usize = 256;
/// The share of all open files that connections may not take: it's for the database, files and the sandbox.
const RESERVED_SHARE: usize = 4;

/// A server on `listener`, not yet running; awaiting it runs it.
///
/// # Errors
/// An I/O error when the socket can't be used or the number of cores can't be read.
pub fn server(state: State, health: Health, listener: TcpListener) -> std::io::Result<Server> {
    let health = web::Data::new(health);
    let (files, threads) = (open_files(), std::thread::available_parallelism()?.get());
    let share = (files / CLIENT_SHARE).min(CLIENT_MAX);
    let gate = Gate::new(&state, share);
    // Only where addresses tell clients apart.
    let in_flight = state.limits.by_address().then(|| web::Data::new(InFlight::new(share)));
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .configure(|config| state.register(config))
            .configure(|config| {
                in_flight.iter().for_each(|in_flight| _ = config.app_data(in_flight.clone()));
            })
            .app_data(health.clone())
            .wrap(Compress::default())
            .wrap(from_fn(observe::observe))
            .configure(routes::routes)
    })
    .workers(threads)
    .max_connections((files - files / RESERVED_SHARE).div_ceil(threads))
    .on_connect(move |connection, extensions| gate.admit(connection, extensions))
    .client_request_timeout(HEAD_TIMEOUT)
    .client_disconnect_timeout(CLOSE_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

/// How many files this process may have open; as many as its hard limit lets it, from now on.
fn open_files() -> usize {
    let limits = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        if soft < hard {
            setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        }
        Ok(hard)
    });
    match limits {
        Ok(hard) => usize::try_from(hard).unwrap_or(usize::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            FEWEST_FILES
        }
    }
}

/// Keeps one client from taking all connections. Those of a proxy are many clients': [`InFlight`] tells them apart.
struct Gate {
    proxies: web::Data<TrustedProxies>,
    /// `None` where addresses do not tell clients apart.
    places: Option<ClientConcurrency>,
}

impl Gate {
    fn new(state: &State, most: usize) -> Self {
        let places = state.limits.by_address().then(|| ClientConcurrency::new(most));
        Self { proxies: state.proxies.clone(), places }
    }

    /// Lets a connection in, with a place that it holds as long as it's open, or ends it.
    fn admit(&self, connection: &dyn Any, extensions: &mut Extensions) {
        let (Some(places), Some(stream)) = (&self.places, connection.downcast_ref::<TcpStream>()) else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let peer = peer.ip().to_canonical();
        if self.proxies.trusts(peer) {
            return;
        }
        match places.take(peer) {
            Some(place) => drop(extensions.insert(place)),
            None => {
                metrics::counter!("quorate_connections_refused").increment(1);
                // It may be gone already.
                let _ = shutdown(stream.as_raw_fd(), Shutdown::Both);
            }
        }
    }
}

/// A server for whoever runs this process: whether it is well, why not, and what it counts; nothing else.
///
/// # Errors
/// An I/O error when the socket can't be used.
pub fn health_server(health: Health, listener: TcpListener) -> std::io::Result<Server> {
    let health = web::Data::new(health);
    let server = HttpServer::new(move || actix_web::App::new().app_data(health.clone()).configure(routes::operation))
        .workers(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

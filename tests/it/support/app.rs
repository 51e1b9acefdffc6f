//! The service, in this process: the real server on a port of the kernel's choosing, with a clock that the test moves.

use std::net::TcpListener;
use std::ops::Deref;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use quorate::clock::{Clock, Timestamp};
use quorate::config::{Config, RateLimiting, Settings};
use quorate::maintenance::Maintenance;
use quorate::services::Services;
use quorate::web::State;
use quorate::web::health::Health;
use quorate::web::server::server;
use quorate::worker::Status;
use tempfile::TempDir;

use super::client::Network;
use super::{Anonymous, Backend, Database, Fixture, PageSession, Person};

/// When every test begins: 2026-01-01T00:00:00Z, in microseconds since 1970.
const START: i64 = 1_767_225_600_000_000;

/// A running service; it stops, and all that it kept is cleared away, when this is dropped.
pub struct TestApp {
    services: Services,
    /// As the service was configured.
    pub config: Config,
    /// What `/readyz` says of the sandbox.
    pub grading: Status,
    /// What a real server does now and then, for a test to do when it likes.
    pub maintenance: Maintenance,
    network: Network,
    handle: ServerHandle,
    /// Dropped after the server was told to stop.
    _database: Database,
    _data_dir: TempDir,
}

/// What the service itself sees, so that a test can look behind the answers.
impl Deref for TestApp {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.services
    }
}

impl Fixture for TestApp {
    async fn on(backend: Backend) -> Self {
        Self::with(Database::migrated(backend), |_| ())
    }
}

impl TestApp {
    /// A service on `database`, with the settings that `change` makes of the usual ones for tests: no limits on how often
    /// one may ask, and nothing graded.
    pub fn with(database: Database, change: impl FnOnce(&mut Settings)) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut settings = Settings {
            listen: Some(address),
            data_dir: Some(data_dir.path().to_owned()),
            database_url: Some(database.url.clone()),
            workers: Some(0),
            rate_limits: Some(RateLimiting::Off),
            ..Settings::default()
        };
        change(&mut settings);
        let config = settings.resolve().unwrap();
        let network = Network::new(format!("http://{address}"));
        let services = Services::open(&config, Clock::manual(Timestamp::from_micros(START))).unwrap();
        if config.workers == 0 {
            services.exercises.assume_ready();
        }
        let grading = Status::default();
        let state = State::new(services.clone(), &config).unwrap();
        let maintenance = Maintenance { services: services.clone(), limits: state.limits.clone() };
        let (db, submissions) = (services.db.clone(), services.submissions.clone());
        let server = server(state, Health::new(db, grading.clone(), submissions), listener).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self { services, config, grading, maintenance, network, handle, _database: database, _data_dir: data_dir }
    }

    /// Lets time pass for the service.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Where the service is, such as `http://127.0.0.1:1234`.
    pub fn url(&self) -> &str {
        &self.network.url
    }

    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous::new(&self.network)
    }

    /// A new person with an account and an access token.
    pub async fn person(&self, name: &str) -> Person {
        Person::register(&self.network, name).await
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> PageSession {
        PageSession::new(&self.network)
    }

    /// A browser in which a new person is signed in.
    pub async fn signed_in(&self, name: &str) -> PageSession {
        PageSession::register(&self.network, name).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The order to stop is given at once; what is awaited is only its end.
        drop(self.handle.stop(false));
    }
}

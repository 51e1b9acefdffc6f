//! `quorate worker`: grades for servers on the same database, until a signal stops it.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use super::preparing;
use super::runtime::{Threads, block_on};
use super::signal::stop_signal;
use crate::clock::Clock;
use crate::config::Settings;
use crate::jobs::LeasePolicy;
use crate::services::{Services, StartError};
use crate::telemetry;
use crate::web::health::Health;
use crate::web::server::health_server;
use crate::worker::{Status, WorkerBuilder};

/// How often a worker's measurements are added to their histograms.
const TIDY_EVERY: Duration = Duration::from_secs(60);

pub(super) fn run(settings: Settings) -> ExitCode {
    // A grading that was given back may still be running in its thread. It ends with the process.
    match block_on(&Threads::Beside(2), work(settings)).map_err(StartError::from).flatten() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to work: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn work(settings: Settings) -> Result<(), StartError> {
    let config = settings.resolve()?;
    let _telemetry = telemetry::start(&config)?;
    let Services { db, clock, exercises, submissions, .. } = Services::open(&config, Clock::system())?;
    let queue = submissions.queue(LeasePolicy::default());
    let (at_once, status) = (config.gradings_at_once(), Status::default());
    if let Some(address) = config.worker_listen {
        tell_health(address, Health::new(db, status.clone(), submissions))?;
    }
    let worker = WorkerBuilder { config, clock, queue, exercises: exercises.clone(), status }.start(at_once).await?;
    tokio::spawn(preparing::tell(exercises));
    let tidying = tokio::spawn(tidy_telemetry());
    eprintln!("quorate worker {} grades {at_once} at once", worker.name());
    stop_signal().await?;
    tidying.abort();
    tracing::info!("stopping: gradings in progress may end, the rest are given back");
    worker.stop().await;
    Ok(())
}

/// Keeps measurements from piling up. The servers tidy everything else.
async fn tidy_telemetry() {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        telemetry::tidy();
    }
}

fn tell_health(address: SocketAddr, health: Health) -> Result<(), StartError> {
    let listener = TcpListener::bind(address).map_err(|error| format!("listen on {address}: {error}"))?;
    eprintln!("quorate worker reports its health at http://{}", listener.local_addr()?);
    tokio::spawn(health_server(health, listener)?);
    Ok(())
}

//! `quorate worker`: grades for servers on the same database, until told to stop.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use super::stop_signal;
use crate::app::StartError;
use crate::bank::Bank;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::exercises::Exercises;
use crate::submissions::Submissions;
use crate::submissions::queue::Rules;
use crate::telemetry;
use crate::web::health::Health;
use crate::web::server::health_server;
use crate::worker::{self, Parts, Status};

pub(super) fn run(settings: Settings) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.map_err(StartError::from).and_then(|runtime| {
        let outcome = runtime.block_on(work(settings));
        // A grading that was handed back may still run in its thread; it ends with the process.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
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
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("the data directory {}: {error}", config.data_dir.display()))?;
    let (db, clock) = (Db::connect(&config.database_url)?, Clock::system());
    db.migrate()?;
    let exercises = Exercises::read(&config.graders);
    let submissions = Submissions::new(db.clone(), clock.clone(), Bank::default(), exercises.clone());
    let queue = submissions.queue(Rules::default());
    let (at_once, status) = (config.gradings_at_once(), Status::default());
    if let Some(address) = config.worker_listen {
        tell_health(address, Health { db, grading: status.clone(), submissions: submissions.clone() })?;
    }
    let worker = Parts { config, clock, queue, exercises, status }.start(at_once).await?;
    eprintln!("quorate worker {} grades {at_once} at once", worker::name());
    stop_signal().await?;
    tracing::info!("stopping: gradings under way may end, the rest are handed back");
    worker.stop().await;
    Ok(())
}

fn tell_health(address: SocketAddr, health: Health) -> Result<(), StartError> {
    let listener = TcpListener::bind(address).map_err(|error| format!("listen on {address}: {error}"))?;
    eprintln!("quorate worker tells of its health at http://{}", listener.local_addr()?);
    tokio::spawn(health_server(health, listener)?);
    Ok(())
}

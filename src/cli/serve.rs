//! `quorate serve`: serves pages and REST, and grades unless `--workers` is 0, until a signal stops it.

use std::net::TcpListener;
use std::process::ExitCode;

use tokio::task::JoinHandle;

use super::preparing;
use super::signal::stop_signal;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::exercises::Exercises;
use crate::jobs::LeasePolicy;
use crate::maintenance::Maintenance;
use crate::services::{Services, StartError};
use crate::telemetry;
use crate::web::State;
use crate::web::health::Health;
use crate::web::server::{health_server, server};
use crate::worker::{LOOK_EVERY, Status, Worker, WorkerBuilder};

pub(super) fn run(settings: Settings) -> ExitCode {
    match actix_web::rt::System::new().block_on(serve(settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to serve: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: Settings) -> Result<(), StartError> {
    let config = settings.resolve()?;
    let _telemetry = telemetry::start(&config)?;
    let listener = TcpListener::bind(config.listen).map_err(|error| format!("listen on {}: {error}", config.listen))?;
    let address = listener.local_addr()?;
    let services = Services::open(&config, Clock::system())?;
    let status = Status::default();
    let (db, submissions) = (services.db.clone(), services.submissions.clone());
    let health = Health::new(db, status.clone(), submissions);
    let state = State::new(services.clone(), &config)?;
    if let Some(address) = config.operation_listen {
        let listener = TcpListener::bind(address).map_err(|error| format!("listen on {address}: {error}"))?;
        eprintln!("quorate reports metrics and readiness at http://{}", listener.local_addr()?);
        tokio::spawn(health_server(health.clone(), listener)?);
    }
    let maintenance = Maintenance { services: services.clone(), limits: state.limits.clone() };
    let server = server(state, health, listener)?;
    eprintln!("quorate is at http://{address}");
    if !services.teams.have_an_owner().await? {
        eprintln!("{}", first_steps());
    }
    let handle = server.handle();
    let running = tokio::spawn(server);
    let maintenance = tokio::spawn(maintenance.run());
    let worker = tokio::spawn(start_worker(services.clone(), config, status));
    stop_signal().await?;
    tracing::info!("stopping: requests and gradings under way are finished first");
    maintenance.abort();
    services.submissions.close();
    tokio::join!(handle.stop(true), stop_worker(worker));
    running.await??;
    Ok(())
}

/// What to do with a service that nobody has set up yet.
fn first_steps() -> String {
    let program = std::env::current_exe().map_or_else(|_| "quorate".to_owned(), |path| path.display().to_string());
    format!(
        "Open it in a browser and register to practise. To make an account the owner of a hiring team, run this with the same \
         settings:\n    {program} admin owner --email ADDRESS --team NAME"
    )
}

/// Starts to grade in this process if that is configured and the sandbox holds. Pages and lessons are served in any case.
async fn start_worker(services: Services, config: Config, status: Status) -> Option<Worker> {
    let Services { clock, exercises, submissions, .. } = services;
    if config.workers == 0 {
        exercises.assume_ready();
        tokio::spawn(follow_folders(exercises));
        return None;
    }
    let (at_once, queue) = (config.workers, submissions.queue(LeasePolicy::default()));
    match (WorkerBuilder { config, clock, queue, exercises: exercises.clone(), status }).start(at_once).await {
        Ok(worker) => {
            tokio::spawn(preparing::tell(exercises));
            Some(worker)
        }
        Err(error) => {
            tracing::error!(%error, "nothing will be graded here");
            None
        }
    }
}

/// Looks for changed exercises. If this process has a worker, the worker does that instead.
async fn follow_folders(exercises: Exercises) {
    let mut folders = exercises.watch();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        folders.look();
    }
}

async fn stop_worker(worker: JoinHandle<Option<Worker>>) {
    if let Ok(Some(worker)) = worker.await {
        worker.stop().await;
    }
}

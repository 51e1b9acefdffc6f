//! `quorate serve`: pages, REST and, unless told otherwise, workers, until told to stop.

use std::net::TcpListener;
use std::process::ExitCode;

use actix_web::web;
use tokio::task::JoinHandle;

use super::stop_signal;
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Settings;
use crate::submissions::queue::Rules;
use crate::worker::{LOOK_EVERY, Parts, Worker};
use crate::{telemetry, web as http};

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
    let app = web::Data::new(App::build(config, Clock::system())?);
    let server = http::server::server(app.clone(), listener)?;
    eprintln!("quorate is at http://{address}");
    let handle = server.handle();
    let running = tokio::spawn(server);
    let worker = tokio::spawn(start_worker(app.clone()));
    stop_signal().await?;
    tracing::info!("stopping: requests and gradings under way are finished first");
    app.submissions.close();
    tokio::join!(handle.stop(true), stop_worker(worker));
    running.await??;
    Ok(())
}

/// Grades in this process, where that is wanted and the sandbox holds; pages and lessons are served in any case.
async fn start_worker(app: web::Data<App>) -> Option<Worker> {
    if app.config.workers == 0 {
        tokio::spawn(follow_exercises(app));
        return None;
    }
    let parts = Parts {
        config: app.config.clone(),
        clock: app.clock.clone(),
        queue: app.submissions.queue(Rules::default()),
        exercises: app.exercises.clone(),
        status: app.grading.clone(),
    };
    match parts.start(app.config.workers).await {
        Ok(worker) => Some(worker),
        Err(error) => {
            tracing::error!(%error, "nothing will be graded here");
            None
        }
    }
}

/// Shows exercises as they change; where there is a worker, that does it.
async fn follow_exercises(app: web::Data<App>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        app.exercises.refresh();
    }
}

async fn stop_worker(worker: JoinHandle<Option<Worker>>) {
    if let Ok(Some(worker)) = worker.await {
        worker.stop().await;
    }
}

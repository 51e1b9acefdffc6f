//! `quorate serve`: pages, REST and, unless told otherwise, workers, until told to stop.

use std::net::TcpListener;
use std::process::ExitCode;

use actix_web::web;

use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Settings;
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
    let server = http::server::server(app, listener)?;
    eprintln!("quorate is at http://{address}");
    let handle = server.handle();
    let running = tokio::spawn(server);
    stop_signal().await?;
    tracing::info!("stopping: requests under way are finished first");
    handle.stop(true).await;
    running.await??;
    Ok(())
}

/// Waits for SIGINT or SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

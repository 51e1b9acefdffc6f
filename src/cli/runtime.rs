//! Runs what waits for a network or a database, in commands that are no web server.

use std::io;

use tokio::runtime::Builder;

/// The threads that asynchronous work is done on.
pub(super) enum Threads {
    /// Only the thread that asks for it.
    This,
    /// So many threads beside the one that asks.
    Beside(usize),
    /// A thread for each processor, beside the one that asks.
    EachProcessor,
}

/// Runs work to its end. What it has left behind in other threads ends with the process.
///
/// # Errors
/// When the machine has no descriptor or thread left.
pub(super) fn block_on<F: Future>(threads: &Threads, work: F) -> io::Result<F::Output> {
    let mut builder = match threads {
        Threads::This => Builder::new_current_thread(),
        Threads::Beside(_) | Threads::EachProcessor => Builder::new_multi_thread(),
    };
    if let Threads::Beside(count) = threads {
        builder.worker_threads(*count);
    }
    let runtime = builder.enable_all().build()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(outcome)
}

//! Wakes those who wait in this process. Between processes the database is asked now and then instead, so a ring that
//! nobody hears costs a moment and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, timeout_at};

use crate::id::SubmissionId;

/// Rings that one who waits may be behind by; past it, everybody looks.
const BEHIND: usize = 256;
/// How long somebody waits for a ring before looking all the same: another process may have done it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Wakes workers when there is work, and those who watch a submission when something happened to it.
#[derive(Debug, Clone)]
pub struct Bell {
    work: Arc<Notify>,
    /// `None` is for everybody.
    news: broadcast::Sender<Option<SubmissionId>>,
    closed: Arc<AtomicBool>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { work: Arc::default(), news: broadcast::channel(BEHIND).0, closed: Arc::default() }
    }
}

impl Bell {
    /// Something happened to a submission.
    pub(in crate::submissions) fn ring(&self, submission: SubmissionId) {
        // Nobody may be watching.
        let _ = self.news.send(Some(submission));
    }

    /// Nobody should wait any longer: the process stops.
    pub(in crate::submissions) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // Nobody may be watching.
        let _ = self.news.send(None);
    }

    /// Whether the process stops.
    pub(in crate::submissions) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// There is work.
    pub(in crate::submissions) fn call(&self) {
        self.work.notify_one();
    }

    pub(super) async fn work(&self) {
        // Whether it rang or not, it is time to look.
        let _ = timeout_at(Instant::now() + PATIENCE, self.work.notified()).await;
    }

    /// Begins to watch a submission: what rings from now on is not missed.
    pub(in crate::submissions) fn watch(&self, submission: SubmissionId) -> Watch {
        Watch { submission, news: self.news.subscribe() }
    }
}

/// Watches one submission.
pub(in crate::submissions) struct Watch {
    submission: SubmissionId,
    news: broadcast::Receiver<Option<SubmissionId>>,
}

impl Watch {
    /// Until something may have happened, or `deadline`.
    pub(in crate::submissions) async fn news(&mut self, deadline: Instant) {
        let patience = deadline.min(Instant::now() + PATIENCE);
        // Out of patience or rung: look.
        let _ = timeout_at(patience, self.rung()).await;
    }

    async fn rung(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(Some(other)) if other != self.submission => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                // Nobody can ring any more; another process may still write.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

//! Wakes those who wait in this process. Between processes the database is asked now and then instead, so a wake-up that
//! nobody hears costs a moment and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, timeout_at};

/// News that somebody who waits may be behind by; past it, everybody looks.
const BEHIND: usize = 256;
/// How long somebody waits for a wake-up before looking all the same: another process may have done it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Wakes workers when there is work, and those who watch something (by its id) when something happened to it.
#[derive(Debug, Clone)]
pub struct Wakeups<I> {
    work: Arc<Notify>,
    /// `None` is for everybody.
    news: broadcast::Sender<Option<I>>,
    closed: Arc<AtomicBool>,
}

impl<I: Copy + PartialEq> Default for Wakeups<I> {
    fn default() -> Self {
        Self { work: Arc::default(), news: broadcast::channel(BEHIND).0, closed: Arc::default() }
    }
}

impl<I: Copy + PartialEq> Wakeups<I> {
    /// Says that something happened to `id`.
    pub fn notify(&self, id: I) {
        // Nobody may be watching.
        let _ = self.news.send(Some(id));
    }

    /// Says that there is work.
    pub fn notify_workers(&self) {
        self.work.notify_one();
    }

    /// Waits until there may be work.
    pub async fn wait_for_work(&self) {
        // Woken or not, it is time to look.
        let _ = timeout_at(Instant::now() + PATIENCE, self.work.notified()).await;
    }

    /// Ends all waiting: the process stops.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // Nobody may be watching.
        let _ = self.news.send(None);
    }

    /// Whether the process stops.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Begins to watch `id`: what happens from now on is not missed.
    #[must_use]
    pub fn subscribe(&self, id: I) -> Watch<I> {
        Watch { id, news: self.news.subscribe() }
    }
}

/// A subscription to news of one id.
#[derive(Debug)]
pub struct Watch<I> {
    id: I,
    news: broadcast::Receiver<Option<I>>,
}

impl<I: Copy + PartialEq> Watch<I> {
    /// Waits until something may have happened, or until `deadline`.
    pub async fn wait(&mut self, deadline: Instant) {
        let patience = deadline.min(Instant::now() + PATIENCE);
        // Out of patience or woken: look.
        let _ = timeout_at(patience, self.woken()).await;
    }

    async fn woken(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(Some(other)) if other != self.id => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                // Nobody can wake anybody any more; another process may still write.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

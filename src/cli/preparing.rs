//! Tells whoever started this process how far the preparing of exercises has come.

use std::time::Duration;

use crate::exercises::{Exercises, State};
use crate::terminal;

/// How often the exercises are looked at.
const EVERY: Duration = Duration::from_millis(200);

/// Tells until every exercise is ready or can't be: in one line on a terminal, else in a line of the log for each.
pub(super) async fn tell(exercises: Exercises) {
    let mut told = None;
    loop {
        let progress = Progress::of(&exercises);
        if told != Some(progress) {
            progress.tell();
            told = Some(progress);
        }
        if progress.preparing == 0 {
            return;
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// How many exercises are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Progress {
    ready: usize,
    preparing: usize,
    unavailable: usize,
}

impl Progress {
    fn of(exercises: &Exercises) -> Self {
        let mut progress = Self::default();
        for exercise in exercises.summaries() {
            match exercise.availability.state {
                State::Ready => progress.ready += 1,
                State::Preparing => progress.preparing += 1,
                State::Unavailable => progress.unavailable += 1,
            }
        }
        progress
    }

    fn tell(self) {
        let Self { ready, preparing, unavailable } = self;
        let of = ready + preparing + unavailable;
        if preparing > 0 {
            let text = format!("preparing the exercises: {ready} of {of} can be graded");
            if terminal::is_there() {
                terminal::show(&text)
            } else {
                tracing::info!("{text}")
            }
            return;
        }
        if terminal::is_there() {
            terminal::show("");
        }
        match unavailable {
            0 => tracing::info!("all {of} exercises can be graded"),
            _ => tracing::warn!(
                "{ready} of {of} exercises can be graded; the messages above say what is wrong with the others"
            ),
        }
    }
}

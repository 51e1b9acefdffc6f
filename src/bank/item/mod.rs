//! What is asked, with its key: a stem and one of the kinds of tasks.
//!
//! Authors write an [`Item`] and generators make one. Keys live in the types that implement [`Task`]. None of them implements
//! `Serialize`, so a key cannot be sent by mistake.

mod answer;
mod choices;
mod fold;
mod form;
mod kind;
mod matching;
mod number;
mod numeric;
mod ordering;
mod task;
mod truth;
mod units;
mod words;

pub use answer::{Amount, Answer, AnswerError, ESSAY_CHARS, SHORT_TEXT_CHARS};
pub use form::{Blank, Form, Labelled};
pub use kind::Kind;
pub use task::Feedback;

pub(in crate::bank) use choices::{Choice, Choices};
pub(in crate::bank) use fold::fold;
pub(in crate::bank) use matching::Matching;
pub(in crate::bank) use number::check as check_number;
pub(in crate::bank) use numeric::{Numeric, Tolerance};
pub(in crate::bank) use ordering::Ordering;
pub(in crate::bank) use task::{Mark, Remark, Task};
pub(in crate::bank) use truth::{Essay, Truth, read_essay};
pub(in crate::bank) use units::Unit;
pub(in crate::bank) use words::{FillIn, ShortText};

use super::markdown::Markdown;

/// A stem with its key: what an author writes and a generator makes.
#[derive(Debug, Clone)]
pub(in crate::bank) struct Item {
    pub(in crate::bank) stem: Markdown,
    pub(in crate::bank) key: Key,
    /// What is said of this variant beside the question's own explanation.
    pub(in crate::bank) explanation: Option<Markdown>,
}

#[derive(Debug, Clone)]
pub(in crate::bank) enum Key {
    Choices(Choices),
    Truth(Truth),
    Numeric(Numeric),
    ShortText(ShortText),
    Matching(Matching),
    Ordering(Ordering),
    FillIn(FillIn),
    Essay(Essay),
}

impl Key {
    pub(in crate::bank) fn task(&self) -> &dyn Task {
        match self {
            Self::Choices(key) => key,
            Self::Truth(key) => key,
            Self::Numeric(key) => key,
            Self::ShortText(key) => key,
            Self::Matching(key) => key,
            Self::Ordering(key) => key,
            Self::FillIn(key) => key,
            Self::Essay(key) => key,
        }
    }
}

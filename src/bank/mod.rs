//! The bank: topics, lessons, questions, prompts, sets and misconceptions, read from plain files at start and never changed after.
//!
//! [`load`] reads folders laid out as docs/questions.md says, leaves out files with mistakes and lists every one. A [`Bank`] is cheap to
//! share and holds all in memory. Keys are in it; what candidates see ([`Variant`], [`Criterion`]) is made of types that cannot hold one.

mod answer_form;
pub(crate) mod api;
mod authoring;
mod catalog;
mod form_fields;
mod generators;
mod item;
mod lesson;
mod load;
mod markdown;
mod material;
mod misconception_box;
mod mistake;
pub(crate) mod pages;
mod parallel;
mod points;
mod pools;
mod prng;
mod prompt;
mod prompt_line;
mod question;
mod question_line;
mod reader;
mod set;
mod set_check;
mod slug;
mod standing;
mod topic;
pub mod view;

pub use answer_form::{AnswerForm, describe_answer};
pub use catalog::{Bank, Filter, WithExamMaterial};
pub use form_fields::{read_answer, read_text};
pub use item::{Amount, Answer, AnswerError, Blank, ESSAY_CHARS, Feedback, Form, Kind, Labelled, SHORT_TEXT_CHARS};
pub use lesson::{Lesson, Section};
pub use load::load;
pub use markdown::Markdown;
pub use misconception_box::MisconceptionBox;
pub use mistake::Mistake;
pub use points::Points;
pub use prompt::{BEST_LEVEL, Criterion, Example, Prompt, Review};
pub use prompt_line::PromptLine;
pub use question::{Hint, Instance, Marked, PracticeVariant, Question, Seed, Variant, Version};
pub use question_line::QuestionLine;
pub use set::{FeedbackPolicy, Navigation, Pool, Set, SetEntry, SetItem, SetSection};
pub use slug::{NameError, QuestionId, Slug, title_from_slug};
pub use standing::Standing;
pub use topic::{Misconception, Topic};

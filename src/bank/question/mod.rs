//! Questions: parsed from text, shown without their key, marked by it.
//!
//! A [`Question`] and a [`Seed`] make an [`Instance`], which shows itself as a [`Variant`], reads answers and marks them. Marks depend on the
//! version of the question, the seed and the answer and on nothing else, so every score can be replayed from what was stored.
//!
//! Keys leave this module by [`Instance::mark`], [`Instance::solution`] and [`Instance::guide`] alone.

mod lint;
mod parse;
mod seed;
#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
mod tests;
mod variant;
mod version;

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::Value;

pub use seed::Seed;
pub use variant::{PracticeVariant, Variant};
pub use version::Version;

use super::generators::Generator;
use super::item::{Answer, AnswerError, Feedback, Item, Key, Kind, Mark};
use super::markdown::Markdown;
use super::points::Points;
use super::prng::Prng;
use super::slug::QuestionId;

/// A question of the bank, with its key.
#[derive(Debug, Clone)]
pub struct Question {
    id: QuestionId,
    version: Version,
    source: String,
    title: String,
    exam_only: bool,
    kind: Kind,
    difficulty: u8,
    tags: Vec<String>,
    points: Points,
    hints: Vec<Hint>,
    explanation: Markdown,
    sources: Vec<String>,
    body: Body,
    /// The one variant as it is sent, with its tag: see [`Question::written_out`].
    written: OnceLock<(String, Vec<u8>)>,
    /// The hash of its words, which is computed when it is first wanted: see [`Question::wording_hash`].
    wording_hash: OnceLock<String>,
}

/// A hint, which costs points.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    /// The text of the hint, in Markdown.
    pub text: Markdown,
    /// The points that are subtracted from the score of an answer for which the hint was taken.
    pub cost: Points,
}

#[derive(Debug, Clone)]
enum Body {
    Written(Box<Item>),
    Generated(Generator),
}

impl Question {
    /// The id of the question, `topic/slug`.
    pub fn id(&self) -> &QuestionId {
        &self.id
    }

    /// The version: a hash of what can alter a score.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The text that the question was parsed from. Stored with an attempt, it makes the same question again.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The title in lists and on pages: a few words about the situation that give nothing away.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether it is reserved for exams: only attempts at exam-only sets may show it.
    pub fn is_exam_only(&self) -> bool {
        self.exam_only
    }

    /// The kind of answer that it expects.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The difficulty, from 1 to 5.
    pub fn difficulty(&self) -> u8 {
        self.difficulty
    }

    /// Tags to find it by.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The largest possible score, unless a set says otherwise.
    pub fn points(&self) -> Points {
        self.points
    }

    /// The hints, in the order in which they are given.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The sources of its facts.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Whether a generator makes a different variant from each seed.
    pub fn is_parametric(&self) -> bool {
        matches!(self.body, Body::Generated(_))
    }

    /// Whether the seed affects what is shown, by generating or by shuffling.
    pub fn varies(&self) -> bool {
        match &self.body {
            Body::Written(item) => item.key.task().is_shuffled(),
            Body::Generated(_) => true,
        }
    }

    /// The ids of the misconceptions that its wrong answers name.
    pub fn misconceptions(&self) -> Vec<&str> {
        match &self.body {
            Body::Written(item) => item.key.task().misconceptions(),
            Body::Generated(generator) => generator.misconceptions(),
        }
    }

    /// The variant of a question that has only one, as `write` makes it for a client the first time.
    pub(super) fn written_out(&self, write: impl FnOnce() -> (String, Vec<u8>)) -> (&str, &[u8]) {
        let (tag, body) = self.written.get_or_init(write);
        (tag, body)
    }

    /// A hash of the words of this question and of the misconceptions that it names, as `make` computes it the first time: a
    /// question is one bank's, so neither changes.
    pub fn wording_hash(&self, make: impl FnOnce() -> String) -> &str {
        self.wording_hash.get_or_init(make)
    }

    /// The variant that a seed gives.
    pub fn instance(&self, seed: Seed) -> Instance<'_> {
        let item = match &self.body {
            Body::Written(item) => Cow::Borrowed(item.as_ref()),
            Body::Generated(generator) => Cow::Owned(generator.generate(&mut self.random_numbers(seed, "item"))),
        };
        Instance { question: self, seed, item }
    }

    /// Random numbers for one purpose of one variant. Equal seeds of different questions or versions give unrelated numbers.
    fn random_numbers(&self, seed: Seed, purpose: &str) -> Prng {
        Prng::from_text(&format!("{}\n{}\n{purpose}", self.version, seed.get()))
    }
}

/// A question with a seed. It contains the key.
#[derive(Debug)]
pub struct Instance<'q> {
    question: &'q Question,
    seed: Seed,
    item: Cow<'q, Item>,
}

impl Instance<'_> {
    /// The question that it is a variant of.
    pub fn question(&self) -> &Question {
        self.question
    }

    /// The seed that it was made from.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The variant with its seed, for practice. An attempt must never show this: see [`PracticeVariant`].
    pub fn practice_variant(&self) -> PracticeVariant {
        PracticeVariant { seed: self.seed, variant: self.variant() }
    }

    /// The variant as a candidate sees it.
    pub fn variant(&self) -> Variant {
        let question = self.question;
        let mut shuffle = question.random_numbers(self.seed, "shuffle");
        Variant {
            id: question.id.clone(),
            version: question.version.clone(),
            title: question.title.clone(),
            kind: question.kind,
            difficulty: question.difficulty,
            stem: self.item.stem.markdown().to_owned(),
            stem_html: self.item.stem.html().to_owned(),
            form: self.item.key.task().form(&mut shuffle),
            hint_costs: question.hints.iter().map(|hint| hint.cost).collect(),
            max_score: question.points,
        }
    }

    /// Reads an answer in the shape of its kind. Null is no answer, and neither is one that is empty: no choice made, a text of white
    /// space, no blank filled.
    ///
    /// # Errors
    /// If the answer has another shape: what is wrong with it, and where.
    pub fn read_answer(&self, answer: &Value) -> Result<Option<Answer>, AnswerError> {
        if answer.is_null() {
            return Ok(None);
        }
        Ok(self.item.key.task().read(answer)?.filled())
    }

    /// Marks an answer that this instance has read, with the question's own points as the maximum.
    pub fn mark(&self, answer: &Answer) -> Marked {
        self.mark_out_of(answer, self.question.points)
    }

    /// Marks an answer and subtracts the cost of the first `hints` hints. `correct` is about the answer alone.
    pub fn mark_after_hints(&self, answer: &Answer, hints: u8) -> Marked {
        let cost: Points = self.question.hints.iter().take(hints.into()).map(|hint| hint.cost).sum();
        let marked = self.mark(answer);
        Marked { score: marked.score.map(|score| score.minus(cost)), ..marked }
    }

    /// Marks an answer that this instance has read, with another maximum, which a set can choose.
    pub fn mark_out_of(&self, answer: &Answer, max_score: Points) -> Marked {
        match self.item.key.task().mark(answer) {
            Mark::ByReview => Marked { score: None, max_score, correct: None, feedback: Vec::new() },
            Mark::Earned { part, whole, feedback } => {
                Marked { score: Some(max_score.share(part, whole)), max_score, correct: Some(part >= whole), feedback }
            }
        }
    }

    /// An answer that earns all points, or nothing if a person scores it. Only for readers who may see the key.
    pub fn solution(&self) -> Option<Answer> {
        self.item.key.task().solution()
    }

    /// The explanation that is shown after answering.
    pub fn explanation(&self) -> Markdown {
        match &self.item.explanation {
            Some(own) => own.followed_by(&self.question.explanation),
            None => self.question.explanation.clone(),
        }
    }

    /// What a good essay says, for the person who scores it.
    pub fn guide(&self) -> Option<&Markdown> {
        match &self.item.key {
            Key::Essay(essay) => Some(&essay.guide),
            _ => None,
        }
    }
}

/// What an answer earned.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Marked {
    /// The points, or nothing if a person still has to score it.
    pub score: Option<Points>,
    /// The largest score that was possible.
    pub max_score: Points,
    /// Whether the answer earned all points.
    pub correct: Option<bool>,
    /// The feedback on parts of the answer.
    pub feedback: Vec<Feedback>,
}

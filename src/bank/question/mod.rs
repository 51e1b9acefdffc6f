//! Questions: parsed from text, shown without their key, marked by it.
//!
//! A [`Question`] and a [`Seed`] make an [`Instance`], which shows itself as a [`Variant`], reads answers and marks them. Marks depend on the
//! version of the question, the seed and the answer and on nothing else, so every score can be replayed from what was stored.
//!
//! Keys live in the types that implement [`task::Task`]. None of them implements `Serialize`, and none leaves this module
//! except by [`Instance::mark`], [`Instance::solution`] and [`Instance::guide`].

mod answer;
mod choices;
mod form;
mod matching;
mod numeric;
mod ordering;
mod parse;
mod seed;
mod task;
#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
mod tests;
mod truth;
mod units;
mod version;
mod words;

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use answer::{Amount, Answer, AnswerError, ESSAY_CHARS, SHORT_TEXT_CHARS};
pub use form::{Blank, Form, Labelled, Variant};
pub use seed::Seed;
pub use task::Feedback;
pub use version::Version;

pub(super) use choices::{Choice, Choices};
pub(super) use numeric::{Numeric, Tolerance};
pub(super) use parse::{read_sources, read_tags};
pub(super) use task::Remark;
use task::{Mark, Task};
use truth::Essay;
pub(super) use truth::Truth;
pub(super) use units::Unit;

use super::generators::Generator;
use super::points::Points;
use super::prng::Prng;
use super::slug::QuestionId;
use super::text::Text;

/// What kind of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of several choices.
    SingleChoice,
    /// Any of several choices.
    MultipleChoice,
    /// Whether a statement is true.
    TrueFalse,
    /// A number.
    Numeric,
    /// A few words.
    ShortText,
    /// Pairs to find.
    Matching,
    /// Items to put in order.
    Ordering,
    /// Blanks to fill.
    FillIn,
    /// What a history of operations is, as a single choice.
    HistoryClassification,
    /// A text that a person scores.
    Essay,
}

impl Kind {
    /// Every kind with its name in files and in JSON.
    pub const ALL: [(&'static str, Self); 10] = [
        ("single_choice", Self::SingleChoice),
        ("multiple_choice", Self::MultipleChoice),
        ("true_false", Self::TrueFalse),
        ("numeric", Self::Numeric),
        ("short_text", Self::ShortText),
        ("matching", Self::Matching),
        ("ordering", Self::Ordering),
        ("fill_in", Self::FillIn),
        ("history_classification", Self::HistoryClassification),
        ("essay", Self::Essay),
    ];

    /// Its name in files and in JSON.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

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
    explanation: Text,
    sources: Vec<String>,
    body: Body,
    /// The one variant as it is sent, with its tag: see [`Question::written_out`].
    written: OnceLock<(String, Vec<u8>)>,
}

/// Help that costs points.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    /// What it says.
    pub text: Text,
    /// What it costs.
    pub cost: Points,
}

#[derive(Debug, Clone)]
enum Body {
    Written(Box<Item>),
    Generated(Generator),
}

/// A stem with its key: what an author writes and a generator makes.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) stem: Text,
    pub(super) key: Key,
    /// What is said of this variant beside the question's own explanation.
    pub(super) explanation: Option<Text>,
}

#[derive(Debug, Clone)]
pub(super) enum Key {
    Choices(Choices),
    Truth(Truth),
    Numeric(Numeric),
    ShortText(words::ShortText),
    Matching(matching::Matching),
    Ordering(ordering::Ordering),
    FillIn(words::FillIn),
    Essay(Essay),
}

impl Key {
    pub(super) fn task(&self) -> &dyn Task {
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

impl Question {
    /// `topic/slug`.
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

    /// Its name in lists and on pages: a few words about the situation that give nothing away.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether it is kept for exams: only attempts at exam-only sets may ever show it.
    pub fn is_exam_only(&self) -> bool {
        self.exam_only
    }

    /// What kind of answer it wants.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// From 1 to 5.
    pub fn difficulty(&self) -> u8 {
        self.difficulty
    }

    /// Words to find it by.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// The largest score, unless a set says otherwise.
    pub fn points(&self) -> Points {
        self.points
    }

    /// Help, in the order in which it is given.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// Where its facts come from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Whether every seed makes another variant.
    pub fn is_parametric(&self) -> bool {
        matches!(self.body, Body::Generated(_))
    }

    /// Whether what is shown depends on the seed: generated, or shuffled.
    pub fn varies(&self) -> bool {
        self.is_parametric() || matches!(self.kind, Kind::Matching | Kind::Ordering | Kind::FillIn)
    }

    /// Ids of the misconceptions that its wrong answers name.
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

    /// The variant that belongs to a seed.
    pub fn instance(&self, seed: Seed) -> Instance<'_> {
        let item = match &self.body {
            Body::Written(item) => Cow::Borrowed(item.as_ref()),
            Body::Generated(generator) => Cow::Owned(generator.generate(&mut Prng::new(&self.version, seed, "item"))),
        };
        Instance { question: self, seed, item }
    }
}

/// A question with a seed: it holds the key.
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

    /// The variant as a candidate sees it.
    pub fn variant(&self) -> Variant {
        let question = self.question;
        let mut shuffle = Prng::new(&question.version, self.seed, "shuffle");
        Variant {
            id: question.id.clone(),
            version: question.version.clone(),
            seed: self.seed,
            kind: question.kind,
            difficulty: question.difficulty,
            stem: self.item.stem.markdown().to_owned(),
            stem_html: self.item.stem.html().to_owned(),
            form: self.item.key.task().form(&mut shuffle),
            hint_costs: question.hints.iter().map(|hint| hint.cost).collect(),
            max_score: question.points,
        }
    }

    /// Reads an answer, or says what shape is wanted.
    pub fn read_answer(&self, answer: &Value) -> Result<Answer, AnswerError> {
        self.item.key.task().read(answer)
    }

    /// Marks an answer that this instance read, out of the question's own points.
    pub fn mark(&self, answer: &Answer) -> Marked {
        self.mark_out_of(answer, self.question.points)
    }

    /// The same, less what the first so many hints cost. `correct` is about the answer alone.
    pub fn mark_after_hints(&self, answer: &Answer, hints: u8) -> Marked {
        let cost: Points = self.question.hints.iter().take(hints.into()).map(|hint| hint.cost).sum();
        let marked = self.mark(answer);
        Marked { score: marked.score.map(|score| score.minus(cost)), ..marked }
    }

    /// Marks an answer that this instance read, out of other points, as a set may want.
    pub fn mark_out_of(&self, answer: &Answer, max_score: Points) -> Marked {
        match self.item.key.task().mark(answer) {
            Mark::ByReview => Marked { score: None, max_score, correct: None, feedback: Vec::new() },
            Mark::Earned { part, whole, feedback } => {
                Marked { score: Some(max_score.share(part, whole)), max_score, correct: Some(part >= whole), feedback }
            }
        }
    }

    /// An answer that earns everything; nothing where a person decides. For those who may see the key.
    pub fn solution(&self) -> Option<Answer> {
        self.item.key.task().solution()
    }

    /// What is told after answering.
    pub fn explanation(&self) -> Text {
        match &self.item.explanation {
            Some(own) => own.followed_by(&self.question.explanation),
            None => self.question.explanation.clone(),
        }
    }

    /// What a good essay says, for whoever scores it.
    pub fn guide(&self) -> Option<&Text> {
        match &self.item.key {
            Key::Essay(essay) => Some(&essay.guide),
            _ => None,
        }
    }
}

/// What an answer earned.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Marked {
    /// The points; none yet where a person decides.
    pub score: Option<Points>,
    /// The most that could be earned.
    pub max_score: Points,
    /// Whether everything was earned.
    pub correct: Option<bool>,
    /// What is said about parts of the answer.
    pub feedback: Vec<Feedback>,
}

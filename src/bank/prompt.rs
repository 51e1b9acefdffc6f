//! Design prompts: a brief to answer in prose, and the rubric that it is scored by.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::item::{Answer, AnswerError, read_essay};
use super::markdown::Markdown;
use super::mistake::Mistake;
use super::points::Points;
use super::question::Version;
use super::reader::{self, LINE_CHARS, Table};
use super::slug::QuestionId;

/// The best level of a criterion: levels are 0, absent, to 3, excellent.
pub const BEST_LEVEL: u8 = 3;

/// Keys of a prompt's file that cannot alter a score.
const ASIDE: [&str; 5] = ["exam_only", "difficulty", "tags", "sources", "minutes"];

/// A design question scored by rubric.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The id of the prompt, `topic/slug`.
    pub id: QuestionId,
    /// The version: a hash of what can alter a score.
    pub version: Version,
    /// The text that it was parsed from.
    pub source: String,
    /// Its name on pages.
    pub title: String,
    /// Whether it is reserved for exams: only attempts at exam-only sets may show it.
    pub exam_only: bool,
    /// The difficulty, from 1 to 5.
    pub difficulty: u8,
    /// How long an answer should take, in minutes.
    pub minutes: u32,
    /// Tags to find it by.
    pub tags: Vec<String>,
    /// The story and the task.
    pub brief: Markdown,
    /// The conditions that the answer has to meet, most of them numbers.
    pub constraints: Vec<Markdown>,
    /// What the answer should contain.
    pub hand_in: Markdown,
    /// The sources of its facts.
    pub sources: Vec<String>,
    /// The rubric: 4 to 7 criteria, each of which is scored from 0 to 3.
    pub criteria: Vec<Criterion>,
    /// What only reviewers see. It has no `Serialize`, so it can't be sent to candidates.
    pub review: Review,
}

/// One thing that is scored, as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Criterion {
    /// Its name in a review.
    pub id: String,
    /// Its name on pages.
    pub title: String,
    /// What an answer looks like at the levels 0, 1, 2 and 3.
    pub levels: Vec<String>,
}

/// What only reviewers see of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Notes for each criterion, in order: what to look for, and common gaps.
    pub notes: Vec<Markdown>,
    /// Answers with scores, to compare others with.
    pub examples: Vec<Example>,
}

/// An example answer with its scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What kind of answer it is.
    pub title: String,
    /// The answer itself, in Markdown.
    pub text: Markdown,
    /// The level of each criterion, in their order.
    pub levels: Vec<u8>,
    /// The reason why the answer got these levels, for reviewers to compare with their own.
    pub why: Markdown,
}

impl Prompt {
    /// The prompt of a text that was accepted once and stored: see [`Question::from_stored`](super::Question::from_stored).
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn from_stored(id: QuestionId, source: &str) -> Result<Self, Vec<Mistake>> {
        let path = format!("{id}.prompt.toml");
        reader::read_stored(Path::new(&path), source, |root| build(root, id, source))
    }

    pub(super) fn read(path: &Path, id: QuestionId, source: &str) -> Result<Self, Vec<Mistake>> {
        reader::read(path, source, |root| build(root, id, source))
    }

    /// Reads a response in the shape of an essay. Null is no response, and neither is a text of white space.
    ///
    /// # Errors
    /// What is wrong with a response of another shape, and where.
    pub fn read_response(&self, response: &Value) -> Result<Option<Answer>, AnswerError> {
        if response.is_null() {
            return Ok(None);
        }
        Ok(read_essay(response)?.filled())
    }

    /// The largest score: a point for every level of every criterion, unless a set says otherwise.
    pub fn points(&self) -> Points {
        self.criteria.iter().map(|_| Points::from_thousandths(u32::from(BEST_LEVEL) * 1_000)).sum()
    }
}

fn build(root: &mut Table, id: QuestionId, source: &str) -> Prompt {
    let (criteria, notes): (Vec<_>, Vec<_>) = root.tables("criteria", 7).iter_mut().map(read_criterion).unzip();
    if criteria.len() < 4 {
        root.mistake("a prompt needs 4 to 7 criteria: add [[criteria]]");
    }
    let examples: Vec<_> = root.tables("examples", 10).iter_mut().map(|table| read_example(table, &criteria)).collect();
    if examples.len() < 2 {
        root.mistake("a prompt needs two examples scored by us: add [[examples]]");
    }
    Prompt {
        id,
        version: Version::of("p1", source, &ASIDE),
        source: source.to_owned(),
        title: root.string("title", 100),
        exam_only: root.flag("exam_only").unwrap_or(false),
        difficulty: u8::try_from(root.integer("difficulty", 1..=5)).unwrap_or_default(),
        minutes: u32::try_from(root.integer("minutes", 1..=480)).unwrap_or_default(),
        tags: root.tags(),
        brief: root.text("brief"),
        constraints: root.texts("constraints", 30, LINE_CHARS),
        hand_in: root.text("hand_in"),
        sources: root.sources(),
        criteria,
        review: Review { notes, examples },
    }
}

fn read_criterion(table: &mut Table) -> (Criterion, Markdown) {
    let criterion = Criterion {
        id: table.string("id", 64),
        title: table.string("title", 100),
        levels: table.strings("levels", 4, 2_000),
    };
    if criterion.levels.len() != 4 {
        table.mistake("a criterion needs 4 levels, what is seen in an answer at 0, 1, 2 and 3: add `levels`");
    }
    (criterion, table.text("notes"))
}

fn read_example(table: &mut Table, criteria: &[Criterion]) -> Example {
    let title = table.string("title", 200);
    let text = table.text("text");
    let why = table.text("why");
    let scores = table.table("scores").map(|mut scores| scores.named_integers(0..=i64::from(BEST_LEVEL)));
    let scores = scores.unwrap_or_default();
    for (id, _) in scores.iter().filter(|(id, _)| !criteria.iter().any(|criterion| criterion.id == *id)) {
        table.mistake_at("scores", format!("`{id}` is not a criterion of this prompt: rename or remove it"));
    }
    let level = |criterion: &Criterion| {
        let level = scores.iter().find(|(id, _)| *id == criterion.id).and_then(|(_, level)| u8::try_from(*level).ok());
        if level.is_none() {
            table.mistake_at("scores", format!("the criterion `{}` has no score: add it to `scores`", criterion.id));
        }
        level.unwrap_or_default()
    };
    Example { title, text, levels: criteria.iter().map(level).collect(), why }
}

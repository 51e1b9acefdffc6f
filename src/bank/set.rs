//! Sets: an ordered list of sections and items that a candidate takes as a whole.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::item::Kind;
use super::mistake::Mistake;
use super::points::Points;
use super::question::Version;
use super::reader::{self, LINE_CHARS, Table};
use super::slug::{QuestionId, Slug};

/// A set that comes with the bank, as its TOML file describes it.
#[derive(Debug, Clone)]
pub struct Set {
    /// Its name in paths.
    pub slug: Slug,
    /// A hash of all of it.
    pub version: Version,
    /// The text that it was parsed from. Stored with an attempt, it makes the same set again.
    pub source: String,
    /// Its name on pages.
    pub title: String,
    /// A summary of what the set is for.
    pub summary: String,
    /// Whether it is an exam, which contains only exam-only questions and prompts.
    pub exam_only: bool,
    /// How long an attempt may take.
    pub time_limit: Option<Duration>,
    /// The share of the points that passes, in thousandths.
    pub pass_mark_thousandths: Option<u32>,
    /// How many attempts a candidate has.
    pub attempts: Option<u32>,
    /// How a candidate may move between items.
    pub navigation: Navigation,
    /// What candidates see afterwards.
    pub feedback: FeedbackPolicy,
    /// Whether items are shuffled within their section.
    pub shuffle: bool,
    /// The parts of the set, in the order in which a candidate sees them.
    pub sections: Vec<SetSection>,
}

/// How a candidate may move between items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Navigation {
    /// A candidate can go to any item at any time.
    Free,
    /// A candidate can only move forwards: an answer closes the items before it.
    OneWay,
}

impl Navigation {
    /// Each with its name in files and in JSON.
    pub const ALL: [(&'static str, Self); 2] = [("free", Self::Free), ("one_way", Self::OneWay)];

    /// Its name in files and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, navigation)| *navigation == self).map_or("", |(name, _)| name)
    }
}

/// What a candidate sees when an attempt is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackPolicy {
    /// Scores, keys and feedback, once it is submitted.
    AfterSubmit,
    /// The scores, without keys and feedback.
    ScoreOnly,
    /// Nothing, not even the scores.
    Never,
}

impl FeedbackPolicy {
    /// Each with its name in files and in JSON.
    pub const ALL: [(&'static str, Self); 3] =
        [("after_submit", Self::AfterSubmit), ("score_only", Self::ScoreOnly), ("never", Self::Never)];

    /// Its name in files and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, policy)| *policy == self).map_or("", |(name, _)| name)
    }
}

/// A part of a set with a title of its own.
#[derive(Debug, Clone)]
pub struct SetSection {
    /// Its name on pages.
    pub title: String,
    /// Its items, in their order.
    pub items: Vec<SetItem>,
}

/// What a set asks for.
#[derive(Debug, Clone)]
pub struct SetItem {
    /// The question, pool, exercise or prompt at this place.
    pub what: SetEntry,
    /// The points, for each question in case of a pool, if they differ from its own.
    pub points: Option<Points>,
    /// The line of its section, for later checks.
    line: usize,
}

/// One question, several questions drawn at random, an exercise or a prompt.
#[derive(Debug, Clone)]
pub enum SetEntry {
    /// One question, by its id.
    Question(QuestionId),
    /// Questions drawn by the attempt's seed.
    Pool(Pool),
    /// An exercise, by its slug.
    Exercise(Slug),
    /// One design prompt, by its id.
    Prompt(QuestionId),
}

/// Which questions can be drawn, and how many are drawn.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Only questions of this topic.
    pub topic: Option<Slug>,
    /// Only questions with this tag.
    pub tag: Option<String>,
    /// Only questions of this kind.
    pub kind: Option<Kind>,
    /// The lowest and the highest difficulty.
    pub difficulty: (u8, u8),
    /// The number of questions that are drawn.
    pub count: usize,
    /// Whether exam-only questions are drawn, and nothing else; the others alone when not. It is that of the set.
    pub exam_only: bool,
}

impl Set {
    /// The set of a text that was accepted once and stored: see [`Question::from_stored`](super::Question::from_stored).
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn from_stored(slug: Slug, source: &str) -> Result<Self, Vec<Mistake>> {
        let path = format!("sets/{slug}.toml");
        reader::read_stored(Path::new(&path), source, |root| build(root, slug, source))
    }

    pub(super) fn read(path: &Path, slug: Slug, source: &str) -> Result<Self, Vec<Mistake>> {
        reader::read(path, source, |root| build(root, slug, source))
    }

    /// Every item with the line of its file where it stands.
    pub fn items(&self) -> impl Iterator<Item = (usize, &SetEntry)> {
        self.sections.iter().flat_map(|section| &section.items).map(|item| (item.line, &item.what))
    }
}

fn build(root: &mut Table, slug: Slug, source: &str) -> Set {
    let exam_only = root.flag("exam_only").unwrap_or(false);
    let sections: Vec<_> = root.tables("sections", 20).iter_mut().map(|table| read_section(table, exam_only)).collect();
    if sections.is_empty() {
        root.mistake("a set needs sections: add [[sections]] with `title` and `items`");
    }
    let feedback = root.optional_word("feedback", &FeedbackPolicy::ALL).unwrap_or(FeedbackPolicy::AfterSubmit);
    if exam_only && feedback == FeedbackPolicy::AfterSubmit {
        root.mistake(
            "an exam would show its keys to whoever takes it first: set `feedback` to \"score_only\" or \"never\"",
        );
    }
    Set {
        slug,
        version: Version::of("s1", source, &[]),
        source: source.to_owned(),
        title: root.string("title", 100),
        summary: root.string("summary", LINE_CHARS),
        exam_only,
        time_limit: read_time_limit(root),
        pass_mark_thousandths: root.thousandths("pass_mark", 0.0..=1.0),
        attempts: root
            .optional_integer("attempts", 0..=1_000)
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count > 0),
        navigation: root.optional_word("navigation", &Navigation::ALL).unwrap_or(Navigation::Free),
        feedback,
        shuffle: root.flag("shuffle").unwrap_or(false),
        sections,
    }
}

fn read_time_limit(root: &mut Table) -> Option<Duration> {
    let text = root.optional_string("time_limit", 20)?;
    let limit = duration(&text);
    if limit.is_none() {
        root.mistake_at("time_limit", "`time_limit` must be from 1m to 24h, such as \"20m\" or \"1h 30m\"");
    }
    limit
}

/// Parses a time limit such as `90s`, `20m` or `1h 30m`, from a minute to a day.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (number, unit) = rest.split_at(end);
        let factor = match unit.chars().next()? {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = unit.get(1..)?.trim_start();
    }
    let fits = rest.is_empty() && (60..=86_400).contains(&seconds);
    fits.then(|| Duration::from_secs(seconds))
}

fn read_section(table: &mut Table, exam_only: bool) -> SetSection {
    let title = table.string("title", 100);
    let items: Vec<_> = table.tables("items", 100).iter_mut().filter_map(|table| read_item(table, exam_only)).collect();
    if items.is_empty() {
        table.mistake("a section needs items: add `items`");
    }
    SetSection { title, items }
}

fn read_item(table: &mut Table, exam_only: bool) -> Option<SetItem> {
    let line = table.line();
    let points = table.thousandths("points", 0.001..=1_000.0).map(Points::from_thousandths);
    let kinds = ["question", "pool", "exercise", "prompt"];
    table.allow(&kinds);
    let named = kinds.into_iter().filter(|key| table.has(key)).collect::<Vec<_>>();
    let what = match named.as_slice() {
        ["question"] => SetEntry::Question(table.name("question")?),
        ["exercise"] => SetEntry::Exercise(table.name("exercise")?),
        ["prompt"] => SetEntry::Prompt(table.name("prompt")?),
        ["pool"] => SetEntry::Pool(read_pool(&mut table.table("pool")?, exam_only)),
        _ => {
            table.mistake("an item is one of question, pool, exercise and prompt: name exactly one");
            return None;
        }
    };
    Some(SetItem { what, points, line })
}

fn read_pool(table: &mut Table, exam_only: bool) -> Pool {
    let topic = if table.has("topic") { table.name("topic") } else { None };
    let difficulty = table.integers("difficulty", 1..=5);
    let level = |level: i64| u8::try_from(level).unwrap_or_default();
    let difficulty = match difficulty.as_slice() {
        [low, high] if low <= high => (level(*low), level(*high)),
        [] if !table.has("difficulty") => (1, 5),
        _ => {
            table.mistake_at("difficulty", "`difficulty` must be two levels, the lower first, such as [1, 3]");
            (1, 5)
        }
    };
    Pool {
        topic,
        tag: table.optional_string("tag", 64),
        kind: table.optional_word("kind", &Kind::ALL),
        difficulty,
        count: usize::try_from(table.integer("count", 1..=100)).unwrap_or_default(),
        exam_only,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits_are_read_strictly() {
        let minutes = |text| duration(text).map(|limit| limit.as_secs() / 60);
        assert_eq!(minutes("20m"), Some(20));
        assert_eq!(minutes("1h 30m"), Some(90));
        assert_eq!(minutes("90m0s"), Some(90));
        for bad in ["", "20", "m", "30s", "25h", "1d", "-5m", "9999999999999999999h", "1h30"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}

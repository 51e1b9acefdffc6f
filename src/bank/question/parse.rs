//! A question from the text of its file.

use std::path::Path;
use std::sync::OnceLock;

use super::lint;
use super::version::Version;
use super::{Body, Hint, Question};
use crate::bank::generators::Generator;
use crate::bank::item::{Choices, Essay, FillIn, Item, Key, Kind, Matching, Numeric, Ordering, ShortText, Truth};
use crate::bank::mistake::Mistake;
use crate::bank::points::Points;
use crate::bank::reader::{self, Table};
use crate::bank::slug::{QuestionId, title_from_slug};

/// Keys of a question's file that can alter neither a score nor what a seed shows. `keep_order` is not among them: it decides the order
/// in which an attempt that has begun shows its choices.
const ASIDE: [&str; 9] =
    ["title", "exam_only", "difficulty", "tags", "explanation", "sources", "feedback", "misconception", "slip"];

/// The longest title of a question, in characters.
const TITLE_CHARS: usize = 80;

impl Question {
    /// A question from the text of its file, or every mistake in it. Whether its misconceptions exist is for
    /// [`load`](crate::bank::load) to find out.
    pub fn parse(id: QuestionId, source: &str) -> Result<Self, Vec<Mistake>> {
        let path = format!("{id}.toml");
        Self::read(Path::new(&path), id, source)
    }

    /// The question of a text that was accepted once and stored. What newer rules have against it is let pass: an attempt that began with
    /// it goes on with it.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn from_stored(id: QuestionId, source: &str) -> Result<Self, Vec<Mistake>> {
        let path = format!("{id}.toml");
        reader::read_stored(Path::new(&path), source, |root| build_unchecked(root, id, source))
    }

    pub(in crate::bank) fn read(path: &Path, id: QuestionId, source: &str) -> Result<Self, Vec<Mistake>> {
        reader::read(path, source, |root| build(root, id, source))
    }
}

fn build(root: &mut Table, id: QuestionId, source: &str) -> Question {
    let question = build_unchecked(root, id, source);
    if root.has("title") {
        lint::title(root, &question);
    } else {
        root.mistake("`title` is missing: name the situation in a few words that give nothing of the answer away");
    }
    lint::places(root, &question);
    question
}

fn build_unchecked(root: &mut Table, id: QuestionId, source: &str) -> Question {
    // Something must stand for a kind that is missing; the mistake is noted, so it is never seen.
    let kind = root.word("kind", &Kind::ALL).unwrap_or(Kind::Essay);
    let points = read_points(root);
    Question {
        version: Version::of("q1", source, &ASIDE),
        source: source.to_owned(),
        title: read_title(root, &id),
        exam_only: root.flag("exam_only").unwrap_or(false),
        id,
        kind,
        difficulty: u8::try_from(root.integer("difficulty", 1..=5)).unwrap_or_default(),
        tags: root.tags(),
        points,
        hints: read_hints(root, points),
        explanation: root.text("explanation"),
        sources: root.sources(),
        body: read_body(root, kind),
        written: OnceLock::new(),
        wording_hash: OnceLock::new(),
    }
}

/// A text that was stored before questions had titles is called by the words of its id.
fn read_title(root: &mut Table, id: &QuestionId) -> String {
    root.optional_string("title", TITLE_CHARS).unwrap_or_else(|| title_from_slug(id.slug().as_str()))
}

fn read_points(root: &mut Table) -> Points {
    root.thousandths("points", 0.001..=1_000.0).map_or(Points::ONE, Points::from_thousandths)
}

fn read_hints(root: &mut Table, points: Points) -> Vec<Hint> {
    let mut shares = 0.0;
    let mut hints = Vec::new();
    for mut table in root.tables("hints", 5) {
        let share = table.optional_number("cost", 0.0..=1.0).unwrap_or(0.0);
        shares += share;
        hints.push(Hint { text: table.text("text"), cost: share_of(points, share) });
    }
    if shares > 1.0 {
        root.mistake_at("hints", "the hints cost more than the points together: lower their `cost`");
    }
    hints
}

#[expect(clippy::as_conversions, reason = "no TryFrom for floats; the share is between 0 and 1")]
fn share_of(points: Points, share: f64) -> Points {
    points.share((share * 1_000_000.0).round() as u64, 1_000_000)
}

fn read_body(root: &mut Table, kind: Kind) -> Body {
    if root.has("generator") {
        return Generator::read(root, kind).map_or_else(nothing, Body::Generated);
    }
    let stem = root.text("stem");
    let key = match kind {
        Kind::SingleChoice | Kind::HistoryClassification => Key::Choices(Choices::read(root, false)),
        Kind::MultipleChoice => Key::Choices(Choices::read(root, true)),
        Kind::TrueFalse => Key::Truth(Truth::read(root)),
        Kind::Numeric => Key::Numeric(Numeric::read(root)),
        Kind::ShortText => Key::ShortText(ShortText::read(root)),
        Kind::Matching => Key::Matching(Matching::read(root)),
        Kind::Ordering => Key::Ordering(Ordering::read(root)),
        Kind::FillIn => Key::FillIn(FillIn::read(root, stem.markdown())),
        Kind::Essay => Key::Essay(Essay::read(root)),
    };
    Body::Written(Box::new(Item { stem, key, explanation: None }))
}

/// Stands where a generator was refused, until the mistakes throw it away.
fn nothing() -> Body {
    let key = Key::Essay(Essay { guide: Default::default() });
    Body::Written(Box::new(Item { stem: Default::default(), key, explanation: None }))
}

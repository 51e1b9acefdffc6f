//! An attempt read back as it began: with the set, the questions and the words of that time.
//!
//! What the bank still has in that version and those words comes from the bank, and the rest from what was stored. What can't
//! be read back is an error ([`Error::corrupt`]): it never becomes an empty answer, another variant or a score of nothing. An
//! item that can't be read back hides no other: it is logged, and shown as one that can't be read.

use std::sync::Arc;

use super::store::{self, AttemptRow, ItemRow};
use super::unreadable::{or_caught, or_logged};
use super::wording::{self, unreadable};
use super::{Attempt, ExerciseItem, Item, ItemKind, Response};
use crate::bank::view::PromptItem;
use crate::bank::{Bank, Misconception, NameError, Points, Prompt, Question, Seed, Set, Slug, title_from_slug};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::sets::Asked;

pub(super) struct Loaded {
    pub(super) row: AttemptRow,
    pub(super) set: Set,
    pub(super) items: Vec<LoadedItem>,
}

pub(super) struct LoadedItem {
    pub(super) row: ItemRow,
    /// What it asks and what is saved for it; nothing where that can't be read back.
    pub(super) content: Option<Content>,
}

/// What an item asks, and what is saved for it.
pub(super) struct Content {
    pub(super) asked: Asked,
    pub(super) seed: Seed,
    /// The misconceptions that a question names.
    pub(super) misconceptions: Vec<Misconception>,
    pub(super) response: Option<Response>,
}

pub(super) fn load(c: &mut AnyConnection, bank: &Bank, row: AttemptRow) -> Result<Loaded> {
    let set = set(c, bank, &row)?;
    let mut saved = store::responses(c, row.id)?;
    let rows = store::items(c, row.id)?;
    let items = rows.into_iter().map(|row| {
        let response = saved.remove(&row.position).transpose().map_err(Error::from);
        let content = response.and_then(|response| or_caught(|| content(c, bank, &row, response)));
        Ok::<_, Error>(LoadedItem { content: or_logged(content, row.attempt_id)?, row })
    });
    let items = items.collect::<Result<_>>()?;
    Ok(Loaded { row, set, items })
}

/// The set of an attempt, in the version that it began with.
pub(super) fn set(c: &mut AnyConnection, bank: &Bank, row: &AttemptRow) -> Result<Set> {
    let slug: Slug = row.set_slug.parse().map_err(bad_name)?;
    match bank.set(&slug) {
        Some(set) if set.version.as_str() == row.set_version => Ok(set.as_ref().clone()),
        _ => Set::from_stored(slug, &stored(c, "set", &row.set_slug, &row.set_version)?).map_err(unreadable),
    }
}

/// What an item asks, with what is saved for it.
///
/// # Errors
/// 500 `internal` when it can't be read back or the database fails.
pub(super) fn content(
    c: &mut AnyConnection,
    bank: &Bank,
    row: &ItemRow,
    response: Option<Response>,
) -> Result<Content> {
    let (asked, misconceptions) = match row.kind {
        ItemKind::Question => {
            let (question, misconceptions) = question(c, bank, row)?;
            (Asked::Question(question), misconceptions)
        }
        ItemKind::Prompt | ItemKind::Exercise => (asked(c, bank, row)?, Vec::new()),
    };
    Ok(Content { asked, seed: row.seed()?, misconceptions, response })
}

/// What an item asks, in the version that it began with.
pub(super) fn asked(c: &mut AnyConnection, bank: &Bank, row: &ItemRow) -> Result<Asked> {
    match row.kind {
        ItemKind::Exercise => Ok(Asked::Exercise(row.name.parse().map_err(bad_name)?)),
        ItemKind::Question => Ok(Asked::Question(question(c, bank, row)?.0)),
        ItemKind::Prompt => {
            let id = row.name.parse().map_err(bad_name)?;
            if let Some(prompt) =
                bank.with_exam_material().prompt(&id).filter(|known| known.version.as_str() == row.version)
            {
                return Ok(Asked::Prompt(Arc::clone(prompt)));
            }
            let text = stored(c, "prompt", &row.name, &row.version)?;
            Ok(Asked::Prompt(Arc::new(Prompt::from_stored(id, &text).map_err(unreadable)?)))
        }
    }
}

/// A question in the version and the words that it began with, and the misconceptions that it names. Attempts of before words
/// were kept get the bank's words of the version. Where the bank has another version by now, they get the file that was stored
/// when that version was first asked, with the misconceptions that the bank still knows.
fn question(c: &mut AnyConnection, bank: &Bank, row: &ItemRow) -> Result<(Arc<Question>, Vec<Misconception>)> {
    let id = row.name.parse().map_err(bad_name)?;
    let known = bank.with_exam_material().question(&id).filter(|known| known.version().as_str() == row.version);
    match (known, &row.wording) {
        (Some(known), Some(hash)) if wording::hash_of(known, bank) == hash => {
            Ok((Arc::clone(known), wording::misconceptions_of(known, bank)))
        }
        (_, Some(hash)) => {
            let (question, misconceptions) = wording::store::find(c, &row.name, hash)?.read(id)?;
            Ok((Arc::new(question), misconceptions))
        }
        (Some(known), None) => Ok((Arc::clone(known), wording::misconceptions_of(known, bank))),
        (None, None) => {
            let text = stored(c, "question", &row.name, &row.version)?;
            let question = Question::from_stored(id, &text).map_err(unreadable)?;
            let misconceptions = wording::misconceptions_of(&question, bank);
            Ok((Arc::new(question), misconceptions))
        }
    }
}

fn stored(c: &mut AnyConnection, kind: &str, name: &str, version: &str) -> Result<String> {
    let text = store::source(c, kind, name, version)?;
    text.ok_or_else(|| Error::corrupt("an attempt", format!("the {kind} {name} {version} is not stored")))
}

fn bad_name(error: NameError) -> Error {
    Error::corrupt("an attempt", error)
}

impl Loaded {
    /// The attempt as its candidate sees it at a moment.
    ///
    /// # Errors
    /// 500 `internal` when an item can't be read back.
    pub(super) fn shown(&self, now: Timestamp) -> Result<Attempt> {
        let end = self.row.end_at(now);
        Ok(Attempt {
            id: self.row.id,
            set: self.set.slug.clone(),
            title: self.set.title.clone(),
            state: self.row.state_at(now),
            started_at: self.row.started_at,
            deadline: self.row.deadline,
            submitted_at: end.map(|(at, _)| at),
            ended_by: end.map(|(_, by)| by),
            navigation: self.set.navigation,
            furthest: self.row.furthest,
            items: self.items.iter().map(LoadedItem::shown).collect::<Result<_>>()?,
        })
    }
}

impl Content {
    /// The answer, unless there is none or it was emptied.
    pub(super) fn answer(&self) -> Option<&serde_json::Value> {
        self.response.as_ref().map(|response| &response.answer).filter(|answer| !answer.is_null())
    }

    /// What is known to be earned when an attempt ends: a question's mark, and nothing for what was not answered and for an
    /// exercise that nothing was handed in for. What was handed in is scored when it is graded, and a prompt by a person.
    ///
    /// # Errors
    /// 500 `internal` when the answer or the points of the item can't be read back.
    pub(super) fn earned(&self, row: &ItemRow) -> Result<Option<Points>> {
        match (&self.asked, self.answer()) {
            (Asked::Question(question), Some(answer)) => {
                let instance = question.instance(self.seed);
                let read = instance.read_answer(answer);
                let read = read.map_err(|error| Error::corrupt("a saved answer", error.detail))?;
                let max_score = row.max_points()?;
                Ok(read.map_or(Some(Points::ZERO), |answer| instance.mark_out_of(&answer, max_score).score))
            }
            (Asked::Question(_) | Asked::Prompt(_), None) => Ok(Some(Points::ZERO)),
            (Asked::Prompt(_), Some(_)) => Ok(None),
            (Asked::Exercise(_), _) => Ok((row.submissions == 0).then_some(Points::ZERO)),
        }
    }

    fn show(&self, item: &mut Item, row: &ItemRow) {
        item.response = self.response.clone();
        match &self.asked {
            Asked::Question(question) => {
                let mut variant = question.instance(self.seed).variant();
                variant.max_score = item.max_score;
                item.title = question.title().to_owned();
                item.question = Some(variant);
            }
            Asked::Prompt(prompt) => {
                item.title.clone_from(&prompt.title);
                item.prompt = Some(PromptItem::of(prompt));
            }
            Asked::Exercise(slug) => {
                let (grading, submissions) = (row.grading, row.submissions);
                item.exercise = Some(ExerciseItem { slug: slug.to_string(), grading, submissions });
            }
        }
    }
}

impl LoadedItem {
    /// The item as its candidate sees it.
    ///
    /// # Errors
    /// 500 `internal` when its points can't be read back.
    pub(super) fn shown(&self) -> Result<Item> {
        let row = &self.row;
        let name = row.name.rsplit('/').next().unwrap_or_default();
        let mut item = Item {
            position: row.position,
            section: row.section.clone(),
            kind: row.kind,
            title: title_from_slug(name),
            max_score: row.max_points()?,
            question: None,
            prompt: None,
            exercise: None,
            response: None,
            unreadable: self.content.is_none(),
        };
        if let Some(content) = &self.content {
            content.show(&mut item, row);
        }
        Ok(item)
    }
}

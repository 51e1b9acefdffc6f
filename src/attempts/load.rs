//! An attempt read back with the texts that it began with: from the bank while the bank has that version, else from what
//! was stored.

use std::sync::Arc;

use super::store::{self, AttemptRow, ItemRow};
use super::{Attempt, ExerciseItem, Item, ItemKind, Response};
use crate::bank::view::PromptItem;
use crate::bank::{Bank, Mistake, NameError, Points, Prompt, Question, Seed, Set, Slug, title_from_slug};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::id::AttemptId;
use crate::sets::Asked;

pub(super) struct Loaded {
    pub(super) row: AttemptRow,
    pub(super) set: Set,
    pub(super) items: Vec<LoadedItem>,
}

pub(super) struct LoadedItem {
    pub(super) row: ItemRow,
    pub(super) asked: Asked,
    pub(super) response: Option<Response>,
}

pub(super) fn load(c: &mut AnyConnection, bank: &Bank, row: AttemptRow) -> Result<Loaded> {
    let set = set(c, bank, &row)?;
    let items = items(c, bank, row.id)?;
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

pub(super) fn items(c: &mut AnyConnection, bank: &Bank, id: AttemptId) -> Result<Vec<LoadedItem>> {
    let mut saved = store::responses(c, id)?;
    let rows = store::items(c, id)?;
    rows.into_iter()
        .map(|row| {
            let asked = asked(c, bank, &row)?;
            let response = saved.remove(&row.position);
            Ok(LoadedItem { row, asked, response })
        })
        .collect()
}

/// What an item asks, in the version that it began with.
pub(super) fn asked(c: &mut AnyConnection, bank: &Bank, row: &ItemRow) -> Result<Asked> {
    match row.kind {
        ItemKind::Exercise => Ok(Asked::Exercise(row.name.parse().map_err(bad_name)?)),
        ItemKind::Question => {
            let id = row.name.parse().map_err(bad_name)?;
            if let Some(question) =
                bank.with_exam_material().question(&id).filter(|known| known.version().as_str() == row.version)
            {
                return Ok(Asked::Question(Arc::clone(question)));
            }
            let text = stored(c, "question", &row.name, &row.version)?;
            Ok(Asked::Question(Arc::new(Question::from_stored(id, &text).map_err(unreadable)?)))
        }
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

fn stored(c: &mut AnyConnection, kind: &str, name: &str, version: &str) -> Result<String> {
    let text = store::source(c, kind, name, version)?;
    text.ok_or_else(|| Error::internal("read an attempt", format!("the {kind} {name} {version} is not stored")))
}

fn bad_name(error: NameError) -> Error {
    Error::internal("read an attempt", error)
}

fn unreadable(mistakes: Vec<Mistake>) -> Error {
    let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    Error::internal("read what an attempt began with", mistakes.join("; "))
}

pub(super) fn seed(row: &ItemRow) -> Seed {
    u64::try_from(row.seed).ok().and_then(Seed::new).unwrap_or(Seed::ZERO)
}

impl Loaded {
    /// The attempt as its candidate sees it at a moment.
    pub(super) fn shown(&self, now: Timestamp) -> Attempt {
        let end = self.row.end_at(now);
        Attempt {
            id: self.row.id,
            set: self.set.slug.clone(),
            title: self.set.title.clone(),
            state: self.row.state_at(now),
            started_at: self.row.started_at,
            deadline: self.row.deadline,
            submitted_at: end.map(|(at, _)| at),
            ended_by: end.map(|(_, by)| by),
            navigation: self.set.navigation,
            items: self.items.iter().map(LoadedItem::shown).collect(),
        }
    }
}

impl LoadedItem {
    /// The answer, unless there is none or it was emptied.
    pub(super) fn answer(&self) -> Option<&serde_json::Value> {
        self.response.as_ref().map(|response| &response.answer).filter(|answer| !answer.is_null())
    }

    /// What is known to be earned when an attempt ends: a question's mark, and nothing for what was not answered.
    pub(super) fn earned(&self) -> Option<Points> {
        match (&self.asked, self.answer()) {
            (Asked::Question(question), Some(answer)) => {
                let instance = question.instance(seed(&self.row));
                let Some(answer) = instance.read_answer(answer).ok()? else { return Some(Points::ZERO) };
                instance.mark_out_of(&answer, self.row.max_points()).score
            }
            (Asked::Question(_) | Asked::Prompt(_), None) => Some(Points::ZERO),
            (Asked::Prompt(_), Some(_)) | (Asked::Exercise(_), _) => None,
        }
    }

    pub(super) fn shown(&self) -> Item {
        let mut item = Item {
            position: self.row.position,
            section: self.row.section.clone(),
            kind: self.row.kind,
            title: match &self.asked {
                Asked::Question(question) => question.title().to_owned(),
                Asked::Prompt(prompt) => prompt.title.clone(),
                Asked::Exercise(slug) => title_from_slug(slug.as_str()),
            },
            max_score: self.row.max_points(),
            question: None,
            prompt: None,
            exercise: None,
            response: self.response.clone(),
        };
        match &self.asked {
            Asked::Question(question) => {
                let mut variant = question.instance(seed(&self.row)).variant();
                variant.max_score = self.row.max_points();
                item.question = Some(variant);
            }
            Asked::Prompt(prompt) => item.prompt = Some(PromptItem::of(prompt)),
            Asked::Exercise(slug) => {
                let (grading, submissions) = (self.row.grading, self.row.submissions);
                item.exercise = Some(ExerciseItem { slug: slug.to_string(), grading, submissions });
            }
        }
        item
    }
}

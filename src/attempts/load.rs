//! An attempt read back with the texts that it began with: from the bank while that has the version, else from what was
//! stored.

use std::sync::Arc;

use super::store::{self, AttemptRow, ItemRow};
use super::{Attempt, ExerciseItem, Item, ItemKind, PromptItem, Response, State};
use crate::bank::{Bank, Mistake, Points, Prompt, Question, Seed, Set, Slug};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Error, Refusal, Result};
use crate::id::{AttemptId, UserId};
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

/// The caller's attempt, ended if its deadline is past.
pub(super) fn own(
    c: &mut AnyConnection,
    bank: &Bank,
    user: UserId,
    id: AttemptId,
    now: Timestamp,
) -> Result<AttemptRow> {
    let row = store::find(c, id, user)?.ok_or_else(|| Refusal::not_found("attempt"))?;
    close_if_due(c, bank, row, now)
}

pub(super) fn close_if_due(c: &mut AnyConnection, bank: &Bank, row: AttemptRow, now: Timestamp) -> Result<AttemptRow> {
    match row.deadline {
        Some(deadline) if row.state == State::Open && deadline <= now => {
            close(c, bank, row.id, deadline)?;
            Ok(AttemptRow { state: State::Submitted, submitted_at: Some(deadline), ..row })
        }
        _ => Ok(row),
    }
}

/// Ends an attempt and writes down what its questions earned. Exercises and prompts get their scores when they are graded.
pub(super) fn close(c: &mut AnyConnection, bank: &Bank, id: AttemptId, at: Timestamp) -> Result<()> {
    if !store::close(c, id, at)? {
        return Ok(());
    }
    for item in items(c, bank, id)? {
        if let Some(score) = item.earned() {
            store::set_score(c, id, item.row.position, score)?;
        }
    }
    Ok(())
}

pub(super) fn load(c: &mut AnyConnection, bank: &Bank, row: AttemptRow) -> Result<Loaded> {
    let set = set(c, bank, &row)?;
    let items = items(c, bank, row.id)?;
    Ok(Loaded { row, set, items })
}

pub(super) fn set(c: &mut AnyConnection, bank: &Bank, row: &AttemptRow) -> Result<Set> {
    let slug: Slug = row.set_slug.parse().map_err(bad_name)?;
    match bank.with_exam_material().set(&slug) {
        Some(set) if set.version.as_str() == row.set_version => Ok(set.as_ref().clone()),
        _ => Set::from_stored(slug, &stored(c, "set", &row.set_slug, &row.set_version)?).map_err(unreadable),
    }
}

fn items(c: &mut AnyConnection, bank: &Bank, id: AttemptId) -> Result<Vec<LoadedItem>> {
    let mut saved = store::responses(c, id)?;
    let rows = store::items(c, id)?;
    rows.into_iter()
        .map(|row| {
            let asked = asked(c, bank, &row)?;
            let place = saved.iter().position(|(position, _)| *position == row.position);
            let response = place.map(|place| saved.swap_remove(place).1);
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

fn bad_name(error: crate::bank::NameError) -> Error {
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
    pub(super) fn shown(&self) -> Attempt {
        Attempt {
            id: self.row.id,
            set: self.set.slug.clone(),
            title: self.set.title.clone(),
            state: self.row.state,
            started_at: self.row.started_at,
            deadline: self.row.deadline,
            submitted_at: self.row.submitted_at,
            navigation: self.set.navigation,
            items: self.items.iter().map(LoadedItem::shown).collect(),
        }
    }
}

impl LoadedItem {
    /// What is known to be earned when an attempt ends: a question's mark, and nothing for what was not answered.
    fn earned(&self) -> Option<Points> {
        match (&self.asked, &self.response) {
            (Asked::Question(question), Some(response)) => {
                let instance = question.instance(seed(&self.row));
                let Some(answer) = instance.read_answer(&response.answer).ok()? else { return Some(Points::ZERO) };
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
            Asked::Prompt(prompt) => item.prompt = Some(shown_prompt(prompt)),
            Asked::Exercise(slug) => {
                item.exercise = Some(ExerciseItem { slug: slug.to_string(), grading: self.row.grading });
            }
        }
        item
    }
}

fn shown_prompt(prompt: &Prompt) -> PromptItem {
    PromptItem {
        id: prompt.id.to_string(),
        title: prompt.title.clone(),
        brief_html: prompt.brief.html().to_owned(),
        constraints_html: prompt.constraints.iter().map(|text| text.inline_html().to_owned()).collect(),
        hand_in_html: prompt.hand_in.html().to_owned(),
        criteria: prompt.criteria.clone(),
    }
}

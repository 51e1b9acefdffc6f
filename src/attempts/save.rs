//! Saving an answer: what is refused, and why.

use serde_json::{Value, json};

use super::load::{asked, set};
use super::store::{self, AttemptRow, ItemRow};
use super::{EndedBy, ItemKind, Response, Save};
use crate::accounts::Viewer;
use crate::bank::{Bank, Navigation};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Refusal, Result};
use crate::id::{AttemptId, UserId};
use crate::sets::Asked;

/// The item that is answered, by whom, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) user: UserId,
    pub(super) attempt: AttemptId,
    pub(super) position: i32,
    pub(super) now: Timestamp,
}

/// Saves an answer; `null` empties it. The same save again counts as saved, also once the item or the attempt is closed: whoever
/// sends it has lost the response.
///
/// # Errors
/// 404 `not_found` when the attempt is not the person's or has no such item; 409 `time_up`, `attempt_over`, `item_closed`
/// or `older_revision`; 422 `invalid` when the answer has another shape. 500 `internal`
/// when the database fails or what the item asks can't be read back.
pub(super) fn save(c: &mut AnyConnection, bank: &Bank, place: &Place, save: &Save) -> Result<Response> {
    let (row, item) = find(c, place)?;
    let before = store::saved(c, row.id, place.position)?;
    if let Some(before) = before.as_ref().filter(|before| before.revision == save.revision)
        && read_answer(c, bank, &item, &save.answer)? == before.answer
    {
        return Ok(before.clone());
    }
    check_open(&row, place.now)?;
    check_revision(save.revision)?;
    let answer = read_answer(c, bank, &item, &save.answer)?;
    check_navigation(c, bank, &row, place.position)?;
    if let Some(before) = before.filter(|before| before.revision >= save.revision) {
        return Err(older_revision(&before).into());
    }
    let response = Response { answer, revision: save.revision, saved_at: place.now };
    store::save_response(c, row.id, place.position, &response)?;
    if !response.answer.is_null() {
        store::advance(c, row.id, place.position)?;
    }
    Ok(response)
}

fn find(c: &mut AnyConnection, place: &Place) -> Result<(AttemptRow, ItemRow)> {
    let found = store::find(c, place.attempt, Viewer::Person(place.user))?;
    let row = found.ok_or_else(|| Refusal::not_found("attempt"))?;
    let item = store::item(c, row.id, place.position)?.ok_or_else(|| Refusal::not_found("item"))?;
    Ok((row, item))
}

/// Refuses what comes when the attempt is over.
///
/// # Errors
/// 409 `time_up` after the deadline, 409 `attempt_over` after the candidate submitted it.
pub(super) fn check_open(row: &AttemptRow, now: Timestamp) -> Result<()> {
    match row.end_at(now) {
        None => Ok(()),
        Some((at, EndedBy::Deadline)) => {
            let detail =
                format!("the time was up at {at}: what was saved by then is scored; this answer was not saved");
            Err(Refusal::conflict("time_up", detail).into())
        }
        Some((at, EndedBy::Candidate)) => {
            Err(Refusal::conflict("attempt_over", format!("this attempt was submitted at {at}")).into())
        }
    }
}

/// Clients count up from 1, and the next number must exist.
fn check_revision(revision: i64) -> Result<()> {
    if (0..i64::MAX).contains(&revision) {
        return Ok(());
    }
    Err(Refusal::invalid_field("/revision", "a revision is a whole number from 0 to 9223372036854775806").into())
}

fn older_revision(stored: &Response) -> Refusal {
    let detail = format!("revision {} is stored already, saved elsewhere: take it over first", stored.revision);
    let stored = json!({"answer": stored.answer, "revision": stored.revision, "saved_at": stored.saved_at});
    Refusal::conflict("older_revision", detail).stored(stored)
}

/// The answer as it is kept: null where it says nothing, such as a text of white space, so that every place that looks at
/// a saved answer agrees on whether there is one.
fn read_answer(c: &mut AnyConnection, bank: &Bank, item: &ItemRow, answer: &Value) -> Result<Value> {
    let read = match asked(c, bank, item)? {
        Asked::Question(question) => question.instance(item.seed()?).read_answer(answer),
        Asked::Prompt(prompt) => prompt.read_response(answer),
        Asked::Exercise(slug) => {
            let path = format!("/api/v1/exercises/{slug}/submissions?attempt=&position=");
            return Err(Refusal::invalid_field("/answer", format!("an exercise is answered by POST {path}")).into());
        }
    };
    let read = read.map_err(|error| Refusal::invalid_field(format!("/answer{}", error.pointer), error.detail))?;
    Ok(if read.is_some() { answer.clone() } else { Value::Null })
}

/// In a one-way set, an answer closes the items before it, and so does a submission. Emptying the answer opens none of them.
fn check_navigation(c: &mut AnyConnection, bank: &Bank, row: &AttemptRow, position: i32) -> Result<()> {
    let furthest = row.furthest;
    if furthest <= position || set(c, bank, row)?.navigation == Navigation::Free {
        return Ok(());
    }
    let detail = format!("this set goes one way, and item {furthest} has been answered");
    Err(Refusal::conflict("item_closed", detail).into())
}

/// Checks that an exercise may be handed in for an item: the attempt is this person's and open, the item asks for it, and
/// no later item of a one-way set is answered.
///
/// # Errors
/// 404 `not_found` when the attempt is not the person's or has no such item; 409 `time_up` after the deadline, `attempt_over`
/// after the attempt was submitted, `item_closed` when a later item is answered; 422 `invalid` for another exercise;
/// 500 `internal` when the database fails.
pub(super) fn check_exercise(c: &mut AnyConnection, bank: &Bank, place: &Place, exercise: &str) -> Result<()> {
    let (row, item) = find(c, place)?;
    check_open(&row, place.now)?;
    if item.kind != ItemKind::Exercise || item.name != exercise {
        let detail = format!("item {} of this attempt does not ask for {exercise}", place.position);
        return Err(Refusal::invalid_field("?position", detail).into());
    }
    check_navigation(c, bank, &row, place.position)
}

//! Saving an answer: what is refused, and why.

use serde_json::{Value, json};

use super::load::{asked, own, seed, set};
use super::store::{self, AttemptRow, ItemRow};
use super::{ItemKind, Response, Save};
use crate::bank::{Bank, Navigation};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Refusal, Result};
use crate::id::{AttemptId, UserId};
use crate::sets::Asked;

/// Which item, whose, and when.
pub(super) struct Place {
    pub(super) user: UserId,
    pub(super) attempt: AttemptId,
    pub(super) position: i32,
    pub(super) now: Timestamp,
}

/// Saves an answer. What comes too late is refused inside: the transaction has ended the attempt, and that must stand.
pub(super) fn save(c: &mut AnyConnection, bank: &Bank, place: &Place, save: &Save) -> Result<Result<Response>> {
    let row = own(c, bank, place.user, place.attempt, place.now)?;
    if let Err(late) = check_open(&row) {
        return Ok(Err(late));
    }
    let item = store::item(c, row.id, place.position)?.ok_or_else(|| Refusal::not_found("item"))?;
    check_answer(c, bank, &item, &save.answer)?;
    let saved = store::responses(c, row.id)?;
    check_navigation(c, bank, &row, place.position, &saved)?;
    let before = saved.into_iter().find(|(at, _)| *at == place.position).map(|(_, response)| response);
    match before {
        Some(before) if before.revision == save.revision && before.answer == save.answer => return Ok(Ok(before)),
        Some(before) if before.revision >= save.revision => return Err(older_revision(&before).into()),
        _ => {}
    }
    let response = Response { answer: save.answer.clone(), revision: save.revision, saved_at: place.now };
    store::save_response(c, row.id, place.position, &response)?;
    Ok(Ok(response))
}

/// Refuses what comes when the attempt is over.
pub(super) fn check_open(row: &AttemptRow) -> Result<()> {
    match row.submitted_at {
        None => Ok(()),
        Some(at) if row.deadline == Some(at) => {
            let detail = format!("the time was up at {at}: what was saved by then is scored, this is not saved");
            Err(Refusal::conflict("time_up", detail).into())
        }
        Some(at) => Err(Refusal::conflict("attempt_over", format!("this attempt was submitted at {at}")).into()),
    }
}

fn older_revision(stored: &Response) -> Refusal {
    let detail = format!("revision {} is stored already, saved elsewhere: take it over first", stored.revision);
    let stored = json!({"answer": stored.answer, "revision": stored.revision, "saved_at": stored.saved_at});
    Refusal::conflict("older_revision", detail).stored(stored)
}

fn check_answer(c: &mut AnyConnection, bank: &Bank, item: &ItemRow, answer: &Value) -> Result<()> {
    let read = match asked(c, bank, item)? {
        Asked::Question(question) => question.instance(seed(item)).read_answer(answer),
        Asked::Prompt(prompt) => prompt.read_response(answer),
        Asked::Exercise(slug) => {
            let path = format!("/api/v1/exercises/{slug}/submissions?attempt=&position=");
            return Err(Refusal::invalid_field("/answer", format!("an exercise is answered by POST {path}")).into());
        }
    };
    read.map_err(|error| Refusal::invalid_field(format!("/answer{}", error.pointer), error.detail))?;
    Ok(())
}

/// In a one-way set, an answer closes the items before it.
fn check_navigation(
    c: &mut AnyConnection,
    bank: &Bank,
    row: &AttemptRow,
    position: i32,
    saved: &[(i32, Response)],
) -> Result<()> {
    let furthest = saved.iter().map(|(at, _)| *at).max().unwrap_or(0);
    if furthest <= position || set(c, bank, row)?.navigation == Navigation::Free {
        return Ok(());
    }
    let detail = format!("this set goes one way, and item {furthest} is answered");
    Err(Refusal::conflict("item_closed", detail).into())
}

/// Whether an exercise may be handed in for an item: the attempt is this person's and open, and the item asks for it.
///
/// # Errors
/// 404, 409 or 422.
pub fn check_exercise(
    c: &mut AnyConnection,
    bank: &Bank,
    user: UserId,
    attempt: AttemptId,
    position: i32,
    exercise: &str,
    now: Timestamp,
) -> Result<()> {
    check_open(&own(c, bank, user, attempt, now)?)?;
    let item = store::item(c, attempt, position)?.ok_or_else(|| Refusal::not_found("item"))?;
    if item.kind == ItemKind::Exercise && item.name == exercise {
        return Ok(());
    }
    let detail = format!("item {position} of this attempt does not ask for {exercise}");
    Err(Refusal::invalid_field("?position", detail).into())
}

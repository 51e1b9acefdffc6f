//! Events in the database.

use diesel::prelude::*;
use serde_json::Value;

use super::{Event, EventKind};
use crate::clock::Timestamp;
use crate::db::schema::{submission_events, submissions};
use crate::db::{AnyConnection, Error, Result};
use crate::id::SubmissionId;

/// Submissions whose old events are removed in one transaction.
const BATCH: i64 = 200;

/// Adds events after the last one.
pub(in crate::submissions) fn add(
    connection: &mut AnyConnection,
    submission: SubmissionId,
    events: impl IntoIterator<Item = (EventKind, Value)>,
) -> Result<()> {
    let last: Option<i32> = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .select(diesel::dsl::max(submission_events::seq))
        .first(connection)?;
    for (seq, (kind, data)) in (last.unwrap_or(0).saturating_add(1)..).zip(events) {
        diesel::insert_into(submission_events::table)
            .values((
                submission_events::submission_id.eq(submission),
                submission_events::seq.eq(seq),
                submission_events::kind.eq(kind),
                submission_events::data.eq(data.to_string()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Turns the end of a submission into the news that it waits again: `finished` stays the last event, and comes once.
pub(in crate::submissions) fn reopen(
    connection: &mut AnyConnection,
    submission: SubmissionId,
    queued: &Value,
) -> Result<()> {
    let end = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .filter(submission_events::kind.eq(EventKind::Finished));
    diesel::update(end)
        .set((submission_events::kind.eq(EventKind::Queued), submission_events::data.eq(queued.to_string())))
        .execute(connection)?;
    Ok(())
}

/// The events after `seq`, in order.
pub(super) fn after(connection: &mut AnyConnection, submission: SubmissionId, seq: i32) -> Result<Vec<Event>> {
    let rows: Vec<(i32, EventKind, String)> = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .filter(submission_events::seq.gt(seq))
        .order(submission_events::seq)
        .select((submission_events::seq, submission_events::kind, submission_events::data))
        .load(connection)?;
    rows.into_iter().map(event).collect()
}

fn event((seq, kind, data): (i32, EventKind, String)) -> Result<Event> {
    let data = serde_json::from_str(&data).map_err(|error| Error::corrupt("an event of a submission", error))?;
    Ok(Event { seq, kind, data })
}

/// Whether nothing more will happen: there is a verdict, or the submission was erased.
pub(super) fn is_over(connection: &mut AnyConnection, submission: SubmissionId) -> Result<bool> {
    let there: i64 = submissions::table.find(submission).count().get_result(connection)?;
    if there == 0 {
        return Ok(true);
    }
    let ends = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .filter(submission_events::kind.eq(EventKind::Finished));
    Ok(ends.count().get_result::<i64>(connection)? > 0)
}

/// Some submissions that were graded between two moments and still have more events than the last.
pub(in crate::submissions) fn with_old(
    connection: &mut AnyConnection,
    graded_since: Timestamp,
    graded_before: Timestamp,
) -> Result<Vec<SubmissionId>> {
    let old = submission_events::table
        .filter(submission_events::submission_id.eq(submissions::id))
        .filter(submission_events::kind.ne(EventKind::Finished));
    Ok(submissions::table
        .filter(submissions::finished_at.ge(graded_since))
        .filter(submissions::finished_at.lt(graded_before))
        .filter(diesel::dsl::exists(old))
        .order(submissions::finished_at)
        .limit(BATCH)
        .select(submissions::id)
        .load(connection)?)
}

/// Removes all events of submissions but the last of each.
pub(in crate::submissions) fn delete_but_last(
    connection: &mut AnyConnection,
    submissions: &[SubmissionId],
) -> Result<usize> {
    let events = submission_events::table
        .filter(submission_events::kind.ne(EventKind::Finished))
        .filter(submission_events::submission_id.eq_any(submissions));
    Ok(diesel::delete(events).execute(connection)?)
}

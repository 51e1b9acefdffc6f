//! Events in the database.

use diesel::prelude::*;
use serde_json::Value;

use super::{Event, EventKind};
use crate::db::schema::submission_events;
use crate::db::{AnyConnection, Result};
use crate::id::SubmissionId;

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

/// The events after `seq`, in order.
pub(super) fn after(connection: &mut AnyConnection, submission: SubmissionId, seq: i32) -> Result<Vec<Event>> {
    let rows: Vec<(i32, EventKind, String)> = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .filter(submission_events::seq.gt(seq))
        .order(submission_events::seq)
        .select((submission_events::seq, submission_events::kind, submission_events::data))
        .load(connection)?;
    let event = |(seq, kind, data): (i32, EventKind, String)| {
        let data = serde_json::from_str(&data).unwrap_or(Value::Null);
        Event { seq, kind, data }
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Whether there is a verdict.
pub(super) fn is_over(connection: &mut AnyConnection, submission: SubmissionId) -> Result<bool> {
    let ends = submission_events::table
        .filter(submission_events::submission_id.eq(submission))
        .filter(submission_events::kind.eq(EventKind::Finished));
    Ok(ends.count().get_result::<i64>(connection)? > 0)
}

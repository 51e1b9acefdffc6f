//! Practice answers and responses in the database. They are only ever added.

use std::collections::BTreeSet;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use super::{Best, Kept, PastAnswer, PastResponse};
use crate::bank::{Answer, Instance, Marked, Points};
use crate::clock::Timestamp;
use crate::db::schema::{answers, bank_sources, prompt_responses, users};
use crate::db::{self, AnyConnection, Result, each_database};
use crate::id::{AnswerId, ResponseId, UserId};

/// An answer as it is kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = answers)]
pub(super) struct AnswerRow {
    pub(super) id: AnswerId,
    pub(super) user_id: UserId,
    pub(super) question: String,
    pub(super) version: String,
    seed: i64,
    answer: String,
    hints: i32,
    score: Option<i32>,
    max_score: i32,
    answered_at: Timestamp,
}

impl AnswerRow {
    pub(super) fn new(
        user: UserId,
        instance: &Instance<'_>,
        answer: &Answer,
        hints: u8,
        marked: &Marked,
        answered_at: Timestamp,
    ) -> Self {
        let question = instance.question();
        Self {
            id: AnswerId::new(),
            user_id: user,
            question: question.id().to_string(),
            version: question.version().to_string(),
            seed: i64::try_from(instance.seed().get()).unwrap_or(i64::MAX),
            answer: answer.to_json().to_string(),
            hints: i32::from(hints),
            score: marked.score.map(thousandths),
            max_score: thousandths(marked.max_score),
            answered_at,
        }
    }

    /// The same answer with an id that follows from a form's key and from what is answered, so that a form that is sent twice
    /// is kept once. It follows from the person too: nobody can take the place of another person's answer.
    pub(super) fn sent_by_form(self, key: AnswerId) -> Self {
        let Self { user_id, question, version, seed, answer, hints, .. } = &self;
        let told = format!("{key}\n{user_id}\n{question}\n{version}\n{seed}\n{hints}\n{answer}");
        Self { id: key.derived(told.as_bytes()), ..self }
    }
}

fn thousandths(points: Points) -> i32 {
    i32::try_from(points.thousandths()).unwrap_or(i32::MAX)
}

fn points(thousandths: i32) -> Result<Points> {
    let thousandths = u32::try_from(thousandths);
    thousandths
        .map(Points::from_thousandths)
        .map_err(|error| db::Error::corrupt("the points of a practice answer", error))
}

/// The text of what was answered, kept so that a score can be computed again when the files have changed.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bank_sources)]
pub(super) struct SourceRow {
    kind: &'static str,
    pub(super) name: String,
    pub(super) version: String,
    source: String,
}

impl SourceRow {
    pub(super) fn of_question(row: &AnswerRow, source: &str) -> Self {
        Self { kind: "question", name: row.question.clone(), version: row.version.clone(), source: source.to_owned() }
    }
}

/// Keeps answers and the sources of what was answered. Answers of accounts that are gone are left out, since the database would
/// refuse all for one; which accounts these are is returned.
pub(super) fn insert_answers(
    connection: &mut AnyConnection,
    rows: &[AnswerRow],
    sources: &[SourceRow],
) -> Result<BTreeSet<UserId>> {
    let mut gone: BTreeSet<UserId> = rows.iter().map(|row| row.user_id).collect();
    let there = users::table.filter(users::id.eq_any(gone.clone())).select(users::id).load::<UserId>(connection)?;
    there.iter().for_each(|user| _ = gone.remove(user));
    let kept: Vec<_> = rows.iter().filter(|row| !gone.contains(&row.user_id)).collect();
    each_database!(connection, c => {
        for source in sources {
            diesel::insert_into(bank_sources::table).values(source).on_conflict_do_nothing().execute(c)?;
        }
    });
    // One that is there already was sent twice: see [`AnswerRow::sent_by_form`]. SQLite inserts rows one by one in any case.
    match connection {
        AnyConnection::Sqlite(c) => {
            for row in kept {
                diesel::insert_into(answers::table).values(row).on_conflict_do_nothing().execute(c)?;
            }
        }
        AnyConnection::Postgres(c) => {
            diesel::insert_into(answers::table).values(kept).on_conflict_do_nothing().execute(c)?;
        }
    }
    Ok(gone)
}

/// A response as it is kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = prompt_responses)]
pub(super) struct ResponseRow {
    id: ResponseId,
    user_id: UserId,
    prompt: String,
    version: String,
    text: String,
    responded_at: Timestamp,
}

impl ResponseRow {
    pub(super) fn new(user: UserId, kept: &Kept) -> Self {
        Self {
            id: kept.id,
            user_id: user,
            prompt: kept.prompt.to_string(),
            version: kept.version.to_string(),
            text: kept.text.clone(),
            responded_at: kept.responded_at,
        }
    }
}

/// The same response, by the same person to the same version of a prompt, since a moment.
pub(super) fn repeated_response(
    connection: &mut AnyConnection,
    row: &ResponseRow,
    since: Timestamp,
) -> Result<Option<(ResponseId, Timestamp)>> {
    let same = prompt_responses::table
        .filter(prompt_responses::user_id.eq(row.user_id))
        .filter(prompt_responses::prompt.eq(&row.prompt))
        .filter(prompt_responses::version.eq(&row.version))
        .filter(prompt_responses::text.eq(&row.text))
        .filter(prompt_responses::responded_at.ge(since));
    let first = same.order(prompt_responses::id).select((prompt_responses::id, prompt_responses::responded_at));
    Ok(first.first(connection).optional()?)
}

pub(super) fn insert_response(connection: &mut AnyConnection, row: &ResponseRow, source: &str) -> Result<()> {
    let source =
        SourceRow { kind: "prompt", name: row.prompt.clone(), version: row.version.clone(), source: source.to_owned() };
    each_database!(connection, c => {
        diesel::insert_into(bank_sources::table).values(&source).on_conflict_do_nothing().execute(c)?;
    });
    diesel::insert_into(prompt_responses::table).values(row).execute(connection)?;
    Ok(())
}

pub(super) fn best(connection: &mut AnyConnection, user: UserId) -> Result<Vec<Best>> {
    let rows = answers::table
        .filter(answers::user_id.eq(user))
        .group_by(answers::question)
        .order(answers::question)
        .select((answers::question, max(answers::score), max(answers::max_score), count_star()))
        .load::<(String, Option<i32>, Option<i32>, i64)>(connection)?;
    let scored = rows
        .into_iter()
        .filter_map(|(question, score, max_score, answers)| Some((question, score?, max_score?, answers)));
    let best = |(question, score, max_score, answers)| {
        Ok(Best { question, score: points(score)?, max_score: points(max_score)?, answers })
    };
    scored.map(best).collect()
}

/// A person's answers, the newest first: at most `rows` of those that are older than `before` (an id).
pub(super) fn answers_of(
    connection: &mut AnyConnection,
    user: UserId,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<PastAnswer>> {
    type Row = (AnswerId, String, String, String, i32, Option<i32>, i32, Timestamp);
    let mut query = answers::table
        .filter(answers::user_id.eq(user))
        .order(answers::id.desc())
        .limit(rows)
        .select((
            answers::id,
            answers::question,
            answers::version,
            answers::answer,
            answers::hints,
            answers::score,
            answers::max_score,
            answers::answered_at,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(answers::id.lt(before));
    }
    let past = |(id, question, version, answer, hints, score, max_score, answered_at): Row| {
        let answer = serde_json::from_str(&answer).map_err(|error| db::Error::corrupt("a practice answer", error))?;
        let (score, max_score) = (score.map(points).transpose()?, points(max_score)?);
        Ok(PastAnswer { id, question, version, answer, hints, score, max_score, answered_at })
    };
    query.load::<Row>(connection)?.into_iter().map(past).collect()
}

/// A person's responses to prompts, the newest first: at most `rows` of those that are older than `before` (an id).
pub(super) fn responses_of(
    connection: &mut AnyConnection,
    user: UserId,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<PastResponse>> {
    let mut query = prompt_responses::table
        .filter(prompt_responses::user_id.eq(user))
        .order(prompt_responses::id.desc())
        .limit(rows)
        .select((
            prompt_responses::id,
            prompt_responses::prompt,
            prompt_responses::version,
            prompt_responses::text,
            prompt_responses::responded_at,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(prompt_responses::id.lt(before));
    }
    let rows = query.load::<(ResponseId, String, String, String, Timestamp)>(connection)?;
    let past = |(id, prompt, version, text, responded_at)| PastResponse { id, prompt, version, text, responded_at };
    Ok(rows.into_iter().map(past).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;

    fn row(user: UserId) -> AnswerRow {
        AnswerRow {
            id: AnswerId::new(),
            user_id: user,
            question: "demo/choice".to_owned(),
            version: "q1_0".to_owned(),
            seed: 0,
            answer: "{}".to_owned(),
            hints: 0,
            score: None,
            max_score: 1000,
            answered_at: Timestamp::from_micros(0),
        }
    }

    #[tokio::test]
    async fn one_account_that_is_gone_does_not_break_its_group_apart() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite:{}", folder.path().join("quorate.db").display())).unwrap();
        db.migrate().unwrap();
        let (ada, erased) = (UserId::new(), UserId::new());
        let kept = db.write(move |c| {
            let columns = (users::id, users::email, users::display_name, users::password_hash, users::created_at);
            let values =
                (columns.0.eq(ada), columns.1.eq("a@b"), columns.2.eq("Ada"), columns.3.eq(""), columns.4.eq(0));
            diesel::insert_into(users::table).values(values).execute(c)?;
            let gone = insert_answers(c, &[row(ada), row(erased), row(ada)], &[])?;
            Ok::<_, db::Error>((gone, answers::table.select(answers::user_id).load::<UserId>(c)?))
        });
        assert_eq!(kept.await.unwrap(), (BTreeSet::from([erased]), vec![ada, ada]));
    }

    #[test]
    fn points_that_cannot_be_are_an_error() {
        assert_eq!(points(1500).unwrap(), Points::from_thousandths(1500));
        assert!(points(-1).unwrap_err().is_corrupt());
    }
}

//! The words of questions in the database. They are only ever added.

use diesel::prelude::*;

use super::Wording;
use crate::db::schema::question_wordings as wordings;
use crate::db::{AnyConnection, Error, Result, each_database};

/// Stores the words of some questions, unless they are there already.
pub(in crate::attempts) fn insert(connection: &mut AnyConnection, rows: &[Wording]) -> Result<()> {
    each_database!(connection, c => {
        for Wording { question, hash, source, misconceptions } in rows {
            diesel::insert_into(wordings::table)
                .values((
                    wordings::question.eq(question),
                    wordings::hash.eq(hash),
                    wordings::source.eq(source),
                    wordings::misconceptions.eq(misconceptions),
                ))
                .on_conflict_do_nothing()
                .execute(c)?;
        }
    });
    Ok(())
}

/// The words of a question that have this hash.
///
/// # Errors
/// [`Error::Corrupt`] when they are not stored, [`Error::Statement`] when the database fails.
pub(in crate::attempts) fn find(connection: &mut AnyConnection, question: &str, hash: &str) -> Result<Wording> {
    let found = wordings::table
        .find((question, hash))
        .select((wordings::source, wordings::misconceptions))
        .first::<(String, String)>(connection)
        .optional()?;
    let missing = || Error::corrupt("the words of a question", format!("{question} {hash} is not stored"));
    let (source, misconceptions) = found.ok_or_else(missing)?;
    Ok(Wording { question: question.to_owned(), hash: hash.to_owned(), source, misconceptions })
}

//! Checking whether the audit logs are still what was written.

use super::store::{self, Row};
use crate::db::Db;
use crate::error::Result;

/// Entries that are read at a time.
const ROWS: i64 = 1000;

/// The audit logs of all teams. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    db: Db,
}

/// What checking all logs found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Every entry follows from the one before: for each team, its last entry and that entry's hash.
    Whole(Vec<Head>),
    /// The first entry that is not what was written.
    Broken {
        /// The id of the team.
        team: String,
        /// The place at which the log is broken.
        seq: i64,
        /// What is wrong there.
        what: &'static str,
    },
}

/// The last entry of a team's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The id of the team.
    pub team: String,
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the last one, which follows from all of them.
    pub hash: String,
}

impl Audit {
    /// Audit logs in a database.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Checks every entry of every team.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn verify(&self) -> Result<Verified> {
        let mut heads: Vec<Head> = Vec::new();
        loop {
            let last = heads.last().map(|head| (head.team.clone(), head.entries));
            let rows = self.db.read(move |c| store::after(c, last.as_ref(), ROWS)).await?;
            if rows.is_empty() {
                return Ok(Verified::Whole(heads));
            }
            for row in rows {
                if let Err(broken) = follow(&mut heads, &row) {
                    return Ok(broken);
                }
            }
        }
    }
}

/// Takes the next entry for the new head of its team's log, if it follows from the one before.
fn follow(heads: &mut Vec<Head>, row: &Row) -> Result<(), Verified> {
    let before = heads.last().filter(|head| head.team == row.team_id);
    let (entries, hash) = before.map_or((0, ""), |head| (head.entries, &head.hash));
    let broken = |seq, what| Verified::Broken { team: row.team_id.clone(), seq, what };
    if row.seq != entries + 1 {
        return Err(broken(entries + 1, "this entry is missing"));
    }
    if row.link().hash(hash) != row.hash {
        return Err(broken(row.seq, "this entry or its hash was changed"));
    }
    let head = Head { team: row.team_id.clone(), entries: row.seq, hash: row.hash.clone() };
    if before.is_some() {
        heads.pop();
    }
    heads.push(head);
    Ok(())
}

//! Who may do what: every endpoint and every page, tried by everybody who could ask.
//!
//! A row of the table names a route and who is let in. Each row is tried by somebody unknown, by a candidate, by the owner of another team,
//! and by each role of the team that the address names. A route without a row fails the test.

mod table;
mod world;

use std::collections::BTreeSet;

use quorate::web::PAGES;
use serde_json::Value;

use self::table::{ROWS, Row};
use self::world::{CALLERS, Caller, World};
use crate::support::{Answer, Backend, run};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was let in, whatever was wrong with it after that.
    Allowed,
    /// Nobody is signed in: 401, or the page to sign in.
    SignIn,
    /// The caller is known, and not allowed.
    Forbidden,
    /// There is nothing that the caller may know of.
    Missing,
}

impl Outcome {
    fn of(answer: &Answer) -> Self {
        let to_sign_in = answer.status == 303 && answer.header("location").starts_with("/login?");
        match answer.status {
            401 => Self::SignIn,
            // Whoever is asked for their password was let in before.
            403 if answer.text().contains("wrong_password") => Self::Allowed,
            403 => Self::Forbidden,
            404 => Self::Missing,
            _ if to_sign_in => Self::SignIn,
            _ => Self::Allowed,
        }
    }
}

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody, signed in or not.
    Everybody,
    /// Whoever is signed in.
    SignedIn,
    /// The candidate whose thing the address names. For others it isn't there.
    Theirs,
    /// Reviewers, authors and owners of the team. For others it isn't there.
    Reviewers,
    /// Reviewers, authors and owners of the team. For others, signed in or not, it isn't there.
    Members,
    /// Authors and owners of the team. For others who aren't members it isn't there.
    Authors,
    /// Owners of the team. For others who aren't members it isn't there.
    Owners,
}

impl Who {
    fn outcome(self, caller: Caller) -> Outcome {
        match (self, caller) {
            (Self::Everybody, _) => Outcome::Allowed,
            (Self::Members, Caller::Stranger) => Outcome::Missing,
            (_, Caller::Stranger) => Outcome::SignIn,
            (Self::SignedIn, _) | (Self::Theirs, Caller::Candidate) => Outcome::Allowed,
            (Self::Theirs, _)
            | (
                Self::Members | Self::Reviewers | Self::Authors | Self::Owners,
                Caller::Candidate | Caller::OtherOwner,
            ) => Outcome::Missing,
            (Self::Members | Self::Reviewers, _) | (Self::Authors | Self::Owners, Caller::Owner) => Outcome::Allowed,
            (Self::Authors, Caller::Author) => Outcome::Allowed,
            (Self::Authors | Self::Owners, _) => Outcome::Forbidden,
        }
    }
}

#[test]
fn everybody_may_do_what_the_table_says_and_nothing_else() {
    run(Backend::Sqlite, async |world: World| {
        let mut wrong = Vec::new();
        for row in ROWS {
            for caller in CALLERS {
                let (expected, found) = (row.who.outcome(caller), Outcome::of(&world.ask(caller, row).await));
                if found != expected {
                    wrong.push(format!("{} {}: {caller:?} is {found:?}, not {expected:?}", row.method, row.path));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn every_route_has_a_row() {
    let route = |row: &Row| format!("{} {}", row.method, row.path.split('?').next().unwrap());
    let rows: BTreeSet<_> = ROWS.iter().map(route).collect();
    assert_eq!(rows.len(), ROWS.len(), "a route has two rows");
    assert_eq!(rows, routes());
}

/// Every endpoint of the document and every page, as `get /path`.
fn routes() -> BTreeSet<String> {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().keys().map(|method| format!("{method} {path}"));
        methods.collect::<Vec<_>>()
    };
    let endpoints = document["paths"].as_object().unwrap().iter().flat_map(of_path);
    endpoints.chain(PAGES.iter().map(|(method, path)| format!("{method} {path}"))).collect()
}

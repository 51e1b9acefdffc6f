//! The OpenAPI 3.1 document. What an endpoint does stands in the attribute of its handler; what follows from that for many
//! endpoints is added here.

mod answers;
mod headers;
mod operations;
mod schemas;
mod security;

use utoipa::openapi::OpenApi as Document;
use utoipa::{Modify as _, OpenApi};

use self::operations::operations;
use super::endpoints::Endpoints;
use crate::attempts::AttemptItem;
use crate::http::error::Problem;
use crate::http::list::{Cursor, Limit};
use crate::sets::set_ref::SetRef;
use crate::teams::TeamRef;

/// What the document says of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "quorate", description = include_str!("conventions.md")),
    components(schemas(Problem, Cursor, Limit, AttemptItem, TeamRef, SetRef)),
    servers((url = "/", description = "This server")),
    tags(
        (name = "accounts", description = "Signing up, signing in, and the keys that verify access tokens."),
        (name = "bank", description = "Topics with their lessons, questions, and design prompts. Nobody has to sign in."),
        (name = "practice", description = "Answering questions and design prompts one by one."),
        (name = "exercises", description = "Programming exercises: what each asks, and the files to start from."),
        (name = "submissions", description = "Handing in code for an exercise, and following how it's graded."),
        (name = "sets", description = "Sets of questions, prompts and exercises, such as a mock interview."),
        (name = "attempts", description = "Taking a set: beginning, saving answers, submitting, and the result."),
        (name = "teams", description = "Hiring teams, their members and their audit log."),
        (name = "material", description = "A team's own questions and prompts, in the format of the files of the bank."),
        (name = "record", description = "What a person has reached."),
    )
)]
struct Api;

/// The document as it is served.
#[must_use]
pub fn document() -> Document {
    let mut document = Api::openapi();
    document.merge(Endpoints::openapi());
    name_operations(&mut document);
    schemas::Overlap.modify(&mut document);
    security::Security.modify(&mut document);
    answers::Answers.modify(&mut document);
    document
}

/// Gives each operation an id that no other has. A handler's name is its own only within its feature.
fn name_operations(document: &mut Document) {
    for (_, _, operation) in operations(document) {
        let tag = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
        operation.operation_id = operation.operation_id.take().map(|handler| format!("{tag}_{handler}"));
    }
}

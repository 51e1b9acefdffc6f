//! The OpenAPI 3.1 document, made from the handlers.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{accounts, attempts, bank, exercises, practice, record, sets, submissions};

/// Every REST call.
#[derive(OpenApi)]
#[openapi(
    info(title = "quorate", description = "Lessons, quizzes, exercises and their scores."),
    modifiers(&Bearer),
    paths(
        accounts::api::register,
        accounts::api::login,
        accounts::api::refresh,
        accounts::api::logout,
        accounts::api::me,
        accounts::api::erase,
        accounts::api::change_password,
        accounts::api::sessions,
        accounts::api::end_session,
        accounts::api::export,
        accounts::api::jwks,
        bank::api::topics,
        bank::api::topic,
        bank::api::questions,
        bank::api::question,
        bank::api::hint,
        practice::api::answer,
        bank::api::prompts,
        bank::api::prompt,
        practice::api::respond,
        record::api::scores,
        exercises::api::list,
        exercises::api::one,
        exercises::api::starter,
        submissions::api::hand_in,
        submissions::api::list,
        submissions::api::one,
        submissions::api::files,
        submissions::api::events,
        sets::api::list,
        sets::api::one,
        attempts::api::begin,
        attempts::api::list,
        attempts::api::resume,
        attempts::api::save,
        attempts::api::submit,
        attempts::api::result,
    )
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document as it is served.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

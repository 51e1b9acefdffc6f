//! Every URL of the service in one table. A method that is not in it is answered with 405 and what is.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, resource, route, scope};
use utoipa_swagger_ui::SwaggerUi;

use super::idempotency::idempotency;
use super::{health, openapi, site};
use crate::http::{assets, session};
use crate::{accounts, attempts, bank, exercises, practice, record, sets, submissions};

/// Registers every URL.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(api())
        .configure(pages)
        .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", openapi::document()))
        .service(resource("/assets/{name}").get(assets::asset))
        .configure(operation)
        .service(resource("/.well-known/jwks.json").get(accounts::api::jwks))
        .service(resource("/problems").get(site::problems))
        .default_service(route().to(site::nothing));
}

/// For whoever runs this process: all that a worker answers.
pub(super) fn operation(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").get(health::healthz))
        .service(resource("/readyz").get(health::readyz))
        .service(resource("/metrics").get(health::metrics));
}

fn pages(config: &mut ServiceConfig) {
    config
        .service(resource("/").get(record::pages::home))
        .service(resource("/register").get(accounts::pages::register_form).post(accounts::pages::register))
        .service(resource("/login").get(accounts::pages::login_form).post(accounts::pages::login))
        .service(resource("/logout").post(accounts::pages::logout))
        .service(resource("/session").get(session::session))
        .service(resource("/topics").get(bank::pages::topics))
        .service(resource("/topics/{topic}").get(bank::pages::topic))
        .service(resource("/practice/{topic}").get(practice::pages::topic))
        .service(resource("/practice/{topic}/{slug}").get(practice::pages::ask).post(practice::pages::answer))
        .service(resource("/exercises").get(exercises::pages::list))
        .service(resource("/exercises/{slug}").get(exercises::pages::one))
        .service(
            resource("/exercises/{slug}/submissions").get(submissions::pages::history).post(exercises::pages::hand_in),
        )
        .service(resource("/submissions/{id}").get(submissions::pages::one))
        .service(resource("/record").get(record::pages::record))
        .service(resource("/sets").get(sets::pages::list))
        .service(resource("/sets/{set}").get(sets::pages::one))
        .service(resource("/sets/{set}/attempts").post(attempts::pages::begin))
        .service(resource("/attempts/{id}").get(attempts::pages::resume))
        .service(resource("/attempts/{id}/items/{position}").get(attempts::pages::item).post(attempts::pages::save))
        .service(resource("/attempts/{id}/submit").get(attempts::pages::last_look).post(attempts::pages::submit))
        .service(resource("/attempts/{id}/result").get(attempts::pages::result))
        .service(resource("/prompts").get(bank::pages::prompts))
        .service(resource("/prompts/{topic}/{slug}").get(practice::pages::prompt).post(practice::pages::respond));
}

fn api() -> impl HttpServiceFactory {
    scope("/api/v1").service(auth()).service(resources())
}

/// Outside `resources`, since an answer that holds tokens must not be stored to be given again.
fn auth() -> impl HttpServiceFactory {
    scope("/auth")
        .service(resource("/register").post(accounts::api::register))
        .service(resource("/login").post(accounts::api::login))
        .service(resource("/refresh").post(accounts::api::refresh))
        .service(resource("/logout").post(accounts::api::logout))
}

fn resources() -> impl HttpServiceFactory {
    scope("")
        .wrap(from_fn(idempotency))
        .service(resource("/me").get(accounts::api::me))
        .service(resource("/topics").get(bank::api::topics))
        .service(resource("/topics/{topic}").get(bank::api::topic))
        .service(resource("/questions").get(bank::api::questions))
        .service(resource("/questions/{topic}/{slug}").get(bank::api::question))
        .service(resource("/questions/{topic}/{slug}/hints/{number}").get(bank::api::hint))
        .service(resource("/questions/{topic}/{slug}/answers").post(practice::api::answer))
        .service(resource("/prompts").get(bank::api::prompts))
        .service(resource("/prompts/{topic}/{slug}").get(bank::api::prompt))
        .service(resource("/prompts/{topic}/{slug}/responses").post(practice::api::respond))
        .service(resource("/me/scores").get(record::api::scores))
        .service(resource("/exercises").get(exercises::api::list))
        .service(resource("/exercises/{slug}").get(exercises::api::one))
        .service(resource("/exercises/{slug}/starter").get(exercises::api::starter))
        .service(resource("/exercises/{slug}/submissions").post(submissions::api::hand_in))
        .service(resource("/submissions").get(submissions::api::list))
        .service(resource("/submissions/{id}").get(submissions::api::one))
        .service(resource("/submissions/{id}/files").get(submissions::api::files))
        .service(resource("/submissions/{id}/events").get(submissions::api::events))
        .service(resource("/sets").get(sets::api::list))
        .service(resource("/sets/{set}").get(sets::api::one))
        .service(resource("/sets/{set}/attempts").post(attempts::api::begin))
        .service(resource("/attempts").get(attempts::api::list))
        .service(resource("/attempts/{id}").get(attempts::api::resume))
        .service(resource("/attempts/{id}/responses/{position}").put(attempts::api::save))
        .service(resource("/attempts/{id}/submit").post(attempts::api::submit))
        .service(resource("/attempts/{id}/result").get(attempts::api::result))
}

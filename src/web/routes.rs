//! Every URL of the service: the endpoints of the REST API have a table of their own, and all others stand here. A method that
//! an address doesn't take is answered with 405 and those that it takes.

use actix_web::web::{self, ServiceConfig, resource, route};
use utoipa_swagger_ui::SwaggerUi;

use super::{endpoints, health, openapi, site};
use crate::http::{assets, session};
use crate::{accounts, attempts, bank, exercises, practice, record, sets, submissions};

/// Registers every URL of the service.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .configure(endpoints::routes)
        .configure(pages)
        .service(web::redirect("/api/docs", "/api/docs/").permanent())
        .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", openapi::document()))
        .service(resource("/assets/{name}").get(assets::asset))
        .service(resource("/healthz").get(health::healthz))
        .service(resource("/readyz").get(health::readyz))
        .service(resource("/problems").get(site::problems))
        .default_service(route().to(site::nothing));
}

/// For whoever runs this process, on an address of its own: it names controls of the sandbox and what is counted.
pub(super) fn operation(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").get(health::healthz))
        .service(resource("/readyz").get(health::readyz_in_full))
        .service(resource("/metrics").get(health::metrics));
}

fn pages(config: &mut ServiceConfig) {
    config
        .service(resource("/").get(record::pages::home))
        .service(resource("/register").get(accounts::pages::register_form).post(accounts::pages::register))
        .service(resource("/login").get(accounts::pages::login_form).post(accounts::pages::login))
        .service(resource("/logout").post(accounts::pages::logout))
        .service(resource("/account").get(accounts::pages::account))
        .service(resource("/account/password").post(accounts::pages::change_password))
        .service(resource("/account/sessions/{id}").post(accounts::pages::end_session))
        .service(resource("/account/tokens").post(accounts::pages::make_token))
        .service(resource("/account/tokens/{id}").post(accounts::pages::revoke_token))
        .service(resource("/account/erase").post(accounts::pages::erase))
        .service(resource("/session").get(session::session))
        .service(resource("/topics").get(bank::pages::topics))
        .service(resource("/topics/{topic}").get(bank::pages::topic))
        .service(resource("/practice/{topic}").get(practice::pages::topic))
        .service(resource("/practice/{topic}/{slug}").get(practice::pages::ask).post(practice::pages::answer))
        .service(resource("/exercises").get(exercises::pages::list))
        .service(resource("/exercises/{slug}").get(exercises::pages::one))
        .service(resource("/exercises/{slug}/incident").get(exercises::pages::incident))
        .service(
            resource("/exercises/{slug}/submissions").get(submissions::pages::history).post(exercises::pages::hand_in),
        )
        .service(resource("/exercises/{slug}/submissions/compare").get(submissions::pages::compare))
        .service(resource("/exercises/{slug}/changes").post(exercises::pages::changes))
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

//! Every URL of the service: the endpoints of the REST API have a table of their own, and all others stand here. A method that
//! an address doesn't take is answered with 405 and those that it takes.

use actix_web::web::{self, ServiceConfig, resource, route};
use utoipa_swagger_ui::SwaggerUi;

use super::{endpoints, health, openapi, site};
use crate::http::{assets, session};
use crate::{accounts, attempts, bank, exercises, material, practice, record, sets, submissions, teams};

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

/// The addresses of pages, each with the handlers of its methods.
macro_rules! pages {
    ($($path:literal: $($method:ident $handler:path),+;)+) => {
        fn pages(config: &mut ServiceConfig) {
            config$(.service(resource($path)$(.route(web::$method().to($handler)))+))+;
        }

        /// Every page that belongs to a feature: the method in lower case, and the path.
        pub const PAGES: &[(&str, &str)] = &[$($((stringify!($method), $path),)+)+];
    };
}

pages! {
    "/": get record::pages::home;
    "/register": get accounts::pages::register_form, post accounts::pages::register;
    "/login": get accounts::pages::login_form, post accounts::pages::login;
    "/logout": post accounts::pages::logout;
    "/account": get accounts::pages::account;
    "/account/password": post accounts::pages::change_password;
    "/account/sessions/{id}": post accounts::pages::end_session;
    "/account/tokens": post accounts::pages::make_token;
    "/account/tokens/{id}": post accounts::pages::revoke_token;
    "/account/erase": post accounts::pages::erase;
    "/session": get session::session;
    "/topics": get bank::pages::topics;
    "/topics/{topic}": get bank::pages::topic;
    "/practice/{topic}": get practice::pages::topic;
    "/practice/{topic}/{slug}": get practice::pages::ask, post practice::pages::answer;
    "/exercises": get exercises::pages::list;
    "/exercises/{slug}": get exercises::pages::one;
    "/exercises/{slug}/incident": get exercises::pages::incident;
    "/exercises/{slug}/submissions": get submissions::pages::history, post exercises::pages::hand_in;
    "/exercises/{slug}/submissions/compare": get submissions::pages::compare;
    "/exercises/{slug}/changes": post exercises::pages::changes;
    "/submissions/{id}": get submissions::pages::one;
    "/record": get record::pages::record;
    "/sets": get sets::pages::list;
    "/sets/{set}": get sets::pages::one;
    "/sets/{set}/attempts": post attempts::pages::begin;
    "/attempts/{id}": get attempts::pages::resume;
    "/attempts/{id}/items/{position}": get attempts::pages::item, post attempts::pages::save;
    "/attempts/{id}/submit": get attempts::pages::last_look, post attempts::pages::submit;
    "/attempts/{id}/result": get attempts::pages::result;
    "/prompts": get bank::pages::prompts;
    "/prompts/{topic}/{slug}": get practice::pages::prompt, post practice::pages::respond;
    "/teams": get teams::pages::list, post teams::pages::make;
    "/teams/{team}": get teams::pages::overview, post teams::pages::change;
    "/teams/{team}/members": get teams::pages::members;
    "/teams/{team}/members/{user}": post teams::pages::set_role;
    "/teams/{team}/members/{user}/remove": post teams::pages::remove;
    "/teams/{team}/member-invitations": post teams::pages::invite;
    "/teams/{team}/member-invitations/{id}/withdraw": post teams::pages::withdraw;
    "/teams/{team}/questions": get material::pages::questions, post material::pages::new_question;
    "/teams/{team}/questions/{slug}": get material::pages::question, post material::pages::save_question;
    "/teams/{team}/questions/{slug}/retire": post material::pages::retire_question;
    "/teams/{team}/prompts": get material::pages::prompts, post material::pages::new_prompt;
    "/teams/{team}/prompts/{slug}": get material::pages::prompt, post material::pages::save_prompt;
    "/teams/{team}/prompts/{slug}/retire": post material::pages::retire_prompt;
    "/teams/{team}/sets": get sets::pages::team::list, post sets::pages::team::make;
    "/teams/{team}/sets/{set}": get sets::pages::team::edit, post sets::pages::team::save;
    "/teams/{team}/audit": get teams::pages::audit;
    "/join/{token}": get teams::pages::offer, post teams::pages::accept;
}

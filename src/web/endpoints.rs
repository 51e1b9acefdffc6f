//! The endpoints of the REST API, named once. The `#[utoipa::path]` of a handler says its method, path, parameters and
//! answers; from this table come both the routes and the document, so neither can have what the other lacks.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig, resource, scope};
use actix_web::{Resource, Route, middleware::from_fn};
use utoipa::OpenApi;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;

use super::idempotency::{self, idempotency};
use crate::accounts::TokenScope;
use crate::http::scopes::Covered;

/// What the paths of the API begin with. A path without it is a well-known one.
pub(super) const PREFIX: &str = "/api/v1";
/// What the attributes of handlers call personal tokens.
pub(super) const PERSONAL_TOKEN: &str = "personal_token";

/// One handler, with the method and the path that reach it.
struct Endpoint {
    path: String,
    method: Method,
    /// The scopes of personal tokens that cover it.
    scopes: Vec<TokenScope>,
    route: fn() -> Route,
}

impl Endpoint {
    /// The endpoints of the handler whose attribute made `P`: one for each of its methods.
    fn of<P: utoipa::Path>(route: fn() -> Route) -> impl Iterator<Item = Self> {
        let scopes = scopes(&P::operation());
        let endpoint = move |method| Self { path: P::path(), method: known(&method), scopes: scopes.clone(), route };
        P::methods().into_iter().map(endpoint)
    }
}

/// The scopes that the attribute of a handler names. Its security can be read only as it's written in the document.
fn scopes(operation: &Operation) -> Vec<TokenScope> {
    let ways = serde_json::to_value(&operation.security).unwrap_or_default();
    let named = ways.as_array().into_iter().flatten().filter_map(|way| way.get(PERSONAL_TOKEN)?.as_array());
    named.flatten().filter_map(|scope| scope.as_str()?.parse().ok()).collect()
}

/// The handlers of each feature's `api.rs`.
macro_rules! endpoints {
    ($($feature:ident: $($handler:ident),+;)+) => {
        pastey::paste! {
            fn endpoints() -> Vec<Endpoint> {
                let mut all = Vec::new();
                $($(all.extend(Endpoint::of::<crate::$feature::api::[<__path_ $handler>]>(
                    || web::to(crate::$feature::api::$handler),
                ));)+)+
                all
            }
        }

        /// The document of the same handlers, before [`openapi`](super::openapi) adds what they have in common.
        #[derive(OpenApi)]
        #[openapi(paths($($(crate::$feature::api::$handler),+),+))]
        pub(super) struct Endpoints;
    };
}

endpoints! {
    accounts: register, login, refresh, logout, me, erase, change_password, sessions, end_session, personal_tokens, make_token, revoke_token, export, jwks;
    bank: topics, topic, questions, question, hint, prompts, prompt;
    practice: answer, respond;
    exercises: list, one, starter, incident_file;
    sets: list, one, make, of_team, edit, publish, preview;
    attempts: begin, list, resume, save, submit, result;
    submissions: hand_in, list, one, files, events;
    record: scores;
    material: put_question, questions, question, retire_question, copy_question, preview_question, put_prompt, prompts, prompt, retire_prompt, copy_prompt, preview_prompt;
    teams: make, list, one, change, members, set_role, remove_member, invite_member, member_invitations, withdraw_member_invitation, member_invitation, accept_member_invitation, audit;
}

/// Registers every endpoint of the table at its path.
pub(super) fn routes(config: &mut ServiceConfig) {
    let mut api = scope(PREFIX);
    for (path, methods) in by_path() {
        let keyed = methods.iter().any(|endpoint| idempotency::covers(&endpoint.method, &path));
        match path.strip_prefix(PREFIX) {
            Some(rest) if keyed => api = api.service(with_methods(rest, methods).wrap(from_fn(idempotency))),
            Some(rest) => api = api.service(with_methods(rest, methods)),
            None => _ = config.service(with_methods(&path, methods)),
        }
    }
    config.service(api);
}

/// All methods of a path together, so that another method is answered with 405 and `Allow`. In order, since a path of words
/// alone must come before one with a parameter in the place of a word.
fn by_path() -> BTreeMap<String, Vec<Endpoint>> {
    endpoints().into_iter().fold(BTreeMap::new(), |mut paths, endpoint| {
        paths.entry(endpoint.path.clone()).or_insert_with(Vec::new).push(endpoint);
        paths
    })
}

fn with_methods(path: &str, methods: Vec<Endpoint>) -> Resource {
    let covered = |endpoint: &Endpoint| {
        let method = endpoint.method.clone();
        endpoint.scopes.clone().into_iter().map(move |scope| (method.clone(), scope))
    };
    let covered = Covered::by(methods.iter().flat_map(covered).collect());
    methods.into_iter().fold(resource(path).app_data(covered), |resource, endpoint| {
        resource.route((endpoint.route)().method(endpoint.method))
    })
}

const fn known(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

//! What can be answered to many endpoints alike: refusals, and the headers that come with every answer. Each follows from what
//! the operation says of itself (its parameters, its body, whether somebody has to be signed in), so no handler repeats it.

use actix_web::http::Method;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};
use utoipa::{Modify, ToSchema as _};

use super::headers;
use super::operations::operations;
use crate::http::csrf;
use crate::http::error::{MEDIA_TYPE, Problem};
use crate::web::idempotency;

/// The parameter of operations that change what several people may edit.
const IF_MATCH: &str = "If-Match";

/// Adds what operations have in common.
pub(super) struct Answers;

impl Modify for Answers {
    fn modify(&self, document: &mut OpenApi) {
        for (method, path, operation) in operations(document) {
            if operation.responses.responses.contains_key("304") {
                take_condition(operation);
            }
            forbid_null(operation);
            if idempotency::covers(&method, path) {
                describe_key(operation);
            }
            refuse(&method, path, operation);
            complete(operation);
        }
        let components = document.components.get_or_insert_default();
        for refusal in REFUSALS {
            let mut response = Response::new(refusal.description);
            explain(&mut response);
            headers::add(refusal.status, &mut response);
            components.responses.insert(refusal.name.to_owned(), response.into());
        }
        headers::declare(components);
    }
}

fn take_condition(operation: &mut Operation) {
    let parameter = Ref::new(format!("#/components/parameters/{}", headers::IF_NONE_MATCH));
    operation.parameters.get_or_insert_default().push(RefOr::Ref(parameter));
}

/// Says in words that the operation takes a key. As a parameter of the operation it would be filled in by programs that make
/// requests from the document, and they would use one key for many requests, which are refused.
fn describe_key(operation: &mut Operation) {
    let described = operation.description.take().map_or_else(String::new, |description| format!("{description}\n\n"));
    operation.description = Some(format!(
        "{described}Takes an `{}`, so that the request can be repeated safely.",
        headers::IDEMPOTENCY_KEY
    ));
}

/// A parameter can be left out, but it has no way to be null.
fn forbid_null(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(Parameter { schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter else { continue };
        if let SchemaType::Array(types) = &mut schema.schema_type {
            types.retain(|known| *known != Type::Null);
        }
    }
}

/// Gives the answers that the attribute named itself their headers, and refusals their body.
fn complete(operation: &mut Operation) {
    let is_conditional = operation.responses.responses.contains_key("304");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) {
            explain(response);
        }
        if is_conditional && status.starts_with(['2', '3']) {
            headers::refer(response, headers::ETAG);
        }
        if is_listing(response) {
            headers::refer(response, headers::LINK);
        }
        headers::add(status, response);
    }
}

fn explain(response: &mut Response) {
    let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
    response.content.insert(MEDIA_TYPE.to_owned(), problem.into());
}

fn is_listing(response: &Response) -> bool {
    let schemas = response.content.values().filter_map(|content| match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    });
    schemas.into_iter().any(|schema| matches!(schema, RefOr::Ref(name) if name.ref_location.contains("/Listing_")))
}

/// A refusal that many endpoints have in common.
struct Refusal {
    status: &'static str,
    /// What the document calls it, under `components.responses`.
    name: &'static str,
    /// Its codes, and when each comes.
    description: &'static str,
    applies: fn(&Call<'_>) -> bool,
}

/// What a refusal depends on.
struct Call<'a> {
    method: &'a Method,
    path: &'a str,
    operation: &'a Operation,
}

impl Call<'_> {
    fn has_body(&self) -> bool {
        self.operation.request_body.is_some()
    }

    fn has_parameter(&self, place: ParameterIn) -> bool {
        let inline =
            |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(inline) if inline.parameter_in == place);
        self.operation.parameters.iter().flatten().any(inline)
    }

    fn is_secured(&self) -> bool {
        self.operation.security.is_some()
    }

    /// Whether the caller has to say which state they change.
    fn takes_revision(&self) -> bool {
        let named = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(inline) if inline.name == IF_MATCH);
        self.operation.parameters.iter().flatten().any(named)
    }

    fn takes_key(&self) -> bool {
        idempotency::covers(self.method, self.path)
    }
}

const REFUSALS: &[Refusal] = &[
    Refusal {
        status: "400",
        name: "Malformed",
        description: "`malformed`: the body or a header can't be read.",
        applies: |call| call.has_body() || call.takes_key() || call.has_parameter(ParameterIn::Header),
    },
    Refusal {
        status: "401",
        name: "Unauthenticated",
        description: "`unauthenticated`: nobody is signed in. `invalid_token`: the access token isn't ours, or is too old.",
        applies: |call| call.is_secured(),
    },
    Refusal {
        status: "403",
        name: "FromAnotherSite",
        description: "`csrf`: the request comes with a page's session, but from another site. `insufficient_scope`: it comes with a \
                      personal token whose scope doesn't cover this.",
        applies: |call| call.is_secured() && csrf::is_safe(call.method),
    },
    Refusal {
        status: "403",
        name: "Forged",
        description: "`csrf`: the request comes with a page's session, but from another site, or without the token of a page \
                      that the same person opened. `insufficient_scope`: it comes with a personal token whose scope doesn't \
                      cover this.",
        applies: |call| call.is_secured() && !csrf::is_safe(call.method),
    },
    Refusal {
        status: "404",
        name: "NotFound",
        description: "`not_found`: nothing is there, or nothing that the caller may know of.",
        applies: |call| call.has_parameter(ParameterIn::Path),
    },
    Refusal {
        status: "408",
        name: "TooSlow",
        description: "`too_slow`: the body came too slowly. The connection is closed.",
        applies: |call| call.has_body() || call.takes_key(),
    },
    Refusal {
        status: "409",
        name: "KeyInUse",
        description: "`idempotency_under_way`: the first request with this `Idempotency-Key` is still being carried out. \
                      `idempotency_outcome_unknown`: it failed or was cut off, and may have been carried out.",
        applies: |call| call.takes_key(),
    },
    Refusal {
        status: "412",
        name: "ChangedMeanwhile",
        description: "`changed_meanwhile`: somebody has changed this since the state that `If-Match` names.",
        applies: |call| call.takes_revision(),
    },
    Refusal {
        status: "413",
        name: "TooLarge",
        description: "`too_large`: the body is larger than what is taken here; `detail` names the limit.",
        applies: |call| call.has_body() || call.takes_key(),
    },
    Refusal {
        status: "415",
        name: "UnsupportedMediaType",
        description: "`unsupported_media_type`: the `Content-Type` isn't one that is taken here.",
        applies: |call| call.has_body(),
    },
    Refusal {
        status: "422",
        name: "Invalid",
        description: "`invalid`: a field or a query parameter has a wrong value or isn't known; `errors` names the places. \
                      `idempotency_key_reused`: the `Idempotency-Key` stands for another request.",
        applies: |call| call.has_body() || call.takes_key() || call.has_parameter(ParameterIn::Query),
    },
    Refusal {
        status: "428",
        name: "IfMatchMissing",
        description: "`if_match_missing`: `If-Match` isn't there.",
        applies: |call| call.takes_revision(),
    },
    Refusal {
        status: "429",
        name: "RateLimited",
        description: "`rate_limited`: too many requests in too short a time, or too many under way.",
        applies: |call| !call.takes_key(),
    },
    Refusal {
        status: "429",
        name: "RateLimitedOrKeysUsedUp",
        description: "`rate_limited`: too many requests in too short a time, or too many under way. \
                      `too_many_idempotency_keys`: the caller's keys of the last day take up all the room that there is for them.",
        applies: |call| call.takes_key(),
    },
    Refusal {
        status: "500",
        name: "Internal",
        description: "`internal`: something failed on our side; it's logged under `request_id`.",
        applies: |_| true,
    },
];

/// Where the attribute has an answer of that status itself, both descriptions are given.
fn refuse(method: &Method, path: &str, operation: &mut Operation) {
    let call = Call { method, path, operation };
    let common: Vec<_> = REFUSALS.iter().filter(|refusal| (refusal.applies)(&call)).collect();
    for refusal in common {
        match operation.responses.responses.get_mut(refusal.status) {
            Some(RefOr::T(own)) => own.description = format!("{} {}", own.description, refusal.description),
            Some(RefOr::Ref(_)) => {}
            None => {
                let shared = Ref::from_response_name(refusal.name);
                operation.responses.responses.insert(refusal.status.to_owned(), shared.into());
            }
        }
    }
}

//! Headers that many operations take or answer with, each declared once.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{Components, Header, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, Response};

use crate::web::idempotency;

pub(super) const IF_NONE_MATCH: &str = "If-None-Match";
pub(super) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
pub(super) const ETAG: &str = "ETag";
pub(super) const LINK: &str = "Link";

/// Each header of an answer, what it says, and the statuses that always have it; `None` is every status.
const ANSWERS: &[(&str, &str, Statuses)] = &[
    ("X-Request-Id", "What the service's log calls this request.", Statuses::All),
    (
        "RateLimit-Policy",
        "Each limit that this request was counted against, by address or by person, and last, where too many came in too \
         short a time, the limit that is used up: how many requests (`q`) in how many seconds (`w`). Absent where nothing is limited.",
        Statuses::All,
    ),
    (
        "RateLimit",
        "For each of these limits, how many requests are left (`r`), and in how many seconds there are all again (`t`).",
        Statuses::All,
    ),
    ("Retry-After", "Seconds to wait before trying again.", Statuses::These(&["429", "503"])),
    ("WWW-Authenticate", "How to sign in: `Bearer`.", Statuses::These(&["401"])),
    (ETAG, "Changes when the body does. Send it back as `If-None-Match`.", Statuses::These(&[])),
    (LINK, "Where the next page is, as `<address>; rel=\"next\"`; absent on the last.", Statuses::These(&[])),
];

enum Statuses {
    All,
    These(&'static [&'static str]),
}

impl Statuses {
    fn contain(&self, status: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(statuses) => statuses.contains(&status),
        }
    }
}

/// Adds the headers that every answer of this status has.
pub(super) fn add(status: &str, response: &mut Response) {
    for (name, ..) in ANSWERS.iter().filter(|(.., statuses)| statuses.contain(status)) {
        refer(response, name);
    }
}

/// Says that a response has a header.
pub(super) fn refer(response: &mut Response, name: &str) {
    response.headers.insert(name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
}

/// Describes all that operations refer to.
pub(super) fn declare(components: &mut Components) {
    for (name, description, _) in ANSWERS {
        let header: Header = HeaderBuilder::new().schema(Some(text())).description(Some(*description)).build();
        components.headers.insert((*name).to_owned(), header.into());
    }
    for parameter in [if_none_match(), idempotency_key()] {
        components.parameters.insert(parameter.name.clone(), parameter.into());
    }
}

fn if_none_match() -> Parameter {
    let description = "The `ETag` of what the caller has. When nothing has changed, the answer is 304 without a body.";
    ParameterBuilder::new()
        .name(IF_NONE_MATCH)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(text()))
        .build()
}

fn idempotency_key() -> Parameter {
    let description = "Chosen by the caller for this request, such as a UUID. The same request with the same key is carried \
                       out once at the most. If it was carried out (2xx), it gets the same answer again, for a day. After a \
                       refusal, the key is free. If it failed or was cut off, it's refused with 409 for a day.";
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(idempotency::KEY_MAX_BYTES))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Schema::from(schema)))
        .build()
}

fn text() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).build().into()
}

//! What can go wrong with a request, in two kinds that are never mixed up: the caller's fault, which the caller is told
//! all about, and ours, which is logged and of which the caller learns only the request's id.

use std::time::Duration;

use crate::rate_limits::status::RateLimitStatus;

/// The outcome of anything a request asks for.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is at fault, and is told why.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The database failed: our fault.
    #[error("failed to use the database: {0}")]
    Database(crate::db::Error),
    /// Anything else of ours.
    #[error("failed to {doing}: {source}")]
    Internal {
        /// What was being done, to be read after "failed to".
        doing: &'static str,
        /// What caused the failure.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// A fault of ours while `doing` something (read after "failed to").
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { doing, source: source.into() }
    }

    /// What was stored can't be read back: see [`crate::db::Error::corrupt`].
    pub fn corrupt(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Database(crate::db::Error::corrupt(what, source))
    }

    /// Whether what was stored can't be read back. Such a fault lies in one thing alone, and the others can be gone on with.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_corrupt())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// The kinds of refusal, each with one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 400: not even the right syntax.
    Malformed,
    /// 401: no caller, or one that can't be told.
    Unauthenticated,
    /// 403: known, but not allowed.
    Forbidden,
    /// 404: not there, or nothing the caller may know of.
    NotFound,
    /// 405: the address takes other methods.
    MethodNotAllowed,
    /// 408: the request did not come in time.
    Timeout,
    /// 409: not in this state.
    Conflict,
    /// 412: not as the caller has seen it.
    PreconditionFailed,
    /// 413: larger than the limit.
    TooLarge,
    /// 415: a content type that is not taken here.
    UnsupportedMediaType,
    /// 422: the right syntax, the wrong content.
    Invalid,
    /// 428: the caller must say what they have seen.
    PreconditionRequired,
    /// 429: too many in too short a time.
    TooMany,
    /// 503: can't be served now, but may be later.
    Unavailable,
}

/// A refusal as the caller reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Decides the HTTP status of the answer.
    pub kind: Kind,
    /// Stable and documented; what a program looks at.
    pub code: &'static str,
    /// A sentence for a person: what was wrong and what to do.
    pub detail: String,
    /// The places in the request that are wrong.
    pub fields: Vec<Field>,
    /// When to try again, for `TooMany` and `Unavailable`.
    pub retry_after: Option<Duration>,
    /// The limit that is used up, where one is.
    pub limit: Option<RateLimitStatus>,
    /// For a conflict, what is stored instead.
    pub stored: Option<serde_json::Value>,
}

/// One place in the request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Field {
    /// A JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
    /// The line of a text of several lines, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, nullable = false)]
    pub line: Option<usize>,
}

impl Field {
    /// A place, and what is wrong with it.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into(), line: None }
    }
}

impl Refusal {
    /// A refusal of a kind with a code and a sentence.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into(), fields: Vec::new(), retry_after: None, limit: None, stored: None }
    }

    /// 404 for `what`, such as "question".
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("there is no such {what}, or not for you"))
    }

    /// 409 with a code of its own.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    /// 409 for a form that was sent before, and made something whose secret is shown once.
    pub fn made_already(what: &str) -> Self {
        let detail = format!(
            "this form has made its {what} already, and the {what} isn't shown again: if you didn't keep it, make another one"
        );
        Self::conflict("made_already", detail)
    }

    /// 422 that names the places that are wrong; must not be empty.
    #[must_use]
    pub fn invalid(fields: Vec<Field>) -> Self {
        let detail = fields
            .iter()
            .map(|field| match field.pointer.trim_start_matches('/') {
                "" => field.detail.clone(),
                name => format!("{name}: {}", field.detail),
            })
            .collect::<Vec<_>>()
            .join("; ");
        Self { fields, ..Self::new(Kind::Invalid, "invalid", detail) }
    }

    /// 422 for one place.
    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![Field::new(pointer, detail)])
    }

    /// What was wrong, for a person: without the places in the request, which a program reads. Where an answer is refused,
    /// `must be a number` is said of the answer.
    #[must_use]
    pub fn sentence(&self) -> String {
        let said = |field: &Field| match field.detail.strip_prefix("must ") {
            Some(rest) => format!("your answer must {rest}"),
            None => field.detail.clone(),
        };
        if self.fields.is_empty() {
            return self.detail.clone();
        }
        self.fields.iter().map(said).collect::<Vec<_>>().join("; ")
    }

    /// Says what is stored instead.
    #[must_use]
    pub fn stored(self, stored: serde_json::Value) -> Self {
        Self { stored: Some(stored), ..self }
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// Says which limit is used up.
    #[must_use]
    pub(crate) fn limit(self, limit: RateLimitStatus) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

/// Whatever the database refuses is a fault of ours. A service that expects one of its errors asks for it first.
impl From<crate::db::Error> for Error {
    fn from(error: crate::db::Error) -> Self {
        Self::Database(error)
    }
}

impl From<crate::db::StatementError> for Error {
    fn from(error: crate::db::StatementError) -> Self {
        crate::db::Error::from(error).into()
    }
}

impl crate::db::Failure for Error {
    fn statement(&self) -> Option<&crate::db::StatementError> {
        match self {
            Self::Database(error) => error.statement(),
            _ => None,
        }
    }
}

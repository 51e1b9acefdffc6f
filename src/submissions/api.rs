//! `POST /exercises/{slug}/submissions` and `/submissions/…`.

use std::time::Duration;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};

use super::Submissions;
use super::events::{EventKind, Update};
use super::{Files, Filter, Mode, NewSubmission, Submission, Summary, Verdict, body};
use crate::attempts::AttemptItem;
use crate::bank::Slug;
use crate::error::{Kind, Refusal, Result};
use crate::exercises::Exercises;
use crate::http::body::{Archive, SUBMISSION_MAX_BYTES, parse_json, whole};
use crate::http::identity::Caller;
use crate::http::list::{Cursor, Limit, Listing, Page};
use crate::http::params::{Path, Query};
use crate::http::request::content_type;
use crate::id::{AttemptId, SubmissionId};
use crate::rate_limits::RateLimits;

/// The longest that a caller may wait for a result, in seconds.
const WAIT_MAX_SECONDS: u64 = 30;

/// How something is handed in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmissionQuery {
    /// `public` runs the public tests alone and does not count.
    #[serde(default)]
    pub mode: Mode,
    /// The attempt that it belongs to.
    pub attempt: Option<AttemptId>,
    /// The item of that attempt, from 1. It comes with `attempt`, or neither does.
    pub position: Option<i32>,
}

/// Hands in files for an exercise: as JSON, or as a `.tar.gz` or `.zip` with the files at its root.
#[utoipa::path(post, path = "/api/v1/exercises/{slug}/submissions", tag = "submissions", security(("bearer" = []), ("personal_token" = ["submissions"])),
    params(("slug" = Slug, Path, description = "The exercise's slug"),
        ("mode" = Option<Mode>, Query, description = "`public` runs the public tests alone and does not count; `graded` when not said"),
        ("item" = Option<AttemptItem>, Query, style = Form, explode, description = "The item of an attempt that is answered: \
            `?attempt=…&position=…`, both or neither")),
    request_body(content(
        (FilesBody = "application/json"), (Archive = "application/gzip"), (Archive = "application/x-gzip"), (Archive = "application/zip"))),
    responses((status = 202, description = "Taken, to be graded", body = Submission, headers(("Location" = String, description = "The submission"))),
        (status = 403, description = "`insufficient_scope`: a personal token can't answer an item of an attempt."),
        (status = 409, description = "`exercise_unavailable`: the exercise can't be graded. `attempt_over`, `time_up` and `item_closed`: the \
            item of the attempt takes no more submissions.")))]
pub(crate) async fn hand_in(
    exercises: web::Data<Exercises>,
    limits: web::Data<RateLimits>,
    submissions: web::Data<Submissions>,
    caller: Caller,
    slug: Path<String>,
    query: Query<SubmissionQuery>,
    (request, payload): (HttpRequest, web::Payload),
) -> Result<HttpResponse> {
    let item = AttemptItem::of(query.0.attempt, query.0.position)?;
    if item.is_some() {
        // An attempt goes on with each item that is answered, which a program must not do for somebody.
        caller.sign_in()?;
    }
    // What can't be graded yet is not counted.
    exercises.check_open(&slug.0)?;
    limits.submission(caller.id)?;
    let bytes = whole(payload.into_inner(), SUBMISSION_MAX_BYTES).await?.freeze();
    let files = body::read(content_type(request.headers()), bytes, parse_json).await?;
    let new = NewSubmission { user: caller.id, exercise: slug.0, mode: query.0.mode, item, files };
    let submission = submissions.hand_in(new).await?;
    let location = format!("/api/v1/submissions/{}", submission.summary.id);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(submission))
}

/// The JSON form of files.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilesBody {
    /// Text by path. At least one of the files is under `src/` or `tests/`.
    #[schema(schema_with = files_schema)]
    pub files: Files,
}

/// What the grader takes: Rust sources, and beside `src/lib.rs` the manifest and a diagnosis too.
///
/// The grader takes these two beside any source. JSON Schema can say so ("not all of the names are others"), but programs that
/// make values from a schema can't make one of that.
fn files_schema() -> Schema {
    const SOURCE: &str = r"(src|tests)/([A-Za-z0-9_-][A-Za-z0-9_.-]*/){0,5}[A-Za-z0-9_-][A-Za-z0-9_.-]*\.rs";
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$")).build();
    let files = |names: String| {
        let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some(names)).max_length(Some(200));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(name.build()))
            .additional_properties(Some(Schema::Object(text.clone())))
            .min_properties(Some(1))
            .max_properties(Some(64))
    };
    let sources = files(format!("^{SOURCE}$"));
    let with_manifest = files(format!("^({SOURCE}|Cargo\\.toml|diagnosis\\.toml)$")).required("src/lib.rs");
    let example = json!({"src/lib.rs": "pub fn answer() -> u32 {\n    42\n}\n"});
    AnyOfBuilder::new().item(sources).item(with_manifest).examples([example]).build().into()
}

/// How to look at a submission.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitQuery {
    /// Seconds to wait for the result.
    #[param(maximum = 30)]
    pub wait: Option<u64>,
}

/// One submission; with `?wait=`, once it is finished, or as it is after so many seconds.
///
/// A caller who waits takes the place of an event stream meanwhile.
#[utoipa::path(get, path = "/api/v1/submissions/{id}", tag = "submissions", security(("bearer" = []), ("personal_token" = ["submissions"]), ("personal_token" = ["read"])),
    params(("id" = SubmissionId, Path, description = "The submission"), WaitQuery),
    responses((status = 200, description = "The submission as it is now", body = Submission),
        (status = 429, description = "`rate_limited`: the caller follows too many submissions at once, by `?wait=` and by event streams.")))]
pub(crate) async fn one(
    limits: web::Data<RateLimits>,
    submissions: web::Data<Submissions>,
    caller: Caller,
    id: Path<SubmissionId>,
    query: Query<WaitQuery>,
) -> Result<HttpResponse> {
    let seconds = query.0.wait.unwrap_or(0);
    if seconds > WAIT_MAX_SECONDS {
        return Err(Refusal::invalid_field("?wait", "a caller waits for at most 30 seconds").into());
    }
    // Held as long as the caller waits.
    let _place = if seconds > 0 { limits.stream(caller.id)? } else { None };
    let submission = submissions.wait(caller.viewer(), id.0, Duration::from_secs(seconds)).await?;
    Ok(HttpResponse::Ok().json(submission))
}

/// The files of a submission, as they were handed in.
#[utoipa::path(get, path = "/api/v1/submissions/{id}/files", tag = "submissions", security(("bearer" = []), ("personal_token" = ["submissions"]), ("personal_token" = ["read"])),
    params(("id" = SubmissionId, Path, description = "The submission")),
    responses((status = 200, description = "The files", body = FilesBody)))]
pub(crate) async fn files(
    submissions: web::Data<Submissions>,
    caller: Caller,
    id: Path<SubmissionId>,
) -> Result<HttpResponse> {
    let files = submissions.files(caller.viewer(), id.0).await?;
    Ok(HttpResponse::Ok().json(FilesBody { files }))
}

/// Which submissions are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The slug of an exercise, to list only submissions to it.
    pub exercise: Option<String>,
    /// A verdict, to list only submissions that have it.
    pub verdict: Option<Verdict>,
    /// Items a page; 50 when not said.
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// The caller's submissions, the newest first.
#[utoipa::path(get, path = "/api/v1/submissions", tag = "submissions", security(("bearer" = []), ("personal_token" = ["submissions"]), ("personal_token" = ["read"])), params(ListQuery),
    responses((status = 200, description = "A page of submissions", body = Listing<Summary>)))]
pub(crate) async fn list(
    submissions: web::Data<Submissions>,
    request: HttpRequest,
    caller: Caller,
    query: Query<ListQuery>,
) -> Result<HttpResponse> {
    let ListQuery { exercise, verdict, limit, cursor } = query.0;
    let page = Page::new(limit, cursor);
    let rows =
        submissions.list(caller.id, Filter { exercise, verdict, item: None }, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |row| row.id.to_string(), |row| row).into_response(&request))
}

/// What happens to a submission, as Server-Sent Events: `queued`, `stage`, `test` and, as the last, `finished`. Each has
/// a number, to go on from by `Last-Event-ID`; a `queued` without one only tells a new place.
#[utoipa::path(get, path = "/api/v1/submissions/{id}/events", tag = "submissions", security(("bearer" = []), ("personal_token" = ["submissions"]), ("personal_token" = ["read"])),
    params(("id" = SubmissionId, Path, description = "The submission"), ("Last-Event-ID" = Option<u32>, Header, description = "The last number that was seen")),
    responses((status = 200, description = "The events, as they come", content_type = "text/event-stream", body = EventMessage),
        (status = 204, description = "Nothing comes after that number")))]
pub(crate) async fn events(
    limits: web::Data<RateLimits>,
    submissions: web::Data<Submissions>,
    caller: Caller,
    id: Path<SubmissionId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    // Held as long as the stream is open.
    let place = limits.stream(caller.id)?;
    let mut follow = submissions.follow(caller.viewer(), id.0, last_event(&request)?).await?;
    let Some(first) = follow.next().await? else {
        // Tells a browser's EventSource not to come back.
        return Ok(HttpResponse::NoContent().finish());
    };
    let stream = stream::unfold(Some((follow, Some(first), place)), |state| async move {
        let (mut follow, first, place) = state?;
        let told = match first {
            Some(told) => Ok(Some(told)),
            None => follow.next().await,
        };
        match told {
            Ok(told) => told.map(|told| (Ok::<_, crate::error::Error>(frame(&told)), Some((follow, None, place)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Neither compression nor a proxy's buffer may hold events back.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream))
}

/// An event of the stream, as a client that reads the stream sees it.
#[derive(Serialize, ToSchema)]
struct EventMessage {
    /// The event's number, for `Last-Event-ID`. A `queued` that only says a new place in the queue has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What kind of thing happened to the submission.
    event: EventKind,
    /// JSON: what there is to know of it.
    data: String,
}

fn last_event(request: &HttpRequest) -> Result<i32> {
    let Some(header) = request.headers().get("last-event-id") else { return Ok(0) };
    header.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Refusal::new(Kind::Malformed, "malformed", "a Last-Event-ID is a number that an event of ours had").into()
    })
}

/// One event in the text of the stream (HTML standard, section 9.2.5). JSON has no line breaks of its own.
fn frame(update: &Update) -> Bytes {
    Bytes::from(match update {
        Update::Event(event) => format!("id: {}\nevent: {}\ndata: {}\n\n", event.seq, event.kind, event.data),
        Update::Place(place) => format!("event: queued\ndata: {{\"queue_position\":{place}}}\n\n"),
        Update::StillThere => ": still there\n\n".to_owned(),
    })
}

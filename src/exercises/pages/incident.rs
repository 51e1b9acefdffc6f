//! The page of an exercise's incident.

use actix_web::HttpResponse;
use serde::Serialize;

use super::Editor;
use crate::attempts::AttemptItem;
use crate::attempts::frame::Frame;
use crate::error::{Refusal, Result};
use crate::exercises::incident::{IncidentQuery, IncidentView};
use crate::http::page::redirect;
use crate::http::params::{Path, Query};

/// The page, with the clock of the attempt that the exercise is worked at for.
#[derive(Serialize)]
struct IncidentPage {
    #[serde(flatten)]
    incident: IncidentView,
    frame: Option<Frame>,
}

/// `GET /exercises/{slug}/incident`: what was recorded, as charts, traces and logs.
pub(crate) async fn incident(editor: Editor, slug: Path<String>, query: Query<IncidentQuery>) -> Result<HttpResponse> {
    let item = AttemptItem::of(query.0.attempt, query.0.position)?;
    let recorded = editor.exercises.incident(&slug.0)?;
    let frame = editor.frame(item).await?;
    if item.is_some() && frame.is_none() {
        // That attempt is over: from here on it is practice.
        return Ok(redirect(&format!("/exercises/{}/incident", slug.0)));
    }
    let incident = IncidentView::of(&slug.0, &recorded, query.0);
    let (title, wrong) = (incident.title(), incident.wrong().map(str::to_owned));
    let page = IncidentPage { incident, frame };
    match wrong {
        None => editor.visitor.page("incident", &title, &page),
        Some(wrong) => editor.visitor.refused_page(&Refusal::invalid_field("?", wrong), "incident", &title, &page),
    }
}

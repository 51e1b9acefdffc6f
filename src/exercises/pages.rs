//! The pages of exercises: which there are, and the workbench of one, with its statement and an editor.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Card, Exercise, State};
use crate::app::App;
use crate::attempts::pages::{Frame, frame};
use crate::bank::pages::spoken;
use crate::error::Result;
use crate::grader::{Asked, Package, diagnosis};
use crate::id::{AttemptId, SubmissionId};
use crate::submissions::{Files, Filter};
use crate::web::extract::{Path, Query, Visitor};
use crate::web::page::{page, redirect, with_status};
use crate::web::quantity::{duration, size};

/// Submissions that are looked at for the latest that fits.
const RECENT: i64 = 20;

/// An exercise in the list of all.
#[derive(Serialize)]
struct CardView {
    card: Card,
    /// Whether submissions are taken.
    ready: bool,
    /// Such as `12 of 20 points`.
    best: Option<String>,
}

/// `GET /exercises`
pub async fn list(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let best = match visitor.user() {
        Ok(user) => app.submissions.best(user.id).await?,
        Err(_) => Vec::new(),
    };
    let best_of = |slug: &str| best.iter().find(|best| best.exercise == slug);
    let view = |card: Card| CardView {
        ready: card.availability.state == State::Ready,
        best: best_of(&card.slug).map(|best| format!("{} of {} points", best.score, best.max_score)),
        card,
    };
    let cards: Vec<_> = app.exercises.cards().into_iter().map(view).collect();
    page(&app, &visitor, "exercises", "Exercises", cards)
}

/// What the editor begins with, and what a submission from it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Bench {
    /// The attempt that submissions answer.
    pub attempt: Option<AttemptId>,
    /// The item of that attempt.
    pub position: Option<i32>,
    /// `starter`, or a submission; else the latest submission.
    pub from: Option<String>,
}

/// What the page of an exercise shows.
#[derive(Serialize)]
struct Workbench {
    exercise: Exercise,
    ready: bool,
    /// Topics that there is a lesson on, and the others.
    topics: Vec<TopicLink>,
    limits: Vec<Line>,
    dependencies: Vec<String>,
    public_tests: Vec<FileView>,
    /// What is there to be read: an incident, or the crate that tests are written for.
    given: Vec<FileView>,
    files: Vec<FileView>,
    questions: Vec<QuestionView>,
    /// Where the files come from: `starter`, `submission` or `typed`.
    origin: &'static str,
    /// What keeps this candidate's drafts apart from those of another at the same browser.
    owner: String,
    /// The address of this page without what the editor begins with.
    here: String,
    attempt: Option<AttemptId>,
    position: Option<i32>,
    /// The attempt's clock.
    frame: Option<Frame>,
    /// Why what was sent was not taken.
    wrong: Option<String>,
}

/// How the names of the editor's fields begin in which choices of a diagnosis are; the question's name follows.
pub const CHOICE_OF: &str = "choice.";

/// A question of a diagnosis.
#[derive(Serialize)]
struct QuestionView {
    field: String,
    stem: String,
    several: bool,
    choices: Vec<ChoiceView>,
}

#[derive(Serialize)]
struct ChoiceView {
    id: String,
    text: String,
    checked: bool,
}

/// The questions of an exercise, answered as in a `diagnosis.toml`.
fn questions(package: &Package, diagnosis: &str) -> Vec<QuestionView> {
    let chosen = diagnosis::chosen(diagnosis);
    let view = |Asked { name, stem, several, choices, .. }: &Asked| QuestionView {
        field: format!("{CHOICE_OF}{name}"),
        stem: stem.clone(),
        several: *several,
        choices: choices
            .iter()
            .map(|choice| ChoiceView {
                id: choice.id.clone(),
                text: choice.text.clone(),
                checked: chosen.get(name).is_some_and(|ids| ids.contains(&choice.id)),
            })
            .collect(),
    };
    package.questions.iter().map(|question| view(&question.asked)).collect()
}

#[derive(Serialize)]
struct TopicLink {
    title: String,
    href: Option<String>,
}

/// A file in the editor.
#[derive(Debug, Clone, Serialize)]
pub struct FileView {
    path: String,
    text: String,
    /// Lines that the editor shows.
    rows: usize,
    /// Whether it is what one works on, which is shown at once.
    open: bool,
}

impl FileView {
    /// Of a file.
    #[must_use]
    pub fn of(path: String, text: String) -> Self {
        let open = path.ends_with(".rs");
        Self { rows: (text.lines().count() + 2).clamp(6, 32), open, path, text }
    }
}

/// Something with its name, in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    name: &'static str,
    value: String,
}

/// A limit's key in a report, its name, and how its number is written.
type LimitInWords = (&'static str, &'static str, fn(u64) -> String);

/// The fields of limits, with their names and with how to read them out.
const LIMITS: [LimitInWords; 8] = [
    ("test_wall_ms", "Time of a test", duration),
    ("test_cpu_ms", "CPU time of a test", duration),
    ("memory_bytes", "Memory of a test", size),
    ("processes", "Threads of a test", plain),
    ("output_bytes", "Output of a test", size),
    ("disk_bytes", "Files of a test", size),
    ("build_wall_ms", "Time to compile", duration),
    ("build_memory_bytes", "Memory to compile", size),
];

fn plain(count: u64) -> String {
    count.to_string()
}

/// Limits in words, from the form in which reports keep them.
#[must_use]
pub fn limits(limits: &Value) -> Vec<Line> {
    let known = LIMITS.iter().filter_map(|(key, name, words)| Some((*name, words(limits.get(key)?.as_u64()?))));
    known.map(|(name, value)| Line { name, value }).collect()
}

fn dependencies(list: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = |value: &Value| format!("{} {}", text(value, "name"), text(value, "version"));
    list.as_array().into_iter().flatten().map(name).collect()
}

/// `GET /exercises/{slug}`
pub async fn one(
    app: web::Data<App>,
    visitor: Visitor,
    slug: Path<String>,
    bench: Query<Bench>,
) -> Result<HttpResponse> {
    let frame = attempt_frame(&app, &visitor, &bench.0).await?;
    if bench.0.attempt.is_some() && frame.is_none() {
        // That attempt is over: from here on it is practice.
        return Ok(redirect(&format!("/exercises/{}", slug.0)));
    }
    let (files, origin) = files(&app, &visitor, &slug.0, &bench.0).await?;
    let mut shown = workbench(&app, &visitor, &slug.0, &bench.0, files, origin)?;
    shown.frame = frame;
    page(&app, &visitor, "exercise", &shown.exercise.card.title.clone(), shown)
}

/// The clock of the attempt that the exercise is worked at for.
async fn attempt_frame(app: &App, visitor: &Visitor, bench: &Bench) -> Result<Option<Frame>> {
    let (Some(attempt), Some(position)) = (bench.attempt, bench.position) else { return Ok(None) };
    frame(app, visitor.user()?.id, attempt, position).await
}

/// The workbench again with what was typed, and why it was not taken.
///
/// # Errors
/// When there is no such exercise.
pub async fn again(
    app: &App,
    visitor: &Visitor,
    slug: &str,
    bench: &Bench,
    typed: Files,
    wrong: String,
) -> Result<HttpResponse> {
    let mut shown = workbench(app, visitor, slug, bench, typed, "typed")?;
    shown.frame = attempt_frame(app, visitor, bench).await?;
    shown.wrong = Some(wrong);
    with_status(app, visitor, StatusCode::UNPROCESSABLE_ENTITY, "exercise", &shown.exercise.card.title.clone(), shown)
}

fn workbench(
    app: &App,
    visitor: &Visitor,
    slug: &str,
    bench: &Bench,
    mut files: Files,
    origin: &'static str,
) -> Result<Workbench> {
    let exercise = app.exercises.exercise(slug)?;
    let package = app.exercises.package(slug);
    // Where there are questions, a form takes the place of the file.
    let asked = package.filter(|package| !package.questions.is_empty());
    let questions = asked.map(|package| questions(&package, &files.remove(diagnosis::FILE).unwrap_or_default()));
    let views = |files: BTreeMap<String, String>| {
        files.into_iter().map(|(path, text)| FileView::of(path, text)).collect::<Vec<_>>()
    };
    let mut files = views(files);
    // What one works on comes first.
    files.sort_by_key(|file| !file.open);
    let here = match (bench.attempt, bench.position) {
        (Some(attempt), Some(position)) => format!("/exercises/{slug}?attempt={attempt}&position={position}&"),
        _ => format!("/exercises/{slug}?"),
    };
    let topic = |slug: &String| {
        let known = slug.parse().ok().and_then(|slug| app.bank.topic(&slug));
        TopicLink {
            title: known.map_or_else(|| spoken(slug), |topic| topic.title.clone()),
            href: known.map(|topic| format!("/topics/{}", topic.slug)),
        }
    };
    Ok(Workbench {
        topics: exercise.card.topics.iter().map(topic).collect(),
        ready: exercise.card.availability.state == State::Ready,
        limits: limits(&exercise.limits),
        dependencies: dependencies(&exercise.dependencies),
        public_tests: if writes_tests(&exercise) { Vec::new() } else { views(exercise.public_tests.clone()) },
        given: views(app.exercises.starter(slug)?.into_iter().filter(|(path, _)| is_given(path, &exercise)).collect()),
        files,
        questions: questions.unwrap_or_default(),
        origin,
        owner: visitor.user().map(|user| user.id.to_string()).unwrap_or_default(),
        here,
        attempt: bench.attempt,
        position: bench.position,
        frame: None,
        wrong: None,
        exercise,
    })
}

fn writes_tests(exercise: &Exercise) -> bool {
    exercise.card.kind == "write_tests"
}

/// Whether a file of the starter is there to be read, not to be handed in.
fn is_given(path: &str, exercise: &Exercise) -> bool {
    path.starts_with("incident/") || (writes_tests(exercise) && path.starts_with("src/"))
}

/// What the editor begins with: what is asked for, else the latest submission, else the starter.
async fn files(app: &App, visitor: &Visitor, slug: &str, bench: &Bench) -> Result<(Files, &'static str)> {
    let mut starter = app.exercises.starter(slug)?;
    let exercise = app.exercises.exercise(slug)?;
    let is_work = |path: &str| !is_given(path, &exercise) && (writes_tests(&exercise) || !path.starts_with("tests/"));
    starter.retain(|path, _| is_work(path));
    let (Ok(user), false) = (visitor.user(), bench.from.as_deref() == Some("starter")) else {
        return Ok((starter, "starter"));
    };
    let wanted = bench.from.as_ref().and_then(|from| from.parse::<SubmissionId>().ok());
    let id = match wanted {
        Some(id) => Some(id),
        None => {
            let filter = Filter { exercise: Some(slug.to_owned()), verdict: None };
            let recent = app.submissions.list(user.id, filter, None, RECENT).await?;
            recent.into_iter().find(|one| bench.attempt.is_none() || one.attempt == bench.attempt).map(|one| one.id)
        }
    };
    let Some(id) = id else { return Ok((starter, "starter")) };
    let handed_in = app.submissions.files(user.id, id).await?;
    // A manifest that was not handed in is still the starter's.
    Ok((starter.into_iter().filter(|(path, _)| path == "Cargo.toml").chain(handed_in).collect(), "submission"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_read_well_and_unknown_ones_are_left_out() {
        let shown = limits(&json!({"memory_bytes": 536_870_912_u64, "test_wall_ms": 10_000, "new": 1}));
        let line = |name, value: &str| Line { name, value: value.to_owned() };
        assert_eq!(shown, [line("Time of a test", "10 s"), line("Memory of a test", "512 MiB")]);
    }
}

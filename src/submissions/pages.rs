//! The pages of submissions: handing in from the editor, one submission with its progress and result, the history.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{
    Answers, Diagnostic, Files, Filter, HandedIn, Mode, State, Submission, Summary, TestReport, Verdict, checked_files,
};
use crate::app::App;
use crate::bank::pages::spoken;
use crate::error::{Error, Refusal, Result};
use crate::exercises::pages::{Bench, CHOICE_OF, FileView, Line, again, limits};
use crate::grader::{Package, diagnosis};
use crate::id::SubmissionId;
use crate::web::ansi;
use crate::web::extract::{Form, Path, Query, Visitor};
use crate::web::list::Page;
use crate::web::page::{page, redirect};
use crate::web::quantity::{duration, size};

/// The stages of a grading, in their order, with what each does.
const STAGES: [(&str, &str); 6] = [
    ("policy", "Checking the files"),
    ("build", "Compiling your crate"),
    ("link", "Building the tests"),
    ("run", "Running the tests"),
    ("gates", "Looking at the source"),
    ("score", "Adding up"),
];

/// `POST /exercises/{slug}/submissions`: hands in what the editor holds.
pub async fn hand_in(
    app: web::Data<App>,
    visitor: Visitor,
    slug: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let sent = Sent::read(form.0);
    match taken(&app, user, &slug.0, &sent).await {
        Ok(submission) => Ok(redirect(&format!("/submissions/{}", submission.summary.id))),
        Err(Error::Refused(refusal)) => again(&app, &visitor, &slug.0, &sent.bench, sent.shown(), refusal.detail).await,
        Err(error) => Err(error),
    }
}

async fn taken(app: &App, user: crate::id::UserId, slug: &str, sent: &Sent) -> Result<Submission> {
    app.limits.submission(user)?;
    let answers = match (sent.bench.attempt, sent.bench.position) {
        (Some(attempt), Some(position)) => Some(Answers { attempt, position }),
        _ => None,
    };
    let files = checked_files(sent.files.iter().cloned())?;
    app.submissions.hand_in(HandedIn { user, exercise: slug.to_owned(), mode: sent.mode, answers, files }).await
}

/// What the editor sent: fields `path` and `text` in turn, the choices of a diagnosis, and a button's `mode`.
#[derive(Debug, PartialEq)]
struct Sent {
    files: Vec<(String, String)>,
    mode: Mode,
    bench: Bench,
}

impl Sent {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut sent = Self { files: Vec::new(), mode: Mode::Graded, bench: Bench::default() };
        let mut path = String::new();
        let mut diagnosis: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in fields {
            if let Some(question) = name.strip_prefix(CHOICE_OF) {
                diagnosis.entry(question.to_owned()).or_default().push(value);
                continue;
            }
            match name.as_str() {
                "path" => path = value.trim().to_owned(),
                // A browser sends its own line ends.
                "text" if !path.is_empty() => sent.files.push((std::mem::take(&mut path), value.replace("\r\n", "\n"))),
                "mode" if value == "public" => sent.mode = Mode::Public,
                "attempt" => sent.bench.attempt = value.parse().ok(),
                "position" => sent.bench.position = value.parse().ok(),
                _ => {}
            }
        }
        if !diagnosis.is_empty() {
            sent.files.push((diagnosis::FILE.to_owned(), diagnosis::written(&diagnosis)));
        }
        sent
    }

    /// To be shown again; of two files of one name, the last.
    fn shown(&self) -> Files {
        self.files.iter().cloned().collect()
    }
}

/// A submission as a list shows it.
#[derive(Serialize)]
pub struct Row {
    summary: Summary,
    exercise: String,
    /// Its verdict, or how far it has come.
    word: String,
    class: &'static str,
    counts: bool,
}

impl Row {
    /// Of a submission.
    #[must_use]
    pub fn of(summary: Summary) -> Self {
        Self {
            exercise: spoken(&summary.exercise),
            word: word(&summary),
            class: class(&summary),
            counts: summary.mode == Mode::Graded,
            summary,
        }
    }
}

fn word(summary: &Summary) -> String {
    match (summary.state, summary.verdict) {
        (State::Queued, _) => "Waiting".to_owned(),
        (State::Running, _) => "Being graded".to_owned(),
        (State::Finished, Some(verdict)) => spoken(&verdict.to_string().replace('_', "-")),
        (State::Finished, None) => "Finished".to_owned(),
    }
}

const fn class(summary: &Summary) -> &'static str {
    match summary.verdict {
        None | Some(Verdict::InternalError) => "open",
        Some(Verdict::Accepted) => "right",
        Some(Verdict::Partial) => "partly",
        Some(_) => "wrong",
    }
}

/// What a verdict means, where the word alone does not say it.
const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted | Verdict::Partial | Verdict::WrongAnswer => "",
        Verdict::CompileError => "It does not compile.",
        Verdict::TimeLimit => "The tests took longer than they may.",
        Verdict::MemoryLimit => "The tests needed more memory than they may.",
        Verdict::OutputLimit => "The tests printed more than they may.",
        Verdict::ProcessLimit => "The tests started more threads than they may.",
        Verdict::DiskLimit => "The tests wrote more than they may.",
        Verdict::RuntimeError => "The tests did not come to their end.",
        Verdict::PolicyViolation => "It was refused before it was compiled.",
        Verdict::InternalError => "Grading failed on our side. It costs you nothing: submit again.",
    }
}

/// What the grader says of it, else what its verdict means.
fn why(verdict: Option<Verdict>, reason: Option<&str>) -> String {
    let meaning = verdict.map(meaning).unwrap_or_default();
    match reason {
        Some(reason) if !meaning.to_lowercase().starts_with(&reason.to_lowercase()) => sentence(reason),
        _ => meaning.to_owned(),
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// The page of a submission.
#[derive(Serialize)]
struct SubmissionPage {
    row: Row,
    exercise_title: String,
    finished: bool,
    /// Why, in a sentence or two.
    why: String,
    queue_position: Option<u32>,
    tests: Vec<TestView>,
    passed: usize,
    diagnostics: Vec<String>,
    stages: Vec<StageView>,
    facts: Vec<Fact>,
    limits: Vec<Line>,
    files: Vec<FileView>,
    /// The editor with these files.
    edit: String,
    attempt: Option<String>,
}

#[derive(Serialize)]
struct TestView {
    title: String,
    name: String,
    verdict: String,
    class: &'static str,
    score: u32,
    max_score: u32,
    duration: String,
    hint: Option<String>,
    message: Option<String>,
}

#[derive(Serialize)]
struct StageView {
    name: &'static str,
    title: &'static str,
    duration: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// `GET /submissions/{id}`
pub async fn one(app: web::Data<App>, visitor: Visitor, id: Path<SubmissionId>) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let submission = app.submissions.find(user, id.0).await?;
    let files = app.submissions.files(user, id.0).await?;
    let exercise = app.exercises.package(&submission.summary.exercise);
    let shown = view(submission, files, exercise.as_ref());
    page(&app, &visitor, "submission", &format!("{} · submission", shown.exercise_title), shown)
}

fn view(submission: Submission, files: Files, exercise: Option<&Package>) -> SubmissionPage {
    let finished = submission.is_finished();
    let facts = facts(&submission);
    let Submission { summary, queue_position, report, .. } = submission;
    let stage = |(name, title): (&'static str, &'static str)| StageView {
        name,
        title,
        duration: report.stages.iter().find(|stage| stage.name == name).map(|stage| duration(stage.duration_ms)),
    };
    let has_gates = exercise.is_some_and(|package| !package.gates.is_empty());
    let place = summary.attempt.zip(summary.position);
    let belongs = place.map(|(attempt, position)| format!("&attempt={attempt}&position={position}"));
    SubmissionPage {
        exercise_title: exercise.map_or_else(|| spoken(&summary.exercise), |package| package.title.clone()),
        finished,
        why: why(summary.verdict, report.reason.as_deref()),
        queue_position,
        passed: report.tests.iter().filter(|test| test.verdict == "passed").count(),
        tests: report.tests.into_iter().map(test_view).collect(),
        diagnostics: report.diagnostics.iter().map(explained).collect(),
        stages: STAGES.into_iter().filter(|(name, _)| has_gates || *name != "gates").map(stage).collect(),
        facts,
        limits: report.limits.as_ref().map(limits).unwrap_or_default(),
        files: files.into_iter().map(|(path, text)| FileView::of(path, text)).collect(),
        edit: format!("/exercises/{}?from={}{}", summary.exercise, summary.id, belongs.unwrap_or_default()),
        attempt: place.map(|(attempt, position)| format!("/attempts/{attempt}/items/{position}")),
        row: Row::of(summary),
    }
}

/// As in a terminal, with a link from the error's code to the compiler's explanation.
fn explained(diagnostic: &Diagnostic) -> String {
    let html = ansi::html(&diagnostic.rendered);
    let is_code =
        |code: &&String| code.len() == 5 && code.starts_with('E') && code.bytes().skip(1).all(|b| b.is_ascii_digit());
    match diagnostic.code.as_ref().filter(is_code) {
        Some(code) => {
            let link = format!("[<a href=\"https://doc.rust-lang.org/error_codes/{code}.html\">{code}</a>]");
            html.replacen(&format!("[{code}]"), &link, 1)
        }
        None => html,
    }
}

fn test_view(test: TestReport) -> TestView {
    TestView {
        class: match test.verdict.as_str() {
            "passed" => "right",
            "skipped" => "open",
            _ => "wrong",
        },
        verdict: test.verdict.replace('_', " "),
        title: test.title,
        name: test.name,
        score: test.score,
        max_score: test.max_score,
        duration: duration(test.duration_ms),
        hint: test.hint,
        message: test.message.map(|message| ansi::html(&message)),
    }
}

/// By what it was graded, and what it used: enough to grade it again.
fn facts(submission: &Submission) -> Vec<Fact> {
    let report = &submission.report;
    let isolation = report.isolation.as_deref().map(|isolation| match isolation {
        "in_process" => "Your code and the tests share a process in the sandbox.".to_owned(),
        _ => "Your code runs in a process of its own, apart from the tests.".to_owned(),
    });
    let missing = (!report.accepted_missing.is_empty()).then(|| report.accepted_missing.join(", "));
    let used = report.usage.as_ref();
    let facts = [
        ("Real time", used.map(|used| duration(used.wall_ms))),
        ("CPU time", used.map(|used| duration(used.cpu_ms))),
        ("Most memory", used.map(|used| size(used.memory_peak_bytes))),
        ("Compiler", report.toolchain.clone()),
        ("Exercise version", report.package_version.clone()),
        ("Isolation", isolation),
        ("Sandbox without", missing),
        ("Trace", submission.trace_id.clone()),
        ("Submission", Some(submission.summary.id.to_string())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some(Fact { name, value: value? })).collect()
}

/// Which part of a history.
#[derive(Deserialize)]
pub struct Part {
    cursor: Option<String>,
}

#[derive(Serialize)]
struct History {
    exercise: String,
    title: String,
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /exercises/{slug}/submissions`: the history of a person at an exercise.
pub async fn history(
    app: web::Data<App>,
    visitor: Visitor,
    slug: Path<String>,
    part: Query<Part>,
) -> Result<HttpResponse> {
    let user = visitor.user()?.id;
    let title = app.exercises.title(&slug.0);
    let title = title.ok_or_else(|| Refusal::not_found("exercise"))?;
    let wanted = Page::new(None, part.0.cursor)?;
    let filter = Filter { exercise: Some(slug.0.clone()), verdict: None };
    let rows = app.submissions.list(user, filter, wanted.after.clone(), wanted.rows()).await?;
    let listing = wanted.of_rows(rows, |row| row.id.to_string(), Row::of);
    let shown = History { exercise: slug.0, title, rows: listing.items, next: listing.next_cursor };
    page(&app, &visitor, "history", &format!("{} · submissions", shown.title), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_is_said_once() {
        assert_eq!(why(Some(Verdict::CompileError), Some("it does not compile")), "It does not compile.");
        assert_eq!(why(Some(Verdict::PolicyViolation), Some("`build.rs` is not taken")), "`build.rs` is not taken.");
        assert_eq!(why(Some(Verdict::Accepted), None), "");
    }

    #[test]
    fn an_error_leads_to_its_explanation() {
        let diagnostic = |code: Option<&str>| Diagnostic {
            level: "error".to_owned(),
            code: code.map(str::to_owned),
            message: String::new(),
            file: None,
            line: None,
            column: None,
            rendered: "\u{1b}[1merror[E0308]\u{1b}[0m: <T>[E0308]".to_owned(),
        };
        let html = explained(&diagnostic(Some("E0308")));
        assert_eq!(html.matches("error_codes/E0308.html").count(), 1, "{html}");
        assert!(html.contains("&lt;T&gt;[E0308]"), "{html}");
        assert!(!explained(&diagnostic(Some("dead_code"))).contains("<a"), "{html}");
    }

    #[test]
    fn the_editor_sends_paths_and_texts_in_turn() {
        let fields = [
            ("path", "src/lib.rs"),
            ("text", "a\r\nb"),
            ("path", " "),
            ("text", "dropped"),
            ("path", "src/x.rs"),
            ("text", ""),
            ("choice.trigger", "b"),
            ("mode", "public"),
        ];
        let sent = Sent::read(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let diagnosis = file("diagnosis.toml", "trigger = \"b\"\n");
        assert_eq!(sent.files, [file("src/lib.rs", "a\nb"), file("src/x.rs", ""), diagnosis]);
        assert_eq!(sent.mode, Mode::Public);
    }
}

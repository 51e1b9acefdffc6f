//! What the page of an exercise shows: the statement, and an editor with files to begin with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::sent_form::{CHOICE_OF, SentForm};
use crate::attempts::AttemptItem;
use crate::attempts::frame::Frame;
use crate::bank::{Bank, title_from_slug};
use crate::exercises::view::{Fact, FileView, dependencies, limits};
use crate::exercises::{Exercise, State};
use crate::grader::{Asked, Package, diagnosis};
use crate::id::{AttemptId, SubmissionId};
use crate::submissions::{Changes, Files};

/// What the editor begins with, and what a submission from it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct EditorQuery {
    /// The attempt that submissions answer.
    pub(super) attempt: Option<AttemptId>,
    /// The item of that attempt, from 1.
    pub(super) position: Option<i32>,
    /// `starter`, or a submission; without it, the latest submission.
    pub(super) from: Option<String>,
    /// The submission whose result is shown beside the editor; without it, that of the files.
    pub(super) submission: Option<SubmissionId>,
}

/// Where the files in the editor come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Starter,
    Submission,
    /// What was sent and not taken.
    Typed,
}

/// Files for the editor.
pub(super) struct EditorFiles {
    /// Paths and texts. What was typed may have a path twice, or none.
    files: Vec<(String, String)>,
    /// The choices that were made in the form, as a `diagnosis.toml`.
    diagnosis: Option<String>,
    pub(super) origin: Origin,
    /// The submission whose result is shown beside them.
    submission: Option<SubmissionId>,
}

impl EditorFiles {
    pub(super) fn starter(files: Files) -> Self {
        Self { files: files.into_iter().collect(), diagnosis: None, origin: Origin::Starter, submission: None }
    }

    pub(super) fn submitted(files: Files, id: SubmissionId) -> Self {
        Self { origin: Origin::Submission, submission: Some(id), ..Self::starter(files) }
    }

    /// What was sent, to be shown again just as it was, beside the result of the latest submission.
    pub(super) fn typed(sent: &SentForm, latest: Option<SubmissionId>) -> Self {
        let SentForm { files, diagnosis, .. } = sent;
        Self { files: files.clone(), diagnosis: diagnosis.clone(), origin: Origin::Typed, submission: latest }
    }

    /// The files, sorted by path.
    pub(super) fn into_files(self) -> Files {
        self.files.into_iter().collect()
    }

    /// Takes out the diagnosis, for which there is a form. A file of that name that was typed is another one.
    fn take_diagnosis(&mut self) -> String {
        let at = self.files.iter().position(|(path, _)| path == diagnosis::FILE);
        match at.filter(|_| self.origin != Origin::Typed) {
            Some(at) => self.files.remove(at).1,
            None => self.diagnosis.take().unwrap_or_default(),
        }
    }
}

/// What the page of an exercise shows.
#[derive(Serialize)]
pub(super) struct ExercisePage {
    exercise: Exercise,
    /// Whether submissions are taken.
    open: bool,
    /// Whether submissions wait until the exercise has been prepared.
    preparing: bool,
    /// Topics that there is a lesson on, and the others.
    topics: Vec<TopicLink>,
    limits: Vec<Fact>,
    dependencies: Vec<String>,
    public_tests: Vec<FileView>,
    /// What is there to be read: an incident, or the crate that tests are written for.
    given: Vec<FileView>,
    files: Vec<FileField>,
    questions: Vec<QuestionView>,
    origin: Origin,
    /// The submission whose result is shown beside the editor.
    pub(super) submission: Option<SubmissionId>,
    /// What changed in the files, if that was asked for.
    pub(super) changes: Option<ChangesView>,
    /// The address of the page that shows the incident, where there is one.
    incident: Option<String>,
    /// The address of this page without what the editor begins with.
    here: String,
    attempt: Option<AttemptId>,
    position: Option<i32>,
    /// The clock of the attempt and the way to its other items; nothing in practice.
    pub(super) frame: Option<Frame>,
    /// Why what was sent was not taken.
    pub(super) wrong: Option<String>,
}

impl ExercisePage {
    pub(super) fn title(&self) -> String {
        self.exercise.summary.title.clone()
    }

    pub(super) fn of(
        package: &Package,
        exercise: Exercise,
        item: Option<AttemptItem>,
        mut editor: EditorFiles,
        bank: &Bank,
    ) -> Self {
        // Where there are questions, a form takes the place of the file.
        let questions =
            if package.questions.is_empty() { Vec::new() } else { questions(package, &editor.take_diagnosis()) };
        let EditorFiles { files, origin, submission, .. } = editor;
        let slug = &exercise.summary.slug;
        let here = match item {
            Some(item) => format!("/exercises/{slug}?attempt={}&position={}&", item.attempt, item.position),
            None => format!("/exercises/{slug}?"),
        };
        let incident = package.incident.as_ref().map(|_| match item {
            Some(item) => format!("/exercises/{slug}/incident?attempt={}&position={}", item.attempt, item.position),
            None => format!("/exercises/{slug}/incident"),
        });
        // What was recorded of an incident has a page of its own.
        let is_recorded = |path: &str| package.incident.as_ref().is_some_and(|incident| incident.has_file(path));
        let given = exercise.starter.iter().filter(|(path, _)| exercise.is_given(path) && !is_recorded(path.as_str()));
        Self {
            topics: exercise.summary.topics.iter().map(|slug| TopicLink::of(slug, bank)).collect(),
            open: exercise.summary.availability.state != State::Unavailable,
            preparing: exercise.summary.availability.state == State::Preparing,
            limits: limits(&exercise.limits),
            dependencies: dependencies(&exercise.dependencies),
            public_tests: if exercise.writes_tests() { Vec::new() } else { views(exercise.public_tests.clone()) },
            given: views(given.map(|(path, text)| (path.clone(), text.clone()))),
            files: work_first(fields(files, &exercise.work())),
            questions,
            origin,
            submission,
            changes: None,
            incident,
            here,
            attempt: item.map(|item| item.attempt),
            position: item.map(|item| item.position),
            frame: None,
            wrong: None,
            exercise,
        }
    }
}

/// What changed in the files of the editor.
#[derive(Serialize)]
pub(super) struct ChangesView {
    /// What they are compared with, such as `the starter`.
    pub(super) since: &'static str,
    pub(super) changes: Changes,
}

fn views(files: impl IntoIterator<Item = (String, String)>) -> Vec<FileView> {
    files.into_iter().map(|(path, text)| FileView::of(path, text)).collect()
}

/// A file of the editor's form.
#[derive(Serialize)]
struct FileField {
    #[serde(flatten)]
    file: FileView,
    /// Whether somebody added it. Its path can then be changed, and it can be taken away.
    added: bool,
    /// Whether its text would not be handed in for lack of a path.
    nameless: bool,
}

/// The fields of these files. One of the starter's paths is the starter's file once; others were added.
fn fields(files: Vec<(String, String)>, starter: &Files) -> Vec<FileField> {
    let mut seen = BTreeSet::new();
    let mut field = |(path, text): (String, String)| FileField {
        added: !starter.contains_key(&path) || !seen.insert(path.clone()),
        nameless: path.is_empty(),
        file: FileView::of(path, text),
    };
    files.into_iter().map(&mut field).collect()
}

/// The files that one works on come first, and of these the one that there always is.
fn work_first(mut files: Vec<FileField>) -> Vec<FileField> {
    files.sort_by_key(|field| (!field.file.is_open(), !field.file.is_root()));
    files
}

#[derive(Serialize)]
struct TopicLink {
    title: String,
    href: Option<String>,
}

impl TopicLink {
    fn of(slug: &str, bank: &Bank) -> Self {
        let known = slug.parse().ok().and_then(|slug| bank.topic(&slug));
        Self {
            title: known.map_or_else(|| title_from_slug(slug), |topic| topic.title.clone()),
            href: known.map(|topic| format!("/topics/{}", topic.slug)),
        }
    }
}

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

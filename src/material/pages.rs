//! The pages on which a team's questions and prompts are listed, edited with their mistakes beside the lines, and previewed.

use std::collections::BTreeMap;

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::template;
use super::{CopyRequest, Item, ItemVersion, Kind, Material, Parsed, PreviewRequest, SourceRequest, State, Summary};
use crate::bank::view::PromptItem;
use crate::bank::{AnswerForm, NameError, QuestionId, Seed, Slug, describe_answer};
use crate::error::{Error, Kind as RefusalKind, Refusal, Result};
use crate::http::body::{Form, SmallForm};
use crate::http::identity::{LocalFuture, Visitor};
use crate::http::list::{Listing, Paging};
use crate::http::page::{redirect, stays_with_form};
use crate::http::params::{Path, Query};
use crate::http::request::registered;
use crate::id::UserId;
use crate::revision::Seen;
use crate::teams::frame::TeamPage;
use crate::teams::{Team, TeamRef, Teams};

/// Who looks at a team's material.
pub(crate) struct Desk {
    visitor: Visitor,
    by: UserId,
    teams: web::Data<Teams>,
    material: web::Data<Material>,
}

impl FromRequest for Desk {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let (request, visitor) = (request.clone(), Visitor::from_request(request, payload));
        Box::pin(async move {
            let visitor = visitor.await?;
            let by = visitor.user()?.id;
            Ok(Self { visitor, by, teams: registered(&request)?, material: registered(&request)? })
        })
    }
}

/// What the list of a team's items of a kind shows.
#[derive(Default, Serialize)]
struct ListPage {
    kind: &'static str,
    items: Vec<ItemLine>,
    /// The query of the next page.
    next: Option<String>,
    /// What was typed into a form that was refused.
    slug: String,
    from: String,
}

/// An item in the list, with the end of its address.
#[derive(Serialize)]
struct ItemLine {
    slug: Slug,
    #[serde(flatten)]
    item: Summary,
}

/// What the page of one item shows.
#[derive(Serialize)]
struct EditPage {
    kind: &'static str,
    slug: String,
    /// What is known of it; nothing of one that is new.
    known: Option<Known>,
    source: String,
    /// The lines of the source, where some have mistakes.
    lines: Vec<Line>,
    /// What to think about, of a source that was put in force.
    warnings: Vec<String>,
    preview: Option<Preview>,
}

/// What is known of an item that is kept.
#[derive(Serialize)]
struct Known {
    /// Counts the changes of the item: the form says which it has seen.
    revision: i64,
    state: State,
    has_draft: bool,
    versions: Vec<ItemVersion>,
}

/// A line of a source, and what is wrong there.
#[derive(Serialize)]
struct Line {
    number: usize,
    text: String,
    mistakes: Vec<String>,
}

/// What a candidate would see, and what only authors do.
#[derive(Serialize)]
struct Preview {
    title: String,
    points: String,
    question: Option<AnswerForm>,
    /// An answer that earns everything, line by line, as HTML.
    solution: Vec<String>,
    explanation: Option<String>,
    prompt: Option<PromptItem>,
    notes: Vec<String>,
}

impl Preview {
    fn of(parsed: &Parsed) -> Self {
        match parsed {
            Parsed::Question(question) => {
                let instance = question.instance(Seed::ZERO);
                let variant = instance.variant();
                let solution = instance.solution().map(|right| describe_answer(&variant, &right.to_json()));
                Self {
                    title: question.title().to_owned(),
                    points: question.points().to_string(),
                    question: Some(AnswerForm::of(&variant, None)),
                    solution: solution.unwrap_or_default(),
                    explanation: Some(instance.explanation().html().to_owned()),
                    prompt: None,
                    notes: Vec::new(),
                }
            }
            Parsed::Prompt(prompt) => Self {
                title: prompt.title.clone(),
                points: prompt.points().to_string(),
                question: None,
                solution: Vec::new(),
                explanation: None,
                prompt: Some(PromptItem::of(prompt)),
                notes: prompt.review.notes.iter().map(|note| note.html().to_owned()).collect(),
            },
        }
    }
}

/// The tab of a kind of items, and the end of their address.
const fn tab(kind: Kind) -> &'static str {
    match kind {
        Kind::Question => "questions",
        Kind::Prompt => "prompts",
    }
}

impl Desk {
    async fn list(
        &self,
        kind: Kind,
        team: TeamRef,
        paging: Paging,
        page: ListPage,
        refused: Option<Box<Refusal>>,
    ) -> Result<HttpResponse> {
        let asked = paging.page();
        let shown = self.teams.find(self.by, team.clone()).await?;
        let rows = self.material.list(self.by, team, kind, asked.after.clone(), asked.rows()).await?;
        let Listing { items, next_cursor } = {
            let line = |item: Summary| ItemLine { slug: item.id.slug().clone(), item };
            asked.of_rows(rows, |item: &Summary| item.id.slug().to_string(), line)
        };
        let next = next_cursor.map(|cursor| format!("?cursor={cursor}"));
        let own = ListPage { kind: kind.as_str(), items, next, ..page };
        self.show("team-material", shown, kind, refused, own)
    }

    /// Makes an item: an empty one is only begun, a copy is in force at once.
    async fn make(&self, kind: Kind, team: TeamRef, form: NewForm) -> Result<HttpResponse> {
        let made = self.begin(kind, team.clone(), &form).await;
        match made {
            Ok(address) => Ok(redirect(&address)),
            Err(Error::Refused(refusal)) if stays_with_form(&refusal) => {
                let NewForm { slug, from } = form;
                let page = ListPage { slug, from, ..ListPage::default() };
                self.list(kind, team, Paging { limit: None, cursor: None }, page, Some(refusal)).await
            }
            Err(error) => Err(error),
        }
    }

    async fn begin(&self, kind: Kind, team: TeamRef, form: &NewForm) -> Result<String> {
        let slug: Slug = parsed("/slug", "the name", &form.slug)?;
        let address = format!("/teams/{}/{}/{slug}", self.teams.find(self.by, team.clone()).await?.slug, tab(kind));
        if !form.from.trim().is_empty() {
            let from: QuestionId = parsed("/from", "what is copied", &form.from)?;
            self.material.copy(self.by, team, (kind, slug), CopyRequest { from }).await?;
        }
        Ok(address)
    }

    async fn edit(&self, kind: Kind, name: (TeamRef, Slug)) -> Result<HttpResponse> {
        let (team, slug) = name;
        let shown = self.teams.find(self.by, team.clone()).await?;
        let page = EditPage::of(kind, &slug, self.known(team, (kind, slug.clone())).await?);
        self.show("team-material-edit", shown, kind, None, page)
    }

    /// An item, if anything is kept of it: nothing is before it's saved.
    async fn known(&self, team: TeamRef, name: (Kind, Slug)) -> Result<Option<Item>> {
        match self.material.find(self.by, team, name).await {
            Ok(item) => Ok(Some(item)),
            Err(Error::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn save(&self, kind: Kind, name: (TeamRef, Slug), form: SourceForm) -> Result<HttpResponse> {
        let (team, slug) = name;
        let source = form.source.replace("\r\n", "\n");
        let name = (kind, slug.clone());
        let done = match form.todo {
            Todo::Preview => {
                let request = PreviewRequest { source: source.clone(), seed: Seed::ZERO };
                self.material
                    .preview(self.by, team.clone(), name, &request)
                    .await
                    .map(|parsed| Done::Seen(Box::new(parsed)))
            }
            Todo::Draft | Todo::Publish => {
                let seen = form.revision.map(|revision| Seen::Revision(Some(revision)));
                let request = SourceRequest { source: source.clone(), draft: form.todo == Todo::Draft };
                self.material
                    .put(self.by, team.clone(), name, seen, request)
                    .await
                    .map(|put| Done::Kept(put.outcome.warnings))
            }
        };
        let shown = self.teams.find(self.by, team.clone()).await?;
        let refused = match done {
            Ok(Done::Kept(warnings)) if warnings.is_empty() => {
                return Ok(redirect(&format!("/teams/{}/{}/{slug}", shown.slug, tab(kind))));
            }
            Err(Error::Refused(ref refusal)) if stays_with_form(refusal) => Some(refusal.clone()),
            Err(error) => return Err(error),
            Ok(_) => None,
        };
        let known = self.known(team, (kind, slug.clone())).await?;
        let mut page = EditPage { source, ..EditPage::of(kind, &slug, known) };
        match done {
            Ok(Done::Kept(warnings)) => page.warnings = warnings,
            Ok(Done::Seen(parsed)) => page.preview = Some(Preview::of(&parsed)),
            Err(_) => page.lines = refused.as_deref().map(|refusal| lines(&page.source, refusal)).unwrap_or_default(),
        }
        self.show("team-material-edit", shown, kind, refused, page)
    }

    async fn retire(&self, kind: Kind, name: (TeamRef, Slug), form: RetireForm) -> Result<HttpResponse> {
        let (team, slug) = name;
        let seen = Seen::Revision(Some(form.revision));
        let address = format!("/teams/{}/{}", self.teams.find(self.by, team.clone()).await?.slug, tab(kind));
        self.material.retire(self.by, team, (kind, slug), seen).await?;
        Ok(redirect(&address))
    }

    fn show(
        &self,
        template: &str,
        team: Team,
        kind: Kind,
        refused: Option<Box<Refusal>>,
        own: impl Serialize,
    ) -> Result<HttpResponse> {
        let page = TeamPage::new(team, tab(kind), refused.as_deref(), own);
        let title = page.title();
        self.visitor.form_page(refused.as_deref(), template, &title, page)
    }
}

/// What came of a form.
enum Done {
    /// It was kept, with what to think about.
    Kept(Vec<String>),
    /// It was only looked at.
    Seen(Box<Parsed>),
}

impl EditPage {
    fn of(kind: Kind, slug: &Slug, item: Option<Item>) -> Self {
        let (known, source) = match item {
            Some(Item { summary: Summary { revision, state, has_draft, .. }, source, versions }) => {
                (Some(Known { revision, state, has_draft, versions }), source)
            }
            None => (None, template::of(kind).to_owned()),
        };
        let (kind, slug) = (kind.as_str(), slug.to_string());
        Self { kind, slug, known, source, lines: Vec::new(), warnings: Vec::new(), preview: None }
    }
}

/// The lines of a source that was refused, with the mistakes that the refusal names; nothing where it's about no line.
fn lines(source: &str, refusal: &Refusal) -> Vec<Line> {
    let mut mistakes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for field in &refusal.fields {
        if let Some(line) = field.line {
            mistakes.entry(line).or_default().push(field.detail.clone());
        }
    }
    if mistakes.is_empty() {
        return Vec::new();
    }
    let line = |(number, text): (usize, &str)| Line {
        number,
        text: text.to_owned(),
        mistakes: mistakes.remove(&number).unwrap_or_default(),
    };
    (1..).zip(source.lines()).map(line).collect()
}

fn parsed<T: std::str::FromStr<Err = NameError>>(pointer: &str, what: &str, text: &str) -> Result<T> {
    let parsed = text.trim().parse();
    parsed.map_err(|error| Refusal::invalid_field(pointer, format!("{what} {error}")).into())
}

/// The form that makes an item.
#[derive(Deserialize)]
pub(crate) struct NewForm {
    slug: String,
    /// The id of what is copied; empty for one that is written anew.
    #[serde(default)]
    from: String,
}

/// The form of an item's source.
#[derive(Deserialize)]
pub(crate) struct SourceForm {
    #[serde(default)]
    revision: Option<i64>,
    source: String,
    #[serde(rename = "do")]
    todo: Todo,
}

/// Which button of the form was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Todo {
    Publish,
    Draft,
    Preview,
}

/// The form that retires an item.
#[derive(Deserialize)]
pub(crate) struct RetireForm {
    revision: i64,
}

/// `GET /teams/{team}/questions`: the team's questions, and forms to make one.
pub(crate) async fn questions(desk: Desk, team: Path<TeamRef>, query: Query<Paging>) -> Result<HttpResponse> {
    desk.list(Kind::Question, team.0, query.0, ListPage::default(), None).await
}

/// `POST /teams/{team}/questions`: begins a question, or copies one.
pub(crate) async fn new_question(desk: Desk, team: Path<TeamRef>, form: SmallForm<NewForm>) -> Result<HttpResponse> {
    desk.make(Kind::Question, team.0, form.0).await
}

/// `GET /teams/{team}/questions/{slug}`: the source of a question.
pub(crate) async fn question(desk: Desk, name: Path<(TeamRef, Slug)>) -> Result<HttpResponse> {
    desk.edit(Kind::Question, name.0).await
}

/// `POST /teams/{team}/questions/{slug}`: keeps the source of a question, or shows what it makes.
pub(crate) async fn save_question(
    desk: Desk,
    name: Path<(TeamRef, Slug)>,
    form: Form<SourceForm>,
) -> Result<HttpResponse> {
    desk.save(Kind::Question, name.0, form.0).await
}

/// `POST /teams/{team}/questions/{slug}/retire`: takes a question out of use.
pub(crate) async fn retire_question(
    desk: Desk,
    name: Path<(TeamRef, Slug)>,
    form: SmallForm<RetireForm>,
) -> Result<HttpResponse> {
    desk.retire(Kind::Question, name.0, form.0).await
}

/// `GET /teams/{team}/prompts`: the team's prompts, and forms to make one.
pub(crate) async fn prompts(desk: Desk, team: Path<TeamRef>, query: Query<Paging>) -> Result<HttpResponse> {
    desk.list(Kind::Prompt, team.0, query.0, ListPage::default(), None).await
}

/// `POST /teams/{team}/prompts`: begins a prompt, or copies one.
pub(crate) async fn new_prompt(desk: Desk, team: Path<TeamRef>, form: SmallForm<NewForm>) -> Result<HttpResponse> {
    desk.make(Kind::Prompt, team.0, form.0).await
}

/// `GET /teams/{team}/prompts/{slug}`: the source of a prompt.
pub(crate) async fn prompt(desk: Desk, name: Path<(TeamRef, Slug)>) -> Result<HttpResponse> {
    desk.edit(Kind::Prompt, name.0).await
}

/// `POST /teams/{team}/prompts/{slug}`: keeps the source of a prompt, or shows what it makes.
pub(crate) async fn save_prompt(
    desk: Desk,
    name: Path<(TeamRef, Slug)>,
    form: Form<SourceForm>,
) -> Result<HttpResponse> {
    desk.save(Kind::Prompt, name.0, form.0).await
}

/// `POST /teams/{team}/prompts/{slug}/retire`: takes a prompt out of use.
pub(crate) async fn retire_prompt(
    desk: Desk,
    name: Path<(TeamRef, Slug)>,
    form: SmallForm<RetireForm>,
) -> Result<HttpResponse> {
    desk.retire(Kind::Prompt, name.0, form.0).await
}

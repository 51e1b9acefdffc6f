//! The pages on which a team puts its sets together, without a script: every button sends the whole form.

use std::collections::BTreeMap;

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::bank::{Bank, Kind, Seed, Slug};
use crate::error::{Error, Field, Refusal, Result};
use crate::exercises::Exercises;
use crate::http::body::{Form, SmallForm};
use crate::http::identity::{LocalFuture, Visitor};
use crate::http::page::{redirect, stays_with_form};
use crate::http::params::Path;
use crate::http::request::registered;
use crate::id::{SetId, UserId};
use crate::revision::Seen;
use crate::sets::Sets;
use crate::sets::definition::SetDefinition;
use crate::sets::form::{Button, ItemForm, SectionForm, SetForm};
use crate::sets::team_set::{Preview, State, TeamSet, TeamSetSummary};
use crate::teams::frame::TeamPage;
use crate::teams::{TeamRef, Teams};

/// Most sets that the list shows, which are all that a team can have.
const SETS_SHOWN: i64 = 500;

/// Who looks at a team's sets.
pub(crate) struct Desk {
    visitor: Visitor,
    by: UserId,
    teams: web::Data<Teams>,
    sets: web::Data<Sets>,
    bank: web::Data<Bank>,
    exercises: web::Data<Exercises>,
}

impl FromRequest for Desk {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let (request, visitor) = (request.clone(), Visitor::from_request(request, payload));
        Box::pin(async move {
            let visitor = visitor.await?;
            let by = visitor.user()?.id;
            Ok(Self {
                visitor,
                by,
                teams: registered(&request)?,
                sets: registered(&request)?,
                bank: registered(&request)?,
                exercises: registered(&request)?,
            })
        })
    }
}

#[derive(Serialize)]
struct ListPage {
    sets: Vec<TeamSetSummary>,
}

/// `GET /teams/{team}/sets`: the team's sets.
pub(crate) async fn list(desk: Desk, team: Path<TeamRef>) -> Result<HttpResponse> {
    let shown = desk.teams.find(desk.by, team.0.clone()).await?;
    let sets = desk.sets.list(desk.by, team.0, None, SETS_SHOWN).await?;
    let page = TeamPage::new(shown, "sets", None, ListPage { sets });
    desk.visitor.page("team-sets", &page.title(), page)
}

/// `POST /teams/{team}/sets`: makes an empty set, and leads to its page.
pub(crate) async fn make(desk: Desk, team: Path<TeamRef>, _: SmallForm<()>) -> Result<HttpResponse> {
    let shown = desk.teams.find(desk.by, team.0.clone()).await?;
    let empty = SetDefinition { title: "New set".to_owned(), ..SetDefinition::default() };
    let set = desk.sets.make(desk.by, team.0, empty).await?;
    Ok(redirect(&format!("/teams/{}/sets/{}", shown.slug, set.id)))
}

/// What the page of one set shows.
#[derive(Serialize)]
struct EditPage {
    id: SetId,
    /// Counts the changes of the draft: the form says which it has seen.
    revision: i64,
    version: i32,
    state: State,
    form: SetForm,
    sections: Vec<SectionView>,
    /// What keeps the draft from being published, by its place.
    problems: Vec<Problem>,
    preview: Option<Preview>,
    topics: Vec<Slug>,
    kinds: Vec<&'static str>,
    exercises: Vec<String>,
}

/// The fields of a section, and where it stands.
#[derive(Serialize)]
struct SectionView {
    /// The beginning of its fields' names, such as `s0`.
    at: String,
    number: usize,
    title: String,
    items: Vec<ItemView>,
}

/// The fields of an item, where it stands, and what there is to say of it.
#[derive(Serialize)]
struct ItemView {
    /// The beginning of its fields' names, such as `s0.i2`.
    at: String,
    number: usize,
    #[serde(flatten)]
    form: ItemForm,
    problems: Vec<String>,
    /// What a pool draws from.
    pool: Option<String>,
}

#[derive(Serialize)]
struct Problem {
    /// The id of the part of the page that it's about; empty for the set as a whole.
    place: String,
    what: String,
}

impl Desk {
    async fn found(&self, team: &TeamRef, id: SetId) -> Result<(crate::teams::Team, TeamSet)> {
        let shown = self.teams.find(self.by, team.clone()).await?;
        let set = self.sets.find(self.by, id).await?;
        // An address with another team's name is none of this set's.
        if set.team == shown.id { Ok((shown, set)) } else { Err(Refusal::not_found("set").into()) }
    }

    fn page(&self, set: TeamSet, form: SetForm, wrong: &[Field], preview: Option<Preview>) -> EditPage {
        let fields: Vec<_> = if wrong.is_empty() { set.problems.clone() } else { wrong.to_vec() };
        let pools = set.pools.iter().map(|pool| {
            let said = format!(
                "draws {} of {} questions; {} of them are also in practice",
                pool.draws, pool.matching, pool.in_practice
            );
            (place_of(&pool.pointer), said)
        });
        let sections = sections(&form, &fields, &pools.collect());
        let problems = fields
            .iter()
            .map(|field| Problem { place: place_of(&field.pointer), what: field.detail.clone() })
            .collect();
        EditPage {
            id: set.id,
            revision: set.revision,
            version: set.version,
            state: set.state,
            form,
            sections,
            problems,
            preview,
            topics: self.bank.topics().iter().map(|topic| topic.slug.clone()).collect(),
            kinds: Kind::ALL.iter().map(|(name, _)| *name).collect(),
            exercises: self.exercises.slugs(),
        }
    }
}

/// `GET /teams/{team}/sets/{set}`: the draft of a set, to be edited.
pub(crate) async fn edit(desk: Desk, place: Path<(TeamRef, SetId)>) -> Result<HttpResponse> {
    let (team, id) = place.0;
    let (shown, set) = desk.found(&team, id).await?;
    let form = SetForm::of(&set.definition);
    let page = TeamPage::new(shown, "sets", None, desk.page(set, form, &[], None));
    desk.visitor.page("team-set", &page.title(), page)
}

/// `POST /teams/{team}/sets/{set}`: does what the pressed button says, and keeps the draft. Where a field can't be read, nothing is kept
/// and the form is shown as it was typed.
pub(crate) async fn save(
    desk: Desk,
    place: Path<(TeamRef, SetId)>,
    fields: Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let ((team, id), fields) = (place.0, fields.0);
    let (shown, _) = desk.found(&team, id).await?;
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let button = Button::read(field("do").unwrap_or_default());
    let mut form = SetForm::read(&fields);
    form.press(button);
    let seen = Seen::Revision(field("revision").and_then(|revision| revision.parse().ok()));
    match carry_out(&desk, id, &form, seen, button).await {
        Ok(Done::Kept) => Ok(redirect(&format!("/teams/{}/sets/{id}{}", shown.slug, anchor(button)))),
        Ok(Done::Seen(set, preview)) => {
            let form = SetForm::of(&set.definition);
            let page = TeamPage::new(shown, "sets", None, desk.page(*set, form, &[], Some(preview)));
            desk.visitor.page("team-set", &page.title(), page)
        }
        Err(Error::Refused(refusal)) if stays_with_form(&refusal) => {
            // The draft may have been kept before what was asked beside that was refused.
            let now = desk.sets.find(desk.by, id).await?;
            let page = TeamPage::new(shown, "sets", Some(&refusal), desk.page(now, form, &refusal.fields, None));
            desk.visitor.refused_page(&refusal, "team-set", &page.title(), page)
        }
        Err(error) => Err(error),
    }
}

/// What came of a form.
enum Done {
    Kept,
    Seen(Box<TeamSet>, Preview),
}

async fn carry_out(desk: &Desk, id: SetId, form: &SetForm, seen: Seen, button: Button) -> Result<Done> {
    let definition = form.definition().map_err(Refusal::invalid)?;
    let set = desk.sets.edit(desk.by, id, seen, definition).await?;
    match button {
        Button::Publish => {
            desk.sets.publish(desk.by, id, Seen::Revision(Some(set.revision))).await?;
            Ok(Done::Kept)
        }
        Button::Preview => {
            let preview = desk.sets.preview(desk.by, id, Seed::random()).await?;
            Ok(Done::Seen(Box::new(set), preview))
        }
        _ => Ok(Done::Kept),
    }
}

/// Where to go on after a button was pressed.
fn anchor(button: Button) -> String {
    match button {
        Button::AddItem(section) | Button::Item(section, ..) | Button::Section(section, _) => format!("#s{section}"),
        Button::AddSection => "#sections".to_owned(),
        Button::Save | Button::Publish | Button::Preview => String::new(),
    }
}

/// The part of the form that a place in the definition belongs to: `/sections/0/items/2/pool` is `s0.i2`.
fn place_of(pointer: &str) -> String {
    let parts: Vec<_> = pointer.split('/').collect();
    match parts.as_slice() {
        ["", "sections", section, "items", item, ..] => format!("s{section}.i{item}"),
        ["", "sections", section, ..] => format!("s{section}"),
        _ => String::new(),
    }
}

fn sections(form: &SetForm, problems: &[Field], pools: &BTreeMap<String, String>) -> Vec<SectionView> {
    let item = |at: String, (index, form): (usize, &ItemForm)| {
        let own = problems.iter().filter(|field| place_of(&field.pointer) == at);
        let problems = own.map(|field| field.detail.clone()).collect();
        ItemView { number: index + 1, form: form.clone(), problems, pool: pools.get(&at).cloned(), at }
    };
    let section = |(index, section): (usize, &SectionForm)| {
        let at = format!("s{index}");
        let items = section.items.iter().enumerate().map(|(place, form)| item(format!("{at}.i{place}"), (place, form)));
        SectionView { number: index + 1, title: section.title.clone(), items: items.collect(), at }
    };
    form.sections.iter().enumerate().map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn a_place_in_the_definition_is_found_on_the_page() {
        assert_eq!(place_of("/sections/1/items/12/pool/count"), "s1.i12");
        assert_eq!(place_of("/sections/0/title"), "s0");
        assert_eq!(place_of("/title"), "");
    }
}

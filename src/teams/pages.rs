//! The pages of teams: which ones a person belongs to, who else does, and what was done there.

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::frame::TeamPage;
use super::{
    InvitationRequest, Member, MemberInvitation, Membership, NewInvitation, NewTeam, Offer, Role, Team, TeamChange,
    TeamChangeRequest, TeamRef, TeamRequest, Teams,
};
use crate::audit::Entry;
use crate::bank::Slug;
use crate::error::{Error, Kind, Refusal, Result};
use crate::http::body::SmallForm;
use crate::http::csrf::PublicOrigin;
use crate::http::identity::{LocalFuture, Visitor};
use crate::http::list::{Listing, Paging};
use crate::http::page::{redirect, stays_with_form};
use crate::http::params::{Path, Query};
use crate::http::request::registered;
use crate::id::{MemberInvitationId, UserId};
use crate::revision::Seen;

/// Most invitations that the page of members shows, which are all that can be good at a time.
const INVITATIONS_SHOWN: i64 = 50;

/// What the page of a person's teams shows.
#[derive(Default, Serialize)]
struct TeamsPage {
    teams: Vec<Membership>,
    /// What was typed into a form that was refused.
    slug: String,
    name: String,
    wrong: Option<String>,
}

/// `GET /teams`: the teams that the person belongs to, and a form to make one.
pub(crate) async fn list(visitor: Visitor, teams: web::Data<Teams>) -> Result<HttpResponse> {
    let teams = teams.all_memberships(visitor.user()?.id).await?;
    visitor.page("teams", "Teams", TeamsPage { teams, ..TeamsPage::default() })
}

/// The form that makes a team.
#[derive(Deserialize)]
pub(crate) struct TeamForm {
    slug: String,
    name: String,
}

/// `POST /teams`: makes a team, and leads to its page.
pub(crate) async fn make(visitor: Visitor, teams: web::Data<Teams>, form: SmallForm<TeamForm>) -> Result<HttpResponse> {
    let (by, TeamForm { slug, name }) = (visitor.user()?.id, form.0);
    match make_of(&teams, by, &slug, name.clone()).await {
        Ok(team) => Ok(redirect(&format!("/teams/{}", team.slug))),
        Err(Error::Refused(refusal)) => {
            let (teams, wrong) = (teams.all_memberships(by).await?, Some(refusal.sentence()));
            visitor.refused_page(&refusal, "teams", "Teams", TeamsPage { teams, slug, name, wrong })
        }
        Err(error) => Err(error),
    }
}

async fn make_of(teams: &Teams, by: UserId, slug: &str, name: String) -> Result<Team> {
    let slug: std::result::Result<Slug, _> = slug.trim().parse();
    let slug = slug.map_err(|error| Refusal::invalid_field("/slug", format!("the short name {error}")))?;
    teams.make(by, NewTeam::try_from(TeamRequest { slug, name })?).await
}

/// Who looks at the pages of one team, and what these pages have in common.
pub(crate) struct Desk {
    visitor: Visitor,
    teams: web::Data<Teams>,
    origin: web::Data<PublicOrigin>,
}

impl FromRequest for Desk {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let (request, visitor) = (request.clone(), Visitor::from_request(request, payload));
        Box::pin(async move {
            let visitor = visitor.await?;
            visitor.user()?;
            Ok(Self { visitor, teams: registered(&request)?, origin: registered(&request)? })
        })
    }
}

/// Why a page is shown again.
type Refused = Option<Box<Refusal>>;

impl Desk {
    fn user(&self) -> Result<UserId> {
        Ok(self.visitor.user()?.id)
    }

    /// A page of a team; with what was wrong, if a form was refused.
    fn page<T: Serialize>(&self, team: Team, tab: &'static str, refused: Refused, own: T) -> Result<HttpResponse> {
        let page = TeamPage::new(team, tab, refused.as_deref(), own);
        let (template, title) = (format!("team-{tab}"), page.title());
        self.visitor.form_page(refused.as_deref(), &template, &title, page)
    }

    async fn overview(&self, team: TeamRef, refused: Refused) -> Result<HttpResponse> {
        let team = self.teams.find(self.user()?, team).await?;
        self.page(team, "overview", refused, ())
    }

    async fn members(&self, team: TeamRef, refused: Refused, link: Option<String>) -> Result<HttpResponse> {
        let by = self.user()?;
        let shown = self.teams.find(by, team.clone()).await?;
        let members = self.teams.all_members(by, team.clone()).await?;
        let members = members.into_iter().map(|member| MemberLine { is_self: member.user == by, member }).collect();
        let invitations = match shown.role {
            Role::Owner => self.teams.member_invitations(by, team, None, INVITATIONS_SHOWN).await?,
            Role::Author | Role::Reviewer => Vec::new(),
        };
        let next_invitation = MemberInvitationId::new();
        self.page(shown, "members", refused, MembersPage { members, invitations, next_invitation, link })
    }

    /// What follows a form of the members' page: where it leads, or the page again with what was wrong.
    async fn after(&self, team: TeamRef, outcome: Result<()>) -> Result<HttpResponse> {
        match outcome {
            Ok(()) => Ok(redirect(&format!("/teams/{}/members", address(&team)))),
            Err(Error::Refused(refusal)) if stays_with_form(&refusal) => self.members(team, Some(refusal), None).await,
            Err(error) => Err(error),
        }
    }
}

fn address(team: &TeamRef) -> &str {
    match team {
        TeamRef::Slug(slug) => slug.as_str(),
        TeamRef::Id(id) => id.as_str(),
    }
}

/// `GET /teams/{team}`: what the team is called, and its settings.
pub(crate) async fn overview(desk: Desk, team: Path<TeamRef>) -> Result<HttpResponse> {
    desk.overview(team.0, None).await
}

/// The form that changes a team.
#[derive(Deserialize)]
pub(crate) struct ChangeForm {
    revision: i64,
    name: String,
    retention_days: i32,
}

/// `POST /teams/{team}`: changes the settings of the team.
pub(crate) async fn change(desk: Desk, team: Path<TeamRef>, form: SmallForm<ChangeForm>) -> Result<HttpResponse> {
    let ChangeForm { revision, name, retention_days } = form.0;
    let request = TeamChangeRequest { name: Some(name), retention_days: Some(retention_days) };
    let changed = match TeamChange::try_from(request) {
        Ok(change) => {
            let seen = Seen::Revision(Some(revision));
            desk.teams.change(desk.user()?, team.0.clone(), seen, change).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match changed {
        Ok(team) => Ok(redirect(&format!("/teams/{}", team.slug))),
        Err(Error::Refused(refusal)) if stays_with_form(&refusal) => desk.overview(team.0, Some(refusal)).await,
        Err(error) => Err(error),
    }
}

/// What the page of a team's members shows.
#[derive(Serialize)]
struct MembersPage {
    members: Vec<MemberLine>,
    invitations: Vec<MemberInvitation>,
    /// The id of the invitation that the form makes.
    next_invitation: MemberInvitationId,
    /// The link that was just made: no other page shows it.
    link: Option<String>,
}

/// A member, and whether that is the viewer.
#[derive(Serialize)]
struct MemberLine {
    #[serde(flatten)]
    member: Member,
    is_self: bool,
}

/// `GET /teams/{team}/members`: who belongs to the team, and whom it has invited.
pub(crate) async fn members(desk: Desk, team: Path<TeamRef>) -> Result<HttpResponse> {
    desk.members(team.0, None, None).await
}

/// The form that changes a member's role.
#[derive(Deserialize)]
pub(crate) struct RoleForm {
    role: Role,
}

/// `POST /teams/{team}/members/{user}`: gives a member another role.
pub(crate) async fn set_role(
    desk: Desk,
    member: Path<(TeamRef, UserId)>,
    form: SmallForm<RoleForm>,
) -> Result<HttpResponse> {
    let (team, user) = member.0;
    let outcome = desk.teams.set_role(desk.user()?, team.clone(), user, form.0.role).await;
    desk.after(team, outcome.map(drop)).await
}

/// `POST /teams/{team}/members/{user}/remove`: removes a member. Who removes themselves is led to their other teams.
pub(crate) async fn remove(desk: Desk, member: Path<(TeamRef, UserId)>, _: SmallForm<()>) -> Result<HttpResponse> {
    let ((team, user), by) = (member.0, desk.user()?);
    match desk.teams.remove(by, team.clone(), user).await {
        Ok(()) if by == user => Ok(redirect("/teams")),
        outcome => desk.after(team, outcome).await,
    }
}

/// The form that invites a member.
#[derive(Deserialize)]
pub(crate) struct InvitationForm {
    id: MemberInvitationId,
    role: Role,
    #[serde(default)]
    email: String,
}

/// `POST /teams/{team}/member-invitations`: makes a link, and shows it this once. It isn't a redirect, since the link must not be kept
/// for a page that comes later. A reload sends the same id again, so it makes no other link.
pub(crate) async fn invite(desk: Desk, team: Path<TeamRef>, form: SmallForm<InvitationForm>) -> Result<HttpResponse> {
    let InvitationForm { id, role, email } = form.0;
    let email = Some(email).filter(|email| !email.trim().is_empty());
    let issued = match NewInvitation::try_from(InvitationRequest { role, email }) {
        Ok(new) => desk.teams.invite_member(desk.user()?, team.0.clone(), id, new).await,
        Err(refusal) => Err(refusal.into()),
    };
    match issued {
        Ok(issued) => {
            let link = desk.origin.url(&format!("/join/{}", issued.token));
            desk.members(team.0, None, Some(link)).await
        }
        Err(error) => desk.after(team.0, Err(error)).await,
    }
}

/// `POST /teams/{team}/member-invitations/{id}/withdraw`: a link is no longer good.
pub(crate) async fn withdraw(
    desk: Desk,
    invitation: Path<(TeamRef, MemberInvitationId)>,
    _: SmallForm<()>,
) -> Result<HttpResponse> {
    let (team, id) = invitation.0;
    let outcome = desk.teams.withdraw_member_invitation(desk.user()?, team.clone(), id).await;
    desk.after(team, outcome).await
}

/// What the page of a team's audit log shows.
#[derive(Serialize)]
struct AuditPage {
    entries: Vec<EntryLine>,
    /// The query of the next page.
    next: Option<String>,
}

/// An entry, with the names of those among its people who are members now.
#[derive(Serialize)]
struct EntryLine {
    who: Option<String>,
    whom: Option<String>,
    #[serde(flatten)]
    entry: Entry,
}

impl EntryLine {
    fn of(entry: Entry, members: &[Member]) -> Self {
        let name = |id: &str| members.iter().find(|member| member.user.as_str() == id);
        let name = |id: &str| name(id).map(|member| member.display_name.clone());
        Self { who: name(&entry.actor), whom: name(&entry.subject), entry }
    }
}

/// `GET /teams/{team}/audit`: what was done in the team, the newest first.
pub(crate) async fn audit(desk: Desk, team: Path<TeamRef>, query: Query<Paging>) -> Result<HttpResponse> {
    let (by, page) = (desk.user()?, query.0.page());
    let before = page.after.as_deref().map(|seq| seq.parse().unwrap_or(0));
    let rows = desk.teams.audit(by, team.0.clone(), before, page.rows()).await?;
    let members = desk.teams.all_members(by, team.0.clone()).await?;
    let line = |entry| EntryLine::of(entry, &members);
    let Listing { items: entries, next_cursor } = page.of_rows(rows, |entry: &Entry| entry.seq.to_string(), line);
    let next = next_cursor.map(|cursor| format!("?cursor={cursor}"));
    desk.page(desk.teams.find(by, team.0).await?, "audit", None, AuditPage { entries, next })
}

/// What the page of an invitation shows.
#[derive(Serialize)]
struct JoinPage {
    offer: Offer,
    token: String,
    wrong: Option<String>,
}

/// `GET /join/{token}`: what an invitation offers. Looking uses nothing up.
pub(crate) async fn offer(visitor: Visitor, teams: web::Data<Teams>, token: Path<String>) -> Result<HttpResponse> {
    let page = JoinPage { offer: teams.offer(&token.0).await?, token: token.0, wrong: None };
    visitor.page("join", "Invitation", page)
}

/// `POST /join/{token}`: accepts an invitation, and leads to the team.
pub(crate) async fn accept(
    visitor: Visitor,
    teams: web::Data<Teams>,
    token: Path<String>,
    _: SmallForm<()>,
) -> Result<HttpResponse> {
    match teams.accept(visitor.user()?, &token.0).await {
        Ok(team) => Ok(redirect(&format!("/teams/{}", team.slug))),
        Err(Error::Refused(refusal)) if matches!(refusal.kind, Kind::Conflict | Kind::Forbidden) => {
            let (offer, wrong) = (teams.offer(&token.0).await?, Some(refusal.sentence()));
            visitor.refused_page(&refusal, "join", "Invitation", JoinPage { offer, token: token.0, wrong })
        }
        Err(error) => Err(error),
    }
}

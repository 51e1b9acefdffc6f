//! `/teams…` and `/member-invitations…`: teams, their members and their audit log for programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    InvitationRequest, IssuedInvitation, Member, MemberInvitation, Membership, NewInvitation, NewTeam, Offer,
    RoleChange, Team, TeamChange, TeamChangeRequest, TeamRef, TeamRequest, Teams,
};
use crate::accounts::Accounts;
use crate::audit::Entry;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::conditional::{IfMatch, revision_tag};
use crate::http::csrf::PublicOrigin;
use crate::http::identity::Caller;
use crate::http::list::{Listing, Paging};
use crate::http::params::{Path, Query};
use crate::id::{MemberInvitationId, UserId};

/// An invitation that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationLink {
    /// The link, for one person. It's shown this once.
    pub url: String,
    /// What lists show of it.
    #[serde(flatten)]
    pub listed: MemberInvitation,
}

/// Makes a team, whose owner is the caller.
#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", security(("bearer" = [])), request_body = TeamRequest,
    responses((status = 201, description = "The team", body = Team,
            headers(("Location" = String, description = "The team"), ("ETag" = String, description = "For `If-Match`"))),
        (status = 409, description = "`slug_taken`: a team or a topic has the slug. `too_many_teams`: the caller belongs to 50 teams.")))]
pub(crate) async fn make(caller: Caller, teams: web::Data<Teams>, body: Json<TeamRequest>) -> Result<HttpResponse> {
    let team = teams.make(caller.id, NewTeam::try_from(body.0)?).await?;
    let location = format!("/api/v1/teams/{}", team.slug);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).insert_header(etag(&team)).json(team))
}

/// Lists the caller's teams, by slug.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", security(("bearer" = []), ("personal_token" = ["read"])), params(Paging),
    responses((status = 200, description = "A page of teams", body = Listing<Membership>)))]
pub(crate) async fn list(
    caller: Caller,
    teams: web::Data<Teams>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = teams.memberships(caller.id, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |team| team.slug.clone(), |team| team).into_response(&request))
}

/// Returns a team of the caller.
#[utoipa::path(get, path = "/api/v1/teams/{team}", tag = "teams", security(("bearer" = []), ("personal_token" = ["read"])),
    params(("team" = TeamRef, Path, description = "The team's slug or id")),
    responses((status = 200, description = "The team", body = Team, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(crate) async fn one(caller: Caller, teams: web::Data<Teams>, team: Path<TeamRef>) -> Result<HttpResponse> {
    let team = teams.find(caller.id, team.0).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&team)).json(team))
}

/// Changes the name or the settings of a team; what isn't named stays as it is. Owners alone.
#[utoipa::path(patch, path = "/api/v1/teams/{team}", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the team that the caller has seen")),
    request_body = TeamChangeRequest,
    responses((status = 200, description = "The team as it is now", body = Team, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn change(
    caller: Caller,
    teams: web::Data<Teams>,
    team: Path<TeamRef>,
    seen: IfMatch,
    body: Json<TeamChangeRequest>,
) -> Result<HttpResponse> {
    let team = teams.change(caller.id, team.0, seen.seen()?, TeamChange::try_from(body.0)?).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&team)).json(team))
}

fn etag(team: &Team) -> (header::HeaderName, String) {
    (header::ETAG, revision_tag(team.revision))
}

/// Lists a team's members, by their ids.
#[utoipa::path(get, path = "/api/v1/teams/{team}/members", tag = "teams", security(("bearer" = []), ("personal_token" = ["read"])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of members", body = Listing<Member>)))]
pub(crate) async fn members(
    caller: Caller,
    teams: web::Data<Teams>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = teams.members(caller.id, team.0, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |member| member.user.to_string(), |member| member).into_response(&request))
}

/// Gives a member another role. Owners alone.
#[utoipa::path(patch, path = "/api/v1/teams/{team}/members/{user}", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("user" = UserId, Path, description = "The member")),
    request_body = RoleChange,
    responses((status = 200, description = "The member", body = Member),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`last_owner`: the team would have no owner.")))]
pub(crate) async fn set_role(
    caller: Caller,
    teams: web::Data<Teams>,
    member: Path<(TeamRef, UserId)>,
    body: Json<RoleChange>,
) -> Result<HttpResponse> {
    let (team, user) = member.0;
    Ok(HttpResponse::Ok().json(teams.set_role(caller.id, team, user, body.0.role).await?))
}

/// Removes a member: owners anybody, and everybody themselves.
#[utoipa::path(delete, path = "/api/v1/teams/{team}/members/{user}", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("user" = UserId, Path, description = "The member")),
    responses((status = 204, description = "The person is no member any more"),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`last_owner`: the team would have no owner.")))]
pub(crate) async fn remove_member(
    caller: Caller,
    teams: web::Data<Teams>,
    member: Path<(TeamRef, UserId)>,
) -> Result<HttpResponse> {
    let (team, user) = member.0;
    teams.remove(caller.id, team, user).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a link by which one person can become a member. It's good for two weeks. Owners alone.
#[utoipa::path(post, path = "/api/v1/teams/{team}/member-invitations", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id")), request_body = InvitationRequest,
    responses((status = 201, description = "The invitation, with its link", body = InvitationLink),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it."),
        (status = 409, description = "`too_many_invitations`: 50 links of the team are good.")))]
pub(crate) async fn invite_member(
    caller: Caller,
    teams: web::Data<Teams>,
    origin: web::Data<PublicOrigin>,
    team: Path<TeamRef>,
    body: Json<InvitationRequest>,
) -> Result<HttpResponse> {
    let issued =
        teams.invite_member(caller.id, team.0, MemberInvitationId::new(), NewInvitation::try_from(body.0)?).await?;
    let IssuedInvitation { token, listed } = issued;
    let link = InvitationLink { url: origin.url(&format!("/join/{token}")), listed };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(link))
}

/// Lists the invitations of members that nobody has accepted, by their ids. Owners alone.
#[utoipa::path(get, path = "/api/v1/teams/{team}/member-invitations", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of invitations", body = Listing<MemberInvitation>),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn member_invitations(
    caller: Caller,
    teams: web::Data<Teams>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    let rows = teams.member_invitations(caller.id, team.0, page.after.clone(), page.rows()).await?;
    Ok(page.of_rows(rows, |invitation| invitation.id.to_string(), |invitation| invitation).into_response(&request))
}

/// Withdraws an invitation of a member: its link is no longer good. Owners alone.
#[utoipa::path(delete, path = "/api/v1/teams/{team}/member-invitations/{id}", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), ("id" = MemberInvitationId, Path)),
    responses((status = 204, description = "The link is no longer good"),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn withdraw_member_invitation(
    caller: Caller,
    teams: web::Data<Teams>,
    invitation: Path<(TeamRef, MemberInvitationId)>,
) -> Result<HttpResponse> {
    let (team, id) = invitation.0;
    teams.withdraw_member_invitation(caller.id, team, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an invitation offers to whoever has its link.
#[utoipa::path(get, path = "/api/v1/member-invitations/{token}", tag = "teams",
    params(("token" = String, Path, description = "The end of the link", pattern = "^[A-Za-z0-9_-]{43}$")),
    responses((status = 200, description = "The offer", body = Offer)))]
pub(crate) async fn member_invitation(teams: web::Data<Teams>, token: Path<String>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(teams.offer(&token.0).await?))
}

/// Accepts an invitation: the caller is a member, and the link is used up.
#[utoipa::path(post, path = "/api/v1/member-invitations/{token}/accept", tag = "teams", security(("bearer" = [])),
    params(("token" = String, Path, description = "The end of the link", pattern = "^[A-Za-z0-9_-]{43}$")),
    responses((status = 200, description = "The membership", body = Membership),
        (status = 403, description = "`another_address`: the invitation is for another address."),
        (status = 409, description = "`already_member`: the caller is a member. `too_many_members`: the team has 200. \
            `too_many_teams`: the caller belongs to 50 teams.")))]
pub(crate) async fn accept_member_invitation(
    caller: Caller,
    teams: web::Data<Teams>,
    accounts: web::Data<Accounts>,
    token: Path<String>,
) -> Result<HttpResponse> {
    let user = accounts.user(caller.id).await?;
    Ok(HttpResponse::Ok().json(teams.accept(&user, &token.0).await?))
}

/// Lists what was done in a team, the newest first. Owners alone.
#[utoipa::path(get, path = "/api/v1/teams/{team}/audit", tag = "teams", security(("bearer" = [])),
    params(("team" = TeamRef, Path, description = "The team's slug or id"), Paging),
    responses((status = 200, description = "A page of the audit log", body = Listing<Entry>),
        (status = 403, description = "`role_required`: the caller's role doesn't allow it.")))]
pub(crate) async fn audit(
    caller: Caller,
    teams: web::Data<Teams>,
    team: Path<TeamRef>,
    request: HttpRequest,
    query: Query<Paging>,
) -> Result<HttpResponse> {
    let page = query.0.page();
    // No entry comes before the place of a cursor that is no place.
    let before = page.after.as_deref().map(|seq| seq.parse().unwrap_or(0));
    let rows = teams.audit(caller.id, team.0, before, page.rows()).await?;
    Ok(page.of_rows(rows, |entry| entry.seq.to_string(), |entry| entry).into_response(&request))
}

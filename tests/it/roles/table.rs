//! Every route of the service, and who is let in.

use super::Who::{self, Authors, Everybody, Owners, Reviewers, SignedIn, Theirs};

/// A route, who is let in, and what is sent with it.
pub struct Row {
    pub method: &'static str,
    /// As the router has it: see [`World::address`](super::world::World) for what stands in the place of parameters.
    pub path: &'static str,
    pub who: Who,
    /// JSON: the body for an endpoint, and the fields of the form for a page.
    pub body: &'static str,
}

const fn row(method: &'static str, path: &'static str, who: Who) -> Row {
    Row { method, path, who, body: "{}" }
}

const fn with(method: &'static str, path: &'static str, who: Who, body: &'static str) -> Row {
    Row { method, path, who, body }
}

/// A right password would end the sign-ins with which the next rows are tried.
const PASSWORD: &str = r#"{"password": "not this one", "new_password": "correct horse battery staple"}"#;
const CREDENTIALS: &str = r#"{"email": "candidate@example.org", "password": "correct horse battery staple"}"#;
const REGISTRATION: &str =
    r#"{"email": "candidate@example.org", "password": "correct horse battery staple", "display_name": "Candidate"}"#;
const TOKEN: &str = r#"{"id": "tok_0193f6a0000070008000000000000001", "name": "laptop", "scope": "read", "days": "7"}"#;
const INVITATION: &str = r#"{"id": "min_0193f6a0000070008000000000000001", "role": "reviewer", "email": ""}"#;
const FILES: &str = r#"{"files": {"src/lib.rs": ""}}"#;

pub const ROWS: &[Row] = &[
    // ---- everybody's ----
    row("get", "/", Everybody),
    row("get", "/register", Everybody),
    with("post", "/register", Everybody, REGISTRATION),
    row("get", "/login", Everybody),
    with("post", "/login", Everybody, CREDENTIALS),
    row("get", "/session", SignedIn),
    row("get", "/topics", Everybody),
    row("get", "/topics/{topic}", Everybody),
    row("get", "/practice/{topic}", Everybody),
    row("get", "/practice/{topic}/{slug}", Everybody),
    with("post", "/practice/{topic}/{slug}", Everybody, r#"{"seed": "0", "choice": "b"}"#),
    row("get", "/exercises", Everybody),
    row("get", "/exercises/{slug}", Everybody),
    row("get", "/exercises/{slug}/incident", Everybody),
    row("get", "/sets", Everybody),
    row("get", "/sets/{set}", Everybody),
    row("get", "/prompts", Everybody),
    row("get", "/prompts/{topic}/{slug}", Everybody),
    row("get", "/join/{token}", Everybody),
    with("post", "/api/v1/auth/register", Everybody, REGISTRATION),
    with("post", "/api/v1/auth/login", Everybody, CREDENTIALS),
    with("post", "/api/v1/auth/logout", Everybody, r#"{"refresh_token": "x"}"#),
    row("get", "/.well-known/jwks.json", Everybody),
    row("get", "/api/v1/topics", Everybody),
    row("get", "/api/v1/topics/{topic}", Everybody),
    row("get", "/api/v1/questions", Everybody),
    row("get", "/api/v1/questions/{topic}/{slug}", Everybody),
    row("get", "/api/v1/questions/{topic}/{slug}/hints/{number}", Everybody),
    row("get", "/api/v1/prompts", Everybody),
    row("get", "/api/v1/prompts/{topic}/{slug}", Everybody),
    row("get", "/api/v1/exercises", Everybody),
    row("get", "/api/v1/exercises/{slug}", Everybody),
    row("get", "/api/v1/exercises/{slug}/starter", Everybody),
    row("get", "/api/v1/exercises/{slug}/incident/{file}", Everybody),
    row("get", "/api/v1/sets", Everybody),
    row("get", "/api/v1/sets/{set}", Everybody),
    row("get", "/api/v1/member-invitations/{token}", Everybody),
    // ---- one's own ----
    row("post", "/logout", Everybody),
    row("get", "/account", SignedIn),
    with("post", "/account/password", SignedIn, PASSWORD),
    row("post", "/account/sessions/{id}", Theirs),
    with("post", "/account/tokens", SignedIn, TOKEN),
    row("post", "/account/tokens/{id}", Theirs),
    with("post", "/account/erase", SignedIn, r#"{"password": "not this one"}"#),
    row("get", "/record", SignedIn),
    with("post", "/prompts/{topic}/{slug}", SignedIn, r#"{"text": "A queue."}"#),
    row("get", "/exercises/{slug}/submissions", SignedIn),
    with("post", "/exercises/{slug}/submissions", SignedIn, r#"{"mode": "full"}"#),
    row("get", "/exercises/{slug}/submissions/compare?from=starter&to=starter", SignedIn),
    with("post", "/exercises/{slug}/changes", SignedIn, r#"{"mode": "full"}"#),
    row("get", "/submissions/{id}", Theirs),
    row("post", "/sets/{set}/attempts", SignedIn),
    row("get", "/attempts/{id}", Theirs),
    row("get", "/attempts/{id}/items/{position}", Theirs),
    with("post", "/attempts/{id}/items/{position}", Theirs, r#"{"choice": "b", "revision": "1"}"#),
    row("get", "/attempts/{id}/submit", Theirs),
    row("post", "/attempts/{id}/submit", Theirs),
    row("get", "/attempts/{id}/result", Theirs),
    with("post", "/api/v1/auth/refresh", Everybody, r#"{"refresh_token": "{refresh}"}"#),
    row("get", "/api/v1/me", SignedIn),
    with("delete", "/api/v1/me", SignedIn, r#"{"password": "not this one"}"#),
    with("put", "/api/v1/me/password", SignedIn, PASSWORD),
    row("get", "/api/v1/me/sessions", SignedIn),
    row("delete", "/api/v1/me/sessions/{id}", Theirs),
    row("get", "/api/v1/me/tokens", SignedIn),
    with("post", "/api/v1/me/tokens", SignedIn, r#"{"name": "laptop", "scope": "read"}"#),
    row("delete", "/api/v1/me/tokens/{id}", Theirs),
    row("get", "/api/v1/me/export", SignedIn),
    row("get", "/api/v1/me/scores", SignedIn),
    with("post", "/api/v1/questions/{topic}/{slug}/answers", SignedIn, r#"{"seed": 0, "answer": {"choice": "b"}}"#),
    with("post", "/api/v1/prompts/{topic}/{slug}/responses", SignedIn, r#"{"text": "A queue."}"#),
    with("post", "/api/v1/exercises/{slug}/submissions", SignedIn, FILES),
    row("get", "/api/v1/submissions", SignedIn),
    row("get", "/api/v1/submissions/{id}", Theirs),
    row("get", "/api/v1/submissions/{id}/files", Theirs),
    row("get", "/api/v1/submissions/{id}/events", Theirs),
    row("post", "/api/v1/sets/{set}/attempts", SignedIn),
    row("get", "/api/v1/attempts", SignedIn),
    row("get", "/api/v1/attempts/{id}", Theirs),
    with("put", "/api/v1/attempts/{id}/responses/{position}", Theirs, r#"{"answer": null, "revision": 1}"#),
    row("post", "/api/v1/attempts/{id}/submit", Theirs),
    row("get", "/api/v1/attempts/{id}/result", Theirs),
    // ---- a team's ----
    row("get", "/teams", SignedIn),
    with("post", "/teams", SignedIn, r#"{"slug": "{fresh}", "name": "A team"}"#),
    row("get", "/teams/{team}", Reviewers),
    with("post", "/teams/{team}", Owners, r#"{"revision": "0", "name": "Own", "retention_days": "30"}"#),
    row("get", "/teams/{team}/members", Reviewers),
    with("post", "/teams/{team}/members/{user}", Owners, r#"{"role": "author"}"#),
    row("post", "/teams/{team}/members/{user}/remove", Owners),
    with("post", "/teams/{team}/member-invitations", Owners, INVITATION),
    row("post", "/teams/{team}/member-invitations/{id}/withdraw", Owners),
    row("get", "/teams/{team}/audit", Owners),
    row("get", "/api/v1/teams", SignedIn),
    with("post", "/api/v1/teams", SignedIn, r#"{"slug": "{fresh}", "name": "A team"}"#),
    row("get", "/api/v1/teams/{team}", Reviewers),
    with("patch", "/api/v1/teams/{team}", Owners, r#"{"retention_days": 30}"#),
    row("get", "/api/v1/teams/{team}/members", Reviewers),
    with("patch", "/api/v1/teams/{team}/members/{user}", Owners, r#"{"role": "author"}"#),
    row("delete", "/api/v1/teams/{team}/members/{user}", Owners),
    with("post", "/api/v1/teams/{team}/member-invitations", Owners, r#"{"role": "reviewer"}"#),
    row("get", "/api/v1/teams/{team}/member-invitations", Owners),
    row("delete", "/api/v1/teams/{team}/member-invitations/{id}", Owners),
    row("get", "/api/v1/teams/{team}/audit", Owners),
    row("get", "/teams/{team}/questions", Reviewers),
    with("post", "/teams/{team}/questions", Authors, r#"{"slug": "{fresh}", "from": "cap/pick-two"}"#),
    row("get", "/teams/{team}/questions/{slug}", Reviewers),
    with("post", "/teams/{team}/questions/{slug}", Authors, r#"{"source": "", "do": "preview"}"#),
    with("post", "/teams/{team}/questions/{slug}/retire", Authors, r#"{"revision": "0"}"#),
    row("get", "/teams/{team}/prompts", Reviewers),
    with("post", "/teams/{team}/prompts", Authors, r#"{"slug": "{fresh}", "from": "demo/design"}"#),
    row("get", "/teams/{team}/prompts/{slug}", Reviewers),
    with("post", "/teams/{team}/prompts/{slug}", Authors, r#"{"source": "", "do": "preview"}"#),
    with("post", "/teams/{team}/prompts/{slug}/retire", Authors, r#"{"revision": "0"}"#),
    row("get", "/api/v1/teams/{team}/questions", Reviewers),
    row("get", "/api/v1/teams/{team}/questions/{slug}", Reviewers),
    with("put", "/api/v1/teams/{team}/questions/{slug}", Authors, r#"{"source": "", "draft": true}"#),
    row("delete", "/api/v1/teams/{team}/questions/{slug}", Authors),
    with("post", "/api/v1/teams/{team}/questions/{slug}/copies", Authors, r#"{"from": "cap/pick-two"}"#),
    with("post", "/api/v1/teams/{team}/questions/{slug}/preview", Authors, r#"{"source": ""}"#),
    row("get", "/api/v1/teams/{team}/prompts", Reviewers),
    row("get", "/api/v1/teams/{team}/prompts/{slug}", Reviewers),
    with("put", "/api/v1/teams/{team}/prompts/{slug}", Authors, r#"{"source": "", "draft": true}"#),
    row("delete", "/api/v1/teams/{team}/prompts/{slug}", Authors),
    with("post", "/api/v1/teams/{team}/prompts/{slug}/copies", Authors, r#"{"from": "demo/design"}"#),
    with("post", "/api/v1/teams/{team}/prompts/{slug}/preview", Authors, r#"{"source": ""}"#),
    // Last, since whoever accepts is a member.
    row("post", "/join/{token}", SignedIn),
    row("post", "/api/v1/member-invitations/{token}/accept", SignedIn),
];

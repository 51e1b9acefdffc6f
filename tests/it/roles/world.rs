//! A service with a team and everybody who could ask it for something.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use quorate::jobs::LeasePolicy;
use reqwest::Method;
use serde_json::{Value, json};

use super::table::Row;
use crate::support::script::result;
use crate::support::{Answer, Ask as _, Backend, Client, Database, Fixture, PASSWORD, PageSession, Person, TestApp};

/// Somebody who could ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Nobody is signed in.
    Stranger,
    /// Belongs to no team; theirs are the attempt, the submission, the session and the token that addresses name.
    Candidate,
    /// The owner of another team.
    OtherOwner,
    Reviewer,
    Author,
    Owner,
}

/// From the one who may do the least to the one who may do the most.
pub const CALLERS: [Caller; 6] =
    [Caller::Stranger, Caller::Candidate, Caller::OtherOwner, Caller::Reviewer, Caller::Author, Caller::Owner];

/// The service with the people, who stay signed in.
pub struct World {
    app: TestApp,
    fresh: AtomicU32,
    clients: Mutex<HashMap<Caller, Person>>,
    browsers: Mutex<HashMap<Caller, Arc<PageSession>>>,
}

/// Whether the set of an address is a team's: the others are the bank's.
fn is_teams(path: &str) -> bool {
    path.contains("/teams/") || path.ends_with("/publish") || path.ends_with("/preview") || path == "/api/v1/sets/{set}"
}

/// After these a browser is signed in as somebody else, or not at all.
const DOORS: [&str; 3] = ["/login", "/register", "/logout"];

impl Fixture for World {
    async fn on(backend: Backend) -> Self {
        let app = TestApp::with(Database::migrated(backend), |settings| {
            settings.questions = Some(vec!["tests/fixtures/bank".into(), "questions".into()]);
            settings.graders = Some(vec!["graders".into()]);
        });
        let mut clients = HashMap::new();
        for caller in CALLERS.into_iter().filter(|caller| *caller != Caller::Stranger) {
            clients.insert(caller, app.person(&name(caller)).await);
        }
        let world = Self { app, fresh: AtomicU32::new(0), clients: Mutex::new(clients), browsers: Mutex::default() };
        for (owner, team) in [(Caller::Owner, "own"), (Caller::OtherOwner, "other")] {
            world.client(owner).post("/api/v1/teams", json!({"slug": team, "name": team})).await.ok(201);
        }
        for (member, role) in [(Caller::Author, "author"), (Caller::Reviewer, "reviewer")] {
            let link = world.invite(role).await;
            let accept = format!("/api/v1/member-invitations/{link}/accept");
            world.client(member).post(&accept, json!({})).await.ok(200);
        }
        world
    }
}

fn name(caller: Caller) -> String {
    format!("{caller:?}")
}

impl World {
    /// What a caller is answered at the route of a row.
    pub async fn ask(&self, caller: Caller, row: &Row) -> Answer {
        let (path, query) = row.path.split_once('?').unwrap_or((row.path, ""));
        let address = format!("{}?{query}", self.address(path).await);
        let body = row.body.replace("{fresh}", &self.fresh("team"));
        let body = body.replace("{refresh}", &self.client(Caller::Candidate).refresh_token);
        let body: Value = serde_json::from_str(&body).unwrap();
        let is_page = !path.starts_with("/api/") && !path.starts_with("/.well-known");
        if is_page {
            return self.ask_page(caller, row.method, &address, &body).await;
        }
        let method: Method = row.method.to_uppercase().parse().unwrap();
        let request = match caller {
            Caller::Stranger => self.app.anonymous().request(method.clone(), &address),
            _ => self.client(caller).request(method.clone(), &address),
        };
        let request = if method == Method::GET { request } else { request.json(&body).header("if-match", "*") };
        request.answer().await
    }

    async fn ask_page(&self, caller: Caller, method: &str, address: &str, fields: &Value) -> Answer {
        let browser = self.browser(caller).await;
        if method == "get" {
            return browser.request(Method::GET, address).header("accept", "text/html").answer().await;
        }
        let fields = fields.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let answer = browser.submit(address, &fields.collect::<Vec<_>>()).await;
        if DOORS.iter().any(|door| address.starts_with(door)) {
            self.browsers.lock().unwrap().remove(&caller);
        }
        answer
    }

    fn client(&self, caller: Caller) -> Person {
        self.clients.lock().unwrap()[&caller].clone()
    }

    async fn browser(&self, caller: Caller) -> Arc<PageSession> {
        let known = self.browsers.lock().unwrap().get(&caller).cloned();
        if let Some(browser) = known {
            return browser;
        }
        let browser = self.app.browser();
        if caller != Caller::Stranger {
            let email = self.client(caller).email;
            browser.submit("/login", &[("email", &email), ("password", PASSWORD)]).await.redirected();
        }
        browser.open("/").await;
        let browser = Arc::new(browser);
        self.browsers.lock().unwrap().insert(caller, Arc::clone(&browser));
        browser
    }

    /// An address of a route. What a request could use up is made anew each time.
    async fn address(&self, path: &str) -> String {
        let mut address = Vec::new();
        let mut before = "";
        for part in path.split('/') {
            address.push(if part.starts_with('{') {
                self.parameter(path, before, part).await
            } else {
                part.to_owned()
            });
            before = part;
        }
        address.join("/")
    }

    async fn parameter(&self, path: &str, before: &str, parameter: &str) -> String {
        match (before, parameter) {
            (_, "{topic}") if path.contains("/hints/") => "tracing".to_owned(),
            (_, "{topic}") => "demo".to_owned(),
            (_, "{slug}") if path.contains("/teams/") => self.new_material(path).await,
            ("exercises", "{slug}") => "retry-storm".to_owned(),
            (_, "{slug}") if path.contains("/prompts/") => "design".to_owned(),
            (_, "{slug}") if path.contains("/hints/") => "burn-rate".to_owned(),
            (_, "{slug}") => "choice".to_owned(),
            (_, "{number}" | "{position}") => "1".to_owned(),
            (_, "{file}") => "metrics.csv".to_owned(),
            (_, "{set}") if is_teams(path) => self.new_set().await,
            (_, "{set}") => "drawn".to_owned(),
            (_, "{team}") => "own".to_owned(),
            (_, "{user}") => self.new_member().await,
            ("join" | "member-invitations", "{token}") => self.invite("reviewer").await,
            ("member-invitations", "{id}") => self.new_invitation().await,
            ("sessions", "{id}") => self.new_session().await,
            ("tokens", "{id}") => self.new_token().await,
            ("attempts", "{id}") => self.new_attempt(path.ends_with("/result")).await,
            ("submissions", "{id}") => self.new_submission().await,
            _ => panic!("what is {parameter} of {path}?"),
        }
    }

    fn fresh(&self, what: &str) -> String {
        format!("{what}-{}", self.fresh.fetch_add(1, Ordering::SeqCst))
    }

    /// The token of a new link into the team.
    async fn invite(&self, role: &str) -> String {
        let owner = self.client(Caller::Owner);
        self.withdraw_all(&owner).await;
        let made = owner.post("/api/v1/teams/own/member-invitations", json!({"role": role})).await.ok(201);
        made["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// So that the team never has too many.
    async fn withdraw_all(&self, owner: &Person) {
        let all = owner.get("/api/v1/teams/own/member-invitations").await.ok(200);
        for invitation in all["items"].as_array().unwrap() {
            let address = format!("/api/v1/teams/own/member-invitations/{}", invitation["id"].as_str().unwrap());
            owner.request(Method::DELETE, &address).answer().await;
        }
    }

    async fn new_invitation(&self) -> String {
        let owner = self.client(Caller::Owner);
        let made = owner.post("/api/v1/teams/own/member-invitations", json!({"role": "reviewer"})).await.ok(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// A question or a prompt of the team; where one is copied, only a name for it.
    async fn new_material(&self, path: &str) -> String {
        let (list, from) =
            if path.contains("/questions/") { ("questions", "cap/pick-two") } else { ("prompts", "demo/design") };
        let slug = self.fresh("item");
        if !path.ends_with("/copies") {
            let copies = format!("/api/v1/teams/own/{list}/{slug}/copies");
            self.client(Caller::Owner).post(&copies, json!({"from": from})).await.ok(201);
        }
        slug
    }

    /// A set of the team.
    async fn new_set(&self) -> String {
        let made = self.client(Caller::Owner).post("/api/v1/teams/own/sets", json!({"title": "Screen"})).await.ok(201);
        made["id"].as_str().unwrap().to_owned()
    }

    async fn new_member(&self) -> String {
        let (link, person) = (self.invite("reviewer").await, self.app.person(&self.fresh("member")).await);
        person.post(&format!("/api/v1/member-invitations/{link}/accept"), json!({})).await.ok(200);
        person.id
    }

    /// The newest sign-in of the candidate.
    async fn new_session(&self) -> String {
        let all = self.client(Caller::Candidate).sign_in_again().await.get("/api/v1/me/sessions").await.ok(200);
        all["items"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn new_token(&self) -> String {
        let candidate = self.client(Caller::Candidate);
        let all = candidate.get("/api/v1/me/tokens").await.ok(200);
        for token in all["items"].as_array().unwrap() {
            let address = format!("/api/v1/me/tokens/{}", token["id"].as_str().unwrap());
            candidate.request(Method::DELETE, &address).answer().await;
        }
        let made = candidate.post("/api/v1/me/tokens", json!({"name": "laptop", "scope": "read"})).await.ok(201);
        made["id"].as_str().unwrap().to_owned()
    }

    async fn new_attempt(&self, is_over: bool) -> String {
        let candidate = self.client(Caller::Candidate);
        let begun = candidate.post("/api/v1/sets/drawn/attempts", json!({})).await;
        let attempt: Value = serde_json::from_slice(&begun.body).unwrap();
        let id = attempt["id"].as_str().unwrap().to_owned();
        if is_over {
            candidate.post(&format!("/api/v1/attempts/{id}/submit"), json!({})).await.ok(200);
        }
        id
    }

    /// A submission that has a verdict, so that its events have an end.
    async fn new_submission(&self) -> String {
        let candidate = self.client(Caller::Candidate);
        let files = json!({"files": {"src/lib.rs": ""}});
        let made = candidate.post("/api/v1/exercises/retry-storm/submissions", files).await.ok(202);
        let queue = self.app.submissions.queue(LeasePolicy::default());
        while let Some(job) = queue.claim("test", &["retry-storm".to_owned()]).await.unwrap() {
            queue.finish(job.lease, result(true), vec![]).await.unwrap();
        }
        made["id"].as_str().unwrap().to_owned()
    }
}

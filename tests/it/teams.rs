//! Teams: made, joined by a link, changed, left, and what their audit log tells.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use quorate::audit::Verified;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask as _, Client, PASSWORD, Person, TestApp, for_each_database};

for_each_database![
    who_makes_a_team_owns_it,
    a_short_name_is_one_teams_and_no_topics,
    a_link_makes_one_person_a_member,
    a_link_for_an_address_is_good_for_no_other,
    a_link_ends_when_it_is_withdrawn_or_too_old,
    who_is_a_member_uses_no_link_up,
    a_role_counts_from_the_next_request_on,
    the_last_owner_stays,
    of_two_changes_at_once_one_is_told_of_the_other,
    what_is_asked_of_a_team_is_checked,
    whatever_is_done_is_in_the_audit_log,
    an_entry_of_the_log_can_be_neither_changed_nor_removed,
    a_change_behind_our_back_is_found,
    who_is_erased_leaves_no_team_without_an_owner,
    a_team_is_made_and_joined_by_its_pages,
    a_refused_form_says_why_and_keeps_what_was_typed,
];

const TEAMS: &str = "/api/v1/teams";
const ACME: &str = "/api/v1/teams/acme";
const INVITATIONS: &str = "/api/v1/teams/acme/member-invitations";
const AUDIT: &str = "/api/v1/teams/acme/audit";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Ada, who owns the team "acme".
async fn owner(app: &TestApp) -> Person {
    let ada = app.person("Ada").await;
    ada.post(TEAMS, json!({"slug": "acme", "name": "Acme"})).await.ok(201);
    ada
}

/// The token of a link that an owner makes.
async fn link(owner: &Person, invitation: Value) -> String {
    let made = owner.post(INVITATIONS, invitation).await;
    assert_eq!(made.header("cache-control"), "no-store");
    made.ok(201)["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn accept(person: &Person, link: &str) -> Answer {
    person.post(&format!("/api/v1/member-invitations/{link}/accept"), json!({})).await
}

/// A new person, who is a member with a role.
async fn member(app: &TestApp, owner: &Person, name: &str, role: &str) -> Person {
    let person = app.person(name).await;
    accept(&person, &link(owner, json!({"role": role})).await).await.ok(200);
    person
}

async fn delete(person: &Person, path: &str) -> Answer {
    person.request(Method::DELETE, path).answer().await
}

async fn patch(person: &Person, path: &str, seen: &str, body: Value) -> Answer {
    person.request(Method::PATCH, path).header("if-match", seen).json(&body).answer().await
}

async fn set_role(by: &Person, member: &Person, role: &str) -> Answer {
    let path = format!("{ACME}/members/{}", member.id);
    by.request(Method::PATCH, &path).json(&json!({"role": role})).answer().await
}

async fn who_makes_a_team_owns_it(app: TestApp) {
    let ada = app.person("Ada").await;
    let made = ada.post(TEAMS, json!({"slug": "acme", "name": " Acme "})).await;
    assert_eq!(made.header("location"), ACME);
    let made = made.ok(201);
    assert_eq!((&made["name"], &made["role"], &made["retention_days"]), (&json!("Acme"), &json!("owner"), &json!(365)));
    assert_eq!(ada.get(ACME).await.ok(200), made);
    let by_id = format!("{TEAMS}/{}", made["id"].as_str().unwrap());
    assert_eq!(ada.get(&by_id).await.ok(200), made);
    let mine = json!([{"id": made["id"], "slug": "acme", "name": "Acme", "role": "owner"}]);
    assert_eq!(ada.get(TEAMS).await.ok(200)["items"], mine);
    assert_eq!(app.person("Bob").await.get(TEAMS).await.ok(200)["items"], json!([]));
    let members = ada.get(&format!("{ACME}/members")).await.ok(200);
    let expected = json!({"user": ada.id, "display_name": "Ada", "email": "ada@example.org", "role": "owner",
        "joined_at": "2026-01-01T00:00:00Z"});
    assert_eq!(members["items"], json!([expected]));
}

async fn a_short_name_is_one_teams_and_no_topics(app: TestApp) {
    let ada = owner(&app).await;
    let bob = app.person("Bob").await;
    for taken in ["acme", "cap", "quorums"] {
        bob.post(TEAMS, json!({"slug": taken, "name": "Mine"})).await.refused(409, "slug_taken");
    }
    for none in ["Acme", "a b", "", "-a", "../a"] {
        assert_eq!(bob.post(TEAMS, json!({"slug": none, "name": "Mine"})).await.invalid(), ["/slug"]);
    }
    assert_eq!(ada.get(TEAMS).await.ok(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_link_makes_one_person_a_member(app: TestApp) {
    let ada = owner(&app).await;
    let (bob, eve) = (app.person("Bob").await, app.person("Eve").await);
    let link = link(&ada, json!({"role": "author"})).await;
    // Mail scanners look at links, and as often as they like.
    for _ in 0..3 {
        let offer = app.anonymous().get(&format!("/api/v1/member-invitations/{link}")).await.ok(200);
        assert_eq!((&offer["team"], &offer["role"]), (&json!("Acme"), &json!("author")));
        assert_eq!(app.anonymous().request(Method::HEAD, &format!("/join/{link}")).answer().await.status, 200);
    }
    let membership = accept(&bob, &link).await.ok(200);
    assert_eq!((&membership["slug"], &membership["role"]), (&json!("acme"), &json!("author")));
    bob.get(ACME).await.ok(200);
    accept(&eve, &link).await.refused(404, "not_found");
    eve.get(ACME).await.refused(404, "not_found");
    assert_eq!(ada.get(INVITATIONS).await.ok(200)["items"], json!([]));
}

async fn a_link_for_an_address_is_good_for_no_other(app: TestApp) {
    let ada = owner(&app).await;
    let (bob, eve) = (app.person("Bob").await, app.person("Eve").await);
    let link = link(&ada, json!({"role": "reviewer", "email": " Bob@Example.ORG "})).await;
    accept(&eve, &link).await.refused(403, "another_address");
    accept(&bob, &link).await.ok(200);
}

async fn a_link_ends_when_it_is_withdrawn_or_too_old(app: TestApp) {
    let ada = owner(&app).await;
    let withdrawn = link(&ada, json!({"role": "reviewer"})).await;
    let listed = ada.get(INVITATIONS).await.ok(200)["items"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains(&withdrawn), "a link is shown once");
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(delete(&ada, &format!("{INVITATIONS}/{id}")).await.status, 204);
    delete(&ada, &format!("{INVITATIONS}/{id}")).await.refused(404, "not_found");
    let old = link(&ada, json!({"role": "reviewer"})).await;
    app.pass(14 * DAY);
    let (ada, bob) = (ada.sign_in_again().await, app.person("Bob").await);
    for ended in [withdrawn, old, "x".repeat(43)] {
        accept(&bob, &ended).await.refused(404, "not_found");
    }
    assert_eq!(ada.get(INVITATIONS).await.ok(200)["items"], json!([]));
    // What is over makes room for what is new, and is forgotten.
    app.maintenance.tidy().await;
    for _ in 0..50 {
        link(&ada, json!({"role": "reviewer"})).await;
    }
    ada.post(INVITATIONS, json!({"role": "reviewer"})).await.refused(409, "too_many_invitations");
}

async fn who_is_a_member_uses_no_link_up(app: TestApp) {
    let ada = owner(&app).await;
    let link = link(&ada, json!({"role": "reviewer"})).await;
    accept(&ada, &link).await.refused(409, "already_member");
    accept(&app.person("Bob").await, &link).await.ok(200);
    assert_eq!(ada.get(ACME).await.ok(200)["role"], "owner");
}

async fn a_role_counts_from_the_next_request_on(app: TestApp) {
    let ada = owner(&app).await;
    let bob = member(&app, &ada, "Bob", "owner").await;
    bob.get(AUDIT).await.ok(200);
    assert_eq!(set_role(&ada, &bob, "author").await.ok(200)["role"], "author");
    bob.get(AUDIT).await.refused(403, "role_required");
    assert_eq!(delete(&ada, &format!("{ACME}/members/{}", bob.id)).await.status, 204);
    bob.get(ACME).await.refused(404, "not_found");
    delete(&ada, &format!("{ACME}/members/{}", bob.id)).await.refused(404, "not_found");
    set_role(&ada, &bob, "owner").await.refused(404, "not_found");
}

async fn the_last_owner_stays(app: TestApp) {
    let ada = owner(&app).await;
    let bob = member(&app, &ada, "Bob", "author").await;
    let ada_here = format!("{ACME}/members/{}", ada.id);
    delete(&ada, &ada_here).await.refused(409, "last_owner");
    set_role(&ada, &ada, "reviewer").await.refused(409, "last_owner");
    set_role(&ada, &ada, "owner").await.ok(200);
    set_role(&ada, &bob, "owner").await.ok(200);
    assert_eq!(delete(&ada, &ada_here).await.status, 204);
    ada.get(ACME).await.refused(404, "not_found");
    // Who is no owner may leave as well.
    let eve = member(&app, &bob, "Eve", "reviewer").await;
    assert_eq!(delete(&eve, &format!("{ACME}/members/{}", eve.id)).await.status, 204);
}

async fn of_two_changes_at_once_one_is_told_of_the_other(app: TestApp) {
    let ada = owner(&app).await;
    let seen = ada.get(ACME).await.header("etag").to_owned();
    let change = json!({"retention_days": 30.0});
    let request = ada.request(Method::PATCH, ACME).json(&change).answer().await;
    request.refused(428, "if_match_missing");
    let changed = patch(&ada, ACME, &seen, change).await;
    assert_eq!(changed.ok(200)["retention_days"], 30);
    assert_ne!(changed.header("etag"), seen);
    for old in [seen.as_str(), "\"none\"", "W/\"2\"", "2", ""] {
        patch(&ada, ACME, old, json!({"name": "Other"})).await.refused(412, "changed_meanwhile");
    }
    patch(&ada, ACME, changed.header("etag"), json!({"name": "Acme Ltd"})).await.ok(200);
    let team = patch(&ada, ACME, "*", json!({})).await.ok(200);
    assert_eq!((&team["name"], &team["retention_days"]), (&json!("Acme Ltd"), &json!(30)));
}

async fn what_is_asked_of_a_team_is_checked(app: TestApp) {
    let ada = owner(&app).await;
    let invalid = async |body: Value| patch(&ada, ACME, "*", body).await.invalid();
    assert_eq!(invalid(json!({"name": "", "retention_days": 0})).await, ["/name", "/retention_days"]);
    assert_eq!(invalid(json!({"name": "x".repeat(81)})).await, ["/name"]);
    assert_eq!(invalid(json!({"retention_days": 3651})).await, ["/retention_days"]);
    assert_eq!(invalid(json!({"name": null})).await, ["/name"]);
    assert_eq!(ada.post(INVITATIONS, json!({"role": "admin"})).await.invalid(), ["/role"]);
    assert_eq!(ada.post(INVITATIONS, json!({"role": "author", "email": "me"})).await.invalid(), ["/email"]);
    for none in ["/api/v1/teams/Acme", "/api/v1/teams/tea_1", "/api/v1/teams/other"] {
        ada.get(none).await.refused(404, "not_found");
    }
}

/// The log without times and hashes: who, what, to whom, and the details.
async fn log(owner: &Person) -> Vec<Value> {
    let entries = owner.get(AUDIT).await.ok(200)["items"].clone();
    let entries = entries.as_array().unwrap().iter().rev();
    entries.map(|entry| json!([entry["actor"], entry["action"], entry["subject"], entry["detail"]])).collect()
}

async fn whatever_is_done_is_in_the_audit_log(app: TestApp) {
    let ada = owner(&app).await;
    let team = ada.get(ACME).await.ok(200)["id"].clone();
    let bob = member(&app, &ada, "Bob", "author").await;
    patch(&ada, ACME, "*", json!({"retention_days": 30})).await.ok(200);
    set_role(&ada, &bob, "reviewer").await.ok(200);
    set_role(&ada, &bob, "reviewer").await.ok(200);
    delete(&bob, &format!("{ACME}/members/{}", bob.id)).await;
    link(&ada, json!({"role": "owner"})).await;
    let invitation = ada.get(INVITATIONS).await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    delete(&ada, &format!("{INVITATIONS}/{invitation}")).await;
    let log = log(&ada).await;
    let invited = log[1][2].clone();
    let expected = [
        json!([ada.id, "team.made", team, {}]),
        json!([ada.id, "member.invited", invited, {"role": "author"}]),
        json!([bob.id, "member.joined", bob.id, {"role": "author", "invitation": invited}]),
        json!([ada.id, "team.changed", team, {"name": null, "retention_days": 30}]),
        json!([ada.id, "member.role_changed", bob.id, {"from": "author", "to": "reviewer"}]),
        json!([bob.id, "member.removed", bob.id, {}]),
        json!([ada.id, "member.invited", invitation, {"role": "owner"}]),
        json!([ada.id, "member.invitation_withdrawn", invitation, {}]),
    ];
    assert_eq!(log, expected);
    let first = ada.get(&format!("{AUDIT}?limit=5")).await.ok(200);
    let rest = ada.get(&format!("{AUDIT}?cursor={}", first["next_cursor"].as_str().unwrap())).await.ok(200);
    let places = |page: &Value| page["items"].as_array().unwrap().iter().map(|e| e["seq"].clone()).collect::<Vec<_>>();
    assert_eq!([places(&first), places(&rest)].concat(), [8, 7, 6, 5, 4, 3, 2, 1]);
    let Verified::Whole(heads) = app.audit.verify().await.unwrap() else { panic!("it is whole") };
    assert_eq!((heads.len(), heads[0].entries, json!(heads[0].hash)), (1, 8, first["items"][0]["hash"].clone()));
}

/// What the database says to a statement.
async fn execute(app: &TestApp, sql: &'static str) -> Result<(), String> {
    let done = app.db.write(move |c| Ok::<_, quorate::db::Error>(c.batch_execute(sql)?)).await;
    done.map_err(|error| error.to_string())
}

const CHANGE: &str = "UPDATE audit_entries SET actor = 'usr_none' WHERE seq = 2";
const REMOVE: &str = "DELETE FROM audit_entries WHERE seq = 2";

async fn an_entry_of_the_log_can_be_neither_changed_nor_removed(app: TestApp) {
    let ada = owner(&app).await;
    member(&app, &ada, "Bob", "author").await;
    let before = log(&ada).await;
    for statement in [CHANGE, REMOVE] {
        let refused = execute(&app, statement).await.unwrap_err();
        assert!(refused.contains("an entry of the audit log"), "{refused}");
    }
    assert_eq!(log(&ada).await, before);
}

async fn a_change_behind_our_back_is_found(app: TestApp) {
    let ada = owner(&app).await;
    member(&app, &ada, "Bob", "author").await;
    let other = app.person("Carol").await;
    other.post(TEAMS, json!({"slug": "other", "name": "Other"})).await.ok(201);
    let team = ada.get(ACME).await.ok(200)["id"].as_str().unwrap().to_owned();
    let drop = match app.config.database_url.starts_with("sqlite") {
        true => "DROP TRIGGER audit_entries_stay; DROP TRIGGER audit_entries_are_kept",
        false => "DROP TRIGGER audit_entries_stay ON audit_entries",
    };
    execute(&app, drop).await.unwrap();
    execute(&app, CHANGE).await.unwrap();
    let broken = |what| Verified::Broken { team: team.clone(), seq: 2, what };
    assert_eq!(app.audit.verify().await.unwrap(), broken("this entry or its hash was changed"));
    execute(&app, REMOVE).await.unwrap();
    assert_eq!(app.audit.verify().await.unwrap(), broken("this entry is missing"));
}

async fn erase(person: &Person) -> Answer {
    person.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD})).answer().await
}

async fn who_is_erased_leaves_no_team_without_an_owner(app: TestApp) {
    let ada = owner(&app).await;
    let bob = member(&app, &ada, "Bob", "author").await;
    erase(&ada).await.refused(409, "last_owner");
    ada.get(ACME).await.ok(200);
    set_role(&ada, &bob, "owner").await.ok(200);
    assert_eq!(erase(&ada).await.status, 204);
    let last = log(&bob).await.pop().unwrap();
    assert_eq!(last, json!([ada.id, "member.removed", ada.id, {}]));
    // A team that has nobody else goes with its owner, and with its log.
    assert_eq!(erase(&bob).await.status, 204);
    assert_eq!(app.audit.verify().await.unwrap(), Verified::Whole(vec![]));
    app.person("Carol").await.post(TEAMS, json!({"slug": "acme", "name": "Acme"})).await.ok(201);
}

async fn a_team_is_made_and_joined_by_its_pages(app: TestApp) {
    let (ada, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    ada.open("/teams").await;
    assert_eq!(ada.submit("/teams", &[("slug", "acme"), ("name", "A & B")]).await.redirected(), "/teams/acme");
    assert!(ada.open("/teams/acme").await.contains("A &amp; B"));
    let page = ada.open("/teams/acme/members").await;
    let id =
        regex::Regex::new("name=\"id\" value=\"(min_[0-9a-f]{32})\"").unwrap().captures(&page).unwrap()[1].to_owned();
    let form = [("id", id.as_str()), ("role", "reviewer"), ("email", "")];
    let invited = ada.submit("/teams/acme/member-invitations", &form).await;
    assert_eq!((invited.status, invited.header("cache-control")), (200, "no-store"));
    let link = regex::Regex::new("/join/[A-Za-z0-9_-]{43}").unwrap().find(&invited.text()).unwrap().as_str().to_owned();
    assert!(!ada.open("/teams/acme/members").await.contains(&link), "it's shown once");
    let again = ada.submit("/teams/acme/member-invitations", &form).await;
    let text = again.text();
    assert!(again.status == 409 && text.contains("has made its link already") && !text.contains("/join/"), "{text}");
    assert_eq!(text.matches("/withdraw").count(), 1, "there is one invitation");

    assert!(app.browser().open(&link).await.contains("Sign in to join"));
    assert!(bob.open(&link).await.contains("Join as Bob"));
    assert_eq!(bob.submit(&link, &[]).await.redirected(), "/teams/acme");
    let page = bob.open("/teams/acme/members").await;
    assert!(page.contains("Leave the team") && !page.contains("Invite a member"), "{page}");
    let members = regex::Regex::new("/teams/acme/members/usr_[0-9a-f]{32}").unwrap();
    let page = ada.open("/teams/acme/members").await;
    let all: Vec<_> = members.find_iter(&page).map(|found| found.as_str()).collect();
    let second = all.last().unwrap().to_owned();
    assert_eq!(ada.submit(second, &[("role", "owner")]).await.redirected(), "/teams/acme/members");
    assert!(bob.open("/teams/acme/audit").await.contains("member.role_changed"));
    bob.open("/teams/acme/members").await;
    assert_eq!(bob.submit(&format!("{second}/remove"), &[]).await.redirected(), "/teams");
    assert!(!bob.open("/teams").await.contains("A &amp; B"));
}

async fn a_refused_form_says_why_and_keeps_what_was_typed(app: TestApp) {
    let ada = app.signed_in("Ada").await;
    let refused = ada.submit("/teams", &[("slug", "cap"), ("name", "<Mine>")]).await;
    assert!(refused.status == 409 && refused.text().contains("is taken"), "{}", refused.text());
    assert!(refused.text().contains("&lt;Mine&gt;"));
    ada.submit("/teams", &[("slug", "acme"), ("name", "Acme")]).await.redirected();
    let old = [("revision", "0"), ("name", "Other"), ("retention_days", "30")];
    let refused = ada.submit("/teams/acme", &old).await;
    assert!(refused.status == 412 && refused.text().contains("somebody has changed this"), "{}", refused.text());
    let page = ada.open("/teams/acme/members").await;
    let member = regex::Regex::new("/teams/acme/members/usr_[0-9a-f]{32}").unwrap().find(&page).unwrap().as_str();
    let refused = ada.submit(&format!("{member}/remove"), &[]).await;
    assert!(refused.status == 409 && refused.text().contains("would have no owner"), "{}", refused.text());
}

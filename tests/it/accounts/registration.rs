//! Making an account.

use futures_util::future::join_all;
use serde_json::json;

use super::{ME, REGISTER, log_in, registration};
use crate::support::{Client, PASSWORD, TestApp, for_each_database};

for_each_database![
    a_new_person_is_signed_in,
    an_address_has_one_account,
    everything_wrong_with_a_registration_is_named,
    of_many_who_take_an_address_one_gets_it,
    a_password_that_everybody_thinks_of_is_refused,
    names_hold_nothing_that_can_not_be_seen,
];

async fn a_new_person_is_signed_in(app: TestApp) {
    let ada = app.person("Ada").await;
    let me = ada.get(ME).await.ok(200);
    let created_at = "2026-01-01T00:00:00Z";
    assert_eq!(me, json!({"id": ada.id, "email": "ada@example.org", "display_name": "Ada", "created_at": created_at}));

    let tokens = log_in(&app, " ADA@example.org", PASSWORD).await.ok(200);
    assert_eq!(tokens["user"], me);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
}

async fn an_address_has_one_account(app: TestApp) {
    app.person("Ada").await;
    for same in ["ada@example.org", " Ada@Example.ORG "] {
        app.anonymous().post(REGISTER, registration(same)).await.refused(409, "email_taken");
    }
}

async fn everything_wrong_with_a_registration_is_named(app: TestApp) {
    let wrong =
        |email: &str, password: &str, name: &str| json!({"email": email, "password": password, "display_name": name});
    let long = "x".repeat(300);
    let cases = [
        (wrong("ada", "short", " "), vec!["/email", "/password", "/display_name"]),
        (wrong("a b@example.org", PASSWORD, "two\nlines"), vec!["/email", "/display_name"]),
        (wrong(&format!("{long}@example.org"), &long, &long), vec!["/email", "/password", "/display_name"]),
        (wrong("nul\0@example.org", PASSWORD, "nul\0"), vec!["/email", "/display_name"]),
    ];
    for (form, pointers) in cases {
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), pointers);
    }
}

async fn of_many_who_take_an_address_one_gets_it(app: TestApp) {
    let (anonymous, form) = (app.anonymous(), registration("ada@example.org"));
    let tries = (0..6).map(|_| anonymous.post(REGISTER, &form));
    let mut statuses: Vec<_> = join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

async fn a_password_that_everybody_thinks_of_is_refused(app: TestApp) {
    for password in ["1234567890", "password12", "123456789012345", "passwordpassword", "lovelace.ada.1815"] {
        let form = json!({"email": "ada@example.org", "password": password, "display_name": "Ada Lovelace"});
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), ["/password"], "{password}");
    }
}

async fn names_hold_nothing_that_can_not_be_seen(app: TestApp) {
    for name in ["Ada\u{202e}avE", "A\u{200b}da", "\u{feff}Ada", "Ada\u{2028}Eve", "Ada\u{7}"] {
        let form = json!({"email": "ada@example.org", "password": PASSWORD, "display_name": name});
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), ["/display_name"], "{name:?}");
    }
    let family =
        json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "\u{1f469}\u{200d}\u{1f4bb} Ada"});
    app.anonymous().post(REGISTER, family).await.ok(201);
}

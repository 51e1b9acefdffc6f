//! Who someone is, by REST.

use serde_json::json;

use crate::support::{Client as _, TestApp, for_each_database};

for_each_database![a_new_person_is_signed_in,];

async fn a_new_person_is_signed_in(app: TestApp) {
    let ada = app.person("Ada").await;
    let me = ada.get("/api/v1/me").await.ok(200);
    let created_at = "2026-01-01T00:00:00Z";
    assert_eq!(me, json!({"id": ada.id, "email": "ada@example.org", "display_name": "Ada", "created_at": created_at}));
}

//! Who someone is, by REST.

mod limits;
mod own_data;
mod own_sign_ins;
mod personal_tokens;
mod registration;
mod signing_in;

use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestApp};

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";
const ME: &str = "/api/v1/me";

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "display_name": "Ada"})
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post(LOGIN, json!({"email": email, "password": password})).await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().post(REFRESH, json!({"refresh_token": token})).await
}

/// The one writer's place of SQLite, or one of PostgreSQL's, held until it is released.
struct Writer {
    done: std::sync::mpsc::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), quorate::db::Error>>,
}

impl Writer {
    async fn hold(app: &TestApp) -> Self {
        let (begun, has_begun) = tokio::sync::mpsc::unbounded_channel();
        let (done, is_done) = std::sync::mpsc::channel();
        let (db, mut has_begun) = (app.db.clone(), has_begun);
        let task = tokio::spawn(async move {
            db.write(move |_| {
                begun.send(()).unwrap();
                // Until the test has looked, or has failed.
                is_done.recv().ok();
                Ok::<_, quorate::db::Error>(())
            })
            .await
        });
        has_begun.recv().await.unwrap();
        Self { done, task }
    }

    async fn release(self) {
        drop(self.done);
        self.task.await.unwrap().unwrap();
    }
}

//! Somebody with an account, who shows an access token.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::client::Network;
use super::{Anonymous, Client};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// A person as a REST client.
#[derive(Clone)]
pub struct Person {
    network: Network,
    /// `usr_…`
    pub id: String,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl Person {
    /// A new account.
    pub async fn register(network: &Network, name: &str) -> Self {
        let form = json!({"email": email(name), "password": PASSWORD, "display_name": name});
        let tokens = Anonymous::new(network).post("/api/v1/auth/register", form).await.ok(201);
        Self::of(network, &tokens)
    }

    /// The same person with new tokens, when time has passed.
    pub async fn sign_in_again(&self) -> Self {
        let form = json!({"email": self.email, "password": PASSWORD});
        let tokens = Anonymous::new(&self.network).post("/api/v1/auth/login", form).await.ok(200);
        Self::of(&self.network, &tokens)
    }

    /// The same person with another access token.
    pub fn with_token(&self, access_token: &str) -> Self {
        Self { access_token: access_token.to_owned(), ..self.clone() }
    }

    /// Hands in a source to an exercise of a server that grades, and gives the submission when it's graded.
    pub async fn graded(&self, exercise: &str, source: &str) -> Value {
        let files = json!({"files": {"src/lib.rs": source}});
        let submission = self.post(&format!("/api/v1/exercises/{exercise}/submissions"), files).await.ok(202);
        let path = format!("/api/v1/submissions/{}?wait=30", submission["id"].as_str().unwrap());
        // The first one waits for its package to be prepared.
        for _ in 0..6 {
            let submission = self.get(&path).await.ok(200);
            if submission["state"] == "finished" {
                return submission;
            }
        }
        panic!("{path} isn't graded after three minutes");
    }

    fn of(network: &Network, tokens: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            network: network.clone(),
            id: text(&tokens["user"]["id"]),
            email: text(&tokens["user"]["email"]),
            access_token: text(&tokens["access_token"]),
            refresh_token: text(&tokens["refresh_token"]),
        }
    }
}

impl Client for Person {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.network.request(method, path).bearer_auth(&self.access_token)
    }
}

/// The address under which somebody of that name registers.
pub fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

//! A server as a candidate's commands talk to it: by the REST API, with a personal token.
//!
//! A token is sent to the server that was named and to no other: redirects aren't followed, and without TLS it goes only to
//! this machine, unless the person insists.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::CliError;
use super::report::printable;
use super::token_file;
use crate::accounts::PersonalSecret;
use crate::config::{self, Remote};
use crate::hex::hex;

/// How long a connection may take to begin.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take: longer than the server waits for a result.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of an answer: far more than any report.
const ANSWER_MAX_BYTES: usize = 16 << 20;

/// The address of a server, checked to be one that a token may go to.
#[derive(Clone)]
pub(super) struct Address(Url);

impl Address {
    /// The address that the arguments or the environment name.
    pub(super) fn of(remote: &Remote) -> Result<Self, CliError> {
        let text = remote
            .server
            .as_deref()
            .ok_or_else(|| CliError::usage("which server? Say --server URL, or set QUORATE_SERVER"))?;
        Self::parse(text, remote.insecure_http).map_err(|reason| CliError::usage(format!("{text}: {reason}")))
    }

    fn parse(text: &str, insecure_http: bool) -> Result<Self, String> {
        const WANTED: &str = "the address of a server is wanted, such as https://quorate.example.org";
        let url = Url::parse(text).map_err(|_| WANTED.to_owned())?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(WANTED.to_owned());
        }
        match url.scheme() {
            "https" if cfg!(feature = "tls") => Ok(Self(url)),
            "https" => Err("this quorate was built without TLS: build it with `--features tls`".to_owned()),
            "http" if insecure_http || is_loopback(&url) => Ok(Self(url)),
            "http" => {
                Err("others on the network could read along: use https, or --insecure-http if they may".to_owned())
            }
            _ => Err(WANTED.to_owned()),
        }
    }

    /// The address of something on the server: a path of words, which need no escapes yet.
    pub(super) fn join(&self, words: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(words);
        }
        url
    }

    /// The name under which a token for this server is stored.
    pub(super) fn name(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A server, and who asks it.
pub(super) struct Server {
    address: Address,
    http: reqwest::Client,
    token: Option<PersonalSecret>,
}

impl Server {
    /// For somebody who needs no account.
    pub(super) fn open(address: Address) -> Result<Self, CliError> {
        #[cfg(feature = "tls")]
        // It fails only where a provider is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("quorate/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT);
        if address.0.scheme() == "http" {
            // A proxy would read along.
            http = http.no_proxy();
        }
        Ok(Self { address, http: http.build().map_err(CliError::internal)?, token: None })
    }

    /// For the person whose token is in `QUORATE_TOKEN` or was stored by `quorate login`.
    pub(super) fn signed_in(address: Address) -> Result<Self, CliError> {
        let token = match config::personal_token() {
            Some(token) => Some(token),
            None => token_file::find(address.name())?,
        };
        let missing = || {
            let server = address.name();
            CliError::usage(format!(
                "no token for {server}: make one at {server}/account, then run `quorate login --server {server}`"
            ))
        };
        let token = PersonalSecret::parse(&token.ok_or_else(missing)?).map_err(CliError::usage)?;
        Self::with_token(address, token)
    }

    /// For the person who made this token.
    pub(super) fn with_token(address: Address, token: PersonalSecret) -> Result<Self, CliError> {
        Ok(Self { token: Some(token), ..Self::open(address)? })
    }

    /// Where people look at something on this server.
    pub(super) fn page(&self, words: &[&str]) -> Url {
        self.address.join(words)
    }

    /// Asks for something under `/api/v1`.
    pub(super) async fn get<T: DeserializeOwned>(&self, words: &[&str], query: &str) -> Result<T, CliError> {
        self.ask(self.request(Method::GET, words, query)).await
    }

    /// Sends something to an address under `/api/v1`. If the answer is lost on its way, it's sent once more: by its key the server
    /// knows that it is the same.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        words: &[&str],
        query: &str,
        body: &Value,
    ) -> Result<T, CliError> {
        let key = idempotency_key()?;
        let send = || {
            let request = self.request(Method::POST, words, query).header("content-type", "application/json");
            self.ask(request.header("idempotency-key", &key).body(body.to_string()))
        };
        match send().await {
            Err(error) if error.is_internal() => send().await,
            answer => answer,
        }
    }

    fn request(&self, method: Method, words: &[&str], query: &str) -> RequestBuilder {
        let mut url = self.address.join(&[&["api", "v1"], words].concat());
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let request = self.http.request(method, url).header("accept", "application/json");
        match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CliError> {
        let server = self.address.name();
        let (status, body) = self.answer(request).await?;
        if status.is_success() {
            let strange = |error| CliError::internal(format!("{server} answers something strange: {error}"));
            return serde_json::from_slice(&body).map_err(strange);
        }
        Err(refused(server, status, serde_json::from_slice(&body).ok()))
    }

    /// Whether the scope of the token covers reading something under `/api/v1`.
    pub(super) async fn covers(&self, words: &[&str]) -> Result<bool, CliError> {
        let (status, body) = self.answer(self.request(Method::GET, words, "")).await?;
        let problem: Option<Problem> = serde_json::from_slice(&body).ok();
        match problem {
            _ if status.is_success() => Ok(true),
            Some(Problem { code, .. }) if code == "insufficient_scope" => Ok(false),
            problem => Err(refused(self.address.name(), status, problem)),
        }
    }

    async fn answer(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), CliError> {
        let server = self.address.name();
        let unreachable =
            |error: reqwest::Error| CliError::internal(format!("failed to reach {server}: {}", cause(&error)));
        let mut answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(CliError::internal(format!("{server} answers with more than {ANSWER_MAX_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }
}

/// A key that nobody else has, by which the server tells a repeated request from a new one.
fn idempotency_key() -> Result<String, CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(CliError::internal)?;
    Ok(hex(bytes))
}

/// The innermost reason, which says most: "connection refused", where the outer ones name the request.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// What is told of a refusal (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

/// Too many requests and failures of the server aren't the caller's mistakes.
fn refused(server: &str, status: StatusCode, problem: Option<Problem>) -> CliError {
    let Some(Problem { detail, .. }) = problem else {
        return CliError::internal(format!("{server} answers {status}: is it a quorate server?"));
    };
    let message = format!("{server}: {}", printable(&detail));
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        CliError::usage(message)
    } else {
        CliError::internal(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_without_tls_to_this_machine_alone() {
        let is_taken = |text: &str| Address::parse(text, false).is_ok();
        for here in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080/", "http://127.8.8.8/quorate"] {
            assert!(is_taken(here), "{here}");
        }
        for elsewhere in
            ["http://quorate.test", "http://127.0.0.1.evil.test", "http://localhost.evil.test", "http://10.0.0.1"]
        {
            assert!(!is_taken(elsewhere) && Address::parse(elsewhere, true).is_ok(), "{elsewhere}");
        }
        for none in
            ["", "quorate.test", "ftp://127.0.0.1", "http://me:secret@127.0.0.1", "http://127.0.0.1?x=1", "file:///etc"]
        {
            assert!(Address::parse(none, true).is_err(), "{none}");
        }
    }

    #[test]
    fn addresses_are_joined_under_a_folder_too() {
        let join = |server: &str| Address::parse(server, false).unwrap().join(&["submissions", "../x"]).to_string();
        assert_eq!(join("http://127.0.0.1:1"), "http://127.0.0.1:1/submissions/..%2Fx");
        assert_eq!(join("http://127.0.0.1:1/quorate/"), "http://127.0.0.1:1/quorate/submissions/..%2Fx");
    }
}

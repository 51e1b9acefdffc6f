//! A browser as the pages know it: it keeps the session's cookie, says where a request comes from, and sends back the
//! token of the page. There is no rendering and no script; for those there is `browser`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::{Method, RequestBuilder};

use super::client::{Ask as _, Network};
use super::person::{PASSWORD, email};
use super::{Answer, Client};

/// A browser's window on one service.
pub struct PageSession {
    network: Network,
    kept: Mutex<Kept>,
}

/// What a browser remembers between two requests.
#[derive(Clone, Default)]
struct Kept {
    /// Values by name.
    cookies: BTreeMap<String, String>,
    /// Of the page last seen.
    csrf: String,
}

impl PageSession {
    pub fn new(network: &Network) -> Self {
        Self { network: network.clone(), kept: Mutex::default() }
    }

    /// A new account, signed in by the page to register, with a page of that session open.
    pub async fn register(network: &Network, name: &str) -> Self {
        let session = Self::new(network);
        let form = [("email", &*email(name)), ("password", PASSWORD), ("display_name", name)];
        session.submit("/register", &form).await.redirected();
        session.open("/").await;
        session
    }

    /// The HTML of a page that is there, as a person opens it; its token is the one sent from now on.
    pub async fn open(&self, path: &str) -> String {
        let answer = self.request(Method::GET, path).header("accept", "text/html").answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.text();
        self.keep(|kept| kept.csrf = csrf(&page));
        page
    }

    /// Sends a form of a page, as its button does.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf();
        let fields: Vec<_> = fields.iter().copied().chain([("_csrf", token.as_str())]).collect();
        let answer = self.request(Method::POST, path).header("accept", "text/html").form(&fields).answer().await;
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.keep(|kept| drop(kept.cookies.insert(name.to_owned(), value.to_owned())));
        }
        answer
    }

    /// The session's cookie, `name=value`.
    pub fn cookie(&self) -> String {
        let kept = self.kept();
        let session = kept.cookies.iter().find(|(name, _)| name.ends_with("quorate_session"));
        session.map(|(name, value)| format!("{name}={value}")).unwrap_or_default()
    }

    /// The token of the page last seen.
    pub fn csrf(&self) -> String {
        self.kept().csrf
    }

    fn kept(&self) -> Kept {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What a script of a page does: the cookie goes with it, and the page's token in a header.
impl Client for PageSession {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let Kept { cookies, csrf } = self.kept();
        let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.network.request(method.clone(), path).header("cookie", cookies.join("; "));
        if method == Method::GET {
            return request;
        }
        request.header("origin", &self.network.url).header("sec-fetch-site", "same-origin").header("x-csrf-token", csrf)
    }
}

/// The token in a page's head.
fn csrf(page: &str) -> String {
    let (_, rest) = page.split_once(r#"<meta name="csrf-token" content=""#).expect("a page has a token");
    rest.split('"').next().unwrap().to_owned()
}

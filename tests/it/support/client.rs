//! Those who ask the service for something. They differ in how they say who they are; all else is the trait's.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde_json::Value;

use super::contract;

/// The way to one service.
#[derive(Clone)]
pub struct Network {
    pub url: String,
    http: reqwest::Client,
}

impl Network {
    /// Follows no redirects: where one leads is for the test to see.
    pub fn new(url: String) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url, http }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }
}

/// Somebody who asks.
pub trait Client {
    /// A request that says who asks.
    fn request(&self, method: Method, path: &str) -> RequestBuilder;

    async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).answer().await
    }

    async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::POST, path).json(&body).answer().await
    }

    async fn put(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PUT, path).json(&body).answer().await
    }
}

/// Sends a request that a test has made by hand.
pub trait Ask {
    async fn answer(self) -> Answer;
}

impl Ask for RequestBuilder {
    async fn answer(self) -> Answer {
        let (client, request) = self.build_split();
        let request = request.expect("a request that can be sent");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = Answer::read(client.execute(request).await.expect("the service answers")).await;
        contract::check(&method, &path, &answer);
        answer
    }
}

/// Nobody in particular.
pub struct Anonymous(Network);

impl Anonymous {
    pub fn new(network: &Network) -> Self {
        Self(network.clone())
    }
}

impl Client for Anonymous {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.0.request(method, path)
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// No test expects a failure of ours.
    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("an answer is whole").to_vec();
        let answer = Self { status, headers, body };
        assert_ne!(status, 500, "{}", answer.text());
        answer
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON of an answer that has this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json", "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem that a refusal tells, which has this status and code and lacks nothing (RFC 9457).
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        for text in ["type", "title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert!(problem["errors"].is_array(), "{problem}");
        problem
    }

    /// The places in the request that a refusal with status 422 names.
    #[track_caller]
    pub fn invalid(&self) -> Vec<String> {
        let problem = self.refused(422, "invalid");
        let fields = problem["errors"].as_array().unwrap();
        fields.iter().map(|field| field["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn redirected(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text());
        self.header("location")
    }
}

//! What a candidate does, in a real browser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use crate::support::browser::{Browser, Screen};
use crate::support::served::Served;
use crate::support::{Backend, Database, Fixture, TestApp, for_each_database};

for_each_database![
    a_newcomer_registers_reads_and_practises,
    somebody_signs_in_and_out,
    an_attempt_outlives_a_reload,
    an_exercise_is_submitted_until_it_is_accepted,
    pages_keep_to_themselves_and_fit_a_phone,
];

/// The service with the small bank.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

impl Demo {
    async fn browser(&self) -> Browser {
        Browser::open(&self.0.config.public_url, Screen::Desk).await
    }
}

async fn a_newcomer_registers_reads_and_practises(demo: Demo) {
    let browser = demo.browser().await;
    browser.goto("/").await;
    browser.press("Register").await;
    browser.fill("display_name", "Ada").await;
    browser.fill("email", "ada@example.org").await;
    browser.fill("password", "correct horse battery staple").await;
    browser.find("main form button").await.click().await.unwrap();
    browser.wait_for("header", "Ada").await;

    browser.press("Topics").await;
    browser.press("Demo").await;
    browser.wait_for("h1", "Demo").await;
    browser.press("Begin").await;
    browser.wait_for(".stem", "?").await;
    browser.goto("/practice/demo/choice").await;
    browser.find("input[value=b]").await.click().await.unwrap();
    browser.press("Answer").await;
    browser.wait_for("#outcome", "Not right").await;
    browser.wait_for("main", "SECRET-EXPLANATION").await;
    browser.press("Try again").await;
    browser.find("input[value=a]").await.click().await.unwrap();
    browser.press("Answer").await;
    browser.wait_for("#outcome", "Right").await;
    browser.press("My record").await;
    browser.wait_for("main", "Demo").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

async fn somebody_signs_in_and_out(demo: Demo) {
    let browser = demo.browser().await;
    browser.register("Ada").await;
    browser.press("Sign out").await;
    browser.wait_for("header", "Sign in").await;
    browser.goto("/record").await;
    browser.wait_for("h1", "Sign in").await;
    browser.fill("email", "ada@example.org").await;
    browser.fill("password", "a wrong password").await;
    browser.find("main form button").await.click().await.unwrap();
    browser.wait_for("[role=alert]", "the address or the password is wrong").await;
    browser.fill("password", "correct horse battery staple").await;
    browser.find("main form button").await.click().await.unwrap();
    browser.wait_for("header", "Ada").await;
    assert_eq!(browser.path().await, "/record");
    browser.close().await;
}

async fn an_attempt_outlives_a_reload(demo: Demo) {
    let browser = demo.browser().await;
    browser.register("Ada").await;
    browser.goto("/sets/timed").await;
    browser.press("Begin").await;
    browser.wait_for("#timer", "left").await;
    // Saved without a button, and there again after a reload.
    browser.find("input[value=a]").await.click().await.unwrap();
    browser.wait_for("#save-state", "saved").await;
    browser
        .until("the answer is stored", async || {
            browser.run("return document.querySelector('#save-state').textContent", Vec::new()).await == "saved"
        })
        .await;
    browser.reload().await;
    browser.find("input[value=a]:checked").await;
    browser.press("Save and go on").await;
    browser.find("input[value=true]").await.click().await.unwrap();
    browser.press("Save and look over").await;
    browser.wait_for(".lead", "2 of 2 items are answered").await;
    browser.press("Submit for good").await;
    browser.wait_for("#score", "3 of 3 points").await;
    browser.wait_for("#score", "Passed").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

async fn an_exercise_is_submitted_until_it_is_accepted(served: Served) {
    let browser = Browser::open(&served.url, Screen::Desk).await;
    browser.register("Ada").await;
    browser.goto("/exercises/adder").await;
    // The package is prepared when the server is first started.
    browser
        .until("submissions are taken", async || {
            browser.reload().await;
            browser.run("return !document.querySelector('#submit').disabled", Vec::new()).await == true
        })
        .await;
    browser.paste("textarea[aria-label='src/lib.rs']", "pub fn add(_: u64, _: u64) -> u64 { 0 }").await;
    browser.press("Submit").await;
    browser.find("#outcome[data-verdict=wrong_answer]").await;
    browser.wait_for(".tests", "Which method of u64 stops at the largest number?").await;

    browser.press("Go on from these files").await;
    let solution = fs::read_to_string("tests/fixtures/packages/adder/solution/src/lib.rs").unwrap();
    browser.paste("textarea[aria-label='src/lib.rs']", &solution).await;
    browser.press("Submit").await;
    browser.find("#outcome[data-verdict=accepted]").await;
    browser.wait_for(".score", "3 of 3 points").await;
    browser.goto("/record").await;
    browser.wait_for("main", "Adder").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

/// Pages of one kind that are looked at.
const OF_A_KIND: usize = 2;

/// Every page that can be reached by links from the home page, as somebody sees it who is signed in.
async fn pages_keep_to_themselves_and_fit_a_phone(app: TestApp) {
    let browser = Browser::open(&app.config.public_url, Screen::Phone).await;
    browser.register("Ada").await;
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut next = vec!["/".to_owned(), "/login".to_owned(), "/nothing".to_owned()];
    while let Some(path) = next.pop() {
        let count = kinds.entry(kind(&path)).or_default();
        if *count == OF_A_KIND || !seen.insert(path.clone()) {
            continue;
        }
        *count += 1;
        browser.goto(&path).await;
        next.extend(look_at(&browser, &path).await);
    }
    assert!(kinds.len() > 8, "{kinds:?}");
    browser.close().await;
}

/// `/topics/cap` and `/topics/quorums` are of a kind.
fn kind(path: &str) -> String {
    let mut parts = path.split(['/', '?']).filter(|part| !part.is_empty());
    format!("{} {}", parts.next().unwrap_or_default(), parts.count())
}

/// Checks one page and gives its links within the pages.
async fn look_at(browser: &Browser, path: &str) -> Vec<String> {
    let page = browser
        .run(
            "return {
                width: document.documentElement.scrollWidth,
                loaded: performance.getEntriesByType('resource').map(entry => entry.name),
                links: Array.from(document.querySelectorAll('a[href]'), link => link.href),
                named: document.title !== '' && document.documentElement.lang !== '',
                headings: document.querySelectorAll('h1').length,
                origin: location.origin,
            }",
            Vec::new(),
        )
        .await;
    let texts = |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
    let origin = page["origin"].as_str().unwrap();
    assert_eq!(page["width"], json!(360), "{path} is wider than the screen");
    assert_eq!((&page["named"], &page["headings"]), (&json!(true), &json!(1)), "{path}");
    for address in texts(&page["loaded"]) {
        assert!(address.starts_with(&format!("{origin}/")) || address.starts_with("data:"), "{path} loads {address}");
    }
    let missing = if path == "/nothing" { 1 } else { 0 };
    let complaints = browser.complaints().await;
    assert_eq!(complaints.len(), missing, "{path}: {complaints:?}");
    let own = |link: String| link.strip_prefix(origin).map(|path| path.split('#').next().unwrap().to_owned());
    texts(&page["links"]).into_iter().filter_map(own).filter(|path| !path.starts_with("/api/")).collect()
}

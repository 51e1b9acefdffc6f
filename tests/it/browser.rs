//! What a candidate does, in a real browser.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::browser::{Browser, Screen};
use crate::support::{Backend, Database, Fixture, TestApp, for_each_database};

for_each_database![
    a_newcomer_registers_reads_and_practises,
    somebody_signs_in_and_out,
    an_attempt_outlives_a_reload,
    what_is_typed_reaches_the_server_or_stays,
    two_tabs_never_lose_an_answer,
    a_session_that_ends_costs_nothing,
    a_laptop_that_slept_knows_the_time,
    a_double_click_counts_once,
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
    browser.find(SAVED).await;
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

/// What an attempt's page says when the server has all that was typed.
const SAVED: &str = "#save-state[data-state=saved]";
/// The items of the set `work`, and their fields.
const NUMBER: &str = "[name=value]";
const ESSAY: &str = "textarea[name=text]";

impl Demo {
    /// A browser in which Ada has begun the set `work`, and the address of the attempt.
    async fn at_work(&self) -> (Browser, String) {
        let browser = self.browser().await;
        browser.register("Ada").await;
        browser.goto("/sets/work").await;
        browser.press("Begin").await;
        browser.find("#answer-form").await;
        let attempt = browser.path().await.trim_end_matches("/items/1").to_owned();
        (browser, attempt)
    }
}

/// Waits until a form's script is there, and sets a field as typing and pasting do.
async fn type_into(browser: &Browser, css: &str, text: &str) {
    browser.find("html.scripted, #save-state").await;
    browser.paste(css, text).await;
}

async fn value_of(browser: &Browser, css: &str) -> String {
    browser.find(css).await;
    let value = browser.run("return document.querySelector(arguments[0]).value", vec![json!(css)]).await;
    value.as_str().unwrap().to_owned()
}

async fn what_is_typed_reaches_the_server_or_stays(demo: Demo) {
    let (browser, attempt) = demo.at_work().await;
    let item = |position: u32| format!("{attempt}/items/{position}");
    // A decimal comma is read, and what is no number is named beside the field before anything is submitted.
    browser.goto(&item(2)).await;
    type_into(&browser, NUMBER, "7,0").await;
    browser.find(SAVED).await;
    type_into(&browser, NUMBER, "seven").await;
    browser.find("#save-state[data-state=refused]").await;
    browser.wait_for("#answer-problem", "number").await;
    type_into(&browser, NUMBER, "7,0").await;
    browser.find(SAVED).await;
    browser.reload().await;
    assert_eq!(value_of(&browser, NUMBER).await, "7,0");
    // An emptied answer is none.
    type_into(&browser, NUMBER, "").await;
    browser.find(SAVED).await;
    browser.reload().await;
    assert_eq!(value_of(&browser, NUMBER).await, "");
    browser.wait_for("#answered", "0").await;
    // 12,000 letters of two bytes, 72 kB in a form, with blank lines before them.
    browser.goto(&item(3)).await;
    let long = format!("\n\n{}", "щ".repeat(12_000));
    type_into(&browser, ESSAY, &long).await;
    browser.find(SAVED).await;
    browser.reload().await;
    assert_eq!(value_of(&browser, ESSAY).await, long);
    // While the server takes nothing, the page says so, keeps the text and sends it again.
    let fail = "window.realFetch = fetch; window.fetch = async () => new Response('{\"code\":\"overloaded\",\"detail\":\"busy\"}',
        {status: 503, headers: {'content-type': 'application/problem+json', 'retry-after': '1'}});";
    browser.run(fail, Vec::new()).await;
    type_into(&browser, ESSAY, "Kept.").await;
    browser.find("#save-state[data-state=waiting]").await;
    browser.run("window.fetch = window.realFetch;", Vec::new()).await;
    browser.find(SAVED).await;
    browser.reload().await;
    assert_eq!(value_of(&browser, ESSAY).await, "Kept.");
    assert_eq!(complaints(&browser).await, Vec::<String>::new());
    browser.close().await;
}

/// What the browser complains of, but for answers with a status that a test provokes.
async fn complaints(browser: &Browser) -> Vec<String> {
    let mut complaints = browser.complaints().await;
    complaints.retain(|complaint| !["401", "403", "409", "422"].iter().any(|status| complaint.contains(status)));
    complaints
}

async fn two_tabs_never_lose_an_answer(demo: Demo) {
    let (browser, attempt) = demo.at_work().await;
    browser.goto(&format!("{attempt}/items/3")).await;
    let first = browser.tab().await;
    let second = browser.open_tab().await;
    browser.goto(&format!("{attempt}/items/3")).await;
    type_into(&browser, ESSAY, "Of the second tab.").await;
    browser.find(SAVED).await;
    browser.switch_to(&first).await;
    type_into(&browser, ESSAY, "Of the first tab.").await;
    browser.find("#save-state[data-state=conflict]").await;
    assert_eq!(value_of(&browser, ESSAY).await, "Of the first tab.");
    browser.press("Replace it with mine").await;
    browser.find(SAVED).await;
    // The other tab is told in its turn, and takes over what is stored.
    browser.switch_to(&second).await;
    type_into(&browser, ESSAY, "Of the second tab again.").await;
    browser.find("#save-state[data-state=conflict]").await;
    browser.press("Use the saved version").await;
    browser.until("what is stored is shown", async || value_of(&browser, ESSAY).await == "Of the first tab.").await;
    assert_eq!(complaints(&browser).await, Vec::<String>::new());
    browser.close().await;
}

async fn a_session_that_ends_costs_nothing(demo: Demo) {
    let (browser, attempt) = demo.at_work().await;
    browser.goto(&format!("{attempt}/items/3")).await;
    let first = browser.tab().await;
    browser.open_tab().await;
    browser.goto("/").await;
    browser.press("Sign out").await;
    browser.wait_for("header", "Sign in").await;
    browser.switch_to(&first).await;
    type_into(&browser, ESSAY, "Typed without a session.").await;
    browser.find("#save-state[data-state=signed_out]").await;
    // Signed in again in another tab, the page saves by itself what it held.
    let second = browser.open_tab().await;
    browser.goto("/login").await;
    browser.fill("email", "ada@example.org").await;
    browser.fill("password", "correct horse battery staple").await;
    browser.find("main form button").await.click().await.unwrap();
    browser.wait_for("header", "Ada").await;
    browser.switch_to(&first).await;
    browser.find(SAVED).await;
    // Without scripts, the answer is a page that holds what was sent.
    browser.switch_to(&second).await;
    browser.press("Sign out").await;
    browser.wait_for("header", "Sign in").await;
    browser.switch_to(&first).await;
    let plain = "const form = document.createElement('form'); form.method = 'post'; form.action = arguments[0];
        const token = document.querySelector('[name=csrf-token]').content;
        for (const [name, value] of [['_csrf', token], ['revision', '9'], ['text', '\\n\\nSent plainly.'], ['do', 'save']]) {
            const field = document.createElement('input'); field.type = 'hidden';
            field.name = name; field.value = value; form.append(field);
        }
        document.body.append(form); HTMLFormElement.prototype.submit.call(form);";
    browser.run(plain, vec![json!(format!("{attempt}/items/3"))]).await;
    browser.wait_for("h1", "Sign in again").await;
    let held = browser.tab().await;
    browser.press("Sign in in a new tab").await;
    browser.switch_to_newest().await;
    browser.fill("email", "ada@example.org").await;
    browser.fill("password", "correct horse battery staple").await;
    browser.find("main form button").await.click().await.unwrap();
    browser.wait_for("header", "Ada").await;
    browser.switch_to(&held).await;
    browser.press("Send it again").await;
    browser.until("what was sent is saved", async || value_of(&browser, ESSAY).await == "\n\nSent plainly.").await;
    browser.close().await;
}

async fn a_laptop_that_slept_knows_the_time(demo: Demo) {
    let (browser, attempt) = demo.at_work().await;
    browser.goto(&format!("{attempt}/items/3")).await;
    browser.wait_for("#timer", "20:00").await;
    type_into(&browser, ESSAY, "In time.").await;
    browser.find(SAVED).await;
    // The service's clock goes on while the page's stands still, as in sleep; then somebody looks at the page again.
    demo.0.pass(std::time::Duration::from_secs(15 * 60));
    browser.run("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))", Vec::new()).await;
    browser.wait_for("#timer", "5:00").await;
    // At the deadline what was saved counts, and nothing is saved over it.
    demo.0.pass(std::time::Duration::from_secs(5 * 60));
    browser.run("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))", Vec::new()).await;
    browser.wait_for("#time-up:not([hidden])", "The time is up").await;
    browser.press("See the result").await;
    browser.wait_for(".written", "In time.").await;
    browser.close().await;
}

async fn a_double_click_counts_once(demo: Demo) {
    let browser = demo.browser().await;
    browser.register("Ada").await;
    // Twice before the first answer is there, as two clicks of a mouse are; once with the scripts, once without.
    let twice = "const form = document.querySelector(arguments[0]); const send = HTMLFormElement.prototype.submit;
        if (arguments[1]) { form.requestSubmit(); form.requestSubmit(); } else { send.call(form); send.call(form); }";
    for (set, scripted) in [("once", true), ("work", false)] {
        browser.goto(&format!("/sets/{set}")).await;
        browser.find("#begin").await;
        browser.run(twice, vec![json!("main form"), json!(scripted)]).await;
        browser.find("#answer-form").await;
        browser.goto(&format!("/sets/{set}")).await;
        browser.wait_for("main", "Under way").await;
        let open = browser
            .run("return document.querySelectorAll('section.section li a[href^=\"/attempts/\"]').length", Vec::new());
        assert_eq!(open.await, 1, "{set}");
    }
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

//! Nothing that somebody typed into a form is lost or misread, with a browser that has no scripts.

use serde_json::{Value, json};

use crate::support::{
    Answer, Ask as _, Backend, Client, Database, Fixture, PASSWORD, PageSession, TestApp, for_each_database,
};

for_each_database![
    leading_blank_lines_stay,
    going_on_without_an_answer_is_none,
    numbers_are_read_as_people_write_them,
    what_is_refused_is_shown_again_beside_its_field,
    a_second_click_leads_to_what_the_first_made,
    a_form_outlives_its_session,
    what_one_person_typed_is_not_sent_in_the_name_of_another,
    what_comes_after_the_end_is_said_to,
    a_page_can_ask_for_its_session,
    a_save_says_whether_the_item_is_answered,
    a_form_sent_again_after_the_end_was_saved,
    an_answer_in_practice_counts_once_however_often_it_is_sent,
];

/// The service with the small bank.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

/// The items of the set `work`.
const NUMBER: u32 = 2;
const ESSAY: u32 = 3;

/// Somebody at an attempt at the set `work`.
struct Candidate {
    browser: PageSession,
    attempt: String,
}

impl Candidate {
    async fn begins(app: &TestApp) -> Self {
        let browser = app.signed_in("Ada").await;
        let first = browser.submit("/sets/work/attempts", &[]).await.redirected().to_owned();
        Self { browser, attempt: first.trim_end_matches("/items/1").to_owned() }
    }

    fn item(&self, position: u32) -> String {
        format!("{}/items/{position}", self.attempt)
    }

    /// Sends the form of an item by one of its buttons, with the revision that its page has.
    async fn send(&self, position: u32, button: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.browser.open(&self.item(position)).await;
        let (_, rest) = page.split_once(r#"name="revision" value=""#).unwrap();
        let revision = rest.split('"').next().unwrap();
        let fields: Vec<_> = fields.iter().copied().chain([("revision", revision), ("do", button)]).collect();
        self.browser.submit(&self.item(position), &fields).await
    }

    /// What is saved for an item.
    async fn saved(&self, position: u32) -> Value {
        let attempt = self.browser.get(&format!("/api/v1{}", self.attempt)).await.ok(200);
        attempt["items"][usize::try_from(position).unwrap() - 1]["response"]["answer"].clone()
    }
}

/// What a browser puts into the text area of a page: it drops one line end after the tag.
fn text_area(page: &str) -> String {
    let (_, rest) = page.split_once("<textarea id=\"text\"").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let text = rest.split("</textarea>").next().unwrap();
    text.strip_prefix('\n').unwrap_or(text).to_owned()
}

async fn leading_blank_lines_stay(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    let mut text = "\n\n  fn main() {}\n".to_owned();
    for _ in 0..3 {
        ada.send(ESSAY, "save", &[("text", &text.replace('\n', "\r\n"))]).await.redirected();
        assert_eq!(ada.saved(ESSAY).await, json!({"text": "\n\n  fn main() {}\n"}));
        text = text_area(&ada.browser.open(&ada.item(ESSAY)).await);
    }
    let kept = ada.browser.submit("/prompts/demo/design", &[("text", "\r\n\r\nA text.")]).await.text();
    assert_eq!(text_area(&kept), "\n\nA text.");
}

async fn going_on_without_an_answer_is_none(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    ada.send(1, "next", &[]).await.redirected();
    ada.send(NUMBER, "next", &[("value", "")]).await.redirected();
    ada.send(ESSAY, "next", &[("text", " \r\n")]).await.redirected();
    assert!(ada.browser.open(&format!("{}/submit", ada.attempt)).await.contains("0 of 3 items are answered"));
    assert_eq!(ada.send(NUMBER, "save", &[("value", "7")]).await.redirected(), ada.item(NUMBER));
    ada.send(NUMBER, "save", &[("value", "")]).await.redirected();
    assert_eq!(ada.saved(NUMBER).await, Value::Null);
    assert!(ada.browser.open(&ada.item(NUMBER)).await.contains("not answered yet"));
    ada.browser.submit(&format!("{}/submit", ada.attempt), &[]).await.redirected();
    let result = ada.browser.open(&format!("{}/result", ada.attempt)).await;
    assert!(result.contains("<strong>0</strong> of 14 points") && !result.contains("So far"), "{result}");
}

async fn numbers_are_read_as_people_write_them(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    for typed in ["7,0", "\u{a0}7 ", "７", "7.00"] {
        ada.send(NUMBER, "save", &[("value", typed)]).await.redirected();
        assert!(ada.browser.open(&ada.item(NUMBER)).await.contains(typed.trim()), "it is shown as it was typed");
    }
    ada.send(NUMBER, "save", &[("value", "7,0")]).await.redirected();
    ada.browser.submit(&format!("{}/submit", ada.attempt), &[]).await.redirected();
    let result = ada.browser.open(&format!("{}/result", ada.attempt)).await;
    assert!(result.contains("<strong>1</strong> of 14 points"), "{result}");
}

async fn what_is_refused_is_shown_again_beside_its_field(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    let answer = ada.send(NUMBER, "next", &[("value", "seven <b>")]).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(page.contains("value=\"seven &lt;b&gt;\" aria-invalid=\"true\""), "{page}");
    let (_, beside) = page.split_once("id=\"answer-problem\">").unwrap();
    let said = beside.split("</p>").next().unwrap();
    assert!(said.contains("number") && !said.contains("answer/value"), "{said}");
    // In practice as well, and a wish for a hint keeps what is typed.
    let fields = |button| [("seed", "0"), ("hints", "0"), ("value", "seven"), ("do", button)];
    let practice = ada.browser.submit("/practice/demo/pool-one", &fields("answer")).await;
    assert_eq!(practice.status, 422);
    assert!(practice.text().contains("value=\"seven\" aria-invalid"), "{}", practice.text());
    // An answer that is too long is not cut.
    let long = "щ".repeat(20_001);
    let answer = ada.send(ESSAY, "next", &[("text", &long)]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(text_area(&answer.text()), long);
    assert!(answer.text().contains("the text has 20001 characters"));
}

async fn a_second_click_leads_to_what_the_first_made(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    let first = ada.submit("/sets/once/attempts", &[]).await.redirected().to_owned();
    assert_eq!(ada.submit("/sets/once/attempts", &[]).await.redirected(), first);
    let submit = first.replace("/items/1", "/submit");
    let result = ada.submit(&submit, &[]).await.redirected().to_owned();
    assert_eq!(ada.submit(&submit, &[]).await.redirected(), result);
    let respond = async || ada.post("/api/v1/prompts/demo/design/responses", json!({"text": "A text."})).await.ok(201);
    let response = respond().await;
    assert_eq!(respond().await, response);
    app.pass(std::time::Duration::from_secs(11));
    assert_ne!(respond().await["id"], response["id"], "later it is meant");
}

/// Sends a form of a page that was opened when the browser had another session, or none, with the token of that page.
async fn send_stale(browser: &PageSession, path: &str, fields: &[(&str, &str)], token: &str) -> Answer {
    let fields: Vec<_> = fields.iter().copied().chain([("_csrf", token)]).collect();
    let request = browser.request(reqwest::Method::POST, path).header("accept", "text/html");
    request.form(&fields).answer().await
}

const TYPED: &str = "\n\"A\" <design>.";
/// The same in a page.
const SHOWN: &str = "readonly>\n\n&quot;A&quot; &lt;design&gt;.</textarea>";

async fn a_form_outlives_its_session(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    let browser = &ada.browser;
    let fields = [("revision", "1"), ("text", TYPED), ("do", "next")];
    browser.submit("/logout", &[]).await.redirected();
    let page = browser.submit(&ada.item(ESSAY), &fields).await;
    assert_eq!(page.status, 401);
    let page = page.text();
    assert!(page.contains(SHOWN) && page.contains("Sign in in a new tab"), "{page}");
    // Signed in again in another tab, one click on the button of this page sends what it holds.
    browser.submit("/login", &[("email", "ada@example.org"), ("password", PASSWORD)]).await.redirected();
    let token = page.split_once("name=\"_csrf\" value=\"").unwrap().1.split('"').next().unwrap();
    send_stale(browser, &ada.item(ESSAY), &fields, token).await.redirected();
    assert_eq!(ada.saved(ESSAY).await, json!({"text": TYPED}));
    // A form of another site gets nothing, and no password is sent back.
    let elsewhere = app.anonymous().request(reqwest::Method::POST, &ada.item(ESSAY)).header("cookie", browser.cookie());
    let elsewhere = elsewhere.header("sec-fetch-site", "cross-site").header("accept", "text/html");
    let page = elsewhere.form(&fields.into_iter().chain([("_csrf", token)]).collect::<Vec<_>>()).answer().await;
    assert_eq!(page.status, 403);
    assert!(!page.text().contains("&lt;design&gt;"), "{}", page.text());
}

async fn what_one_person_typed_is_not_sent_in_the_name_of_another(Demo(app): Demo) {
    let (browser, path) = (app.signed_in("Ada").await, "/prompts/demo/design");
    app.person("Bob").await;
    browser.open(path).await;
    let of_ada = browser.csrf();
    browser.submit("/logout", &[]).await.redirected();
    let kept = send_stale(&browser, path, &[("text", TYPED)], &of_ada).await.text();
    assert!(kept.contains(&format!("name=\"_csrf\" value=\"{of_ada}\"")), "{kept}");
    browser.submit("/login", &[("email", "bob@example.org"), ("password", PASSWORD)]).await.redirected();
    // From the page itself, from the page that offered to send it again, and from one that a stranger opened.
    for token in [of_ada.as_str(), "", "no token"] {
        let page = send_stale(&browser, path, &[("text", TYPED)], token).await;
        assert_eq!(page.status, 403, "{token}");
        let page = page.text();
        assert!(page.contains(SHOWN) && page.contains("You are signed in as Bob"), "{page}");
        let main = page.split_once("<main").unwrap().1;
        assert!(!main.contains("<form") && !main.contains("<button"), "nothing sends it: {page}");
    }
    let export = browser.get("/api/v1/me/export").await.ok(200);
    assert_eq!(export["responses"], json!([]));
}

async fn what_comes_after_the_end_is_said_to(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    ada.browser.post(&format!("/api/v1{}/submit", ada.attempt), json!({})).await.ok(200);
    let fields = [("revision", "1"), ("text", "Too late."), ("do", "next")];
    let result = ada.browser.submit(&ada.item(ESSAY), &fields).await.redirected().to_owned();
    let page = ada.browser.open(&result).await;
    assert!(page.contains("for item 3, arrived after this attempt was submitted"), "{page}");
}

async fn a_page_can_ask_for_its_session(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    let session = ada.get("/session").await;
    assert_eq!(session.header("cache-control"), "no-store");
    let told = session.ok(200);
    assert_eq!(told["server_now"], "2026-01-01T00:00:00Z");
    // The token differs from answer to answer, and is taken.
    let form = [("text", "A queue."), ("_csrf", told["csrf"].as_str().unwrap())];
    let sent = ada.request(reqwest::Method::POST, "/prompts/demo/design").form(&form).answer().await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let page = ada.open("/prompts/demo/design").await;
    assert!(page.contains(&format!("data-owner=\"{}\"", told["user"].as_str().unwrap())), "{page}");
    app.anonymous().get("/session").await.refused(401, "unauthenticated");
}

async fn a_save_says_whether_the_item_is_answered(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    for (revision, value) in [("1", ""), ("2", "7"), ("3", " ")] {
        let fields = [("revision", revision), ("value", value), ("do", "autosave")];
        let saved = ada.browser.submit(&ada.item(NUMBER), &fields).await.ok(200);
        assert_eq!((&saved["answered"], saved["revision"].to_string()), (&json!(value == "7"), revision.to_owned()));
    }
    let fields = [("revision", "4"), ("value", "seven"), ("do", "autosave")];
    let request = ada.browser.request(reqwest::Method::POST, &ada.item(NUMBER)).header("accept", "application/json");
    let token = ada.browser.csrf();
    let fields: Vec<_> = fields.into_iter().chain([("_csrf", token.as_str())]).collect();
    assert_eq!(request.form(&fields).answer().await.invalid(), ["/answer/value"]);
}

async fn a_form_sent_again_after_the_end_was_saved(Demo(app): Demo) {
    let ada = Candidate::begins(&app).await;
    let fields = [("revision", "1"), ("text", "In time."), ("do", "next")];
    ada.browser.submit(&ada.item(ESSAY), &fields).await.redirected();
    app.pass(std::time::Duration::from_secs(20 * 60));
    ada.browser.open("/account").await;
    let again = ada.browser.submit(&ada.item(ESSAY), &fields).await.redirected().to_owned();
    assert!(!again.contains("late"), "{again}");
    let autosave = [("revision", "1"), ("text", "In time."), ("do", "autosave")];
    assert_eq!(ada.browser.submit(&ada.item(ESSAY), &autosave).await.ok(200)["answer"], json!({"text": "In time."}));
    let late = [("revision", "2"), ("text", "Too late."), ("do", "next")];
    let result = ada.browser.submit(&ada.item(ESSAY), &late).await.redirected().to_owned();
    assert!(result.ends_with("late=3"), "{result}");
}

async fn an_answer_in_practice_counts_once_however_often_it_is_sent(Demo(app): Demo) {
    let (ada, ben) = (app.signed_in("Ada").await, app.signed_in("Ben").await);
    let key = |page: &str| {
        let (_, rest) = page.split_once("name=\"key\" value=\"").expect("the form has a key");
        rest.split('"').next().unwrap().to_owned()
    };
    let kept = async |browser: &PageSession| {
        let export = browser.get("/api/v1/me/export").await.ok(200);
        export["answers"].as_array().unwrap().len()
    };
    let once = key(&ada.open("/practice/demo/truth?seed=0").await);
    let click = |key: &str| {
        let fields = ["seed", "0", "hints", "0", "key", key, "value", "true", "do", "answer"].map(str::to_owned);
        let ada = &ada;
        async move {
            let fields: Vec<_> = fields.chunks(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
            let answered = ada.submit("/practice/demo/truth", &fields).await;
            assert_eq!(answered.status, 200);
            assert!(answered.text().contains("<strong>2</strong> of 2 points"), "{}", answered.text());
        }
    };
    click(&once).await;
    click(&once).await;
    assert_eq!(kept(&ada).await, 1);
    let again = key(&ada.open("/practice/demo/truth?seed=0").await);
    assert_ne!(again, once);
    click(&again).await;
    // Two that are on their way at the same time are one, too.
    let third = key(&ada.open("/practice/demo/truth?seed=0").await);
    tokio::join!(click(&third), click(&third));
    // Nobody takes another person's place by its key, and a damaged one is refused.
    for (key, status) in [(once.as_str(), 200), ("ans_1", 422)] {
        let fields = [("seed", "0"), ("hints", "0"), ("key", key), ("value", "true"), ("do", "answer")];
        assert_eq!(ben.submit("/practice/demo/truth", &fields).await.status, status, "{key}");
    }
    assert_eq!(kept(&ben).await, 1);
}

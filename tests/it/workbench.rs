//! The page of an exercise as a workbench, its history, and what changed: as pages without scripts, and in a real browser.

use std::fs;

use quorate::config::RateLimiting;
use serde_json::json;

use crate::support::browser::{Browser, Screen};
use crate::support::script::worker;
use crate::support::served::Served;
use crate::support::{
    Ask as _, Backend, Client as _, Database, Fixture, PASSWORD, PageSession, TestApp, for_each_database, run,
};

for_each_database![
    an_exercise_is_submitted_until_it_is_accepted,
    a_result_comes_by_events_or_by_polling,
    back_and_reload_show_the_same_result,
    a_phone_shows_one_pane_at_a_time,
    lines_between_panes_move_by_key_and_stay,
    changes_are_shown_beside_the_code,
    files_are_added_kept_and_removed,
    what_changed_between_two_submissions_is_a_page,
    what_changed_in_the_editor_is_shown_and_not_stored,
    nobody_compares_what_others_handed_in,
    the_address_names_the_result_beside_the_editor,
    text_without_a_path_is_refused_and_shown_again,
    everything_that_was_typed_comes_back,
    a_session_that_ended_keeps_paths_and_choices,
    the_editor_begins_with_submissions_to_its_own_exercise,
    a_second_click_uses_up_no_limit,
    line_ends_make_no_change,
    a_refused_form_still_offers_the_last_submission,
];

/// The service with the small packages, to be graded by script.
struct WithPackages(TestApp);

impl Fixture for WithPackages {
    async fn on(backend: Backend) -> Self {
        let packages = "tests/fixtures/packages".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(vec![packages])))
    }
}

/// The same with the limits of a person.
struct Limited(TestApp);

impl Fixture for Limited {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::with(Database::migrated(backend), |settings| {
            settings.graders = Some(vec!["tests/fixtures/packages".into()]);
            settings.rate_limits = Some(RateLimiting::Accounts);
        }))
    }
}

const ADDER: &str = "/exercises/adder";
const CODE: &str = "textarea[aria-label='src/lib.rs']";
const HELD: &str = "// hold\npub fn add() {}\n";
const REJECTED: &str = "// reject\npub fn add() {}\n";
const ACCEPTED: &str = "// accept\npub fn add() {}\n";

impl WithPackages {
    async fn browser(&self, screen: Screen) -> Browser {
        let browser = Browser::open(&self.0.config.public_url, screen).await;
        browser.register("Ada").await;
        browser.goto(ADDER).await;
        browser.find(".file-tabs").await;
        browser
    }
}

/// Types into the editor and presses a button.
async fn hand_in(browser: &Browser, text: &str, button: &str) {
    browser.paste(CODE, text).await;
    browser.press(button).await;
}

async fn an_exercise_is_submitted_until_it_is_accepted(served: Served) {
    let browser = Browser::open(&served.url, Screen::Desk).await;
    browser.register("Ada").await;
    browser.goto(ADDER).await;
    // The package is prepared when the server is first started.
    browser
        .until("submissions are taken", async || {
            browser.reload().await;
            browser.run("return !document.querySelector('#submit').disabled", Vec::new()).await == true
        })
        .await;
    browser.find(".file-tabs").await;
    hand_in(&browser, "pub fn add(left: u64, right: u64) -> u64 {\n    left + rigth\n}\n", "Run public tests").await;
    browser.find("#outcome[data-verdict=compile_error]").await;
    browser.press("src/lib.rs:2:12").await;
    let cursor = "const area = document.activeElement;
        return [area.getAttribute('aria-label'), area.value.slice(0, area.selectionStart)]";
    let at = browser.run(cursor, Vec::new()).await;
    assert_eq!(at, json!(["src/lib.rs", "pub fn add(left: u64, right: u64) -> u64 {\n    left + "]));

    hand_in(&browser, "pub fn add(_: u64, _: u64) -> u64 {\n    panic!(\"not yet\")\n}\n", "Submit").await;
    browser.find("#outcome[data-verdict=wrong_answer]").await;
    browser.wait_for(".tests", "Which method of u64 stops at the largest number?").await;
    browser.wait_for(".tests a.place", "src/lib.rs:2:5").await;

    let solution = fs::read_to_string("tests/fixtures/packages/adder/solution/src/lib.rs").unwrap();
    hand_in(&browser, &solution, "Submit").await;
    browser.find("#outcome[data-verdict=accepted]").await;
    browser.wait_for(".score", "3 of 3 points").await;
    let path = browser.path().await;
    assert!(path.starts_with("/exercises/adder?submission=sub_"), "{path}");
    browser.goto("/record").await;
    browser.wait_for("main", "Adder").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

async fn a_result_comes_by_events_or_by_polling(demo: WithPackages) {
    let browser = demo.browser(Screen::Desk).await;
    hand_in(&browser, HELD, "Run public tests").await;
    browser.wait_for("#place", "Place 1 in the queue").await;
    let (script, worker) = worker(&demo.0);
    browser.wait_for("#progress-title", "Being graded").await;
    script.let_go();
    browser.find("#outcome[data-verdict=accepted]").await;
    browser.wait_for("#results-status", "Accepted").await;
    // A proxy may let no events through.
    let deaf = "window.EventSource = class { static CLOSED = 2; readyState = 2;
        constructor() { setTimeout(() => this.onerror()); } addEventListener() {} close() {} };";
    browser.run(deaf, Vec::new()).await;
    hand_in(&browser, REJECTED, "Submit").await;
    browser.find("#outcome[data-verdict=wrong_answer]").await;
    worker.stop().await;
    browser.close().await;
}

async fn back_and_reload_show_the_same_result(demo: WithPackages) {
    let (_, worker) = worker(&demo.0);
    let browser = demo.browser(Screen::Desk).await;
    hand_in(&browser, REJECTED, "Submit").await;
    browser.find("#outcome[data-verdict=wrong_answer]").await;
    hand_in(&browser, ACCEPTED, "Submit").await;
    browser.find("#outcome[data-verdict=accepted]").await;
    let address = browser.path().await;
    browser.run("history.back()", Vec::new()).await;
    browser.find("#workbench:not(.with-results)").await;
    assert_eq!(browser.path().await, ADDER);
    browser.run("history.forward()", Vec::new()).await;
    browser.find("#outcome[data-verdict=accepted]").await;
    assert_eq!(browser.path().await, address);
    browser.reload().await;
    browser.find("#outcome[data-verdict=accepted]").await;
    assert_eq!(browser.path().await, address);
    // The page of the submission leads back to the same.
    browser.press("More about this submission").await;
    browser.press("Go on from these files").await;
    browser.find("#workbench #outcome[data-verdict=accepted]").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    worker.stop().await;
    browser.close().await;
}

/// The panes that can be seen.
async fn panes(browser: &Browser) -> Vec<String> {
    let shown =
        "return [...document.querySelectorAll('.pane')].filter(pane => pane.checkVisibility()).map(pane => pane.id)";
    serde_json::from_value(browser.run(shown, Vec::new()).await).unwrap()
}

async fn a_phone_shows_one_pane_at_a_time(demo: WithPackages) {
    let (_, worker) = worker(&demo.0);
    let browser = demo.browser(Screen::Phone).await;
    assert_eq!(panes(&browser).await, ["statement-pane"]);
    browser.press("Code").await;
    assert_eq!(panes(&browser).await, ["code-pane"]);
    hand_in(&browser, REJECTED, "Submit").await;
    browser.find("#outcome[data-verdict=wrong_answer]").await;
    assert_eq!(panes(&browser).await, ["results-pane"]);
    let width = browser.run("return document.documentElement.scrollWidth", Vec::new()).await;
    assert_eq!(width, 360, "it is wider than the screen");
    worker.stop().await;
    browser.close().await;
}

async fn lines_between_panes_move_by_key_and_stay(demo: WithPackages) {
    let browser = demo.browser(Screen::Desk).await;
    let width = async || {
        let width = "return document.querySelector('#statement-pane').getBoundingClientRect().width";
        browser.run(width, Vec::new()).await.as_f64().unwrap()
    };
    let before = width().await;
    browser.find("[role=separator][data-line=statement]").await.send_keys("\u{e014}\u{e014}\u{e014}").await.unwrap();
    let after = width().await;
    assert!(after > before + 50.0, "{before} {after}");
    browser.reload().await;
    browser.find("[role=separator][data-line=statement]").await;
    assert!((width().await - after).abs() < 1.0);
    browser.close().await;
}

async fn changes_are_shown_beside_the_code(demo: WithPackages) {
    let browser = demo.browser(Screen::Desk).await;
    hand_in(&browser, "// newly typed\n", "the starter").await;
    browser.wait_for("#results #changes", "newly typed").await;
    assert_eq!(browser.path().await, ADDER);
    let removed = "return [...document.querySelectorAll('#changes .removed')].map(row => row.innerText).join()";
    assert!(browser.run(removed, Vec::new()).await.as_str().unwrap().contains("removed"), "colour alone says it");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

const ENTER: &str = "\u{e007}";

/// The paths and texts in the editor, but for those of the starter and an empty new file.
async fn added(browser: &Browser) -> Vec<(String, String)> {
    let added = "return [...document.querySelectorAll('#files details')].map(file =>
        [file.querySelector('[name=path]:not([type=hidden])')?.value ?? null, file.querySelector('[name=text]')?.value])
        .filter(([path, text]) => path !== null && path + text !== '')";
    serde_json::from_value(browser.run(added, Vec::new()).await).unwrap()
}

async fn files_are_added_kept_and_removed(demo: WithPackages) {
    let browser = demo.browser(Screen::Desk).await;
    let (path, text) = ("#files details[open] [name=path]", "#files details[open] [name=text]");
    for (named, typed) in [("", "one"), ("src/lib.rs", "two"), ("", "three")] {
        browser.press("Add a file").await;
        browser.keys(path, named).await;
        browser.keys(text, typed).await;
    }
    browser.press("Submit").await;
    browser.wait_for(".field-problem", "Type a path").await;
    assert_eq!(browser.path().await, ADDER, "it was not handed in");
    browser.reload().await;
    browser.find(".file-tabs").await;
    let all = owned(&[("", "one"), ("src/lib.rs", "two"), ("", "three")]);
    assert_eq!(added(&browser).await, all);
    assert_ne!(browser.run(&format!("return document.querySelector(\"{CODE}\").value"), Vec::new()).await, "two");
    // One of them goes and comes back by keys alone.
    browser.run("[...document.querySelectorAll('.file-tabs [role=tab]')].at(-1).click()", Vec::new()).await;
    browser.keys(".file-tabs > button:not([hidden])", ENTER).await;
    assert_eq!(added(&browser).await, all[..2]);
    browser.wait_for(".note", "Removed a file without a path.").await;
    assert_eq!(browser.obstacles().await, Vec::<String>::new());
    browser.keys("#editor .note button", ENTER).await;
    assert_eq!(added(&browser).await, all);
    browser.close().await;
}

#[test]
fn nothing_keeps_people_out() {
    run(Backend::Sqlite, nothing_keeps_people_out_of_the_pages);
}

async fn nothing_keeps_people_out_of_the_pages(served: Served) {
    let browser = Browser::open(&served.url, Screen::Desk).await;
    browser.register("Ada").await;
    for (round, scheme) in ["light", "dark"].into_iter().enumerate() {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", media).await;
        let clear = async |what: &str| assert_eq!(browser.obstacles().await, Vec::<String>::new(), "{what}, {scheme}");
        browser.goto("/exercises/adder?from=starter").await;
        browser.find(".file-tabs").await;
        clear("the workbench").await;
        hand_in(&browser, &format!("fn add() {{ {round} }}\n"), "Run public tests").await;
        browser.find("#outcome[data-verdict=compile_error]").await;
        clear("an error of the compiler").await;
        hand_in(&browser, &format!("pub fn add(_: u64, _: u64) -> u64 {{ {round} }}\n"), "Submit").await;
        browser.find("#outcome[data-verdict=wrong_answer]").await;
        clear("failed tests").await;
        browser.press("the starter").await;
        browser.find("#changes").await;
        clear("changes").await;
        for (width, what) in [(1_920, "three columns"), (390, "a phone")] {
            let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
            browser.devtools("Emulation.setDeviceMetricsOverride", screen).await;
            clear(what).await;
        }
        browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        browser.press("Back to the result").await;
        browser.press("More about this submission").await;
        browser.find("#edit").await;
        clear("a submission").await;
        browser.press("your submissions").await;
        browser.find("#submissions").await;
        clear("the history").await;
        browser.press("Compare the two").await;
        browser.find(".comparison").await;
        clear("a comparison").await;
    }
    browser.close().await;
}

/// Hands in by the form, and says what the submission's id is.
async fn sent(ada: &PageSession, text: &str) -> String {
    let answer = ada.submit("/exercises/adder/submissions", &[("path", "src/lib.rs"), ("text", text)]).await;
    answer.redirected().trim_start_matches("/submissions/").to_owned()
}

/// The lines of a page's comparison, each with its sign.
fn compared(page: &str) -> Vec<String> {
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let sign = |row: &str| match row.split('"').next().unwrap() {
        "added" => '+',
        "removed" => '-',
        _ => ' ',
    };
    let rows = page.split("<tr class=\"").skip(1);
    rows.map(|row| {
        let text = row.split_once("<td class=\"line-text\">").unwrap().1.split("</td>").next().unwrap();
        format!("{}{}", sign(row), tags.replace_all(text, ""))
    })
    .collect()
}

async fn what_changed_between_two_submissions_is_a_page(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let first = sent(&ada, "one\ntwo\n").await;
    let second = sent(&ada, "one\n2 < 3\n").await;
    let history = ada.open("/exercises/adder/submissions").await;
    let between = |from: &str, to: &str| format!("/exercises/adder/submissions/compare?from={from}&to={to}");
    for address in [between("starter", &first), between(&first, &second)] {
        assert!(history.contains(&address.replace('&', "&amp;")), "{address}\n{history}");
    }
    let page = ada.open(&between(&first, &second)).await;
    assert_eq!(compared(&page), [" one", "-two", "+2 &lt; 3"]);
    assert!(page.contains("1 added, 1 removed"), "{page}");
    let backwards = ada.open(&between(&second, &first)).await;
    assert_eq!(compared(&backwards), [" one", "-2 &lt; 3", "+two"]);
    // A manifest that was not handed in is the starter's.
    let since_start = ada.open(&between("starter", &first)).await;
    assert!(since_start.contains("+</span>") && !since_start.contains("Cargo.toml"), "{since_start}");
    assert!(ada.open(&between(&first, &first)).await.contains("Nothing has changed."));
}

async fn what_changed_in_the_editor_is_shown_and_not_stored(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let changes = async |since: &str, text: &str| {
        let fields = [("path", "src/lib.rs"), ("text", text), ("since", since)];
        let answer = ada.submit("/exercises/adder/changes", &fields).await;
        assert_eq!(answer.status, 200);
        answer.text()
    };
    let page = changes("submission", "typed\n").await;
    assert!(page.contains("Changes since the starter") && page.contains("data-origin=\"typed\""), "{page}");
    assert!(page.contains(">\ntyped\n</textarea>"), "{page}");
    assert!(ada.open("/exercises/adder/submissions").await.contains("You have handed nothing in yet"));
    sent(&ada, "one\ntwo\n").await;
    let page = changes("submission", "one\r\ntwo\r\nthree\r\n").await;
    assert!(page.contains("Changes since your last submission"), "{page}");
    assert_eq!(compared(&page), [" one", " two", "+three"]);
    let anonymous = app.browser();
    anonymous.open("/login").await;
    let refused = anonymous.submit("/exercises/adder/changes", &[("path", "src/lib.rs"), ("text", "typed")]).await;
    assert_eq!(refused.status, 401);
}

async fn nobody_compares_what_others_handed_in(WithPackages(app): WithPackages) {
    let (ada, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    let id = sent(&ada, "one\n").await;
    let compare = |exercise: &str| format!("/exercises/{exercise}/submissions/compare?from=starter&to={id}");
    bob.get(&compare("adder")).await.refused(404, "not_found");
    bob.get(&format!("/exercises/adder?submission={id}")).await.refused(404, "not_found");
    ada.get(&compare("counter-tests")).await.refused(404, "not_found");
    ada.get(&compare("none")).await.refused(404, "not_found");
    app.anonymous().get(&compare("adder")).await.refused(401, "unauthenticated");
    let wrong = ada.get("/exercises/adder/submissions/compare?from=starter&to=yesterday").await;
    assert_eq!(wrong.invalid(), ["?to"]);
}

async fn the_address_names_the_result_beside_the_editor(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    assert!(!ada.open(ADDER).await.contains("data-submission"));
    let (first, second) = (sent(&ada, "one\n").await, sent(&ada, "two\n").await);
    // An added file stands behind the root of the crate.
    let two = [("path", "src/extra.rs"), ("text", "extra"), ("path", "src/lib.rs"), ("text", "two\n")];
    let page = ada.submit("/exercises/adder/changes", &two).await.text();
    let place = |path: &str| page.find(&format!("aria-label=\"{path}\"")).unwrap();
    assert!(place("src/lib.rs") < place("src/extra.rs"), "{page}");
    // The files are those of the latest submission, whatever is shown beside them.
    for (address, shown) in [(ADDER.to_owned(), &second), (format!("{ADDER}?submission={first}"), &first)] {
        let page = ada.open(&address).await;
        assert!(page.contains(&format!("data-submission=\"{shown}\"")), "{page}");
        assert!(
            page.contains(&format!("<a href=\"/submissions/{shown}\">The result of this submission</a>")),
            "{page}"
        );
        assert!(page.contains(">\ntwo\n</textarea>"), "{page}");
    }
    ada.get(&format!("/exercises/counter-tests?submission={first}")).await.refused(404, "not_found");
}

/// The files of an editor's page, in its order: each path, and the text as a browser puts it into the field.
fn in_the_editor(page: &str) -> Vec<(String, String)> {
    let form = page.split_once("id=\"editor\"").unwrap().1.split_once("</form>").unwrap().0;
    let field = |file: &str| {
        let input = file.split('>').next().unwrap();
        let path = input.split_once(" value=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap());
        let text =
            file.split_once("<textarea").unwrap().1.split_once('>').unwrap().1.split_once("</textarea>").unwrap().0;
        (path.to_owned(), text.strip_prefix('\n').unwrap_or(text).to_owned())
    };
    form.split("name=\"path\"").skip(1).map(field).collect()
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// What the editor sends of these files.
fn fields<'a>(files: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    files.iter().flat_map(|(path, text)| [("path", *path), ("text", *text)]).collect()
}

async fn text_without_a_path_is_refused_and_shown_again(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let typed = [("src/lib.rs", "one\n"), (" ", "mod merge;\n"), ("", "")];
    let answer = ada.submit("/exercises/adder/submissions", &fields(&typed)).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    let (_, wrong) = page.split_once("id=\"wrong\">").unwrap();
    assert!(wrong.starts_with("a new file has text but no path"), "{page}");
    assert_eq!(in_the_editor(&page), owned(&[("src/lib.rs", "one\n"), ("", "mod merge;\n"), ("", "")]));
    // It is said beside the field as well, which is open.
    let (_, file) = page.split_once("<summary>New file</summary>").unwrap();
    let file = file.split("</details>").next().unwrap();
    assert!(file.contains("aria-invalid=\"true\"") && file.contains("class=\"field-problem\""), "{file}");
    assert!(page.contains("<details class=\"file\" open><summary>New file</summary>"), "{page}");
    assert!(ada.open("/exercises/adder/submissions").await.contains("You have handed nothing in yet"));
    // A new file with neither is none, and an empty file with a path is one.
    let typed = [("src/lib.rs", "one\n"), ("src/empty.rs", ""), ("", "")];
    ada.submit("/exercises/adder/submissions", &fields(&typed)).await.redirected();
    let page = ada.open(ADDER).await;
    assert!(in_the_editor(&page).contains(&("src/empty.rs".to_owned(), String::new())), "{page}");
    // A path of the starter stays; one that was added can be changed, or emptied to take the file away.
    assert!(page.contains("<input type=\"hidden\" name=\"path\" value=\"src/lib.rs\">"), "{page}");
    assert!(page.contains("<input name=\"path\" value=\"src/empty.rs\""), "{page}");
}

async fn everything_that_was_typed_comes_back(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let typed =
        [("src/lib.rs", "one\n"), ("src/a.rs", "first\n"), ("src/a.rs", "second\n"), ("", "third\n"), ("", "\n 4")];
    let shown: Vec<_> = typed.into_iter().chain([("", "")]).collect();
    for address in ["/exercises/adder/submissions", "/exercises/adder/changes"] {
        let page = ada.submit(address, &fields(&typed)).await.text();
        assert_eq!(in_the_editor(&page), owned(&shown), "{address}");
    }
    // What changed is said of each.
    let page = ada.submit("/exercises/adder/changes", &fields(&typed)).await.text();
    let lines = compared(&page);
    for line in ["+first", "+second", "+third", "+ 4"] {
        assert!(lines.iter().any(|shown| shown.starts_with(line)), "{line}: {lines:?}");
    }
}

async fn a_session_that_ended_keeps_paths_and_choices(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    app.person("Bob").await;
    ada.open(ADDER).await;
    let of_ada = ada.csrf();
    let sent: Vec<_> = [("path", "src/merge.rs"), ("text", "fn merge() {}"), ("choice.trigger", "b")].into();
    let stale: Vec<_> = sent.iter().copied().chain([("_csrf", of_ada.as_str())]).collect();
    let send = async || {
        let request = ada.request(reqwest::Method::POST, "/exercises/adder/submissions").header("accept", "text/html");
        request.form(&stale).answer().await.text()
    };
    ada.submit("/logout", &[]).await.redirected();
    let signed_out = send().await;
    ada.submit("/login", &[("email", "bob@example.org"), ("password", PASSWORD)]).await.redirected();
    let of_another = send().await;
    assert!(of_another.contains("You are signed in as Bob"), "{of_another}");
    let inputs = regex::Regex::new("<input[^>]*>").unwrap();
    for page in [&signed_out, &of_another] {
        let main = page.split_once("<main").unwrap().1;
        let seen = inputs.replace_all(main, "");
        for typed in ["src/merge.rs", "fn merge() {}", "Text of src/merge.rs", "choice trigger", ">b<"] {
            assert!(seen.contains(typed), "{typed}: {seen}");
        }
    }
    for (name, value) in sent {
        let field = format!("name=\"{name}\"");
        assert!(signed_out.contains(&field) && signed_out.contains(value), "{name} is sent again: {signed_out}");
    }
}

async fn the_editor_begins_with_submissions_to_its_own_exercise(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let id = sent(&ada, "one\n").await;
    assert!(ada.open(&format!("{ADDER}?from={id}")).await.contains(">\none\n</textarea>"));
    ada.get(&format!("/exercises/counter-tests?from={id}")).await.refused(404, "not_found");
}

async fn a_second_click_uses_up_no_limit(Limited(app): Limited) {
    let ada = app.signed_in("Ada").await;
    let first = sent(&ada, "one\n").await;
    // More clicks than there may be submissions.
    for _ in 0..30 {
        assert_eq!(sent(&ada, "one\n").await, first);
    }
    assert_ne!(sent(&ada, "two\n").await, first);
}

async fn line_ends_make_no_change(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let files = json!({"files": {"src/lib.rs": "one\r\ntwo\r\n"}});
    ada.post("/api/v1/exercises/adder/submissions", files).await.ok(202);
    let since = [("path", "src/lib.rs"), ("text", "one\r\n2\r\n"), ("since", "submission")];
    let page = ada.submit("/exercises/adder/changes", &since).await.text();
    assert_eq!(compared(&page), [" one", "-two", "+2"]);
    let same = [("path", "src/lib.rs"), ("text", "one\r\ntwo\r\n"), ("since", "submission")];
    let page = ada.submit("/exercises/adder/changes", &same).await.text();
    assert!(!page.contains("Changes in src/lib.rs"), "{page}");
}

async fn a_refused_form_still_offers_the_last_submission(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let offer = |page: &str| {
        let (_, button) = page.split_once("name=\"since\" value=\"submission\"").unwrap();
        !button.split('>').next().unwrap().contains("hidden")
    };
    let nameless = fields(&[("src/lib.rs", "one\n"), ("", "text")]);
    assert!(!offer(&ada.submit("/exercises/adder/submissions", &nameless).await.text()), "there is none yet");
    let id = sent(&ada, "one\n").await;
    for address in ["/exercises/adder/submissions", "/exercises/adder/changes"] {
        let page = ada.submit(address, &nameless).await.text();
        assert!(offer(&page) && page.contains(&format!("data-submission=\"{id}\"")), "{address}: {page}");
    }
}

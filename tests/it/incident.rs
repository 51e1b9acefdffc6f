//! The page of an incident, its files, and what `quorate check` says of them.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::authors::adder;
use crate::grade::quorate;
use crate::support::browser::{Browser, Screen};
use crate::support::{Backend, Client, Database, Fixture, TestApp, environment, for_each_database, run};

for_each_database![
    everything_recorded_is_on_the_page,
    filters_choose_what_is_shown,
    what_a_filter_says_wrongly_is_named,
    a_trace_is_shown_with_its_flaws,
    only_recorded_files_are_handed_out,
    an_attempt_stays_in_all_addresses,
    a_cursor_shows_one_second_in_everything,
    a_phone_is_wide_enough,
];

const STORM: &str = "/exercises/retry-storm/incident";

/// The service with the built-in exercises.
struct Storm(TestApp);

impl Fixture for Storm {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::with(Database::migrated(backend), |settings| {
            settings.questions = Some(vec!["tests/fixtures/bank".into()]);
            settings.graders = Some(vec!["graders".into()]);
        }))
    }
}

impl Storm {
    async fn page(&self, query: &str) -> String {
        self.0.browser().open(&format!("{STORM}{query}")).await
    }
}

/// How many lines of the log a page shows.
fn log_lines(page: &str) -> usize {
    let table = page.split(r#"id="log-table""#).nth(1).unwrap_or_default();
    table.split("</table>").next().unwrap().matches("<tr data-ms=").count()
}

/// How many traces a page lists.
fn traces(page: &str) -> usize {
    let table = page.split(r#"id="trace-table""#).nth(1).unwrap_or_default();
    table.split("</table>").next().unwrap().matches("<tr data-ms=").count()
}

async fn everything_recorded_is_on_the_page(storm: Storm) {
    let page = storm.page("").await;
    assert_eq!(page.matches(r#"<figure class="chart""#).count(), 8);
    // A sentence for people who can't see the chart, and a table with each of its values.
    let said = "Queue of inventory, at the end of the second (look-ups), from 12:00:00 to 12:08:59. queue: at most ";
    assert!(page.contains(said), "{page}");
    assert_eq!(page.matches("<tbody><tr data-ms=").count(), 8 + 2);
    assert_eq!((traces(&page), log_lines(&page)), (40, 200));
    assert!(page.contains("1,129 lines: lines 1 to 200"));
    assert!(page.contains("What people wrote") && page.contains("Release 412"));
    let exercise = storm.0.browser().open("/exercises/retry-storm").await;
    assert!(exercise.contains(&format!(r#"href="{STORM}""#)));
    storm.0.anonymous().get("/exercises/vector-clock/incident").await.refused(404, "not_found");
}

async fn filters_choose_what_is_shown(storm: Storm) {
    let page = storm.page("?from=12:03:00&to=12:03:20&service=&level=&trace=&q=").await;
    assert!(page.contains("from 12:03:00 to 12:03:20. users: at most"), "{page}");
    assert!(page.contains(r#"<th scope="row">12:03:20</th>"#) && !page.contains(r#"<th scope="row">12:03:21</th>"#));
    let errors = storm.page("?level=error").await;
    assert_eq!(log_lines(&errors), 60);
    assert_eq!(log_lines(&storm.page("?service=inventory&q=FLAG").await), 4);
    assert_eq!(log_lines(&storm.page("?service=inventory&level=warn&q=FLAG").await), 2);
    let checkouts = storm.page("?service=checkout").await;
    assert!(checkouts.contains("540 lines") && checkouts.contains(r#"<option value="checkout" selected>"#));
    let last = storm.page("?page=99").await;
    assert!(last.contains("lines 1001 to 1129") && last.contains("page&#x3D;5#logs") && !last.contains("Later lines"));
    let none = storm.page("?q=no+such+text").await;
    assert!(none.contains("0 lines") && log_lines(&none) == 0);
}

async fn what_a_filter_says_wrongly_is_named(storm: Storm) {
    for (query, words) in [
        ("from=noon", "is no time such as 12:03:20"),
        ("level=loud", "is no level"),
        ("from=12:04&to=12:03", "before it begins at 12:04:00"),
    ] {
        let request = storm.0.browser().request(reqwest::Method::GET, &format!("{STORM}?{query}"));
        let response = request.header("accept", "text/html").send().await.unwrap();
        assert_eq!(response.status(), 422, "{query}");
        let page = response.text().await.unwrap();
        assert!(page.contains(words), "{query}: {page}");
        assert_eq!(log_lines(&page), 200, "the rest of the page is there");
        assert!(!page.contains("noon&amp;") && !page.contains("loud&amp;"), "no link leads to the same mistake");
    }
}

async fn only_recorded_files_are_handed_out(storm: Storm) {
    let anyone = storm.0.anonymous();
    let file = |name: &str| format!("/api/v1/exercises/retry-storm/incident/{name}");
    for (name, kind) in [("metrics.csv", "text/csv; charset=utf-8"), ("logs.jsonl", "application/x-ndjson")] {
        let answer = anyone.get(&file(name)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind));
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        assert_eq!(answer.text(), fs::read_to_string(format!("graders/retry-storm/starter/incident/{name}")).unwrap());
    }
    for name in ["timeline.md", "..%2FCargo.toml", "..%2F..%2Fgrader.toml", "%2Fetc%2Fpasswd"] {
        anyone.get(&file(name)).await.refused(404, "not_found");
    }
    anyone.get("/api/v1/exercises/vector-clock/incident/metrics.csv").await.refused(404, "not_found");
}

async fn an_attempt_stays_in_all_addresses(storm: Storm) {
    let ada = storm.0.signed_in("Ada").await;
    ada.open("/sets/timed").await;
    let attempt = ada.submit("/sets/timed/attempts", &[]).await.redirected().to_owned();
    let id = attempt.split('/').nth(2).unwrap();
    let item = format!("attempt={id}&amp;position=1").replace("&amp;", "&");
    let page = ada.open(&format!("{STORM}?{item}&level=error")).await;
    assert!(page.contains(&format!(r#"name="attempt" value="{id}""#)) && page.contains(r#"id="timer""#), "{page}");
    let links: Vec<_> = page.split("href=\"/exercises/retry-storm").skip(1).collect();
    assert!(links.len() > 100, "{}", links.len());
    for link in links {
        let link = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#x3D;", "=");
        assert!(link.contains(&item), "{link} leads out of {item}");
    }
}

/// A small package with these files of an incident.
fn package(folder: &Path, incident: &str, files: &[(&str, &str)]) {
    let question =
        "[[question]]\nname = \"why\"\nstem = \"Why?\"\nchoices = [{ id = \"a\", text = \"A\", right = true }]\n";
    let toml = format!("title = \"Shop\"\nkind = \"debug\"\n[incident]\n{incident}\n{question}");
    fs::write(folder.join("grader.toml"), toml).unwrap();
    fs::create_dir_all(folder.join("starter/incident")).unwrap();
    for (name, text) in files {
        fs::write(folder.join("starter/incident").join(name), text).unwrap();
    }
}

fn span(id: &str, parent: &str, start: &str, end: &str) -> String {
    let span = json!({"trace": "t1", "span": id, "parent": parent, "service": format!("shop-{id}"), "name": "<b>work</b>",
        "start": format!("12:00:{start}"), "end": format!("12:00:{end}"), "status": "ok", "note": "a \"quoted\" note"});
    span.to_string()
}

async fn a_trace_is_shown_with_its_flaws(database: Database) {
    let (folder, shop) = adder();
    let spans =
        [span("1", "", "01.000", "03.000"), span("2", "1", "00.900", "02.000"), span("3", "lost", "02.5", "04")];
    let spans = spans.join("\n").replace(r#""parent":"""#, r#""parent":null"#);
    package(&shop, "spans = [\"incident/spans.jsonl\"]", &[("spans.jsonl", &spans)]);
    let app = TestApp::with(database, |settings| settings.graders = Some(vec![folder.path().to_owned()]));
    let page = app.browser().open("/exercises/adder/incident?trace=t1").await;
    for words in [
        "Begins 100 ms before its parent: the clocks of the two services differ.",
        "Its parent was not recorded.",
        "&lt;b&gt;work&lt;/b&gt;",
        "from 100 ms to 2,100 ms",
        "3 spans, 0 with an error",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // There is nothing to show of what was not recorded.
    assert!(!page.contains("id=\"metrics\"") && !page.contains("id=\"logs\""), "{page}");
}

#[test]
fn mistakes_in_recorded_files_are_named_by_file_and_line() {
    let (_folder, shop) = adder();
    let incident = "metrics = [\"incident/metrics.csv\", \"incident/gone.csv\", \"../hidden/adding.rs\"]\nspans = [\"incident/spans.jsonl\"]\nlogs = [\"incident/logs.jsonl\"]\nsize = 1\n[[incident.chart]]\ntitle = \"Empty\"\n";
    let spans = [span("1", "1", "01", "02"), span("2", "1", "09", "02")].join("\n");
    package(
        &shop,
        incident,
        &[
            ("metrics.csv", "time,users\n12:00:00,1\n12:00:01,1,2\nnoon,1\n"),
            ("spans.jsonl", &spans),
            ("logs.jsonl", "{\"time\":\"12:00:00\",\"service\":\"shop\",\"level\":\"loud\",\"message\":\"up\"}\n"),
        ],
    );
    let output = quorate(&["check", shop.to_str().unwrap()]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in [
        "grader.toml:3: incident: `incident/gone.csv` is no file in starter/",
        "grader.toml:3: incident: `../hidden/adding.rs` must be incident/<name>.csv",
        "grader.toml:7: unknown key `size`",
        "grader.toml:8: a chart has a `title`",
        "incident/metrics.csv:3: 3 fields instead of 2",
        "incident/metrics.csv:4: `noon` is no time",
        "incident/spans.jsonl:2: the span ends at 12:00:02.000",
        "incident/logs.jsonl:1: `loud` is no level",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

async fn a_cursor_shows_one_second_in_everything(storm: Storm) {
    let browser = Browser::open(&storm.0.config.public_url, Screen::Desk).await;
    browser.goto(&format!("{STORM}?from=12:03:00&to=12:03:20")).await;
    let second = browser.find("#cursor:not([hidden]) #second").await;
    // By the keyboard: three seconds on.
    second.send_keys("\u{e014}\u{e014}\u{e014}").await.unwrap();
    browser.wait_for("#second-time", "12:03:03").await;
    browser.find(".plot > .cursor.on").await;
    let shown = "return [...document.querySelectorAll('.values tr.at')].map(row => row.cells[0].textContent).join()";
    assert_eq!(browser.run(shown, Vec::new()).await, json!(["12:03:03"; 8].join(",")));
    let line = "return document.querySelector('#log-table tr.at').cells[0].textContent";
    assert!(browser.run(line, Vec::new()).await.as_str().unwrap().starts_with("12:03:03."));
    let read_out = async || {
        let text = browser.run("return document.querySelector('#readout').textContent", Vec::new()).await;
        text.as_str().unwrap().starts_with("12:03:03: users ")
    };
    browser.until("the second is read out", read_out).await;
    // By the pointer: in the middle of the time that is shown.
    let point = "const plot = document.querySelector('.plot'); const box = plot.getBoundingClientRect();
        plot.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + box.width / 2, bubbles: true }));";
    browser.run(point, Vec::new()).await;
    browser.wait_for("#second-time", "12:03:10").await;
    browser.press("Only the five seconds around").await;
    browser.until("the page is of these seconds", async || browser.path().await.contains("from=12%3A03%3A05")).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

async fn a_phone_is_wide_enough(storm: Storm) {
    let browser = Browser::open(&storm.0.config.public_url, Screen::Phone).await;
    browser.goto(STORM).await;
    browser.find("#cursor:not([hidden])").await;
    browser.run("document.querySelector('#trace-table a').click()", Vec::new()).await;
    browser.find("#trace").await;
    let too_wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(browser.run(too_wide, Vec::new()).await, json!(false));
    browser.close().await;
}

#[test]
fn axe_finds_nothing() {
    run(Backend::Sqlite, async |storm: Storm| {
        let axe = fs::read_to_string(format!("{}/node_modules/axe-core/axe.min.js", environment::packages())).unwrap();
        let browser = Browser::open(&storm.0.config.public_url, Screen::Desk).await;
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            browser.devtools("Emulation.setEmulatedMedia", media).await;
            browser.goto(&format!("{STORM}?from=12:03:00&to=12:03:20&trace=5fe42a533e6c0d25")).await;
            let second = browser.find("#cursor:not([hidden]) #second").await;
            second.send_keys("\u{e014}").await.unwrap();
            browser.run("for (const part of document.querySelectorAll('details')) part.open = true", Vec::new()).await;
            let look = format!(
                "{axe}; return axe.run(document).then(found => found.violations.map(one =>
                    one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')))"
            );
            assert_eq!(browser.run(&look, Vec::new()).await, json!([]), "{scheme}");
        }
        browser.close().await;
    });
}

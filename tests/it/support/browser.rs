//! A real browser: Chromium without a window, driven over WebDriver (chromedriver, which `tests/run` starts).

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use fantoccini::{ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::environment;
use super::person::{PASSWORD, email};

/// How long a page has to become what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser's window on one service.
pub struct Browser {
    client: fantoccini::Client,
    url: String,
    _profile: TempDir,
}

/// How wide the window is.
#[derive(Debug, Clone, Copy)]
pub enum Screen {
    Desk,
    /// 360 pixels.
    Phone,
}

impl Browser {
    /// A window that knows nobody, on the service at `url`.
    pub async fn open(url: &str, screen: Screen) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let capabilities = json!({
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": options(&profile, screen),
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = builder.connect(&environment::webdriver()).await.expect("chromedriver opens a window");
        Self { client, url: url.to_owned(), _profile: profile }
    }

    /// Ends the browser; one that a failed test leaves open ends with `tests/run`.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }

    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// The tab that is looked at.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.unwrap()
    }

    /// Opens another tab, and looks at it.
    pub async fn open_tab(&self) -> WindowHandle {
        let tab = self.client.new_window(true).await.unwrap().handle;
        self.switch_to(&tab).await;
        tab
    }

    /// Looks at a tab.
    pub async fn switch_to(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.unwrap();
    }

    /// Looks at the tab that was opened last.
    pub async fn switch_to_newest(&self) {
        let newest = self.client.windows().await.unwrap().pop().unwrap();
        self.switch_to(&newest).await;
    }

    /// Path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.url).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits for an element.
    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} at {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// Waits for a link or a button with these words, and uses it.
    pub async fn press(&self, words: &str) {
        let path = format!(
            "//*[self::a or self::button or self::summary][normalize-space()={words:?} or @aria-label={words:?}]"
        );
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
        let Ok(element) = found else {
            panic!("nothing says {words:?} at {}:\n{}", self.path().await, self.text().await)
        };
        element.click().await.unwrap();
    }

    /// Types into the field of that name.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name={name:?}]")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Sets a field's text at once, as pasting does.
    pub async fn paste(&self, css: &str, text: &str) {
        let field = serde_json::to_value(self.find(css).await).unwrap();
        let set = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));";
        self.run(set, vec![field, json!(text)]).await;
    }

    /// Waits until an element's text holds these words.
    pub async fn wait_for(&self, css: &str, words: &str) {
        let shown = async || {
            let text = "return Array.from(document.querySelectorAll(arguments[0]), e => e.textContent).join(' ')";
            self.run(text, vec![json!(css)]).await.as_str().unwrap().contains(words)
        };
        self.until(&format!("{css} says {words:?}"), shown).await;
    }

    /// Waits until a page or an element is there that need not have been asked for once only: `look` may reload.
    pub async fn until(&self, what: &str, look: impl AsyncFn() -> bool) {
        let began = std::time::Instant::now();
        while !look().await {
            assert!(
                began.elapsed() < 3 * PATIENCE,
                "not yet: {what}, at {}:\n{}",
                self.path().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        self.run("return document.body.innerText", Vec::new()).await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// Registers by the page, and is signed in.
    pub async fn register(&self, name: &str) {
        self.goto("/register").await;
        self.fill("display_name", name).await;
        self.fill("email", &email(name)).await;
        self.fill("password", PASSWORD).await;
        self.client.find(Locator::Css("main form button")).await.unwrap().click().await.unwrap();
        self.wait_for("header", name).await;
    }

    /// Presses these keys in an element, of which WebDriver's code points for keys such as Ctrl may be a part.
    pub async fn keys(&self, css: &str, keys: &str) {
        self.find(css).await.send_keys(keys).await.unwrap();
    }

    /// Gives a command of Chromium's own, which WebDriver does not have, such as `Emulation.setEmulatedMedia`.
    pub async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.client.issue_cmd(DevTools(body)).await.unwrap();
    }

    /// What axe-core finds on the page that keeps people out of it.
    pub async fn obstacles(&self) -> Vec<String> {
        let axe = format!("{}/node_modules/axe-core/axe.min.js", environment::packages());
        let look = format!(
            "{}; return axe.run(document).then(found => found.violations.map(one =>
                one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')))",
            std::fs::read_to_string(axe).unwrap()
        );
        serde_json::from_value(self.run(&look, Vec::new()).await).unwrap()
    }

    /// Errors that the browser has complained of since it was last asked: of scripts, of what could not be loaded, of what
    /// the pages' content security policy kept from being loaded.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(BrowserLog).await.unwrap();
        let severe = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}

fn options(profile: &TempDir, screen: Screen) -> Value {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let arguments = json!([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1200,900",
        profile,
    ]);
    match screen {
        Screen::Desk => json!({"args": arguments}),
        Screen::Phone => {
            let metrics = json!({"width": 360, "height": 740, "pixelRatio": 1, "mobile": true, "touch": true});
            json!({"args": arguments, "mobileEmulation": {"deviceMetrics": metrics}})
        }
    }
}

/// Chromedriver's own call, which WebDriver does not have.
#[derive(Debug)]
struct BrowserLog;

impl fantoccini::wd::WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}

/// A command for Chromium itself, by chromedriver.
#[derive(Debug)]
struct DevTools(Value);

impl fantoccini::wd::WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.0.to_string()))
    }
}

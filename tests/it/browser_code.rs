//! The code editor of an exercise, in a real browser: what only its text fields, its fonts and its keys can tell.

use std::fs;

use serde_json::{Value, json};

use crate::support::browser::{Browser, Screen};
use crate::support::{Backend, Database, Fixture, TestApp, environment, run};

/// The field of `src/lib.rs`.
const CODE: &str = "#file-0";
/// Keys as WebDriver knows them.
const CTRL: char = '\u{E009}';
const SHIFT: char = '\u{E008}';
const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const DELETE: char = '\u{E017}';
const BACKSPACE: char = '\u{E003}';
const LEFT: char = '\u{E012}';
const F8: char = '\u{E038}';
/// Lets go of Ctrl and Shift.
const RELEASE: char = '\u{E000}';

/// The service with one small exercise, and a browser at its page.
struct Editor {
    app: TestApp,
    browser: Browser,
}

impl Fixture for Editor {
    async fn on(backend: Backend) -> Self {
        let packages = "tests/fixtures/packages".into();
        let app = TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(vec![packages]));
        let browser = Browser::open(&app.config.public_url, Screen::Desk).await;
        browser.goto("/exercises/adder").await;
        browser.find(".code-layer").await;
        Self { app, browser }
    }
}

impl Editor {
    /// A property of the element that `css` finds.
    async fn property(&self, css: &str, name: &str) -> Value {
        let script = "return document.querySelector(arguments[0])[arguments[1]]";
        self.browser.run(script, vec![json!(css), json!(name)]).await
    }

    /// Waits until the code is this, in the field and in the coloured layer below it.
    async fn shows(&self, code: &str) {
        let same = async || self.property(CODE, "value").await == code;
        self.browser.until(&format!("the code is {code:?}"), same).await;
        assert_eq!(self.property(".code-layer .code-lines", "textContent").await, format!("{code}\n"));
    }

    async fn keys(&self, keys: &str) {
        self.browser.keys(CODE, keys).await;
    }

    /// Whether the field's own text can't be seen.
    async fn is_transparent(&self) -> bool {
        let fill = self.browser.find(CODE).await.css_value("-webkit-text-fill-color").await.unwrap();
        fill == "rgba(0, 0, 0, 0)"
    }

    /// Puts a code field with this text into the page, beside those that are there. The page knows it as `field`, and the
    /// browser finds it as `#mine`.
    async fn add_field(&self, text: &str) {
        // The page's own script takes over the fields that it finds.
        self.browser.find(".file-tabs").await;
        let add = "const file = document.createElement('details'), place = document.createElement('div');
            file.className = 'file'; file.open = true; place.className = 'code-field';
            const area = document.createElement('textarea');
            Object.assign(area, {className: 'code', id: 'mine', rows: 12, wrap: 'off', value: arguments[0]});
            area.setAttribute('aria-label', 'src/mine.rs');
            place.append(area); file.append(document.createElement('summary'), place);
            file.firstChild.textContent = 'src/mine.rs';
            document.querySelector('#editor details').before(file);
            return import('/assets/code.js').then(code => { window.field = code.codeField(area); });";
        self.browser.run(add, vec![json!(text)]).await;
    }

    /// Checks that nothing went wrong, and ends the browser.
    async fn end(self) {
        assert_eq!(self.browser.complaints().await, Vec::<String>::new());
        self.browser.close().await;
        drop(self.app);
    }
}

#[test]
fn code_is_typed_with_pairs_and_indentation() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.keys(&format!("{CTRL}a{RELEASE}{DELETE}")).await;
        editor.shows("").await;
        editor.keys(&format!("fn f() {{{ENTER}")).await;
        editor.shows("fn f() {\n    \n}").await;
        editor.keys(&format!("let a = g(\"x\", [1]);{ENTER}}}")).await;
        editor.shows("fn f() {\n    let a = g(\"x\", [1]);\n}\n}").await;
        editor.end().await;
    });
}

#[test]
fn undo_survives_a_reload() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.keys(&format!("{CTRL}a{RELEASE}let x{BACKSPACE}y = (1);")).await;
        editor.shows("let y = (1);").await;
        editor.browser.reload().await;
        editor.shows("let y = (1);").await;
        editor.keys(&format!("{CTRL}zz")).await;
        editor.shows("let y = ()").await;
        editor.keys(&format!("{CTRL}{SHIFT}z{RELEASE}{CTRL}y")).await;
        editor.shows("let y = (1);").await;
        editor.end().await;
    });
}

#[test]
fn what_an_input_method_composes_is_left_alone() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.keys(&format!("{CTRL}a{RELEASE}// ")).await;
        let composed = |text: &str| json!({"text": text, "selectionStart": text.len(), "selectionEnd": text.len()});
        for text in ["k", "か", "かn", "かな"] {
            editor.browser.devtools("Input.imeSetComposition", composed(text)).await;
            editor.shows(&format!("// {text}")).await;
        }
        // What it underlines has to be seen.
        assert!(!editor.is_transparent().await);
        editor.browser.devtools("Input.insertText", json!({"text": "仮名("})).await;
        editor.shows("// 仮名(").await;
        editor.keys(&format!("{CTRL}z")).await;
        editor.shows("// ").await;
        editor.end().await;
    });
}

#[test]
fn text_is_found_and_replaced_by_keys() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.keys(&format!("{CTRL}a{RELEASE}one two one{CTRL}f{RELEASE}")).await;
        editor.browser.find(".code-find").await;
        let inputs = ".code-find [type=text]";
        editor.browser.keys(inputs, "one").await;
        editor.browser.wait_for(".code-find [role=status]", "1 of 2").await;
        editor.browser.keys(".code-find-row:nth-of-type(2) [type=text]", &format!("three{ENTER}")).await;
        editor.shows("three two one").await;
        editor.browser.press("Replace all").await;
        editor.shows("three two three").await;
        editor.browser.keys(inputs, &ESCAPE.to_string()).await;
        assert_eq!(editor.browser.path().await, "/exercises/adder", "Enter sends nothing");
        editor.keys(&format!("{CTRL}z")).await;
        editor.shows("three two one").await;
        editor.end().await;
    });
}

#[test]
fn problems_are_gone_to_by_key_and_by_click() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.add_field(&"let a = 1;\n".repeat(400)).await;
        let mark = "field.mark([
            {line: 300, column: 5, endLine: 300, endColumn: 6, level: 'error', text: 'mismatched types'},
            {line: 302, column: 9, endLine: 302, endColumn: 10, level: 'panic', text: 'attempt to add with overflow'},
        ])";
        editor.browser.run(mark, Vec::new()).await;
        editor.browser.keys("#mine", &F8.to_string()).await;
        editor.browser.wait_for(".code-bar [role=status]", "Error 1 of 2, line 300: mismatched types").await;
        assert_eq!(editor.property("#mine", "selectionStart").await, 299 * 11 + 4);
        // The line has been scrolled to, so the number of the other one can be clicked.
        editor.browser.find(".code-gutter .panic").await.click().await.unwrap();
        editor
            .browser
            .wait_for(".code-bar [role=status]", "Panic 2 of 2, line 302: attempt to add with overflow")
            .await;
        assert_eq!(editor.property("#mine", "selectionStart").await, 301 * 11 + 8);
        editor.end().await;
    });
}

/// Lines as code has them: with many tokens, tabs, and characters of other widths.
const ALIGNED: &str = "fn f<'a>(x: &'a [u8], y: Vec<Option<u64>>) -> Result<(), Box<dyn Error>> { g(\"é\", 'x', 0xff) } // end\n\
    \tif a\t\t== \"\u{5168}\u{89d2}\u{6587}\u{5b57}\" {\tvec![1, 2, 3];\t/* \u{1f980} */ }\tlet tabbed = true;\n";

/// Whether the field has, at the place where the layer below shows a character, that same character. `arguments` are the line
/// and the column.
const SAME_PLACE: &str = "const area = document.querySelector('#mine'), [line, column] = arguments;
    const row = [...area.parentElement.querySelectorAll('.code-gutter [data-line]')].findIndex(one => Number(one.dataset.line) === line);
    const shown = area.parentElement.querySelector('.code-layer .code-lines').children[row];
    const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    let left = column;
    while (texts.nextNode() && left >= texts.currentNode.length) left -= texts.currentNode.length;
    const range = document.createRange();
    range.setStart(texts.currentNode, left);
    range.setEnd(texts.currentNode, left + 1);
    const { left: x, width, top, height } = range.getBoundingClientRect();
    const place = document.caretPositionFromPoint(x + width * 0.25, top + height / 2);
    const lines = area.value.split('\\n');
    const offset = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + column;
    return place.offset - offset;";

#[test]
fn colours_stand_where_the_text_stands() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.add_field(&ALIGNED.repeat(2_500)).await;
        for scale in [1.0, 1.1, 2.0] {
            let screen = json!({"width": 1200, "height": 900, "deviceScaleFactor": scale, "mobile": false});
            editor.browser.devtools("Emulation.setDeviceMetricsOverride", screen).await;
            for line in [0, 1, 2500, 4998, 4999] {
                let columns = if line % 2 == 0 { vec![0, 1, 20, 60, 100] } else { vec![1, 4, 9, 12, 20, 40] };
                for column in columns {
                    let go = "field.goTo(arguments[0] + 1, arguments[1] + 1);
                        return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
                    editor.browser.run(go, vec![json!(line), json!(column)]).await;
                    let off = editor.browser.run(SAME_PLACE, vec![json!(line), json!(column)]).await;
                    assert_eq!(off, 0, "line {line}, column {column}, {scale} pixels a pixel");
                }
            }
        }
        // Of 5,000 lines only those are in the page that can be seen.
        let count = "return document.querySelectorAll('#mine ~ *, .code-layer .code-lines > div').length";
        let count = editor.browser.run(count, Vec::new()).await.as_u64().unwrap();
        assert!(count < 200, "{count}");
        editor.end().await;
    });
}

#[test]
fn where_colours_are_the_readers_own_the_field_shows_its_own_text() {
    run(Backend::Sqlite, async |editor: Editor| {
        assert!(editor.is_transparent().await);
        let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
        editor.browser.devtools("Emulation.setEmulatedMedia", forced).await;
        assert!(!editor.is_transparent().await);
        assert_eq!(editor.browser.find(".code-layer").await.css_value("display").await.unwrap(), "none");
        editor.end().await;
    });
}

#[test]
fn without_scripts_it_is_a_text_field_that_a_form_sends() {
    run(Backend::Sqlite, async |editor: Editor| {
        editor.browser.register("Ada").await;
        editor.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        editor.browser.goto("/exercises/adder").await;
        assert!(!editor.is_transparent().await);
        editor.keys("// typed").await;
        editor.browser.find("#submit").await.click().await.unwrap();
        editor
            .browser
            .until("the submission's page", async || editor.browser.path().await.starts_with("/submissions/"))
            .await;
        editor.end().await;
    });
}

#[test]
fn axe_finds_nothing() {
    run(Backend::Sqlite, async |editor: Editor| {
        let axe = fs::read_to_string(format!("{}/node_modules/axe-core/axe.min.js", environment::packages())).unwrap();
        editor.browser.register("Ada").await;
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            editor.browser.devtools("Emulation.setEmulatedMedia", media).await;
            editor.browser.goto("/exercises/adder").await;
            editor
                .add_field("/// Adds.\nfn f<'a>(x: &'a str) -> u64 {\n    println!(\"{x}\", 'c');\n    1 // one\n}\n")
                .await;
            let mark = "field.mark([
                {line: 2, column: 4, endLine: 2, endColumn: 5, level: 'error', text: 'mismatched types'},
                {line: 3, column: 5, endLine: 3, endColumn: 12, level: 'warning', text: 'unused'},
                {line: 4, column: 5, endLine: 4, endColumn: 6, level: 'panic', text: 'overflow'},
            ])";
            editor.browser.run(mark, Vec::new()).await;
            editor.browser.keys("#mine", &format!("{F8}{LEFT}{CTRL}f{RELEASE}")).await;
            editor.browser.keys(".code-find [type=text]", &format!("f{ENTER}")).await;
            let look = format!(
                "{axe}; return axe.run(document).then(found => found.violations.map(one =>
                    one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')))"
            );
            assert_eq!(editor.browser.run(&look, Vec::new()).await, json!([]), "{scheme}");
        }
        editor.end().await;
    });
}

//! The invariants of ARCHITECTURE.md, held by looking at the text of the tree.

mod dependencies;
mod docs;
mod imports;
mod source;

use std::collections::BTreeSet;

use imports::{Graph, Tree};
use regex::Regex;
pub use source::rust;
use source::{Rule, Source, files};

/// Longest file, in lines.
const FILE_MAX_LINES: usize = 500;

#[test]
fn only_stores_know_the_database_library() {
    Rule::new("SQL belongs in the feature's store.rs; what all stores share, in src/db")
        .forbid(&rust("src"), r"\bdiesel(_migrations)?::", &["src/db/", "*/store.rs"])
        .hold();
}

#[test]
fn only_handlers_know_the_web_framework() {
    Rule::new("what answers a request belongs in the feature's api.rs or pages.rs; what handlers share, in src/http")
        .forbid(
            &rust("src"),
            r"\bactix_web::",
            &[
                "src/http/",
                "src/web/",
                "*/api.rs",
                "*/pages.rs",
                "src/exercises/pages/",
                "src/sets/pages/",
                "src/submissions/pages/",
                "src/cli/serve.rs",
            ],
        )
        .hold();
}

#[test]
fn only_the_sandbox_starts_processes() {
    let start = r"\bCommand::new\(|\bprocess::Command\b|\btokio::process\b|\b(fork|execve?|execvpe?|clone3|posix_spawn)\(|\b(libc|sched)::clone\b";
    Rule::new("ask src/sandbox to run it: nothing may run outside of its limits")
        .forbid(&rust("src"), start, &["src/sandbox/", "src/grader/trusted.rs"])
        .hold();
}

#[test]
fn only_the_configuration_reads_the_environment() {
    // The sandbox starts this binary anew: `mod.rs` looks at what for, `systemd_scope.rs` hands on its arguments, `escape_probe.rs` tells what
    // a jailed program can see.
    let except = ["src/config.rs", "src/sandbox/mod.rs", "src/sandbox/systemd_scope.rs", "src/sandbox/escape_probe.rs"];
    Rule::new("make it a setting in src/config.rs, with a flag and a line of documentation")
        .forbid(&rust("src"), r#"\benv::(vars?|vars?_os|args|args_os|temp_dir|home_dir|set_var)\b|\benv = ""#, &except)
        .hold();
}

#[test]
fn only_the_clock_tells_the_time() {
    let time = r"\bSystemTime\b|\bUNIX_EPOCH\b|\bnow_(utc|local)\(|\bUtc::now\b|\bget_current_timestamp\b";
    Rule::new("ask a Clock, so that a test can say what time it is")
        .forbid(&rust("src"), time, &["src/clock.rs"])
        .hold();
    let sql = r"(?i)\bcurrent_(timestamp|date|time)\b|\bnow\(\)|\bdatetime\(|dsl::now\b";
    Rule::new("bind a Timestamp from the Clock: the two databases differ in what they call now")
        .forbid(&[files("migrations", &["sql"]), stores()].concat(), sql, &[])
        .hold();
}

fn stores() -> Vec<Source> {
    rust("src").into_iter().filter(|file| file.is_in(&["*/store.rs"])).collect()
}

#[test]
fn only_the_command_line_prints() {
    Rule::new("write a tracing event; src/cli alone talks to the terminal, and a sandboxed program to its pipe")
        .forbid(&rust("src"), r"\be?print(ln)?!|\bdbg!", &["src/cli/", "src/sandbox/"])
        .hold();
}

#[test]
fn only_the_sandbox_and_the_allocator_are_unsafe() {
    Rule::new("find a safe way, or a library that has one")
        .forbid(&rust("src"), r"\bunsafe (\{|fn|impl)", &["src/sandbox/", "src/memory.rs"])
        .hold();
}

/// From the ground up: a file may use its own feature and what stands on a line below. Handlers, which are a feature's
/// `api.rs`, `pages.rs` and `pages/`, stand above all features. Each line has a name, which messages say.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "ground",
        &[
            "clock",
            "concurrency",
            "config",
            "db",
            "error",
            "hex",
            "id",
            "json_object",
            "lexer",
            "memory",
            "network",
            "one_line",
            "opaque_token",
            "optional_field",
            "quantity",
            "rate_limits",
            "revision",
            "telemetry",
            "terminal",
            "whole_number",
        ],
    ),
    ("sandbox", &["sandbox"]),
    ("what was recorded", &["incident"]),
    ("grader", &["grader"]),
    ("similarity", &["similarity"]),
    ("queue", &["jobs"]),
    ("messages", &["audit", "outbox"]),
    ("people and content", &["accounts", "bank"]),
    ("figures", &["statistics"]),
    ("what can be taken", &["exercises", "practice", "teams"]),
    ("what teams write", &["material"]),
    ("sets", &["sets"]),
    ("attempts", &["attempts"]),
    ("submissions", &["submissions"]),
    ("reports", &["record"]),
    ("the kit of handlers", &["http"]),
    (HANDLERS, &[]),
    ("services", &["services"]),
    ("worker", &["worker"]),
    ("web", &["web"]),
    ("maintenance", &["maintenance"]),
    ("command line", &["cli"]),
    ("program", &["lib", "main"]),
];
const HANDLERS: &str = "handlers";

fn is_handler(path: &str) -> bool {
    path.ends_with("/api.rs") && path.matches('/').count() == 2
        || path.contains("/pages.rs")
        || path.contains("/pages/")
}

fn layer(path: &str) -> usize {
    let module = path.trim_start_matches("src/").split('/').next().unwrap().trim_end_matches(".rs");
    let is_own = |(name, modules): &(&str, &[&str])| {
        if is_handler(path) { *name == HANDLERS } else { modules.contains(&module) }
    };
    LAYERS.iter().position(is_own).unwrap_or_else(|| panic!("give {path} a layer in tests/it/tidy.rs"))
}

fn feature(path: &str) -> &str {
    path.trim_start_matches("src/").split('/').next().unwrap()
}

/// The files of the program, without unit tests.
fn tree() -> Tree {
    let files: Vec<_> = rust("src").into_iter().map(|file| (file.path, file.text)).collect();
    Tree::parse(&files)
}

/// Uses that lead upwards, or sideways into another feature.
fn upward(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (file, used) in graph.uses.iter().flat_map(|(file, uses)| uses.iter().map(move |used| (file, used))) {
        let (own, other) = (layer(file), layer(used));
        // The ground has no features: what it must not have is circles.
        let sideways = own == other && own > 0 && feature(file) != feature(used);
        if other > own || sideways {
            found.push(format!("{file} ({}) uses {used} ({})", LAYERS[own].0, LAYERS[other].0));
        }
    }
    found
}

#[test]
fn files_use_what_is_below_them() {
    let found = upward(&Graph::of(&tree()));
    assert!(found.is_empty(), "turn these round, or move what both need below:\n{}", found.join("\n"));
}

#[test]
fn no_files_use_each_other() {
    let graph = Graph::of(&tree());
    let circles = graph.circles();
    assert!(circles.is_empty(), "move what these share below them: {circles:#?}");
}

#[test]
fn an_import_that_leads_upwards_is_noticed() {
    let tree = tree();
    let with = |path: &str, import: &str| Graph::of(&tree.with(path, import));
    let upwards = with("src/attempts/service.rs", "use crate::submissions::Submissions;");
    assert_eq!(upward(&upwards).len(), 1);
    assert!(upwards.circles()[0].contains("src/submissions/service.rs"), "{:?}", upwards.circles());
    let in_a_macro = with("src/clock.rs", "fn f() { println!(\"{}\", crate::web::openapi::document()) }");
    assert_eq!(upward(&in_a_macro).len(), 1);
    let sideways = with("src/sets/pages/mod.rs", "use crate::bank::pages::topics;");
    assert_eq!(upward(&sideways).len(), 1);
    let inside = with("src/bank/slug.rs", "use super::set::Set;");
    assert_eq!((upward(&inside).len(), inside.circles().len()), (0, 1));
}

#[test]
fn no_path_climbs_twice() {
    Rule::new("write the path from crate::").forbid(&rust("src"), r"\bsuper::super\b", &[]).hold();
}

#[test]
fn grading_and_comparing_need_neither_a_database_nor_the_web() {
    let places = ["src/grader/", "src/sandbox/", "src/similarity/"];
    let pure: Vec<_> = rust("src").into_iter().filter(|file| file.is_in(&places)).collect();
    Rule::new("`quorate grade` and a test of similarity run without either: hand in what they need to know")
        .forbid(&pure, r"\bcrate::(db|http|web|services|accounts)\b|\bdiesel::|\bactix_web::", &[])
        .hold();
}

/// What holds keys, hidden tests or notes for reviewers, beside all that implements `Task`.
const SECRETS: &[&str] = &["Choice", "Remark", "Mark", "Review", "Prompt", "Question"];

#[test]
fn what_holds_a_key_cannot_be_written_out() {
    let files = rust("src");
    let text: String = files.iter().map(|file| file.text.as_str()).collect();
    let captures = |pattern: &str| -> BTreeSet<String> {
        Regex::new(pattern).unwrap().captures_iter(&text).map(|found| found[1].to_owned()).collect()
    };
    let tasks = captures(r"\bimpl (?:\w+::)*Task for (\w+)");
    assert!(tasks.len() >= 8, "the kinds of questions are not recognised any more: {tasks:?}");
    let types = captures(r"\b(?:struct|enum) (\w+)");
    for secret in tasks.iter().map(String::as_str).chain(SECRETS.iter().copied()) {
        assert!(types.contains(secret), "{secret} is gone: name what took its place in SECRETS");
        let name = regex::escape(secret);
        // A type that derives Serialize can't have a field that does not: the types named here are enough.
        let derived = format!(
            r"derive\([^)]*\bSerialize\b[^)]*\)\](?:\s*#\[[^\n]*\])*\s*pub(?:\([^)]*\))? (?:struct|enum) {name}\b"
        );
        let written = format!(r"\bimpl(?:<[^>]*>)? (?:\w+::)*Serialize for {name}\b");
        Rule::new("keys never reach a candidate: give what is shown a type of its own")
            .forbid(&files, &format!("(?:{derived}|{written})"), &[])
            .hold();
    }
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let mut rule = Rule::new("split the file along a noun");
    for file in files("src", &["rs"]) {
        let lines = file.text.lines().count();
        if lines > FILE_MAX_LINES {
            rule.breaks(format!("{}:{FILE_MAX_LINES}", file.path), format!("{lines} lines"));
        }
    }
    rule.hold();
}

#[test]
fn lints_are_set_aside_with_a_reason() {
    // At the beginning of a line: programs of candidates stand in strings, and say what they like.
    let trees = [rust("src"), rust("tests/it")].concat();
    Rule::new("write #[expect(lint, reason = \"…\")]: it tells when it is not needed any more")
        .forbid(&trees, r"(?m)^\s*#!?\[(?:cfg_attr\([^\n]*)?allow\(", &[])
        .hold();
    let expectation = Regex::new(r"(?ms)^\s*#!?\[(?:cfg_attr\(\w+, )?expect\((.*?)\)\]").unwrap();
    let mut rule = Rule::new("say why, with reason = \"…\"");
    for file in &trees {
        for found in expectation.captures_iter(&file.text).filter(|found| !found[1].contains("reason = ")) {
            rule.breaks(file.line(found.get(0).unwrap().start()), &found[0]);
        }
    }
    rule.hold();
}

#[test]
fn tests_wait_for_a_condition() {
    Rule::new("wait for what the test needs, with a bound; time comes from the test's clock")
        .forbid(&rust("tests/it"), r"\bsleep\(", &["tests/it/support/", "tests/it/tidy.rs"])
        .hold();
}

#[test]
fn migrations_come_in_pairs() {
    let names = |folder: &str| -> BTreeSet<String> {
        files(folder, &["sql"]).iter().map(|file| file.path.trim_start_matches(folder).to_owned()).collect()
    };
    let (sqlite, postgres) = (names("migrations/sqlite"), names("migrations/postgres"));
    let mut rule = Rule::new("each migration has up.sql and down.sql for both databases, under the same name");
    for lonely in sqlite.symmetric_difference(&postgres) {
        rule.breaks(format!("migrations/*{lonely}"), "only one database has it");
    }
    for up in sqlite.iter().filter_map(|name| name.strip_suffix("/up.sql")) {
        if !sqlite.contains(&format!("{up}/down.sql")) {
            rule.breaks(format!("migrations/sqlite{up}"), "there is no way down");
        }
    }
    rule.hold();
}

#[test]
fn what_makes_markup_is_not_escaped() {
    let helpers = std::fs::read_to_string("src/http/templates.rs").unwrap();
    for helper in ["prose", "rust", "when"] {
        assert!(helpers.contains(&format!("register_helper(\"{helper}\"")), "{helper} is gone: take it off this list");
    }
    Rule::new("write {{{…}}} around a helper that makes markup: people would see the tags")
        .forbid(&files("src/web/templates", &["hbs"]), r"(?:^|[^{])\{\{(?:prose|rust|when) ", &[])
        .hold();
}

#[test]
fn pages_load_nothing_from_another_host() {
    let pages = files("src/web", &["hbs", "css", "js", "svg", "html"]);
    let loads = [
        r#"\b(src|srcset|action|poster|data)\s*=\s*["']?(https?:)?//"#,
        r#"<link\b[^>]*\bhref\s*=\s*["']?(https?:)?//"#,
        r#"\burl\(\s*["']?(https?:)?//"#,
        r#"@import\b"#,
        r#"\b(fetch|import|EventSource|WebSocket)\(\s*["'`](https?:|wss?:)?//"#,
        r#"\bfrom\s+["'](https?:)?//"#,
    ];
    Rule::new("put the file into src/web/assets: pages work where there is no other host")
        .forbid(&pages, &loads.join("|"), &[])
        .hold();
}

#[test]
fn every_code_of_a_problem_is_documented() {
    let documented = std::fs::read_to_string("docs/problems.md").unwrap();
    let code = Regex::new(r#"(?:Refusal::new\(\s*Kind::\w+,|conflict\()\s*"(\w+)""#).unwrap();
    let mut rule = Rule::new("add the code to docs/problems.md: when it comes and what to do");
    let mut found = 0;
    for file in rust("src") {
        for codes in code.captures_iter(&file.text) {
            found += 1;
            if !documented.contains(&format!("| `{}` |", &codes[1])) {
                rule.breaks(&file.path, &codes[1]);
            }
        }
    }
    assert!(found > 20, "only {found} codes were found: the pattern is no longer right");
    rule.hold();
}

#[test]
fn every_attack_is_published() {
    let published = std::fs::read_to_string("docs/attacks.md").unwrap();
    let mut rule = Rule::new("add the attack to docs/attacks.md");
    for entry in std::fs::read_dir("tests/attacks").unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() && !published.contains(&format!("(../tests/attacks/{name})")) {
            rule.breaks("docs/attacks.md", &name);
        }
    }
    rule.hold();
}

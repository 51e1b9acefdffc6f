//! `quorate grade` as a person calls it: a process, its exit code, and what it prints.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

pub(crate) const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/packages");
pub(crate) const GOOD: &str = "pub fn add(left: u64, right: u64) -> u64 { left.saturating_add(right) }\n";
/// In every hidden file of the fixture, and so in nothing that a candidate sees.
const CANARY: &str = "CANARY-HIDDEN-7f3a";

/// Packages are prepared once for all tests: preparing is safe between processes.
pub(crate) fn data_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-data")
}

pub(crate) fn quorate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).env("QUORATE_DATA_DIR", data_dir()).env("QUORATE_GRADERS", PACKAGES);
    command.output().unwrap()
}

/// A graded submission.
struct Graded {
    code: i32,
    report: Value,
    /// Every byte that came out.
    printed: String,
}

impl Graded {
    fn verdict(&self) -> &str {
        self.report["verdict"].as_str().unwrap()
    }

    fn reason(&self) -> &str {
        self.report["reason"].as_str().unwrap_or_default()
    }

    fn tests(&self) -> BTreeMap<&str, &str> {
        let tests = self.report["tests"].as_array().unwrap();
        tests.iter().map(|test| (test["name"].as_str().unwrap(), test["verdict"].as_str().unwrap())).collect()
    }
}

fn grade(submission: &Path, flags: &[&str]) -> Graded {
    let path = submission.to_str().unwrap();
    let output = quorate(&[&["grade", "adder", path, "--json"], flags].concat());
    let printed = String::from_utf8_lossy(&[output.stdout.clone(), output.stderr].concat()).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {printed}"));
    Graded { code: output.status.code().unwrap(), report, printed }
}

pub(crate) fn crate_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn grade_source(source: &str) -> Graded {
    grade(crate_of(&[("src/lib.rs", source)]).path(), &[])
}

fn tar_gz(fill: impl FnOnce(&mut tar::Builder<GzEncoder<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    fill(&mut archive);
    archive.into_inner().unwrap().finish().unwrap()
}

/// An entry as it stands in the bytes, with any name: the builder would refuse the interesting ones.
fn raw_entry(
    archive: &mut tar::Builder<GzEncoder<Vec<u8>>>,
    kind: tar::EntryType,
    name: &str,
    link: &str,
    bytes: &[u8],
) {
    let mut header = tar::Header::new_ustar();
    header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_ustar_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(u64::try_from(bytes.len()).unwrap());
    header.set_mode(0o644);
    header.set_cksum();
    archive.append(&header, bytes).unwrap();
}

fn zip_of(fill: impl FnOnce(&mut zip::ZipWriter<std::io::Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    fill(&mut archive);
    archive.finish().unwrap().into_inner()
}

fn grade_archive(bytes: &[u8]) -> Graded {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    grade(file.path(), &[])
}

#[test]
fn a_right_crate_is_accepted() {
    let graded = grade_source(GOOD);
    assert_eq!((graded.code, graded.verdict()), (0, "accepted"), "{}", graded.printed);
    assert_eq!((&graded.report["score"], &graded.report["max_score"]), (&3.into(), &3.into()));
    let expected =
        BTreeMap::from([("adding::saturates", "passed"), ("adding::adds", "passed"), ("adding::commutes", "skipped")]);
    assert_eq!(graded.tests(), expected);
    assert_eq!(graded.report["isolation"], "in_process");
    let stages: Vec<&str> =
        graded.report["stages"].as_array().unwrap().iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(stages, ["policy", "build", "link", "run", "score"]);
    assert!(graded.report["usage"]["cpu_ms"].as_u64().unwrap() > 0);
}

#[test]
fn a_wrong_crate_gets_points_for_what_is_right_and_hints_for_the_rest() {
    let graded = grade_source("pub fn add(left: u64, right: u64) -> u64 { left.wrapping_add(right) }");
    assert_eq!((graded.code, graded.verdict()), (1, "partial"));
    assert_eq!(graded.report["score"], 1);
    let failed = graded.report["tests"].as_array().unwrap().iter().find(|test| test["verdict"] == "failed").unwrap();
    assert_eq!(failed["title"], "Large sums saturate");
    assert_eq!(failed["hint"], "Which method of u64 stops at the largest number?");
    assert_eq!(failed["message"], "something was not as the test expects");
    assert!(!graded.printed.contains(CANARY) && !graded.printed.contains("4242421"));
}

#[test]
fn the_untouched_starter_compiles_and_does_not_pass() {
    let graded = grade(&Path::new(PACKAGES).join("adder/starter"), &[]);
    assert_eq!((graded.code, graded.verdict()), (1, "wrong_answer"));
}

#[test]
fn a_compile_error_names_the_candidates_file_and_line() {
    let graded = grade_source("pub fn add(left: u64, right: u64) -> u64 {\n    left + \"right\"\n}\n");
    assert_eq!((graded.code, graded.verdict()), (1, "compile_error"));
    let error = &graded.report["diagnostics"][0];
    assert_eq!((&error["file"], &error["line"], &error["code"]), (&"src/lib.rs".into(), &2.into(), &"E0277".into()));
    assert!(error["rendered"].as_str().unwrap().contains('\u{1b}'), "cargo's colours are kept");
}

#[test]
fn a_crate_without_the_public_items_is_told_so_without_a_line_of_the_tests() {
    for source in [
        "pub fn sum() {}",
        "pub fn add(left: u64) -> u64 { left }",
        "pub fn add(left: u64, right: u64) -> String { format!(\"{left}{right}\") }",
    ] {
        let graded = grade_source(source);
        assert_eq!((graded.code, graded.verdict()), (1, "compile_error"), "{source}");
        assert!(graded.reason().contains("hidden tests do not fit"), "{}", graded.reason());
        assert!(!graded.printed.contains(CANARY) && !graded.printed.contains("SECRET_CASE"), "{}", graded.printed);
    }
    assert!(grade_source("pub fn sum() {}").reason().contains("`add` (E0425)"));
}

#[test]
fn hidden_tests_cannot_be_read_while_compiling() {
    for path in
        ["../tests/adding.rs", "/crate/tests/adding.rs", "/hidden/adding.rs", "/etc/passwd", "/proc/self/environ"]
    {
        let graded = grade_source(&format!("pub const STOLEN: &str = include_str!({path:?});\n{GOOD}"));
        assert_eq!(graded.verdict(), "compile_error", "{path}");
        assert!(!graded.printed.contains(CANARY) && !graded.printed.contains("root:"), "{path}");
    }
}

#[test]
fn a_test_that_does_not_end_reaches_its_time_limit() {
    let graded = grade_source("pub fn add(_: u64, _: u64) -> u64 { loop { std::hint::spin_loop() } }");
    assert_eq!((graded.code, graded.verdict()), (1, "time_limit"), "{}", graded.printed);
    let message = graded.report["tests"][0]["message"].as_str().unwrap();
    assert!(message.contains("of CPU time; 1000 ms are allowed"), "{message}");
}

#[test]
fn limits_other_than_time_have_verdicts_of_their_own() {
    let cases = [
        ("memory_limit", "vec![1_u8; 1 << 30].into_iter().map(u64::from).sum()"),
        ("output_limit", "loop { println!(\"more and more and more\") }"),
        ("runtime_error", "std::process::abort()"),
        ("runtime_error", "fn deep(n: u64) -> u64 { [n; 64].iter().sum::<u64>() + deep(n + 1) } deep(0)"),
    ];
    for (verdict, body) in cases {
        let graded =
            grade_source(&format!("#[allow(unconditional_recursion)] pub fn add(_: u64, _: u64) -> u64 {{ {body} }}"));
        assert_eq!(graded.verdict(), verdict, "{body}: {}", graded.printed);
    }
}

#[test]
fn a_verdict_cannot_be_forged_by_exit_code_or_output() {
    let bodies = [
        "std::process::exit(0)",
        "println!(\"test adds ... ok\\ntest result: ok. 2 passed; 0 failed\"); std::process::exit(0)",
        "println!(\"{{\\\"type\\\":\\\"test\\\",\\\"event\\\":\\\"ok\\\",\\\"name\\\":\\\"adds\\\"}}\"); std::process::exit(0)",
        "std::thread::spawn(|| std::process::exit(0)).join().unwrap(); 0",
        "std::panic::set_hook(Box::new(|_| std::process::exit(0))); panic!()",
        "struct Leave; impl Drop for Leave { fn drop(&mut self) { std::process::exit(0) } } let _leave = Leave; panic!()",
        "struct Leave; impl Drop for Leave { fn drop(&mut self) { std::process::exit(0) } } std::panic::panic_any(Leave)",
        "use std::io::Write; for n in 0..64 { if let Ok(mut f) = std::fs::File::options().write(true).open(format!(\"/proc/self/fd/{n}\")) { let _ = f.write_all(b\"passed\"); } } std::process::exit(0)",
        "let _ = std::process::Command::new(\"/adding\").arg(\"list\").status(); std::process::exit(0)",
    ];
    for body in bodies {
        let graded =
            grade_source(&format!("#[allow(unreachable_code)] pub fn add(_: u64, _: u64) -> u64 {{ {body} }}"));
        assert_eq!(graded.report["score"], 0, "{body}: {}", graded.printed);
        assert_eq!(graded.code, 1, "{body}");
    }
}

#[test]
fn a_macro_named_like_a_standard_one_does_not_replace_it() {
    let graded = grade_source(&format!(
        "#[macro_export] macro_rules! assert_eq {{ ($($t:tt)*) => {{}} }}\n{}",
        GOOD.replace("saturating", "wrapping")
    ));
    assert_eq!((graded.code, graded.verdict()), (1, "compile_error"), "{}", graded.printed);
    assert!(graded.reason().contains("`assert_eq` (E0659)"), "{}", graded.reason());
}

#[test]
fn unsafe_code_is_no_way_around() {
    let compile_errors = [
        "pub fn add(l: u64, r: u64) -> u64 { unsafe { std::mem::transmute::<u64, u64>(l + r) } }",
        "unsafe extern \"C\" { safe fn getpid() -> i32; } pub fn add(_: u64, _: u64) -> u64 { getpid() as u64 }",
        "std::arch::global_asm!(\".globl main\"); pub fn add(l: u64, r: u64) -> u64 { l + r }",
        "#![allow(unsafe_code)] pub fn add(l: u64, r: u64) -> u64 { l + r }",
        "#![feature(test)] pub fn add(l: u64, r: u64) -> u64 { l + r }",
    ];
    for source in compile_errors {
        assert_eq!(grade_source(source).verdict(), "compile_error", "{source}");
    }
    let exported = "trait T { #[unsafe(export_name = \"write\")] extern \"C\" fn f() {} }\n";
    assert_eq!(grade_source(&format!("{exported}{GOOD}")).verdict(), "policy_violation");
    let naked = "#[unsafe(naked)] pub extern \"C\" fn f() { core::arch::naked_asm!(\"ret\") }\n";
    let graded = grade_source(&format!("{naked}{GOOD}"));
    assert_eq!((graded.code, graded.verdict()), (2, "policy_violation"));
    assert!(graded.reason().contains("src/lib.rs: line 1"), "{}", graded.reason());
}

#[test]
fn crate_attributes_that_would_change_the_build_do_not() {
    for attribute in
        ["#![crate_type = \"bin\"]", "#![crate_type = \"proc-macro\"]", "#![no_main]", "#![recursion_limit = \"512\"]"]
    {
        let graded = grade_source(&format!("{attribute}\n{GOOD}"));
        assert_eq!(graded.verdict(), "accepted", "{attribute}: {}", graded.printed);
    }
    assert_eq!(grade_source(&format!("#![crate_name = \"other\"]\n{GOOD}")).verdict(), "compile_error");
}

#[test]
fn a_manifest_that_asks_for_what_the_grader_does_not_do_is_refused_by_key() {
    let package = "[package]\nname = \"adder\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let cases = [
        ("[profile.dev]\nopt-level = 3\n", "`profile`"),
        ("[dependencies]\nserde = \"1\"\n", "dependency `serde` is not allowed here"),
        ("[patch.crates-io]\nserde = { path = \"x\" }\n", "`patch`"),
        ("[workspace]\nmembers = [\"x\"]\n", "`workspace`"),
        ("[lib]\npath = \"src/other.rs\"\n", "`lib`"),
        ("[lib]\nproc-macro = true\n", "`lib`"),
        ("[features]\ndefault = []\n", "`features`"),
        ("[[test]]\nname = \"adding\"\nharness = false\n", "`test`"),
        ("[build-dependencies]\ncc = \"1\"\n", "`build-dependencies`"),
        ("not toml", "is no TOML"),
    ];
    for (more, rule) in cases {
        let manifest = format!("{package}{more}");
        let graded = grade(crate_of(&[("Cargo.toml", &manifest), ("src/lib.rs", GOOD)]).path(), &[]);
        assert_eq!((graded.code, graded.verdict()), (2, "policy_violation"), "{more}: {}", graded.printed);
        assert!(graded.reason().contains(rule), "{more}: {}", graded.reason());
    }
    for (name, value) in [("build", "\"b.rs\""), ("autotests", "false"), ("links", "\"c\"")] {
        let manifest = package.replace("edition = \"2024\"\n", "") + &format!("{name} = {value}\n");
        let graded = grade(crate_of(&[("Cargo.toml", &manifest), ("src/lib.rs", GOOD)]).path(), &[]);
        assert!(graded.reason().contains(&format!("`package.{name}`")), "{name}: {}", graded.printed);
    }
    let graded =
        grade(crate_of(&[("Cargo.toml", package), ("src/lib.rs", GOOD), ("tests/mine.rs", "not rust")]).path(), &[]);
    assert_eq!(graded.verdict(), "accepted", "{}", graded.printed);
}

#[test]
fn files_that_are_the_graders_are_refused_by_name() {
    for file in ["build.rs", ".cargo/config.toml", "rust-toolchain.toml", "src/data.txt", "src/a/b/c/d/e/f/g/h/i.rs"] {
        let graded = grade(crate_of(&[(file, ""), ("src/lib.rs", GOOD)]).path(), &[]);
        assert_eq!((graded.code, graded.verdict()), (2, "policy_violation"), "{file}");
        assert!(graded.reason().contains(file.split('/').next().unwrap()), "{file}: {}", graded.reason());
    }
    let linked = crate_of(&[("src/lib.rs", GOOD)]);
    std::os::unix::fs::symlink("/etc/passwd", linked.path().join("src/link.rs")).unwrap();
    assert!(grade(linked.path(), &[]).reason().contains("src/link.rs: is no regular file"));
}

#[test]
fn archives_are_graded_like_folders() {
    let tar = tar_gz(|archive| {
        raw_entry(archive, tar::EntryType::Directory, "./src/", "", b"");
        raw_entry(archive, tar::EntryType::Regular, "./src/lib.rs", "", GOOD.as_bytes());
    });
    assert_eq!(grade_archive(&tar).verdict(), "accepted");
    let zip = zip_of(|archive| {
        archive.add_directory("src", SimpleFileOptions::default()).unwrap();
        archive.start_file("src/lib.rs", SimpleFileOptions::default()).unwrap();
        archive.write_all(GOOD.as_bytes()).unwrap();
    });
    assert_eq!(grade_archive(&zip).verdict(), "accepted");
    let mut plain = tar::Builder::new(Vec::new());
    for (path, text) in [("adder/src/lib.rs", GOOD), ("adder/Cargo.lock", "[["), ("adder/target/debug/x", "\0")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(u64::try_from(text.len()).unwrap());
        plain.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    let graded = grade_archive(&plain.into_inner().unwrap());
    assert_eq!(graded.verdict(), "accepted", "{}", graded.printed);
    assert_eq!(graded.report["notes"].as_array().unwrap().len(), 3, "{}", graded.printed);
}

#[test]
fn hostile_tars_are_refused_by_rule() {
    use tar::EntryType::{Block, Char, Directory, Fifo, Link, Regular, Symlink};
    let cases = [
        (Regular, "../escape.rs", "", "`..`"),
        (Regular, "src/../../escape.rs", "", "`..`"),
        (Regular, "/etc/cron.d/x", "", "relative"),
        (Symlink, "src/link.rs", "/etc/passwd", "is no regular file but a symlink"),
        (Link, "src/hard.rs", "src/lib.rs", "is no regular file but a link"),
        (Char, "src/char.rs", "", "is no regular file but a char"),
        (Block, "src/block.rs", "", "is no regular file but a block"),
        (Fifo, "src/fifo.rs", "", "is no regular file but a fifo"),
        (Directory, "../up", "", "`..`"),
        (Regular, "src/lib.rs", "", "comes twice"),
        (Regular, "src/LIB.rs", "", "comes twice"),
        (Regular, ".cargo/config.toml", "", "fixed"),
        (Regular, "build.rs", "", "build scripts"),
    ];
    for (kind, name, link, rule) in cases {
        let graded = grade_archive(&tar_gz(|archive| {
            raw_entry(archive, Regular, "src/lib.rs", "", GOOD.as_bytes());
            raw_entry(archive, kind, name, link, b"");
        }));
        assert_eq!((graded.code, graded.verdict()), (2, "policy_violation"), "{name}");
        assert!(graded.reason().contains(rule), "{name}: {}", graded.reason());
    }
    let not_text = tar_gz(|archive| raw_entry(archive, Regular, "src/lib.rs", "", b"\xff\xfe"));
    assert!(grade_archive(&not_text).reason().contains("not UTF-8"));
    let bomb = tar_gz(|archive| raw_entry(archive, Regular, "src/lib.rs", "", &vec![b' '; 64 << 20]));
    assert!(bomb.len() < 1 << 20);
    assert!(grade_archive(&bomb).reason().contains("at most 1024 KiB"));
    let several = tar_gz(|archive| {
        ["src/lib.rs", "build.rs", "src/a.txt"].iter().for_each(|name| raw_entry(archive, Regular, name, "", b""));
    });
    let several = grade_archive(&several);
    assert!(
        several.reason().contains("build.rs: ") && several.reason().contains("src/a.txt: "),
        "{}",
        several.reason()
    );
    let many = tar_gz(|archive| {
        (0..65).for_each(|number| raw_entry(archive, Regular, &format!("src/f{number}.rs"), "", b""));
    });
    assert!(grade_archive(&many).reason().contains("at most 64 files"));
    let folders = tar_gz(|archive| {
        (0..300).for_each(|number| raw_entry(archive, Directory, &format!("src/d{number}/"), "", b""));
    });
    assert!(grade_archive(&folders).reason().contains("more than 256 entries"));
}

#[test]
fn hostile_zips_and_what_is_no_archive_are_refused() {
    let file = |name: &'static str| {
        zip_of(move |archive| {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(GOOD.as_bytes()).unwrap();
        })
    };
    assert!(grade_archive(&file("../escape.rs")).reason().contains("`..`"));
    assert!(grade_archive(&file("/abs/lib.rs")).reason().contains("relative"));
    let link =
        zip_of(|archive| archive.add_symlink("src/link.rs", "/etc/passwd", SimpleFileOptions::default()).unwrap());
    assert!(grade_archive(&link).reason().contains("is no regular file"));
    let bomb = zip_of(|archive| {
        archive.start_file("src/lib.rs", SimpleFileOptions::default()).unwrap();
        (0..64).for_each(|_| archive.write_all(&vec![b' '; 1 << 20]).unwrap());
    });
    assert!(grade_archive(&bomb).reason().contains("at most 1024 KiB"));
    // The same name twice: the writer refuses to, so one of two equally long names is changed afterwards.
    let mut twice = zip_of(|archive| {
        for name in ["src/lib.rs", "src/lib.rX"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(GOOD.as_bytes()).unwrap();
        }
    });
    while let Some(at) = twice.windows(3).position(|window| window == b".rX") {
        twice[at + 2] = b's';
    }
    assert!(grade_archive(&twice).reason().contains("duplicate"), "{}", grade_archive(&twice).reason());
    for garbage in [&b""[..], b"PK", b"\x1f\x8b", b"plain text", &file("src/lib.rs")[..40]] {
        let graded = grade_archive(garbage);
        assert_eq!((graded.code, graded.verdict()), (2, "policy_violation"), "{garbage:?}");
    }
    let cut = tar_gz(|archive| raw_entry(archive, tar::EntryType::Regular, "src/lib.rs", "", GOOD.as_bytes()));
    let cut = grade_archive(&cut[..cut.len() / 2]);
    assert!(cut.reason().contains("cannot be unpacked"), "{}", cut.reason());
}

#[test]
fn public_tests_show_everything_and_hide_nothing() {
    let graded = grade(crate_of(&[("src/lib.rs", "pub fn add(_: u64, _: u64) -> u64 { 3 }")]).path(), &["--public"]);
    assert_eq!((graded.code, graded.verdict()), (1, "wrong_answer"));
    assert_eq!(graded.report["mode"], "public");
    let message = graded.report["tests"][0]["message"].as_str().unwrap();
    for part in ["tests/public.rs:6", "one and one", "left: 3", "right: 2", "adding one and one"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn the_report_for_people_has_titles_points_and_the_way_on() {
    let output = quorate(&[
        "grade",
        "adder",
        crate_of(&[("src/lib.rs", "pub fn add(l: u64, r: u64) -> u64 { l.wrapping_add(r) }")]).path().to_str().unwrap(),
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "failed  Large sums saturate   0/2",
        "hint: Which method",
        "passed  Adds two numbers      1/1",
        "adder: partial, 1 of 3 points",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn wrong_usage_is_told_apart_from_wrong_crates() {
    let folder = crate_of(&[("src/lib.rs", GOOD)]);
    let path = folder.path().to_str().unwrap();
    for arguments in [
        vec!["grade", "no-such-package", path],
        vec!["grade", "adder", "/no/such/crate"],
        vec!["grade"],
        vec!["check", "no-such"],
    ] {
        let output = quorate(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

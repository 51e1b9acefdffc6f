//! What an author of exercises meets: `quorate check`, its advice, and dependencies that only the tests have.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::grade::{GOOD, PACKAGES, crate_of, quorate};

/// A copy of the package `adder`, to be changed.
pub(crate) fn adder() -> (TempDir, PathBuf) {
    copy_of("adder")
}

/// A copy of a package of the fixtures, to be changed.
pub(crate) fn copy_of(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join(name);
    copy(&Path::new(PACKAGES).join(name), &package);
    (folder, package)
}

/// What `quorate check` prints of a package, and its exit code.
fn check(package: &Path) -> (Option<i32>, String) {
    let output = quorate(&["check", package.to_str().unwrap(), "--repeat=1"]);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn check_proves_packages_and_finds_what_is_not_as_said() {
    let output = quorate(&["check", "adder"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("warning: hidden/adding.rs:3: `use adder::*`"), "{text}");

    let (_folder, package) = adder();
    fs::write(package.join("samples/wraps/expected.toml"), "verdict = \"accepted\"\nfails = [\"adding::adds\"]\n")
        .unwrap();
    fs::write(package.join("starter/src/lib.rs"), GOOD).unwrap();
    let output = quorate(&["check", package.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in [
        "there is nothing to do",
        "partial instead of accepted",
        "does not fail adding::adds",
        "fails adding::saturates too",
    ] {
        assert!(text.contains(part), "{text}");
    }

    fs::write(package.join("starter/src/lib.rs"), "pub fn add(left: ???) {}").unwrap();
    let text = String::from_utf8(quorate(&["check", package.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains("does not compile: expected"), "{text}");
}

#[test]
fn mistakes_in_a_package_are_all_named_by_file_and_line() {
    let (_folder, package) = adder();
    let text =
        "title = 3\nkind = \"implment\"\nsize = 1\n\n[limits]\nmemory = \"lots\"\n\n[[test]]\ntitle = \"No name\"\n";
    fs::write(package.join("grader.toml"), text).unwrap();
    let output = quorate(&["check", package.to_str().unwrap()]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in [
        "grader.toml:1: `title`",
        "grader.toml:2: kind: `implment`",
        "grader.toml:3: unknown key `size`",
        "grader.toml:6: memory: `lots`",
        "grader.toml:8: `name` is missing",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Whatever a candidate returns is compared: a type that is equal to everything passes.
const TRUSTING: &str = "use adder::add;\n#[test]\nfn adds() { assert_eq!(add(1, 2), 3); }\n";

#[test]
fn tests_that_can_be_lied_to_are_advised_against() {
    let (_folder, package) = adder();
    fs::write(package.join("grader.toml"), "title = \"Adder\"\nkind = \"implement\"\n").unwrap();
    fs::remove_dir_all(package.join("samples")).unwrap();
    fs::write(package.join("hidden/adding.rs"), TRUSTING).unwrap();
    let (code, text) = check(&package);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the hidden tests take any type that `add` returns"), "{text}");

    fs::write(
        package.join("hidden/adding.rs"),
        TRUSTING.replace("add(1, 2), 3", "{ let sum: u64 = add(1, 2); sum }, 3"),
    )
    .unwrap();
    let (_, text) = check(&package);
    assert!(!text.contains("warning"), "{text}");

    let source = format!("{GOOD}#[macro_export]\nmacro_rules! sum {{ () => {{ 0 }} }}\n");
    fs::write(package.join("starter/src/lib.rs"), source).unwrap();
    let (_, text) = check(&package);
    assert!(text.contains("starter/src/lib.rs: a macro that the hidden tests call"), "{text}");
}

#[test]
fn what_only_the_tests_need_does_not_exist_for_a_candidate() {
    let (_folder, package) = adder();
    let toml = "title = \"Adder\"\nkind = \"implement\"\n[test_dependencies]\nitoa = \"1\"\n";
    fs::write(package.join("grader.toml"), toml).unwrap();
    let test =
        "#[test]\nfn adds() { let sum: u64 = adder::add(1, 2); assert_eq!(itoa::Buffer::new().format(sum), \"3\"); }\n";
    fs::write(package.join("hidden/adding.rs"), test).unwrap();
    let graded = |source: &str| {
        let submission = crate_of(&[("src/lib.rs", source)]);
        let arguments = ["grade", package.to_str().unwrap(), submission.path().to_str().unwrap(), "--json"];
        let output = quorate(&arguments);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(graded(GOOD), "accepted");
    let own = format!("{GOOD}mod itoa {{ pub fn zero() -> u64 {{ 0 }} }}\npub use itoa::zero;\n");
    assert_eq!(graded(&own), "accepted", "a module may have the name");
    assert_eq!(graded(&format!("{GOOD}pub type B = itoa::Buffer;\n")), "compile_error");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            let _ = fs::copy(entry.path(), target).unwrap();
        }
    }
}

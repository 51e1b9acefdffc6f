//! What a candidate is told of a test that failed, and that it is the same every time and on every machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use quorate::sandbox::{
    Command, End, Jailer, Limit, Limits, Mount, Profile, Settings, WALL_FACTOR_MAX, library_mounts,
};
use serde_json::{Value, json};

use crate::authors::{adder, copy_of};
use crate::grade::{GOOD, crate_of, quorate};
use crate::support::served::Served;
use crate::support::{Backend, Network, Person};

/// Grades one source as exercise `adder`, and gives the report.
fn graded(source: &str, flags: &[&str]) -> Value {
    graded_in("adder", source, flags)
}

fn graded_in(package: &str, source: &str, flags: &[&str]) -> Value {
    let folder = crate_of(&[("src/lib.rs", source)]);
    let path = folder.path().to_str().unwrap();
    let output = quorate(&[&["grade", package, path, "--json"], flags].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// `add` with another body.
fn add(body: &str) -> String {
    format!("pub fn add(left: u64, right: u64) -> u64 {{ {body} }}\n")
}

/// Verdict and message of the test `adds`.
fn ending(report: &Value) -> (&str, &str) {
    let tests = report["tests"].as_array().unwrap_or_else(|| panic!("{report}"));
    let test = tests.iter().find(|test| test["name"] == "adding::adds").unwrap();
    (test["verdict"].as_str().unwrap(), test["message"].as_str().unwrap_or_default())
}

/// Right when the first of ten keys of a `HashMap` is one of the lower five.
const BY_HASH_ORDER: &str = "let map: std::collections::HashMap<u64, ()> = (0..10).map(|key| (key, ())).collect();
    if map.keys().next().is_some_and(|key| *key < 5) { left.saturating_add(right) } else { 0 }";

#[test]
fn the_same_files_get_the_same_verdict_though_they_depend_on_the_order_of_a_map() {
    let (mut passed, mut by_chance) = (false, false);
    for variation in 0..60 {
        let source = format!("{}// {variation}\n", add(BY_HASH_ORDER));
        let (first, again) = (graded(&source, &[]), graded(&source, &[]));
        assert_eq!(ending(&again), ending(&first));
        let (verdict, message) = ending(&first);
        passed |= verdict == "passed";
        by_chance |= verdict == "failed" && message.contains("depends on chance");
        // Other files have other random numbers: some pass, and of those that fail some would pass with others.
        if passed && by_chance {
            return;
        }
    }
    panic!("passed: {passed}, said to depend on chance: {by_chance}");
}

#[test]
fn threads_have_random_numbers_of_their_own_that_are_the_same_every_time() {
    let source = add("use std::hash::BuildHasher;
        let draw = || std::collections::hash_map::RandomState::new().hash_one(1);
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let mut drawn: Vec<u64> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        println!(\"drawn {drawn:?}\");
        drawn.dedup();
        if drawn.len() == 4 { left + right } else { 0 }");
    let printed = |source: &str| graded(source, &["--public"])["tests"].to_string();
    let failing = source.replace("left + right", "left");
    let first = printed(&failing);
    assert!(first.contains("drawn ["), "{first}");
    let drawn = |text: &str| text.split("drawn [").nth(1).unwrap().split(']').next().unwrap().to_owned();
    assert_eq!(drawn(&printed(&failing)), drawn(&first));
    assert_eq!(ending(&graded(&source, &[])).0, "passed");
}

#[test]
fn a_panic_is_told_by_its_place_in_the_candidates_own_file() {
    let source = "pub fn add(left: u64, right: u64) -> u64 {\n    let none: Option<u64> = (left == 0).then_some(right);\n    none.unwrap()\n}\n";
    assert_eq!(ending(&graded(source, &[])), ("failed", "it panicked at src/lib.rs:3:10"));
    let wrong = graded(&add("left ^ right ^ 7"), &[]);
    assert_eq!(ending(&wrong), ("failed", "something was not as the test expects"));
    let caught = add("let _ = std::panic::catch_unwind(|| panic!()); left ^ right ^ 7");
    assert_eq!(ending(&graded(&caught, &[])), ("failed", "something was not as the test expects"));
}

#[test]
fn a_refused_allocation_a_stack_overflow_and_an_abort_are_told_apart() {
    let cases = [
        (
            "std::hint::black_box(Vec::<u8>::with_capacity(1 << 40)); left + right",
            "memory_limit",
            "asked for more memory",
        ),
        (
            "if left == 0 { right } else { 1 + add(std::hint::black_box(left), right) }",
            "runtime_error",
            "its stack overflowed",
        ),
        ("std::process::abort()", "runtime_error", "SIGABRT: it aborted"),
    ];
    for (body, verdict, message) in cases {
        let report = graded(&format!("#[allow(unconditional_recursion, unused_variables)]\n{}", add(body)), &[]);
        let (told, said) = ending(&report);
        assert_eq!(told, verdict, "{body}: {report}");
        assert!(said.contains(message), "{body}: {said}");
    }
}

#[test]
fn a_test_sees_as_many_processors_on_every_machine() {
    let body = "let seen = std::thread::available_parallelism().map_or(0, usize::from);
        if seen == 4 { left.saturating_add(right) } else { 0 }";
    assert_eq!(graded(&add(body), &[])["verdict"], "accepted");
}

#[test]
fn a_refused_thread_is_named_before_the_time_that_was_waited_for_it() {
    let body =
        "let threads = (0..40).filter_map(|_| std::thread::Builder::new().spawn(std::thread::park).ok()).count();
        if threads < 40 { std::thread::park() }
        left + right";
    let report = graded(&add(body), &[]);
    assert_eq!(report["verdict"], "process_limit", "{report}");
    assert!(ending(&report).1.contains("more threads than the 16"), "{report}");
}

#[test]
fn a_public_test_has_its_name_and_a_hidden_one_does_not_tell_it() {
    let body = "println!(\"thread {:?}\", std::thread::current().name()); left";
    let report = graded(&add(body), &["--public"]).to_string();
    assert!(report.contains("thread Some(\\\"one_and_one\\\")"), "{report}");
    let body = "if std::thread::current().name() == Some(\"test\") { left.saturating_add(right) } else { 0 }";
    assert_eq!(graded(&add(body), &[])["verdict"], "accepted");
}

#[test]
fn a_long_comparison_of_the_authors_is_no_output_of_the_candidates() {
    let (_folder, package) = adder();
    fs::remove_dir_all(package.join("samples")).unwrap();
    fs::write(package.join("grader.toml"), "title = \"Adder\"\nkind = \"implement\"\n").unwrap();
    let test = "#[test]\nfn adds() { let all: Vec<u64> = (0..20_000).map(|n| adder::add(n, 1)).collect();
        assert_eq!(all, (1..=20_000).collect::<Vec<u64>>()); }\n";
    fs::write(package.join("hidden/adding.rs"), test).unwrap();
    let package: &Path = &package;
    let report = graded_in(package.to_str().unwrap(), &GOOD.replace("saturating_add", "wrapping_sub"), &[]);
    assert_eq!(report["verdict"], "wrong_answer", "{report}");
    assert_eq!(ending(&report), ("failed", "something was not as the test expects"));
}

#[test]
fn words_in_comments_and_strings_are_no_code() {
    let source =
        format!("// no need for no_mangle here\n{GOOD}pub const NAME: &str = \"link_section\"; /* export_name */\n");
    assert_eq!(graded(&source, &[])["verdict"], "accepted");
    let unsafe_allowed = fs::read_to_string("tests/fixtures/packages/unsafe-allowed/solution/src/lib.rs").unwrap();
    let report = graded_in("unsafe-allowed", &format!("// No asm, and no global_asm.\n{unsafe_allowed}"), &[]);
    assert_eq!(report["verdict"], "accepted", "{report}");
    for code in ["#[unsafe(no_mangle)]", "#[unsafe(export_name = \"write\")]"] {
        let report = graded(&format!("{code}\n{GOOD}"), &[]);
        assert_eq!(report["verdict"], "policy_violation", "{code}");
        assert!(report["reason"].as_str().unwrap().starts_with("src/lib.rs: line 1 names"), "{report}");
    }
}

#[test]
fn what_a_manifest_says_in_vain_is_left_aside_with_a_note() {
    let manifest = "[package]\nname = \"adder\"\nversion = \"0.2.0\"\nedition = \"2021\"\n
        [profile.release]\nlto = true\n[lints.clippy]\npedantic = \"warn\"\n";
    let folder = crate_of(&[("src/lib.rs", GOOD), ("Cargo.toml", manifest)]);
    let output = quorate(&["grade", "adder", folder.path().to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "accepted", "{report}");
    let notes: Vec<&str> = report["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    assert_eq!(
        notes,
        [
            "Cargo.toml: `lints` is left aside: warnings cost nothing here",
            "Cargo.toml: `edition` is left aside: this exercise is compiled as 2024",
            "Cargo.toml: `profile` is left aside: tests are compiled with the grader's profile",
        ]
    );
    let changed = manifest.replace("profile.release", "profile.test");
    let folder = crate_of(&[("src/lib.rs", GOOD), ("Cargo.toml", &changed)]);
    let output = quorate(&["grade", "adder", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(2), "a profile that tests are compiled with could change what they see");
}

#[test]
fn a_full_disk_counts_though_nobody_minds() {
    let report = graded(&add("let _ = std::fs::write(\"full\", vec![0_u8; 2 << 20]); left.saturating_add(right)"), &[]);
    assert_eq!(report["verdict"], "disk_limit", "{report}");
}

#[test]
fn a_whole_grading_has_a_limit() {
    let (_folder, package) = adder();
    fs::remove_dir_all(package.join("samples")).unwrap();
    let text = fs::read_to_string(package.join("grader.toml")).unwrap();
    fs::write(package.join("grader.toml"), text.replace("[limits]", "[limits]\ngrading_wall = \"2500ms\"")).unwrap();
    let package = package.to_str().unwrap();
    let sleepy = add("while left < u64::MAX { std::thread::park() } left + right");
    let report = graded_in(package, &sleepy, &[]);
    assert_eq!((&report["verdict"], &report["score"]), (&json!("time_limit"), &json!(0)), "{report}");
    assert_eq!(report["reason"], "grading it takes longer than 2.5 s");
    let wall = report["usage"]["wall_ms"].as_u64().unwrap();
    assert!((2500..6000).contains(&wall), "{wall} ms: one test alone may take 6 s");
    assert_eq!(graded_in(package, GOOD, &[])["verdict"], "accepted");
    let output = quorate(&["check", package, "--repeat=1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("one ends after 2.5 s (`grading_wall`)"), "{text}");
}

#[test]
fn a_test_finds_around_it_what_cargo_would_have_there() {
    let (_folder, package) = adder();
    fs::remove_dir_all(package.join("samples")).unwrap();
    let toml = "title = \"Adder\"\nkind = \"implement\"\ndata = [\"tests/data\", \"given.txt\"]\n";
    fs::write(package.join("grader.toml"), toml).unwrap();
    fs::create_dir(package.join("hidden/data")).unwrap();
    fs::write(package.join("hidden/data/sums.txt"), "1 2 3").unwrap();
    fs::write(package.join("starter/given.txt"), "given").unwrap();
    let test = "use std::fs::read_to_string;\n#[test]\nfn adds() {
        let text = read_to_string(\"tests/data/sums.txt\").unwrap();
        let numbers: Vec<u64> = text.split(' ').map(|n| n.parse().unwrap()).collect();
        let sum: u64 = adder::add(numbers[0], numbers[1]);
        assert_eq!(sum, numbers[2]);
        assert_eq!(read_to_string(\"given.txt\").unwrap(), \"given\");
        let folder = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();
        assert_eq!(folder, env!(\"CARGO_MANIFEST_DIR\"));
        assert!(read_to_string(format!(\"{folder}/Cargo.toml\")).unwrap().contains(\"adder\"));
        assert!(read_to_string(\"src/lib.rs\").unwrap().contains(\"saturating_add\"));
        std::fs::write(\"out.txt\", \"a relative path can be written\").unwrap();
    }\n";
    fs::write(package.join("hidden/adding.rs"), test).unwrap();
    let report = graded_in(package.to_str().unwrap(), GOOD, &[]);
    assert_eq!(report["verdict"], "accepted", "{report}");

    fs::write(package.join("grader.toml"), toml.replace("given.txt", "../README.md")).unwrap();
    let output = quorate(&["check", package.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("data: `../README.md` is no file or folder of the crate"), "{said}");
}

/// A copy without times, as `cp -r` makes it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::write(&target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// The one prepared package in a data directory.
fn prepared_in(data_dir: &Path) -> PathBuf {
    let folders = fs::read_dir(data_dir.join("prepared")).unwrap().map(|entry| entry.unwrap().path());
    let mut whole =
        folders.filter(|folder| !folder.file_name().unwrap().to_string_lossy().starts_with('.') && folder.is_dir());
    whole.next().unwrap()
}

#[test]
fn a_prepared_package_that_has_lost_a_library_is_prepared_anew() {
    let (_folder, package) = adder();
    fs::remove_dir_all(package.join("samples")).unwrap();
    let toml = "title = \"Adder\"\nkind = \"implement\"\n[dependencies]\nitoa = \"1\"\n";
    fs::write(package.join("grader.toml"), toml).unwrap();
    let data = tempfile::tempdir().unwrap();
    let graded = |folder: &str| {
        let submission = crate_of(&[("src/lib.rs", &format!("pub use itoa::Buffer;\n{GOOD}"))]);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["grade", package.to_str().unwrap(), submission.path().to_str().unwrap()])
            .env("QUORATE_DATA_DIR", data.path().join(folder))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, said) = graded("first");
    assert_eq!(code, Some(0), "{said}");
    // A copy has other times, which is nothing to mind.
    copy(&data.path().join("first"), &data.path().join("copy"));
    let record = || fs::read(prepared_in(&data.path().join("copy")).join("record.json")).unwrap();
    let before = record();
    let (code, said) = graded("copy");
    assert_eq!((code, record() == before), (Some(0), true), "{said}");
    let libraries = fs::read_dir(prepared_in(&data.path().join("copy")).join("target/debug/deps")).unwrap();
    for library in libraries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some()) {
        fs::remove_file(library).unwrap();
    }
    let (code, said) = graded("copy");
    assert_eq!((code, record() == before), (Some(0), false), "{said}");
}

#[test]
fn a_gates_lint_leaves_what_a_dependencys_macro_makes_alone_and_nothing_else() {
    let (_folder, package) = copy_of("async-kv");
    let mut toml = fs::read_to_string(package.join("grader.toml")).unwrap();
    toml.push_str("\n[[gate]]\nname = \"no-expect\"\ntitle = \"Nothing is expected\"\nclippy = [\"expect_used\"]\n");
    fs::write(package.join("grader.toml"), toml).unwrap();
    let mut solution = fs::read_to_string(package.join("solution/src/lib.rs")).unwrap();
    for own in [".expect(\"the store outlives its readers\")", ".expect(\"replies are plain JSON\")"] {
        solution = solution.replace(own, ".unwrap()");
    }
    // What `#[tokio::main]` makes expects a runtime.
    let solution = format!("#![warn(clippy::expect_used)]\n{solution}\n#[tokio::main]\npub async fn started() {{}}\n");
    let gate = |source: &str| {
        let report = graded_in(package.to_str().unwrap(), source, &[]);
        let tests = report["tests"].as_array().unwrap_or_else(|| panic!("{report}"));
        let gate = tests.iter().find(|test| test["name"] == "gate::no-expect").unwrap_or_else(|| panic!("{report}"));
        (gate["verdict"].as_str().unwrap().to_owned(), gate["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(gate(&solution), ("passed".to_owned(), String::new()));
    let own = "#[allow(clippy::expect_used, clippy::restriction)]\npub fn own() { Some(1).expect(\"one\"); }\n";
    let (verdict, message) = gate(&format!("{solution}{own}"));
    assert_eq!(verdict, "failed");
    assert!(message.contains("clippy::expect_used"), "{message}");
}

#[test]
fn what_was_prepared_goes_on_grading_when_its_package_is_broken_or_gone() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (packages, folder) = adder();
        let served = Served::with_packages(Backend::Sqlite, packages.path());
        let ada = Person::register(&Network::new(served.url.clone()), "Ada").await;
        let before = ada.graded("adder", GOOD).await;
        fs::write(folder.join("grader.toml"), "title = ").unwrap();
        fs::remove_dir_all(folder.join("hidden")).unwrap();
        fs::remove_dir_all(folder.join("starter")).unwrap();
        let after = ada.graded("adder", GOOD).await;
        assert_eq!((&before["verdict"], &after["verdict"]), (&json!("accepted"), &json!("accepted")));
        assert_eq!(after["package_version"], before["package_version"]);
        assert!(after["package_version"].is_string(), "{after}");
    });
}

/// How long a program of the sandbox's probe ran until it reached a limit of one second of real time.
fn wall_of(jailer: &Jailer, mode: &str) -> Duration {
    let limits = Limits {
        wall: Duration::from_secs(1),
        cpu: Duration::from_secs(20),
        memory_bytes: 128 << 20,
        processes: 32,
        output_bytes: 1 << 10,
        disk_bytes: 1 << 20,
        inodes: 64,
    };
    let command = Command {
        program: "/program".into(),
        args: vec!["__inside".into(), mode.into()],
        env: Vec::new(),
        cwd: "/".into(),
        profile: Profile::Program,
        channel: None,
    };
    let mut mounts = library_mounts();
    mounts.push(Mount::ReadOnly { from: env!("CARGO_BIN_EXE_quorate").into(), to: "/program".into() });
    mounts.push(Mount::Temporary { to: "/tmp".into() });
    let outcome = jailer.run(&mounts, &command, &limits).unwrap();
    assert_eq!(outcome.end, End::Limit(Limit::Wall), "{mode}");
    outcome.usage.wall
}

/// A process that computes until this is dropped, in a session of its own: Linux shares processors out by sessions.
struct Busy(std::process::Child);

impl Busy {
    fn begin() -> Self {
        Self(std::process::Command::new("setsid").args(["sh", "-c", "while :; do :; done"]).spawn().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_busy_machine_uses_up_nobody_s_real_time() {
    let jailer = Jailer::start(&Settings::new(env!("CARGO_BIN_EXE_quorate"))).unwrap();
    // Eight more for each processor: a program that computes gets a ninth of one at most.
    let busy: Vec<Busy> = (0..8 * std::thread::available_parallelism().unwrap().get()).map(|_| Busy::begin()).collect();
    let (computing, asleep) = (wall_of(&jailer, "spin"), wall_of(&jailer, "sleep"));
    let in_turn = wall_of(&jailer, "spin-in-turn");
    drop(busy);
    let second = Duration::from_secs(1);
    assert!(computing > second * 3 / 2, "{computing:?}: it waited for a processor most of the time");
    assert!(in_turn > second * 3 / 2, "{in_turn:?}: most of its threads had ended");
    assert!(asleep < computing && asleep < second * WALL_FACTOR_MAX, "{asleep:?}: it waited for nothing");
}

//! What candidates do at home, as they call it: `login`, `submit`, `download` and `watch`, each a process.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

use crate::grade::{GOOD, PACKAGES, crate_of, quorate};
use crate::support::served::Served;
use crate::support::{Ask as _, Backend, Client, Database, Network, Person, TestApp, run};

const WRONG: &str = "pub fn add(left: u64, right: u64) -> u64 { left.max(right) }\n";
const BROKEN: &str = "pub fn add(left: u64, right: u64) -> u64 { left + }\n";
/// Until when a line of a process must have come: long, because tests of others may run beside this one.
const DEADLINE: Duration = Duration::from_secs(180);

/// A person's home: nothing of the machine's own environment is seen from it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args(arguments).env("HOME", self.0.path()).env_remove("XDG_CONFIG_HOME").env_remove("QUORATE_TOKEN");
        command.env("QUORATE_GRADERS", PACKAGES).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn log_in(&self, server: &str, token: &str) -> Output {
        let mut command = self.command(&["login", "--server", server]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(format!("{token}\n").as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    }

    fn tokens(&self) -> std::path::PathBuf {
        self.0.path().join(".config/quorate/tokens.toml")
    }
}

/// The exit code, and what a person reads.
fn seen(output: &Output) -> (i32, String) {
    let printed = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(printed).unwrap())
}

async fn token(person: &Person, scope: &str) -> String {
    let made = person.post("/api/v1/me/tokens", json!({"name": "laptop", "scope": scope})).await.ok(201);
    made["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_crate_is_handed_in_with_a_stored_token() {
    run(Backend::Sqlite, async |served: Served| {
        let (ada, home) = (Person::register(&Network::new(served.url.clone()), "Ada").await, Home::new());
        let (url, token) = (served.url.as_str(), token(&ada, "submissions").await);
        let submit = |source: &str, flags: &[&str]| {
            let folder = crate_of(&[("src/lib.rs", source)]);
            let path = folder.path().to_str().unwrap();
            seen(&home.run(&[&["submit", "adder", path, "--server", url], flags].concat()))
        };
        let (code, said) = submit(GOOD, &[]);
        assert!(code == 2 && said.contains(&format!("quorate login --server {url}")), "{said}");

        let (code, said) = seen(&home.log_in(url, &token));
        assert!(code == 0 && !said.contains(&token) && !said.contains("hand in"), "{said}");
        assert_eq!(fs::metadata(home.tokens()).unwrap().permissions().mode() & 0o777, 0o600);

        let (code, said) = submit(GOOD, &[]);
        assert!(code == 0 && said.contains("adder: accepted, 3 of 3 points"), "{said}");
        assert!(said.contains(&format!("handed in: {url}/submissions/sub_")) && !said.contains(&token), "{said}");
        let (code, said) = submit(WRONG, &[]);
        assert!(code == 1 && said.contains("adder: partial") || said.contains("adder: wrong answer"), "{said}");
        let (code, said) = submit(BROKEN, &["--public"]);
        assert!(code == 1 && said.contains("expected expression") && said.contains("does not count"), "{said}");
        let handed_in = ada.get("/api/v1/submissions").await.ok(200)["items"].as_array().unwrap().len();
        assert_eq!(handed_in, 3);

        fs::set_permissions(home.tokens(), fs::Permissions::from_mode(0o644)).unwrap();
        let (code, said) = submit(GOOD, &[]);
        assert!(code == 2 && said.contains("chmod 600"), "{said}");
    });
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    run(Backend::Sqlite, async |app: TestApp| {
        let (ada, home, folder) = (app.person("Ada").await, Home::new(), crate_of(&[("src/lib.rs", GOOD)]));
        let crate_path = folder.path().to_str().unwrap();
        let (submissions, read) = (token(&ada, "submissions").await, token(&ada, "read").await);
        let submit = |server: &str, token: &str, exercise: &str, path: &str| {
            let mut command = home.command(&["submit", exercise, path, "--server", server]);
            let output = command.env("QUORATE_TOKEN", token).output();
            seen(&output.unwrap())
        };
        // The server is in this process, so its threads must go on while a command waits for it.
        let here = app.url();
        let mistyped = submissions.replace("qrt_", "qrt_0");
        let unreachable = "http://127.0.0.1:1";
        let cases = [
            (submit("http://quorate.test", &submissions, "adder", crate_path), 2, "use https"),
            (
                submit("https://quorate.test", &submissions, "adder", crate_path),
                if cfg!(feature = "tls") { 3 } else { 2 },
                "quorate.test",
            ),
            (submit(unreachable, &submissions, "adder", crate_path), 3, "failed to reach"),
            (submit(here, &mistyped, "adder", crate_path), 2, "typing error"),
            (submit(here, &read, "adder", crate_path), 2, "one with the scope \"submissions\" can"),
            (submit(here, &submissions, "no-such", crate_path), 2, "no such exercise"),
            (submit(here, &submissions, "adder", "no/such/folder"), 2, "no such folder"),
        ];
        for ((code, said), expected, words) in cases {
            assert!(code == expected && said.contains(words), "{code}, {words:?} expected: {said}");
        }
        let build_script = crate_of(&[("src/lib.rs", GOOD), ("build.rs", "fn main() {}\n")]);
        let (code, said) = submit(here, &submissions, "adder", build_script.path().to_str().unwrap());
        assert!(code == 2 && said.contains("build.rs"), "{said}");
        assert_eq!(ada.get("/api/v1/submissions").await.ok(200)["items"], json!([]), "nothing was handed in");

        let other = Home::new();
        let (code, said) = seen(&other.log_in(here, &read));
        assert!(code == 0 && said.contains("can't hand in") && said.contains("scope \"submissions\""), "{said}");
        assert!(other.tokens().exists());

        let (code, said) = seen(&home.log_in(here, "qrt_0000"));
        assert!(code == 2 && said.contains("typing error") && !home.tokens().exists(), "{said}");
        let listed = ada.get("/api/v1/me/tokens").await.ok(200)["items"].clone();
        for token in listed.as_array().unwrap() {
            let path = format!("/api/v1/me/tokens/{}", token["id"].as_str().unwrap());
            assert_eq!(ada.request(reqwest::Method::DELETE, &path).answer().await.status, 204);
        }
        let (code, said) = seen(&home.log_in(here, &submissions));
        assert!(code == 2 && said.contains("revoked") && !home.tokens().exists(), "{said}");
    });
}

#[test]
fn an_interrupted_submit_leaves_the_submission_waiting() {
    let app = async |app: TestApp| {
        let (ada, home, folder) = (app.person("Ada").await, Home::new(), crate_of(&[("src/lib.rs", GOOD)]));
        let mut command = home.command(&["submit", "adder", folder.path().to_str().unwrap(), "--server", app.url()]);
        let mut process =
            Lines::of(command.env("QUORATE_TOKEN", token(&ada, "submissions").await).stderr(Stdio::piped()));
        process.until("to be graded");
        process.interrupt();
        process.until("the server goes on grading: see http://127.0.0.1");
        assert_eq!(process.code(), 130);
        assert_eq!(ada.get("/api/v1/submissions").await.ok(200)["items"][0]["state"], "queued");
    };
    run(Backend::Sqlite, async |Adder(adder): Adder| app(adder).await);
}

/// A service with the small packages that grades nothing.
struct Adder(TestApp);

impl crate::support::Fixture for Adder {
    async fn on(backend: Backend) -> Self {
        let packages = |settings: &mut quorate::config::Settings| settings.graders = Some(vec![PACKAGES.into()]);
        Self(TestApp::with(Database::migrated(backend), packages))
    }
}

#[test]
fn no_log_holds_a_token() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_quorate"));
    server.args(["serve", "--listen=127.0.0.1:0", "--workers=0", "--log=trace"]).arg("--questions=tests/fixtures/bank");
    server.arg(format!("--data-dir={}", data_dir.path().display())).env("QUORATE_GRADERS", PACKAGES);
    let mut server = Lines::of(server.stderr(Stdio::piped()));
    let url = server.until(" at http://").rsplit(' ').next().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (right, wrong) = runtime.block_on(async {
        let ada = Person::register(&Network::new(url), "Ada").await;
        let right = token(&ada, "read").await;
        ada.with_token(&right).get("/api/v1/me").await.ok(200);
        let wrong = format!("{right}0");
        ada.with_token(&wrong).get("/api/v1/me").await.refused(401, "invalid_token");
        ada.with_token(&right).get("/api/v1/me/tokens").await.refused(403, "insufficient_scope");
        (right, wrong)
    });
    server.interrupt();
    assert_eq!(server.code(), 0);
    let log = server.rest();
    assert!(log.contains("/api/v1/me"), "the requests are in the log: {log}");
    for token in [&right[4..40], &wrong[40..]] {
        assert!(!log.contains(token), "{log}");
    }
}

#[test]
fn an_exercise_is_laid_out_and_nothing_is_written_over() {
    run(Backend::Sqlite, async |Adder(app): Adder| {
        let home = Home::new();
        let (code, said) = seen(&home.run(&["download", "adder"]));
        assert_eq!(code, 0, "{said}");
        let local = files_in(&home.0.path().join("adder"));
        let names: Vec<_> = local.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, [".gitignore", "Cargo.toml", "README.md", "src/lib.rs", "tests/public.rs"]);
        assert!(local[2].1.starts_with("# Adder") && local[0].1 == "target/\n");

        let (code, said) = seen(&home.run(&["download", "adder", "there", "--server", app.url()]));
        assert_eq!(code, 0, "{said}");
        assert_eq!(files_in(&home.0.path().join("there")), local, "a server hands out the same");

        let own = home.0.path().join("own");
        fs::create_dir_all(own.join("src")).unwrap();
        fs::write(own.join("src/lib.rs"), "// hours of work\n").unwrap();
        let (code, said) = seen(&home.run(&["download", "adder", "own"]));
        assert!(code == 2 && said.contains("own/src/lib.rs") && !said.contains("Cargo.toml"), "{said}");
        assert_eq!(files_in(&own), [("src/lib.rs".to_owned(), "// hours of work\n".to_owned())]);

        let (code, said) = seen(&home.run(&["download", "no-such"]));
        assert!(code == 2 && said.contains("adder"), "it names those that there are: {said}");
        let (code, said) = seen(&home.run(&["download", "no-such", "--server", app.url()]));
        assert!(code == 2 && said.contains("no such exercise"), "{said}");
    });
}

#[test]
fn an_exercise_that_does_not_fit_on_the_disk_is_not_laid_out_in_part() {
    let home = Home::new();
    let limited = format!("trap '' XFSZ; ulimit -f 1; exec {} download vector-clock", env!("CARGO_BIN_EXE_quorate"));
    let mut command = Command::new("bash");
    command.args(["-c", &limited]).current_dir(home.0.path()).env("HOME", home.0.path());
    let built_in = ("QUORATE_GRADERS", concat!(env!("CARGO_MANIFEST_DIR"), "/graders"));
    let (code, said) = seen(&command.env(built_in.0, built_in.1).output().unwrap());
    assert!(code == 3 && said.contains("failed to write vector-clock/README.md: File too large"), "{said}");
    assert_eq!(files_in(&home.0.path().join("vector-clock")), []);
    let (code, said) = seen(&home.command(&["download", "vector-clock"]).env(built_in.0, built_in.1).output().unwrap());
    assert_eq!(code, 0, "{said}");
}

/// Text by path, in order.
fn files_in(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().display().to_string();
                files.push((name, fs::read_to_string(&entry).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// A process, and what it prints, line by line.
struct Lines {
    process: Child,
    lines: Receiver<String>,
}

impl Lines {
    /// Reads what the command pipes, or its standard output.
    fn of(command: &mut Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let stdout: Box<dyn Read + Send> = Box::new(process.stdout.take().unwrap());
        let mut pipes = vec![stdout];
        if let Some(stderr) = process.stderr.take() {
            pipes.push(Box::new(stderr));
        }
        for pipe in pipes {
            let send = send.clone();
            std::thread::spawn(move || {
                BufReader::new(pipe).lines().map_while(Result::ok).all(|line| send.send(line).is_ok())
            });
        }
        Self { process, lines }
    }

    /// Reads up to a line with these words.
    #[track_caller]
    fn until(&self, words: &str) -> String {
        let read = self.read_until(words);
        read.last().unwrap().clone()
    }

    /// All lines up to one with these words.
    #[track_caller]
    fn read_until(&self, words: &str) -> Vec<String> {
        let (mut read, end) = (Vec::new(), Instant::now() + DEADLINE);
        loop {
            let line = self.lines.recv_timeout(end.saturating_duration_since(Instant::now()));
            read.push(line.unwrap_or_else(|_| panic!("no line with {words:?}: {read:#?}")));
            if read.last().unwrap().contains(words) {
                return read;
            }
        }
    }

    fn rest(&self) -> String {
        self.lines.iter().collect::<Vec<_>>().join("\n")
    }

    fn interrupt(&self) {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    }

    fn code(&mut self) -> i32 {
        self.process.wait().unwrap().code().unwrap()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn watch(folder: &Path) -> Lines {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(["watch", "adder", folder.to_str().unwrap()]).env("QUORATE_GRADERS", PACKAGES);
    Lines::of(command.env("QUORATE_DATA_DIR", crate::grade::data_dir()).stderr(Stdio::piped()))
}

#[test]
fn the_public_tests_run_at_each_save() {
    let folder = crate_of(&[("src/lib.rs", WRONG)]);
    let mut watch = watch(folder.path());
    let save = |source: &str| fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    let mut printed = watch.read_until("waiting for the next save");
    assert!(has(&printed, "failing:") && !has(&printed, "now"), "{printed:#?}");
    assert!(has(&printed, "adding one and one"), "a public test shows what it prints: {printed:#?}");

    let mut until = |words: &[&str]| words.iter().for_each(|words| printed.extend(watch.read_until(words)));
    save(GOOD);
    until(&["now passing:", "one and one", "accepted", "waiting for the next save"]);
    // An editor that has the file open.
    fs::write(folder.path().join("src/.lib.rs.swp"), WRONG).unwrap();
    save(BROKEN);
    until(&["error: expected expression", "src/lib.rs:1:", "compile error", "waiting for the next save"]);
    // As editors do that keep the old file until the new one is whole. The tests are compared with when they last ran.
    fs::write(folder.path().join("lib.rs.new"), WRONG).unwrap();
    fs::rename(folder.path().join("lib.rs.new"), folder.path().join("src/lib.rs")).unwrap();
    until(&["now failing:", "one and one", "waiting for the next save"]);
    // A folder that is made later is watched too.
    fs::create_dir(folder.path().join("src/sum")).unwrap();
    save("mod sum;\npub use sum::add;\n");
    until(&["compile error", "waiting for the next save"]);
    fs::write(folder.path().join("src/sum/mod.rs"), GOOD).unwrap();
    until(&["now passing:", "waiting for the next save"]);

    watch.process.stdin.take().unwrap().write_all(b"q").unwrap();
    assert_eq!(watch.code(), 0);
    let hidden = ["CANARY", "adding::", "saturates", "commutes"];
    assert!(printed.iter().all(|line| !hidden.iter().any(|word| line.contains(word))), "{printed:#?}");
}

fn has(lines: &[String], words: &str) -> bool {
    lines.iter().any(|line| line.contains(words))
}

#[test]
fn a_signal_ends_a_watch() {
    let folder = crate_of(&[("src/lib.rs", GOOD)]);
    let mut watch = watch(folder.path());
    watch.read_until("waiting for the next save");
    watch.interrupt();
    assert_eq!(watch.code(), 0);
}

#[test]
fn a_watch_needs_a_folder_and_a_package() {
    let folder = crate_of(&[("src/lib.rs", GOOD)]);
    let (code, said) = seen(&quorate(&["watch", "adder", "no/such/folder"]));
    assert!(code == 2 && said.contains("no such folder"), "{said}");
    let (code, said) = seen(&quorate(&["watch", "no-such", folder.path().to_str().unwrap()]));
    assert!(code == 2 && said.contains("no package"), "{said}");
}

//! The whole service as an operator starts it: the binary, with a sandbox and a worker.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::canary::CANARY;
use super::{Backend, Database, Fixture};

/// How long to wait for what it does of itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `quorate serve` with the small bank and the small packages; it ends with this.
pub struct Served {
    pub url: String,
    process: Child,
    _database: Database,
    data_dir: TempDir,
}

impl Fixture for Served {
    async fn on(backend: Backend) -> Self {
        Self::with_packages(backend, Path::new("tests/fixtures/packages"))
    }
}

impl Served {
    /// The same with other packages.
    pub fn with_packages(backend: Backend, packages: &Path) -> Self {
        let (database, data_dir) = (Database::migrated(backend), tempfile::tempdir().unwrap());
        let mut process = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["serve", "--listen=127.0.0.1:0", "--workers=1", "--rate-limits=off", "--log=warn"])
            .arg("--questions=tests/fixtures/bank")
            .arg(format!("--graders={}", packages.display()))
            .env("HOST_SECRET", CANARY)
            .arg(format!("--data-dir={}", data_dir.path().display()))
            .arg(format!("--database-url={}", database.url))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let url = url_of(&mut process);
        Self { url, process, _database: database, data_dir }
    }

    /// Where it keeps what it makes of packages.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Waits until something that it does of itself has come about.
    pub async fn until(&self, what: &str, look: impl Fn() -> bool) {
        let began = Instant::now();
        while !look() {
            assert!(began.elapsed() < PATIENCE, "not yet: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What its process holds of memory that no file backs, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim_end_matches("kB").trim().parse().unwrap()
    }
}

/// Where a process with piped errors says that it can be reached.
pub fn url_of(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.by_ref().find_map(|line| line.split_once(" at http://").map(|(_, host)| format!("http://{host}")));
    // What it logs goes on to whoever looks at the failed test.
    std::thread::spawn(move || lines.for_each(|line| eprintln!("{line}")));
    url.expect("it says where it is")
}

impl Drop for Served {
    fn drop(&mut self) {
        // Whatever it is doing: what has to survive that is tested elsewhere.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

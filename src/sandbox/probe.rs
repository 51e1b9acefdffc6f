//! Tries every control for real before anything is graded.
//!
//! The probe runs this binary as a hostile program (see `inside.rs`) in real jails and looks at what became of it. A
//! control that nobody saw holding does not hold: a probe that says nothing proves nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

use super::client::{Jail, Jailer};
use super::tree::Tree;
use super::{Channel, Command, End, Error, Limit, Limits, Mount, Outcome, Profile, inside, scope};

/// Something that the sandbox keeps a program from, by a name that is never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Its ids mean nothing outside and cannot be changed.
    UserNamespace,
    /// It sees no file but those of its jail.
    Filesystem,
    /// It sees no process but its own.
    PidNamespace,
    /// It has no network and makes no sockets.
    Network,
    /// It shares no memory, semaphores or queues with others.
    IpcNamespace,
    /// It sees and sets no host name.
    UtsNamespace,
    /// It writes nothing that is given read-only.
    ReadOnly,
    /// It cannot read what it may only execute.
    ExecuteOnly,
    /// There is no `/proc`.
    NoProc,
    /// It has no capability and cannot gain one.
    Privileges,
    /// It makes only the system calls of its profile.
    SystemCalls,
    /// A [`Profile::Program`] starts no other program.
    NoExec,
    /// [`Limits::memory_bytes`].
    MemoryLimit,
    /// [`Limits::processes`].
    ProcessLimit,
    /// [`Limits::cpu`].
    CpuLimit,
    /// [`Limits::wall`].
    WallLimit,
    /// [`Limits::output_bytes`].
    OutputLimit,
    /// [`Limits::disk_bytes`] and [`Limits::inodes`].
    DiskLimit,
    /// Nothing that it starts outlives it.
    TreeKill,
    /// Landlock holds the walls once more. The one control that is optional.
    Landlock,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::UserNamespace,
        Self::Filesystem,
        Self::PidNamespace,
        Self::Network,
        Self::IpcNamespace,
        Self::UtsNamespace,
        Self::ReadOnly,
        Self::ExecuteOnly,
        Self::NoProc,
        Self::Privileges,
        Self::SystemCalls,
        Self::NoExec,
        Self::MemoryLimit,
        Self::ProcessLimit,
        Self::CpuLimit,
        Self::WallLimit,
        Self::OutputLimit,
        Self::DiskLimit,
        Self::TreeKill,
        Self::Landlock,
    ];

    /// Its name in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserNamespace => "user-namespace",
            Self::Filesystem => "filesystem",
            Self::PidNamespace => "pid-namespace",
            Self::Network => "network",
            Self::IpcNamespace => "ipc-namespace",
            Self::UtsNamespace => "uts-namespace",
            Self::ReadOnly => "read-only",
            Self::ExecuteOnly => "execute-only",
            Self::NoProc => "no-proc",
            Self::Privileges => "privileges",
            Self::SystemCalls => "system-calls",
            Self::NoExec => "no-exec",
            Self::MemoryLimit => "memory-limit",
            Self::ProcessLimit => "process-limit",
            Self::CpuLimit => "cpu-limit",
            Self::WallLimit => "wall-limit",
            Self::OutputLimit => "output-limit",
            Self::DiskLimit => "disk-limit",
            Self::TreeKill => "tree-kill",
            Self::Landlock => "landlock",
        }
    }

    /// The control of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.name() == name)
    }

    /// Whether nothing may be run without it unless the operator says so.
    pub fn is_mandatory(self) -> bool {
        self != Self::Landlock
    }
}

impl std::fmt::Display for Control {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What the probe found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The controls that do not hold, each with what happened instead.
    pub missing: BTreeMap<Control, String>,
    /// Those that the operator accepts to be absent.
    pub accepted: Vec<Control>,
}

impl Report {
    /// Whether every mandatory control holds or is accepted to be absent.
    pub fn is_acceptable(&self) -> bool {
        self.refused().next().is_none()
    }

    /// The mandatory controls that are absent with the operator's consent: to be named in every report.
    pub fn waived(&self) -> impl Iterator<Item = Control> {
        self.missing.keys().copied().filter(|control| control.is_mandatory() && self.accepted.contains(control))
    }

    fn refused(&self) -> impl Iterator<Item = Control> {
        self.missing.keys().copied().filter(|control| control.is_mandatory() && !self.accepted.contains(control))
    }

    /// What may help, in a line of its own; nothing where that is not known.
    pub(super) fn remedy(&self) -> String {
        let counted = [Control::MemoryLimit, Control::ProcessLimit, Control::CpuLimit];
        match self.refused().any(|control| counted.contains(&control)) {
            true if !nix::unistd::geteuid().is_root() => format!("\n{}", scope::REMEDY),
            true => {
                "\ncontrol groups for memory, pids and cpu must be there for this process, in version 1 or 2".to_owned()
            }
            false => String::new(),
        }
    }

    /// "memory-limit (it took 64 MiB), network (it made a socket)".
    pub(super) fn missing_names(&self) -> String {
        let name = |control: Control| format!("{control} ({})", self.missing.get(&control).map_or("", String::as_str));
        self.refused().map(name).collect::<Vec<_>>().join(", ")
    }
}

/// Where the probe finds things in its jail.
pub(super) mod place {
    pub(crate) const PROGRAM: &str = "/probe";
    pub(crate) const READ_ONLY: &str = "/data";
    pub(crate) const EXECUTE_ONLY: &str = "/secret";
    pub(crate) const TEMPORARY: &str = "/tmp";
    pub(crate) const SCRATCH: &str = "/scratch";
}

/// The mounts that a dynamically linked program of this machine needs besides itself.
pub fn library_mounts() -> Vec<Mount> {
    let folders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"];
    let exists = folders.into_iter().map(PathBuf::from).filter(|path| path.exists());
    exists.map(|path| Mount::ReadOnly { from: path.clone(), to: path }).collect()
}

/// Tries all controls.
pub(super) fn probe(jailer: &Jailer, executable: &Path, accepted: &[Control]) -> Result<Report, Error> {
    let probe = Probe::new(jailer, executable)?;
    let trials: [fn(&Probe) -> Findings; 8] = [
        Probe::walls,
        Probe::memory,
        Probe::processes,
        Probe::cpu,
        Probe::wall,
        Probe::output,
        Probe::disk,
        Probe::tree_kill,
    ];
    let mut held = Vec::new();
    let mut missing: BTreeMap<Control, String> =
        Control::ALL.into_iter().map(|control| (control, "was not seen to hold".to_owned())).collect();
    let probe = &probe;
    std::thread::scope(|scope| {
        let running: Vec<_> = trials.into_iter().map(|trial| scope.spawn(move || trial(probe))).collect();
        for (control, result) in running.into_iter().filter_map(|thread| thread.join().ok()).flatten() {
            match result {
                Ok(()) => held.push(control),
                Err(reason) => drop(missing.insert(control, reason)),
            }
        }
    });
    missing.retain(|control, _| !held.contains(control));
    Ok(Report { missing, accepted: accepted.to_vec() })
}

type Findings = Vec<(Control, Result<(), String>)>;

struct Probe {
    jail: Jail,
    scratch: Tree,
    counted: [bool; 3],
}

impl Probe {
    fn new(jailer: &Jailer, executable: &Path) -> Result<Self, Error> {
        let scratch = jailer.tree(1 << 20, 64)?;
        scratch.write("secret", b"do not read me")?;
        scratch.write("work/file", b"read me")?;
        let mut mounts = library_mounts();
        mounts.extend([
            Mount::ReadOnly { from: executable.to_owned(), to: place::PROGRAM.into() },
            // What the program may write at one place, read-only at another: nothing but the mount stands in its way.
            Mount::ReadOnly { from: scratch.path("work"), to: place::READ_ONLY.into() },
            Mount::ExecuteOnly { from: scratch.path("secret"), to: place::EXECUTE_ONLY.into() },
            Mount::Scratch { from: scratch.path("work"), to: place::SCRATCH.into() },
            Mount::Temporary { to: place::TEMPORARY.into() },
            Mount::Devices,
        ]);
        Ok(Self { jail: jailer.jail(&mounts, &limits())?, scratch, counted: jailer.groups().counted() })
    }

    fn run(&self, mode: &str, profile: Profile, limits: &Limits) -> Result<Outcome, String> {
        self.jail.run(&command(mode, profile), limits).map_err(|error| error.to_string())
    }

    /// Runs a mode that must end by a limit.
    fn limit(&self, control: Control, mode: &str, limit: Limit, limits: &Limits) -> Findings {
        let [memory, processes, cpu] = self.counted;
        let uncounted = match limit {
            Limit::Memory => !memory,
            Limit::Processes => !processes,
            Limit::Cpu => !cpu,
            Limit::Wall | Limit::Output | Limit::Disk => false,
        };
        if uncounted {
            return vec![(control, Err("there is no control group for it".to_owned()))];
        }
        let result = self.run(mode, Profile::Program, limits).and_then(|outcome| match outcome.end {
            End::Limit(reached) if reached == limit => Ok(()),
            end => Err(format!("a program that should have reached it ended with {end:?}")),
        });
        vec![(control, result)]
    }

    /// What the program can find out itself, all in one run.
    fn walls(&self) -> Findings {
        let outcome = match self.run(inside::WALLS, Profile::Program, &limits()) {
            Ok(outcome) => outcome,
            Err(error) => return vec![(Control::Filesystem, Err(error))],
        };
        let findings = String::from_utf8_lossy(&outcome.channel).into_owned();
        findings
            .lines()
            .filter_map(|line| {
                let (name, finding) = line.split_once(' ')?;
                let result = if finding == "holds" { Ok(()) } else { Err(finding.to_owned()) };
                Some((Control::from_name(name)?, result))
            })
            .collect()
    }

    fn memory(&self) -> Findings {
        let limits = Limits { memory_bytes: 16 << 20, ..limits() };
        self.limit(Control::MemoryLimit, inside::EAT_MEMORY, Limit::Memory, &limits)
    }

    fn processes(&self) -> Findings {
        let limits = Limits { processes: 8, ..limits() };
        self.limit(Control::ProcessLimit, inside::MAKE_THREADS, Limit::Processes, &limits)
    }

    fn cpu(&self) -> Findings {
        let limits = Limits { cpu: Duration::from_millis(10), ..limits() };
        self.limit(Control::CpuLimit, inside::SPIN, Limit::Cpu, &limits)
    }

    fn wall(&self) -> Findings {
        let limits = Limits { wall: Duration::from_millis(10), ..limits() };
        self.limit(Control::WallLimit, inside::SLEEP, Limit::Wall, &limits)
    }

    fn output(&self) -> Findings {
        let limits = Limits { output_bytes: 1024, ..limits() };
        self.limit(Control::OutputLimit, inside::FLOOD, Limit::Output, &limits)
    }

    fn disk(&self) -> Findings {
        let limits = Limits { disk_bytes: 64 * 1024, inodes: 16, ..limits() };
        let bytes = self.limit(Control::DiskLimit, inside::FILL_DISK, Limit::Disk, &limits);
        if bytes.iter().all(|(_, result)| result.is_ok()) {
            self.limit(Control::DiskLimit, inside::MAKE_FILES, Limit::Disk, &limits)
        } else {
            bytes
        }
    }

    /// A grandchild in a session of its own holds a lock as long as it lives.
    fn tree_kill(&self) -> Findings {
        let result = self.run(inside::SURVIVE, Profile::Tool, &limits()).and_then(|outcome| {
            if outcome.end != End::Exited(0) {
                return Err(format!("a program that starts another ended with {:?}", outcome.end));
            }
            let file = self.scratch.open(inside::lock_in("work")).map_err(|error| error.to_string())?;
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(_) => Ok(()),
                Err(_) => Err("a process outlived the run that started it".to_owned()),
            }
        });
        vec![(Control::TreeKill, result)]
    }
}

/// Limits that none of the probe's modes reaches but the one that it is about.
fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(20),
        cpu: Duration::from_secs(10),
        memory_bytes: 256 << 20,
        processes: 64,
        output_bytes: 64 * 1024,
        disk_bytes: 1 << 20,
        inodes: 64,
    }
}

fn command(mode: &str, profile: Profile) -> Command {
    Command {
        program: place::PROGRAM.into(),
        args: vec![inside::ARGUMENT.to_owned(), mode.to_owned()],
        env: Vec::new(),
        cwd: "/".into(),
        profile,
        channel: Some(Channel { input: Vec::new(), output_bytes: 64 * 1024 }),
    }
}

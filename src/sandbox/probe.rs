//! Tries every control for real before anything is graded.
//!
//! The probe runs this binary as a hostile program (see `escape_probe.rs`) in real jails and looks at what became of it. A
//! control that nobody saw holding does not hold: a probe that says nothing proves nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

use super::client::{Jail, Jailer};
use super::command::{Channel, Command, End, Limit, Limits, Mount, Outcome, Profile};
use super::control::{Control, ControlReport};
use super::error::Error;
use super::escape_probe::{self, place};
use super::mem_dir::MemDir;

/// How to start a [`Jailer`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The quorate binary: it is executed again as the jailer and, inside a jail, as the probe.
    pub executable: PathBuf,
    /// Controls that the operator accepts to do without.
    pub waived_controls: Vec<Control>,
}

impl Settings {
    /// Settings that waive no control.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self { executable: executable.into(), waived_controls: Vec::new() }
    }
}

impl Jailer {
    /// Starts the jailer and tries every control for real.
    ///
    /// # Errors
    /// [`Error::Controls`] names the controls that neither hold nor are waived; any other error means that nothing can be run
    /// at all.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let untried = Self::start_untried(&settings.executable)?;
        let report = probe(&untried, &settings.executable, &settings.waived_controls)?;
        if !report.is_acceptable() {
            return Err(Error::Controls(Box::new(report)));
        }
        untried.with_report(report)
    }
}

/// The mounts that a dynamically linked program of this machine needs besides itself.
pub fn library_mounts() -> Vec<Mount> {
    let folders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"];
    let exists = folders.into_iter().map(PathBuf::from).filter(|path| path.exists());
    exists.map(|path| Mount::ReadOnly { from: path.clone(), to: path }).collect()
}

/// Tries all controls at once, and lists those that were not seen to hold.
fn probe(jailer: &Jailer, executable: &Path, waived: &[Control]) -> Result<ControlReport, Error> {
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
    Ok(ControlReport { missing, waived_controls: waived.to_vec() })
}

type Findings = Vec<(Control, Result<(), String>)>;

struct Probe {
    jail: Jail,
    scratch: MemDir,
    counted: [bool; 3],
}

impl Probe {
    fn new(jailer: &Jailer, executable: &Path) -> Result<Self, Error> {
        let scratch = jailer.mem_dir(1 << 20, 64)?;
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
        let outcome = match self.run(escape_probe::WALLS, Profile::Program, &limits()) {
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
        self.limit(Control::MemoryLimit, escape_probe::EAT_MEMORY, Limit::Memory, &limits)
    }

    fn processes(&self) -> Findings {
        let limits = Limits { processes: 8, ..limits() };
        self.limit(Control::ProcessLimit, escape_probe::MAKE_THREADS, Limit::Processes, &limits)
    }

    fn cpu(&self) -> Findings {
        let limits = Limits { cpu: Duration::from_millis(10), ..limits() };
        self.limit(Control::CpuLimit, escape_probe::SPIN, Limit::Cpu, &limits)
    }

    fn wall(&self) -> Findings {
        let limits = Limits { wall: Duration::from_millis(10), ..limits() };
        self.limit(Control::WallLimit, escape_probe::SLEEP, Limit::Wall, &limits)
    }

    fn output(&self) -> Findings {
        let limits = Limits { output_bytes: 1024, ..limits() };
        self.limit(Control::OutputLimit, escape_probe::FLOOD, Limit::Output, &limits)
    }

    fn disk(&self) -> Findings {
        let limits = Limits { disk_bytes: 64 * 1024, inodes: 16, ..limits() };
        let bytes = self.limit(Control::DiskLimit, escape_probe::FILL_DISK, Limit::Disk, &limits);
        if bytes.iter().all(|(_, result)| result.is_ok()) {
            self.limit(Control::DiskLimit, escape_probe::MAKE_FILES, Limit::Disk, &limits)
        } else {
            bytes
        }
    }

    /// A grandchild in a session of its own holds a lock as long as it lives.
    fn tree_kill(&self) -> Findings {
        let result = self.run(escape_probe::SURVIVE, Profile::Tool, &limits()).and_then(|outcome| {
            if outcome.end != End::Exited(0) {
                return Err(format!("a program that starts another ended with {:?}", outcome.end));
            }
            let file = self.scratch.open(escape_probe::lock_in("work")).map_err(|error| error.to_string())?;
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
        args: vec![escape_probe::ARGUMENT.to_owned(), mode.to_owned()],
        env: Vec::new(),
        cwd: "/".into(),
        profile,
        channel: Some(Channel { input: Vec::new(), output_bytes: 64 * 1024 }),
    }
}

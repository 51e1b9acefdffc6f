//! Control groups: what a run may use of memory, processes and CPU time, and what it did use.
//!
//! The server makes one group per run under `<its own group>/quorate/<pid>-<start time>/` in each hierarchy, and opens
//! the file by which the program joins; the kernel then checks the right to join against the server that opened it,
//! so the jailed side needs no right at all. Version 1 and 2 of the interface can stand side by side, as a controller
//! lives in exactly one of them. Groups of servers that are dead are removed when another starts.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::command::Limits;
use super::error::Error;
use super::hierarchy::{Controller, Home, Version, hierarchies};

/// Where this server makes groups.
#[derive(Debug)]
pub(super) struct Groups {
    homes: Vec<Home>,
    made: AtomicU64,
}

/// The folder of all servers in a group.
const FOLDER: &str = "quorate";

/// Where the processes of a group of version 2 go that is to have groups in it.
const ASIDE: &str = "quorate-server";

impl Groups {
    /// Finds the hierarchies in which this process may make groups and removes what dead servers left there.
    ///
    /// A controller that cannot be had is left out: the probe then finds that its limit does not hold.
    pub(super) fn find() -> Self {
        let mut homes: Vec<Home> = Vec::new();
        let mut missing = Controller::ALL.to_vec();
        // Version 1 first: a controller that is mounted there is not to be had in version 2.
        for hierarchy in hierarchies() {
            let mut home = hierarchy;
            home.controllers.retain(|controller| missing.contains(controller));
            if home.controllers.is_empty() || home.settle().is_err() {
                continue;
            }
            missing.retain(|controller| !home.controllers.contains(controller));
            homes.push(home);
        }
        Self { homes, made: AtomicU64::new(0) }
    }

    /// Whether memory, processes and CPU time, in this order, are counted here at all.
    pub(super) fn counted(&self) -> [bool; 3] {
        Controller::ALL.map(|controller| self.homes.iter().any(|home| home.controllers.contains(&controller)))
    }

    /// The folders that hold this server's groups, for the jailer to remove when the server is gone.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.homes.iter().map(|home| home.dir.clone()).collect()
    }

    /// Makes a group for one run, with its limits set.
    pub(super) fn make(&self, limits: &Limits) -> Result<Group, Error> {
        let name = format!("run-{}", self.made.fetch_add(1, Ordering::Relaxed));
        let mut group = Group { parts: Vec::with_capacity(self.homes.len()) };
        for home in &self.homes {
            let part = Part { dir: home.dir.join(&name), version: home.version, controllers: home.controllers.clone() };
            fs::create_dir(&part.dir).map_err(|error| failed(&part.dir, error))?;
            group.parts.push(part);
            if let Some(part) = group.parts.last() {
                part.set(limits)?;
            }
        }
        Ok(group)
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for home in &self.homes {
            remove_all(&home.dir);
            remove_parent(&home.dir);
        }
    }
}

/// One run's control groups; removed when dropped.
#[derive(Debug)]
pub(super) struct Group {
    parts: Vec<Part>,
}

/// What lets processes into a group.
#[derive(Debug, Default)]
pub(super) struct CgroupFds {
    /// The group of version 2 in which the first process is to be born.
    pub(super) cgroup_fd: Option<OwnedFd>,
    /// Files of groups of version 1, into which a process writes "0" to join.
    pub(super) procs_fds: Vec<OwnedFd>,
}

fn open(path: &Path, options: &OpenOptions) -> Result<OwnedFd, Error> {
    options.open(path).map(OwnedFd::from).map_err(|error| failed(path, error))
}

#[derive(Debug)]
struct Part {
    dir: PathBuf,
    version: Version,
    controllers: Vec<Controller>,
}

/// What the kernel says of a group.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Reading {
    pub(super) cpu: Option<Duration>,
    pub(super) memory_peak_bytes: Option<u64>,
    /// Why the kernel killed a process of the group for its memory, if it did.
    pub(super) killed_for: Option<Shortage>,
    /// Why the kernel refused the group a process or thread, if it did.
    pub(super) refused_for: Option<Shortage>,
}

/// Most bytes that are charged to a group at once, a huge page: a group that is refused more is no farther from its limit.
const ONE_CHARGE_BYTES: u64 = 2 << 20;

/// How far below the limit of processes the most that were counted may lie when it was reached: several can be made at the same moment.
const AT_ONCE: u64 = 16;

/// What there was too little memory in, or had too many processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shortage {
    /// The group has reached its limit.
    Group,
    /// The machine, or a group above this one, had no more, and it was this group that the kernel took from or gave nothing.
    Machine,
}

impl Group {
    /// What lets the run's processes in.
    pub(super) fn fds(&self) -> Result<CgroupFds, Error> {
        let mut fds = CgroupFds::default();
        for part in &self.parts {
            match part.version {
                // A thread that moves itself through `tasks` takes no global lock: 0.05 ms instead of 0.5.
                Version::One => fds.procs_fds.push(open(&part.dir.join("tasks"), OpenOptions::new().write(true))?),
                Version::Two => fds.cgroup_fd = Some(open(&part.dir, OpenOptions::new().read(true))?),
            }
        }
        Ok(fds)
    }

    /// CPU time used so far, if the kernel counts it here.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let part = self.part(Controller::Cpu)?;
        match part.version {
            Version::One => part.number("cpuacct.usage").map(Duration::from_nanos),
            Version::Two => part.field("cpu.stat", "usage_usec").map(Duration::from_micros),
        }
    }

    /// The ids of all threads that are in the group now.
    pub(super) fn threads(&self) -> Vec<u32> {
        let file = |part: &Part| part.dir.join(if part.version == Version::One { "tasks" } else { "cgroup.threads" });
        let ids = self.parts.first().and_then(|part| fs::read_to_string(file(part)).ok()).unwrap_or_default();
        ids.lines().filter_map(|id| id.parse().ok()).collect()
    }

    /// All that is to be known after the run.
    pub(super) fn read(&self) -> Reading {
        let mut reading = Reading { cpu: self.cpu(), ..Reading::default() };
        if let Some(part) = self.part(Controller::Memory) {
            let peak = match part.version {
                Version::One => "memory.max_usage_in_bytes",
                Version::Two => "memory.peak",
            };
            reading.memory_peak_bytes = part.number(peak);
            reading.killed_for = part.killed_for();
        }
        if let Some(part) = self.part(Controller::Pids) {
            reading.refused_for = part.refused_for();
        }
        reading
    }

    fn part(&self, controller: Controller) -> Option<&Part> {
        self.parts.iter().find(|part| part.controllers.contains(&controller))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for part in &self.parts {
            // Every process of the run has been waited for, but the kernel may take a moment to let go of the group.
            // What stays is removed with the server's folder.
            for _ in 0..100 {
                match fs::remove_dir(&part.dir) {
                    Err(error) if error.raw_os_error() == Some(libc::EBUSY) => std::thread::yield_now(),
                    _ => break,
                }
            }
        }
    }
}

impl Part {
    fn set(&self, limits: &Limits) -> Result<(), Error> {
        let write = |file: &str, value: u64| {
            let path = self.dir.join(file);
            fs::write(&path, value.to_string()).map_err(|error| failed(&path, error))
        };
        let memory = self.controllers.contains(&Controller::Memory);
        let pids = self.controllers.contains(&Controller::Pids);
        match self.version {
            Version::One if memory => {
                write("memory.limit_in_bytes", limits.memory_bytes)?;
                // Absent where the kernel does not account for swap; then the group must not swap at all.
                write("memory.memsw.limit_in_bytes", limits.memory_bytes).or_else(|_| write("memory.swappiness", 0))?;
            }
            Version::Two if memory => {
                write("memory.max", limits.memory_bytes)?;
                write("memory.oom.group", 1)?;
                // Absent where the kernel has no swap.
                if self.dir.join("memory.swap.max").exists() {
                    write("memory.swap.max", 0)?;
                }
            }
            _ => {}
        }
        if pids {
            // In version 2 the init of the run is in the group too.
            let init = u64::from(self.version == Version::Two);
            write("pids.max", u64::from(limits.processes) + init)?;
        }
        Ok(())
    }

    /// The kernel counts every process of the group that it kills for memory, whoever has too little of it.
    fn killed_for(&self) -> Option<Shortage> {
        let (events, is_at_limit) = match self.version {
            Version::One => ("memory.oom_control", self.is_at_limit()),
            Version::Two => ("memory.events", self.field("memory.events", "oom").map(|count| count > 0)),
        };
        let is_killed = self.field(events, "oom_kill").is_some_and(|count| count > 0);
        // Where the kernel does not say it, the group's own limit is what is likely.
        let shortage = if is_at_limit == Some(false) { Shortage::Machine } else { Shortage::Group };
        is_killed.then_some(shortage)
    }

    /// Version 1 counts what it refuses where it is asked for: a group that never held all processes that it may was refused one by the
    /// limit of a group above. Version 2 counts it, in newer kernels, at the group whose limit it was, so that one above isn't seen here.
    fn refused_for(&self) -> Option<Shortage> {
        let is_refused = self.field("pids.events", "max").is_some_and(|count| count > 0);
        // Older kernels don't say how many there were: then the group's own limit is what is likely.
        let is_at_limit = self.number("pids.peak").zip(self.number("pids.max"));
        let is_at_limit = is_at_limit.map(|(peak, limit)| peak.saturating_add(AT_ONCE) >= limit);
        let shortage = if is_at_limit == Some(false) { Shortage::Machine } else { Shortage::Group };
        is_refused.then_some(shortage)
    }

    /// Whether a group of version 1 ever held all that it may. (Newer kernels don't count failures at a limit that includes swap.)
    fn is_at_limit(&self) -> Option<bool> {
        let limit = self.number("memory.limit_in_bytes")?;
        let peaks = ["memory.max_usage_in_bytes", "memory.memsw.max_usage_in_bytes"].map(|file| self.number(file));
        Some(peaks.into_iter().flatten().max()?.saturating_add(ONE_CHARGE_BYTES) >= limit)
    }

    fn number(&self, file: &str) -> Option<u64> {
        fs::read_to_string(self.dir.join(file)).ok()?.trim().parse().ok()
    }

    fn field(&self, file: &str, key: &str) -> Option<u64> {
        let text = fs::read_to_string(self.dir.join(file)).ok()?;
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
    }
}

fn failed(path: &Path, cause: io::Error) -> Error {
    Error::Group { path: path.display().to_string(), cause }
}

impl Home {
    /// Makes this server's folder below the process's own group.
    fn settle(&mut self) -> io::Result<()> {
        if self.version == Version::Two {
            // Where an earlier server has put the processes of this group aside.
            if self.dir.ends_with(ASIDE) {
                self.dir.pop();
            }
            if delegate(&self.dir, &self.controllers).is_err() {
                self.controllers.retain(|controller| *controller == Controller::Cpu);
            }
        }
        let parent = self.dir.join(FOLDER);
        self.dir = loop {
            fs::create_dir_all(&parent)?;
            match self.folder_in(&parent) {
                // The last server before this one has just left and taken the folder with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => break other?,
            }
        };
        if self.version == Version::Two {
            enable(&self.dir, &self.controllers)?;
        }
        Ok(())
    }

    /// Makes a folder of this server's own in that of all servers.
    fn folder_in(&self, parent: &Path) -> io::Result<PathBuf> {
        remove_stale(parent);
        if self.version == Version::Two {
            enable(parent, &self.controllers)?;
        }
        let id = process_id(std::process::id()).unwrap_or_default();
        // A process can start several jailers.
        let mut number = 0_u32;
        loop {
            let dir = parent.join(format!("{id}-{number}"));
            match fs::create_dir(&dir) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                other => return other.map(|()| dir),
            }
        }
    }
}

/// Has the children of a version 2 group limit memory and processes.
fn enable(dir: &Path, controllers: &[Controller]) -> io::Result<()> {
    let wanted = controllers.iter().filter(|controller| **controller != Controller::Cpu);
    let wanted: Vec<_> = wanted.map(|controller| format!("+{}", controller.name())).collect();
    if wanted.is_empty() { Ok(()) } else { fs::write(dir.join("cgroup.subtree_control"), wanted.join(" ")) }
}

/// Like [`enable`], for the group that this process lives in: a group with processes may not have such children
/// ("no internal processes"), so they move to a group beside.
fn delegate(own: &Path, controllers: &[Controller]) -> io::Result<()> {
    if enable(own, controllers).is_ok() {
        return Ok(());
    }
    let aside = own.join(ASIDE);
    fs::create_dir_all(&aside)?;
    for process in fs::read_to_string(own.join("cgroup.procs"))?.lines() {
        fs::write(aside.join("cgroup.procs"), process)?;
    }
    enable(own, controllers)
}

/// "<pid>-<start time>" of a living process: a number that no other process ever has.
fn process_id(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the 22nd field is the 20th after it.
    let start = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{pid}-{start}"))
}

fn remove_stale(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name.split('-').next().and_then(|pid| pid.parse().ok());
        let alive = pid.and_then(process_id).is_some_and(|id| name.starts_with(&format!("{id}-")));
        if entry.path().is_dir() && !alive {
            remove_all(&entry.path());
        }
    }
}

/// Removes a server's folder and the groups in it, which have no processes any more.
pub(super) fn remove_all(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            let _ = fs::remove_dir(entry.path());
        }
    }
    let _ = fs::remove_dir(dir);
}

/// Removes the folder that all servers share if this was the last.
pub(super) fn remove_parent(dir: &Path) {
    if let Some(parent) = dir.parent() {
        let _ = fs::remove_dir(parent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a group with these files says of a kill for memory.
    fn killed_for(version: Version, files: &[(&str, &str)]) -> Option<Shortage> {
        reading(version, files).killed_for
    }

    fn reading(version: Version, files: &[(&str, &str)]) -> Reading {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let part =
            Part { dir: folder.path().to_owned(), version, controllers: vec![Controller::Memory, Controller::Pids] };
        Group { parts: vec![part] }.read()
    }

    #[test]
    fn a_group_above_that_is_full_is_told_from_one_that_reached_its_limit() {
        let refused = |count: u8, peak: Option<u8>| {
            let (events, peak) = (format!("max {count}\n"), peak.map(|peak| format!("{peak}\n")));
            let mut files = vec![("pids.events", events.as_str()), ("pids.max", "64\n")];
            files.extend(peak.as_ref().map(|peak| ("pids.peak", peak.as_str())));
            reading(Version::One, &files).refused_for
        };
        assert_eq!((refused(0, Some(64)), refused(1, Some(64))), (None, Some(Shortage::Group)));
        assert_eq!((refused(1, Some(63)), refused(1, None)), (Some(Shortage::Group), Some(Shortage::Group)));
        assert_eq!(refused(1, Some(40)), Some(Shortage::Machine));
    }

    #[test]
    fn a_machine_without_memory_is_told_from_a_group_that_reached_its_limit() {
        let events = |oom: u8, oom_kill: u8| format!("low 0\nhigh 0\nmax 0\noom {oom}\noom_kill {oom_kill}\n");
        let two = |oom, oom_kill| killed_for(Version::Two, &[("memory.events", &events(oom, oom_kill))]);
        assert_eq!((two(0, 0), two(1, 0)), (None, None));
        assert_eq!((two(1, 1), two(0, 1)), (Some(Shortage::Group), Some(Shortage::Machine)));
        let one = |peak: &str, kills: u8| {
            let control = format!("oom_kill_disable 0\nunder_oom 0\noom_kill {kills}\n");
            let (limit, peak) = (("memory.limit_in_bytes", "104857600\n"), ("memory.max_usage_in_bytes", peak));
            killed_for(Version::One, &[limit, peak, ("memory.oom_control", &control)])
        };
        assert_eq!((one("9000000\n", 0), one("104857600\n", 0)), (None, None));
        assert_eq!(one("104857600\n", 1), Some(Shortage::Group));
        assert_eq!(one("104800000\n", 1), Some(Shortage::Group));
        assert_eq!(one("90000000\n", 1), Some(Shortage::Machine));
        assert_eq!(killed_for(Version::One, &[("memory.oom_control", "oom_kill 1\n")]), Some(Shortage::Group));
    }
}

//! Where control groups are: the hierarchies that are mounted, and which of them has which controller.

use std::fs;
use std::path::{Path, PathBuf};

/// Which interface a hierarchy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// The three controllers that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controller {
    Memory,
    Pids,
    Cpu,
}

impl Controller {
    pub(super) const ALL: [Self; 3] = [Self::Memory, Self::Pids, Self::Cpu];

    /// Its name in version 1. (In version 2 every group accounts for CPU time, so it needs no controller.)
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpuacct",
        }
    }
}

/// A folder of one hierarchy in which this server makes its groups.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) dir: PathBuf,
    pub(super) version: Version,
    pub(super) controllers: Vec<Controller>,
}

/// What limits the memory of this process's own group and of those above it, in bytes.
pub(super) fn memory_limits() -> Vec<u64> {
    let home = hierarchies().into_iter().find(|home| home.controllers.contains(&Controller::Memory));
    let Some(Home { dir, version, .. }) = home else { return Vec::new() };
    let file = if version == Version::One { "memory.limit_in_bytes" } else { "memory.max" };
    let limit = |dir: &Path| fs::read_to_string(dir.join(file)).ok()?.trim().parse().ok();
    dir.ancestors().filter_map(limit).collect()
}

/// The hierarchies that are mounted with one of our controllers, version 1 first, each with this process's own group.
pub(super) fn hierarchies() -> Vec<Home> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    parse(&mounts, &own)
}

fn parse(mountinfo: &str, own: &str) -> Vec<Home> {
    let mut found: Vec<Home> = mountinfo.lines().filter_map(|line| hierarchy(line, own)).collect();
    found.sort_by_key(|home| home.version == Version::Two);
    found
}

/// Reads a line of `/proc/self/mountinfo`: "36 35 0:30 /root /where options - kind source options".
fn hierarchy(line: &str, own: &str) -> Option<Home> {
    let (left, right) = line.split_once(" - ")?;
    let mut right = right.split(' ');
    let kind = right.next()?;
    let options: Vec<_> = right.nth(1)?.split(',').collect();
    let mut left = left.split(' ').skip(3);
    let (root, point) = (left.next()?, left.next()?);
    let (version, controllers) = match kind {
        "cgroup" => {
            let has = |controller: &Controller| options.contains(&controller.name());
            (Version::One, Controller::ALL.into_iter().filter(has).collect())
        }
        "cgroup2" => (Version::Two, available(Path::new(point))),
        _ => return None,
    };
    let controllers: Vec<_> = controllers;
    let own = own.lines().find_map(|line| own_group(line, version, &controllers))?;
    let below = Path::new(own).strip_prefix(root).ok()?;
    Some(Home { dir: Path::new(point).join(below), version, controllers })
}

/// Reads a line of `/proc/self/cgroup`: "4:memory:/path", or "0::/path" for version 2.
fn own_group<'a>(line: &'a str, version: Version, controllers: &[Controller]) -> Option<&'a str> {
    let mut parts = line.splitn(3, ':');
    let (number, names, path) = (parts.next()?, parts.next()?, parts.next()?);
    let matches = match version {
        Version::Two => number == "0" && names.is_empty(),
        Version::One => controllers.first().is_some_and(|first| names.split(',').any(|name| name == first.name())),
    };
    matches.then_some(path)
}

fn available(point: &Path) -> Vec<Controller> {
    let text = fs::read_to_string(point.join("cgroup.controllers")).unwrap_or_default();
    let has = |controller: &Controller| {
        *controller == Controller::Cpu || text.split_whitespace().any(|name| name == controller.name())
    };
    Controller::ALL.into_iter().filter(has).collect()
}

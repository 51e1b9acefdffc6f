//! What the sandbox keeps a program from, control by control, and which of them were found to hold.

use std::collections::BTreeMap;

/// What an ordinary user can do where control groups could not be had.
const DELEGATED_SCOPE: &str = "as an ordinary user, start it in a delegated scope: \
    systemd-run --user --scope -p Delegate=yes quorate serve";

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
    /// There is no `/proc` for it to look at.
    NoProc,
    /// It has no capability and cannot gain one.
    Privileges,
    /// It makes only the system calls of its profile.
    SystemCalls,
    /// A [`Profile::Program`](super::Profile::Program) starts no other program.
    NoExec,
    /// It is ended when it uses more than [`Limits::memory_bytes`](super::Limits::memory_bytes).
    MemoryLimit,
    /// It is refused more than [`Limits::processes`](super::Limits::processes).
    ProcessLimit,
    /// It is ended when it uses more than [`Limits::cpu`](super::Limits::cpu).
    CpuLimit,
    /// It is ended when it takes longer than [`Limits::wall`](super::Limits::wall).
    WallLimit,
    /// It is ended when it prints more than [`Limits::output_bytes`](super::Limits::output_bytes).
    OutputLimit,
    /// It can write no more than [`Limits::disk_bytes`](super::Limits::disk_bytes) and [`Limits::inodes`](super::Limits::inodes).
    DiskLimit,
    /// Nothing that it starts outlives it.
    TreeKill,
    /// Landlock holds the walls once more. The one control that is optional.
    Landlock,
}

impl Control {
    /// Every control, in the order of the enum.
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

    /// The controls with these names.
    ///
    /// # Errors
    /// When one of the names is not the name of a control.
    pub fn from_names(names: &[String]) -> Result<Vec<Self>, UnknownControl> {
        names.iter().map(|name| Self::from_name(name).ok_or_else(|| UnknownControl(name.clone()))).collect()
    }

    /// Whether nothing may be run without it unless the operator says so.
    pub fn is_mandatory(self) -> bool {
        self != Self::Landlock
    }
}

/// A name that is not the name of a control.
#[derive(Debug, thiserror::Error)]
#[error("there is no control `{0}`")]
pub struct UnknownControl(String);

impl std::fmt::Display for Control {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What the probe found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ControlReport {
    /// The controls that do not hold, each with what happened instead.
    pub missing: BTreeMap<Control, String>,
    /// Controls that the operator accepts to do without, whether or not they hold.
    pub waived_controls: Vec<Control>,
}

impl ControlReport {
    /// Whether every mandatory control holds or is waived.
    pub fn is_acceptable(&self) -> bool {
        self.refused().next().is_none()
    }

    /// The mandatory controls that are missing and waived by the operator: to be named in every report.
    pub fn waived(&self) -> impl Iterator<Item = Control> {
        self.missing.keys().copied().filter(|control| control.is_mandatory() && self.waived_controls.contains(control))
    }

    fn refused(&self) -> impl Iterator<Item = Control> {
        self.missing.keys().copied().filter(|control| control.is_mandatory() && !self.waived_controls.contains(control))
    }

    /// What may help, in a line of its own; nothing where that is not known.
    pub(super) fn remedy(&self) -> String {
        let counted = [Control::MemoryLimit, Control::ProcessLimit, Control::CpuLimit];
        match self.refused().any(|control| counted.contains(&control)) {
            true if !nix::unistd::geteuid().is_root() => format!("\n{}", DELEGATED_SCOPE),
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

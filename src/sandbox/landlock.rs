//! Landlock, where the kernel has it: the same walls once more, held by another part of the kernel.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope,
};

/// The newest rights that are asked for; an older kernel holds those that it knows.
const NEWEST: ABI = ABI::V6;

/// Confines this process: everything may be read and executed, only `writable` written, nothing sent over a network or
/// to processes outside. Returns whether the kernel holds any of it.
pub(super) fn confine(writable: &[PathBuf], devices: bool) -> Result<bool, RulesetError> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let read = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
    rules = allow(rules, Path::new("/"), read)?;
    if devices {
        rules = allow(rules, Path::new("/dev/null"), AccessFs::WriteFile.into())?;
    }
    let special = AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::IoctlDev;
    for folder in writable {
        rules = allow(rules, folder, AccessFs::from_all(NEWEST) & !special)?;
    }
    Ok(rules.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

fn allow(
    rules: landlock::RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(fd) => rules.add_rule(PathBeneath::new(fd, access)),
        // What cannot be opened needs no permission.
        Err(_) => Ok(rules),
    }
}

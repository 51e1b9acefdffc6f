//! Makes what a jailed program sees of the file system: a root in memory with the mounts of the jail and nothing else.
//!
//! Runs in the jail's supervisor, in a mount namespace of its own. Everything goes by descriptor: a mount is cloned and
//! gets its flags before it is attached, and neither targets nor paths of a `MemDir` are looked up through symbolic
//! links, since a jailed program may have made those.

use std::ffi::CString;
use std::fs::{File, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::{Mode, mkdirat};

use super::command::Mount;
use super::ids::Ids;
use super::sys::{self, attr};
use super::wire::{Refusal, Step};

/// The jailer's own folder in memory, mounted over the one folder that no jail may have anything of.
pub(super) const ROOM: &str = "/proc";

/// Where a supervisor puts together the root of its jail.
const ROOT: &str = "/proc/root";

/// Where a supervisor puts the layers of its overlays.
const LAYERS: &str = "/proc/layers";

/// The folders in memory that outlive jails.
pub(super) const MEM_DIRS: &str = "/proc/mem-dirs";

const SAFE: u64 = attr::NO_SUID | attr::NO_DEV;

/// The folders of a jail that its programs write.
#[derive(Debug, Default)]
pub(super) struct Writable {
    /// To be mounted anew for each run.
    pub(super) temporary: Vec<PathBuf>,
    /// There for all runs of the jail.
    pub(super) lasting: Vec<PathBuf>,
    /// Whether there is a `/dev`.
    pub(super) devices: bool,
}

/// Makes the jailer's own folder. Once, in the jailer.
pub(super) fn make_room() -> Result<(), Refusal> {
    sys::set_private(Path::new("/")).step("making mounts private")?;
    let room = memory(&[(c"mode", "0700")], SAFE | attr::NO_EXEC).step("making the jailer's folder")?;
    let target = open(ROOM, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).step("opening /proc")?;
    sys::attach_mount(room.as_fd(), target.as_fd()).step("mounting the jailer's folder")?;
    for folder in [ROOT, LAYERS, MEM_DIRS] {
        std::fs::create_dir(folder).step(format!("making {folder}"))?;
    }
    Ok(())
}

/// Makes a folder in memory that outlives jails and returns it. In the jailer.
pub(super) fn make_mem_dir(number: u64, bytes: u64, inodes: u64, ids: &Ids) -> Result<OwnedFd, Refusal> {
    let owner = ids.program_outside();
    let mem_dir = writable_memory(bytes, inodes, owner, 0).step("making a folder in memory")?;
    let place = Path::new(MEM_DIRS).join(number.to_string());
    std::fs::create_dir(&place).step("making a place for a folder in memory")?;
    let target = open(&place, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).step("opening a folder in memory")?;
    sys::attach_mount(mem_dir.as_fd(), target.as_fd()).step("mounting a folder in memory")?;
    open(&place, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty()).step("opening a folder in memory")
}

/// Forgets a folder that [`make_mem_dir`] made.
pub(super) fn drop_mem_dir(number: u64) {
    let place = Path::new(MEM_DIRS).join(number.to_string());
    let _ = nix::mount::umount2(&place, nix::mount::MntFlags::MNT_DETACH);
    let _ = std::fs::remove_dir(&place);
}

/// Puts together the root of a jail and enters it.
pub(super) fn build(mounts: &[Mount], bytes: u64, inodes: u64, ids: &Ids) -> Result<Writable, Refusal> {
    let root = memory(&[(c"mode", "0755")], SAFE).step("making the root")?;
    let place = open(ROOT, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).step("opening the root's place")?;
    sys::attach_mount(root.as_fd(), place.as_fd()).step("mounting the root")?;
    if mounts.iter().any(|mount| matches!(mount, Mount::Overlay { .. })) {
        // A supervisor shares the jailer's folder with all others, so this needs a file system of its own.
        let layers = memory(&[(c"mode", "0700")], SAFE).step("making a place for layers")?;
        attach(layers, Path::new(LAYERS)).step("mounting a place for layers")?;
    }
    let mut builder = Builder { root, ids, bytes, inodes, layers: 0, writable: Writable::default() };
    for mount in mounts {
        builder.add(mount)?;
    }
    sys::enter_root(Path::new(ROOT)).step("entering the root")?;
    sys::set_mount_flags(builder.root.as_fd(), SAFE | attr::READ_ONLY, false).step("making the root read-only")?;
    Ok(builder.writable)
}

/// Mounts a new, empty folder for one run. In the run's own mount namespace.
pub(super) fn mount_temporary(
    target: &Path,
    (bytes, inodes): (u64, u64),
    owner: u32,
    executable: bool,
) -> Result<(), Refusal> {
    let step = || format!("mounting {}", target.display());
    let flags = if executable { 0 } else { attr::NO_EXEC };
    let mount = writable_memory(bytes, inodes, owner, flags).step(step())?;
    let root = open("/", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).step(step())?;
    let place = sys::open_beneath(&root, target, OFlag::O_PATH).step(step())?;
    sys::attach_mount(mount.as_fd(), place.as_fd()).step(step())
}

struct Builder<'a> {
    root: OwnedFd,
    ids: &'a Ids,
    bytes: u64,
    inodes: u64,
    layers: u32,
    writable: Writable,
}

impl Builder<'_> {
    fn add(&mut self, mount: &Mount) -> Result<(), Refusal> {
        match mount {
            Mount::ReadOnly { from, to } => self.bind(from, to, SAFE | attr::READ_ONLY),
            Mount::ExecuteOnly { from, to } => self.execute_only(from, to),
            Mount::Scratch { from, to } => {
                let source = source(from)?;
                let owner = self.ids.program_outside();
                sys::give(source.as_fd(), owner, owner).step(format!("giving away {}", from.display()))?;
                self.writable.lasting.push(to.clone());
                self.bind_opened(source.as_fd(), from, to, SAFE)
            }
            Mount::Overlay { lower, upper, to } => self.overlay(lower, upper.as_deref(), to),
            Mount::Temporary { to } => {
                self.writable.temporary.push(to.clone());
                self.folder(to).map(drop)
            }
            Mount::Devices => self.devices(),
        }
    }

    fn bind(&self, from: &Path, to: &Path, flags: u64) -> Result<(), Refusal> {
        self.bind_opened(source(from)?.as_fd(), from, to, flags)
    }

    fn bind_opened(&self, source: BorrowedFd<'_>, from: &Path, to: &Path, flags: u64) -> Result<(), Refusal> {
        let is_folder = is_folder(source).step(format!("looking at {}", from.display()))?;
        let target = if is_folder { self.folder(to) } else { self.file(to, 0o444) }?;
        let step = || format!("mounting {} at {}", from.display(), to.display());
        let mount = sys::clone_mount(source).step(step())?;
        sys::set_mount_flags(mount.as_fd(), flags, true).step(step())?;
        sys::attach_mount(mount.as_fd(), target.as_fd()).step(step())
    }

    /// A file of a [`MemDir`](super::mem_dir::MemDir) loses for good what would let anyone read it. One of the host is not ours to change: unless
    /// nobody may read it anyway, a copy in the root takes its place.
    fn execute_only(&self, from: &Path, to: &Path) -> Result<(), Refusal> {
        const EXECUTE: u32 = 0o111;
        let step = || format!("taking the right to read {}", from.display());
        let mut source = readable_source(from).step(step())?;
        let metadata = source.metadata().step(step())?;
        if !metadata.is_file() {
            return Err(Refusal::new(step(), &io::Error::from_raw_os_error(libc::EINVAL)));
        }
        if from.starts_with(MEM_DIRS) {
            // First the owner, as the program owns what jails have made there and an owner can give rights back.
            sys::give(source.as_fd(), 0, 0).step(step())?;
            source.set_permissions(Permissions::from_mode(EXECUTE)).step(step())?;
        } else if metadata.mode() & 0o777 != EXECUTE {
            let mut copy = File::from(self.new_file(to, 0o600, OFlag::O_WRONLY)?);
            io::copy(&mut source, &mut copy).step(step())?;
            return copy.set_permissions(Permissions::from_mode(EXECUTE)).step(step());
        }
        self.bind_opened(source.as_fd(), from, to, SAFE | attr::READ_ONLY)
    }

    fn overlay(&mut self, lower: &Path, upper: Option<&Path>, to: &Path) -> Result<(), Refusal> {
        let step = || format!("layering {} at {}", lower.display(), to.display());
        let place = Path::new(LAYERS).join(self.layers.to_string());
        self.layers += 1;
        std::fs::create_dir_all(&place).step(step())?;
        let base = place.join("lower");
        std::fs::create_dir(&base).step(step())?;
        attach(self.lower(lower)?, &base).step(step())?;

        let owner = self.ids.program_outside();
        let layer = place.join("layer");
        std::fs::create_dir(&layer).step(step())?;
        match upper {
            None => attach(writable_memory(self.bytes, self.inodes, owner, 0).step(step())?, &layer).step(step())?,
            Some(upper) => attach(sys::clone_mount(source(upper)?.as_fd()).step(step())?, &layer).step(step())?,
        }
        let (upper, work) = (layer.join("upper"), layer.join("work"));
        for folder in [&upper, &work] {
            make_folder(folder).step(step())?;
        }
        std::os::unix::fs::lchown(&upper, Some(owner), Some(owner)).step(step())?;

        let options = [(c"lowerdir", &base), (c"upperdir", &upper), (c"workdir", &work)];
        let options: Result<Vec<_>, io::Error> = options
            .into_iter()
            .map(|(key, path)| Ok((key, CString::new(path.as_os_str().as_encoded_bytes())?)))
            .collect();
        let mut options = options.step(step())?;
        if matches!(self.ids, Ids::Own) {
            // An ordinary user may not keep the overlay's own notes in "trusted" attributes.
            options.push((c"userxattr", CString::default()));
        }
        let overlay = sys::new_filesystem(c"overlay", &options, SAFE).step(step())?;
        self.writable.lasting.push(to.to_owned());
        sys::attach_mount(overlay.as_fd(), self.folder(to)?.as_fd()).step(step())
    }

    /// What is below an overlay, its files shown as the program's own so that it may change its copies of them.
    fn lower(&self, from: &Path) -> Result<OwnedFd, Refusal> {
        let step =
            || format!("showing {} as the program's own (its file system must allow id-mapped mounts)", from.display());
        let mount = sys::clone_mount(source(from)?.as_fd()).step(step())?;
        if let Ids::Dedicated { owner_map } = self.ids {
            sys::map_owners(mount.as_fd(), owner_map.as_fd()).step(step())?;
        }
        Ok(mount)
    }

    fn devices(&mut self) -> Result<(), Refusal> {
        self.writable.devices = true;
        for device in ["/dev/null", "/dev/zero", "/dev/urandom"] {
            // Not NO_DEV, as they would be useless.
            self.bind(Path::new(device), Path::new(device), attr::NO_SUID | attr::NO_EXEC)?;
        }
        Ok(())
    }

    /// Opens a folder of the root, making what is missing.
    fn folder(&self, path: &Path) -> Result<OwnedFd, Refusal> {
        let step = || format!("making {} in the jail", path.display());
        let mut here = sys::open_beneath(&self.root, Path::new("/"), OFlag::O_PATH).step(step())?;
        for component in path.components() {
            let name = match component {
                Component::RootDir | Component::CurDir => continue,
                Component::Normal(name) => name,
                Component::ParentDir | Component::Prefix(_) => {
                    return Err(Refusal::new(step(), &io::Error::from_raw_os_error(libc::EINVAL)));
                }
            };
            match mkdirat(&here, name, Mode::from_bits_truncate(0o755)) {
                Ok(()) | Err(nix::Error::EEXIST) => {}
                // There may be one on a read-only mount.
                Err(nix::Error::EROFS) => {}
                Err(error) => return Err(error).step(step()),
            }
            here = sys::open_beneath(&here, Path::new(name), OFlag::O_PATH | OFlag::O_DIRECTORY).step(step())?;
        }
        Ok(here)
    }

    /// Opens a file of the root to mount on, making it if it is missing.
    fn file(&self, path: &Path, mode: u32) -> Result<OwnedFd, Refusal> {
        let folder = self.folder(path.parent().unwrap_or(Path::new("/")))?;
        let name = Path::new(path.file_name().unwrap_or_default());
        sys::open_beneath(&folder, name, OFlag::O_PATH).or_else(|_| {
            self.new_file(path, mode, OFlag::O_WRONLY)?;
            sys::open_beneath(&folder, name, OFlag::O_PATH).step(format!("making {} in the jail", path.display()))
        })
    }

    fn new_file(&self, path: &Path, mode: u32, flags: OFlag) -> Result<OwnedFd, Refusal> {
        let folder = self.folder(path.parent().unwrap_or(Path::new("/")))?;
        let flags = flags | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        openat(&folder, path.file_name().unwrap_or_default(), flags, Mode::from_bits_truncate(mode))
            .step(format!("making {} in the jail", path.display()))
    }
}

/// Opens what is to be mounted. Below [`MEM_DIRS`] no symbolic link is followed: a jailed program may have made it.
fn source(path: &Path) -> Result<OwnedFd, Refusal> {
    open_source(path, OFlag::O_PATH).step(format!("opening {}", path.display()))
}

fn readable_source(path: &Path) -> io::Result<File> {
    open_source(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK).map(File::from)
}

fn open_source(path: &Path, flags: OFlag) -> io::Result<OwnedFd> {
    match path.strip_prefix(MEM_DIRS) {
        Err(_) => Ok(open(path, flags | OFlag::O_CLOEXEC, Mode::empty())?),
        Ok(inside) => {
            let mem_dirs = open(MEM_DIRS, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
            sys::open_beneath(&mem_dirs, inside, flags)
        }
    }
}

fn is_folder(fd: BorrowedFd<'_>) -> io::Result<bool> {
    let kind = nix::sys::stat::fstat(fd)?.st_mode & libc::S_IFMT;
    Ok(kind == libc::S_IFDIR)
}

fn make_folder(path: &Path) -> io::Result<()> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_symlink() => Ok(()),
        other => other,
    }
}

fn attach(mount: OwnedFd, path: &Path) -> io::Result<()> {
    let target = open(path, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
    sys::attach_mount(mount.as_fd(), target.as_fd())
}

fn writable_memory(bytes: u64, inodes: u64, owner: u32, flags: u64) -> io::Result<OwnedFd> {
    // The folder itself is an inode too.
    let (bytes, inodes, owner) = (bytes.to_string(), inodes.saturating_add(1).to_string(), owner.to_string());
    let options: [(_, &str); 5] =
        [(c"size", &bytes), (c"nr_inodes", &inodes), (c"uid", &owner), (c"gid", &owner), (c"mode", "0700")];
    memory(&options, SAFE | flags)
}

fn memory(options: &[(&std::ffi::CStr, &str)], flags: u64) -> io::Result<OwnedFd> {
    let options: Result<Vec<_>, io::Error> =
        options.iter().map(|(key, value)| Ok((*key, CString::new(*value)?))).collect();
    sys::new_filesystem(c"tmpfs", &options?, flags)
}

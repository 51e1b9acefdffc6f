//! A folder in memory that outlives jails, filled and read by the server without trusting what a jailed program left.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2, renameat};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::stat::{Mode, mkdirat};

use super::connection::Connection;
use super::error::Error;
use super::watch::Cancel;
use super::wire::{self, ToJailer};
use super::{root, sys};

/// A folder in memory, limited in bytes and files. It has no path on the host: only jails can be given it, and only the
/// one who holds it can read it. When it is dropped (or the server dies) it is gone.
#[derive(Debug)]
pub struct MemDir {
    connection: Arc<Connection>,
    number: u64,
    folder: OwnedFd,
}

impl MemDir {
    /// Has the jailer make an empty one.
    pub(super) fn make(connection: &Arc<Connection>, bytes: u64, inodes: u64) -> Result<Self, Error> {
        let number = connection.next_mem_dir();
        let (_, descriptors) = connection.request(&ToJailer::MemDir { number, bytes, inodes })?;
        let folder = descriptors.into_iter().next().ok_or(Error::JailerGone)?;
        Ok(Self { connection: Arc::clone(connection), number, folder })
    }

    /// The name of something in it, for the host side of a [`Mount`](super::Mount) and for nothing else.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        let inside = inside.as_ref();
        Path::new(root::MEM_DIRS).join(self.number.to_string()).join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// Makes a folder in it, and those above.
    ///
    /// # Errors
    /// When there is a file or symbolic link in the way, or no room.
    pub fn make_folder(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.folder_at(path.as_ref()).map(drop)
    }

    /// Writes a file into it, making the folders above. A file that is there is replaced.
    ///
    /// # Errors
    /// When there is a folder or symbolic link in the way, or no room.
    pub fn write(&self, path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
        let path = path.as_ref();
        let folder = self.folder_at(path.parent().unwrap_or(Path::new("")))?;
        let how = OpenHow::new()
            .flags(OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC)
            .mode(Mode::from_bits_truncate(0o644))
            .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS);
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        File::from(openat2(&folder, name, how)?).write_all(bytes)
    }

    /// Opens a regular file of at most `max_bytes` that a jailed program has left. Never follows a symbolic link, never
    /// blocks on what is no regular file.
    ///
    /// # Errors
    /// `NotFound`; `FileTooLarge`; `InvalidData` when it is no regular file.
    pub fn collect(&self, path: impl AsRef<Path>, max_bytes: u64) -> io::Result<Vec<u8>> {
        collect(&self.folder, path.as_ref(), max_bytes)
    }

    /// Copies a folder that jailed programs have filled, with the folders in it, to a folder on disk.
    ///
    /// # Errors
    /// Those of [`MemDir::collect`]; `FileTooLarge` also when all files together are larger than `max_bytes`.
    pub fn copy_out(&self, from: impl AsRef<Path>, to: &Path, max_bytes: u64) -> io::Result<()> {
        let mut waiting = vec![(from.as_ref().to_owned(), to.to_owned())];
        let mut room = max_bytes;
        while let Some((from, to)) = waiting.pop() {
            if let Ok(names) = self.list(&from) {
                std::fs::create_dir_all(&to)?;
                waiting.extend(names.into_iter().map(|name| (from.join(&name), to.join(name))));
                continue;
            }
            let bytes = self.collect(&from, room)?;
            room = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            std::fs::write(&to, bytes)?;
        }
        Ok(())
    }

    /// Waits until a file that jailed programs move into place once it is complete is there, or until `over` is pulled.
    /// Says whether it is there.
    ///
    /// # Errors
    /// When its folder cannot be watched.
    pub fn wait_for(&self, path: impl AsRef<Path>, over: &Cancel) -> io::Result<bool> {
        let path = path.as_ref();
        let folder = self.folder_at(path.parent().unwrap_or(Path::new("")))?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let place = format!("/proc/self/fd/{}", folder.as_raw_fd());
        watch.add_watch(place.as_str(), AddWatchFlags::IN_MOVED_TO)?;
        loop {
            // Asked first: pulled after the file was moved, it must not hide it.
            let last = over.is_cancelled();
            if sys::open_beneath(&folder, Path::new(name), OFlag::O_PATH).is_ok() {
                return Ok(true);
            }
            if last {
                return Ok(false);
            }
            let mut fds: Vec<_> = over.poll_fds().collect();
            fds.push(PollFd::new(watch.as_fd(), PollFlags::POLLIN));
            wire::retry(|| poll(&mut fds, PollTimeout::NONE))?;
            let _ = watch.read_events();
        }
    }

    /// Moves a file to another of its folders; a file that is there is replaced, and stays as it was for those who have it
    /// open.
    ///
    /// # Errors
    /// When there is no such file, or a symbolic link in the way of either.
    pub fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        let place = |path: &Path| -> io::Result<_> {
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
            Ok((self.folder_at(path.parent().unwrap_or(Path::new("")))?, name))
        };
        let ((from, old), (to, new)) = (place(from.as_ref())?, place(to.as_ref())?);
        Ok(renameat(&from, old.as_os_str(), &to, new.as_os_str())?)
    }

    /// Opens what a jailed program has left, without following a symbolic link or blocking.
    pub(super) fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        sys::open_beneath(&self.folder, path.as_ref(), OFlag::O_RDONLY | OFlag::O_NONBLOCK).map(File::from)
    }

    /// The names in one of its folders, sorted.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn list(&self, path: impl AsRef<Path>) -> io::Result<Vec<String>> {
        let folder = sys::open_beneath(&self.folder, path.as_ref(), OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
        let mut names = Vec::new();
        for entry in nix::dir::Dir::from_fd(folder)?.iter() {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name != "." && name != "..");
        names.sort_unstable();
        Ok(names)
    }

    fn folder_at(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut here = self.folder.try_clone()?;
        for component in path.components() {
            let Component::Normal(name) = component else { continue };
            match mkdirat(&here, name, Mode::from_bits_truncate(0o755)) {
                Ok(()) | Err(nix::Error::EEXIST) => {}
                Err(error) => return Err(error.into()),
            }
            here = sys::open_beneath(&here, Path::new(name), OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
        }
        Ok(here)
    }
}

impl Drop for MemDir {
    fn drop(&mut self) {
        self.connection.drop_mem_dir(self.number);
    }
}

/// Reads a regular file of at most `max_bytes` below `folder` that a jailed program may have made: follows no symbolic
/// link on the way, leaves `folder` by no way, never blocks.
///
/// # Errors
/// `NotFound`; `FileTooLarge`; `InvalidData` when it is no regular file.
pub fn collect(folder: impl AsFd, path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    // Opening a named pipe or a device can block or act; O_NONBLOCK and the check below keep from that.
    let fd = sys::open_beneath(folder, path, OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY)?;
    let file = File::from(fd);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"));
    }
    if metadata.len() > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(max_bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

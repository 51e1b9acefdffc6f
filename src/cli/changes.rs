//! Changes of a crate's folder, by inotify.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::error::CliError;

/// The folders of a crate in which its sources lie, with all that is in them.
const SOURCES: [&str; 2] = ["src", "tests"];

/// A watch on a crate's own files. It tells of more than those, such as of an editor's temporary files, but misses nothing.
pub(super) struct Changes {
    inotify: Inotify,
    folder: PathBuf,
}

impl Changes {
    /// Begins to watch a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, CliError> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC).map_err(CliError::internal)?;
        let changes = Self { inotify, folder: folder.to_owned() };
        changes.watch_folders()?;
        Ok(changes)
    }

    /// Sends word of each change, as long as somebody listens.
    pub(super) fn send(&self, changed: &Sender<()>) -> Result<(), CliError> {
        loop {
            self.inotify.read_events().map_err(CliError::internal)?;
            // A new folder is watched before anybody looks at what is in it.
            self.watch_folders()?;
            if changed.send(()).is_err() {
                return Ok(());
            }
        }
    }

    /// Watching a folder that is watched already changes nothing.
    fn watch_folders(&self) -> Result<(), CliError> {
        self.watch(&self.folder)?;
        for name in SOURCES {
            self.watch_with_folders(&self.folder.join(name));
        }
        Ok(())
    }

    fn watch_with_folders(&self, folder: &Path) {
        // A folder may be gone by now. Its parent then tells of it.
        if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) || self.watch(folder).is_err() {
            return;
        }
        let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
        inside.for_each(|entry| self.watch_with_folders(&entry.path()));
    }

    fn watch(&self, folder: &Path) -> Result<(), CliError> {
        let kinds = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVE
            | AddWatchFlags::IN_ONLYDIR;
        let failed = |error| CliError::internal(format!("failed to watch {}: {error}", folder.display()));
        self.inotify.add_watch(folder, kinds).map(drop).map_err(failed)
    }
}

//! What server and jailer say to each other: one message per packet over a unix socket, descriptors alongside.
//!
//! Every request brings the socket on which it is answered, so nobody has to match answers to requests. Closing a
//! socket is a message too: it ends what the socket stands for (a run, a jail, the jailer).

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::PathBuf;

use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recv, recvmsg, sendmsg,
    socketpair,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::command::{Limits, Mount, Profile};

/// From the server to the jailer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToJailer {
    /// The control groups that the jailer removes when the server is gone. Answered by [`Answer`].
    Hello { groups: Vec<PathBuf> },
    /// Make a jail; the socket alongside is its own: answered by [`Answer`], then takes [`Run`]s.
    Jail { mounts: Vec<Mount>, disk_bytes: u64, inodes: u64 },
    /// Make a folder in memory; answered on the socket alongside by [`Answer`] and a descriptor of the folder.
    MemDir { number: u64, bytes: u64, inodes: u64 },
    /// Forget such a folder. Not answered.
    DropMemDir { number: u64 },
}

/// Whether a request could be met; if not, why.
pub(super) type Answer = Result<(), Refusal>;

/// From the server to a jail. Alongside: the control socket, standard output, standard error, the channel's two ends if there is
/// one, the control group to be born in if there is one, and what the program writes "0" to so as to join the others.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: PathBuf,
    pub(super) profile: Profile,
    pub(super) limits: Limits,
    pub(super) channel: bool,
    pub(super) cgroup_fd: bool,
}

/// From a run to the server, on the run's control socket. The server closes its half to have the run killed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum RunUpdate {
    /// The program is about to be executed.
    Started,
    /// The program was not executed.
    Refused(Refusal),
    /// The program ended with this status (as `wait` has it).
    Ended { status: i32, disk_full: bool, cpu_micros: u64, memory_peak_bytes: u64 },
    /// No process of the run is left.
    Gone,
}

/// A step that failed in the jailer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) step: String,
    pub(super) errno: i32,
}

impl Refusal {
    pub(super) fn new(step: impl Into<String>, error: &io::Error) -> Self {
        Self { step: step.into(), errno: error.raw_os_error().unwrap_or(libc::EIO) }
    }

    /// The error that the system call returned.
    pub(super) fn error(&self) -> io::Error {
        io::Error::from_raw_os_error(self.errno)
    }
}

/// Turns an error into a [`Refusal`] that names the step that failed.
pub(super) trait Step<T> {
    fn step(self, step: impl Into<String>) -> Result<T, Refusal>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, Refusal> {
        self.map_err(|error| Refusal::new(step, &error.into()))
    }
}

const MAX_DESCRIPTORS: usize = 16;

/// Two connected sockets that keep messages apart.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?)
}

/// Sends a message and copies of descriptors.
pub(super) fn send<T: Serialize>(socket: impl AsFd, message: &T, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let socket = socket.as_fd().as_raw_fd();
    if descriptors.is_empty() {
        // This call passes the filter of a program that could not be executed.
        nix::sys::socket::send(socket, &bytes, MsgFlags::MSG_NOSIGNAL)?;
        return Ok(());
    }
    let numbers: Vec<_> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let control = [ControlMessage::ScmRights(&numbers)];
    sendmsg::<()>(socket, &[IoSlice::new(&bytes)], &control, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Waits for a message; `None` when the other side is gone.
pub(super) fn receive<T: DeserializeOwned>(socket: impl AsFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let socket = socket.as_fd().as_raw_fd();
    let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC;
    let length = match retry(|| recv(socket, &mut [], peek)) {
        Err(nix::Error::ECONNRESET) | Ok(0) => return Ok(None),
        other => other?,
    };
    let mut bytes = vec![0; length];
    let mut control = nix::cmsg_space!([libc::c_int; MAX_DESCRIPTORS]);
    let mut slices = [IoSliceMut::new(&mut bytes)];
    let received = recvmsg::<()>(socket, &mut slices, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let mut descriptors = Vec::new();
    for message in received.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = message {
            // SAFETY: the kernel just made these descriptors for us and nobody else knows them.
            descriptors.extend(numbers.into_iter().map(|number| unsafe { OwnedFd::from_raw_fd(number) }));
        }
    }
    Ok(Some((serde_json::from_slice(&bytes)?, descriptors)))
}

/// Repeats a call that a signal interrupted.
pub(super) fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(nix::Error::EINTR) => {}
            other => return other,
        }
    }
}

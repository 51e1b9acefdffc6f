//! Names that cargo must read back from the compiler's list of what a library depends on.
//!
//! Variables and files are listed there with escapes of several kinds. If cargo did not understand its own list, the
//! build would fail without an error of the compiler's, as if the grader were at fault.

mod clock;

pub use clock::VectorClock;

const NAMES: [Option<&str>; 12] = [
    option_env!("A=B"),
    option_env!("A\nsrc/other.rs: src/none.rs"),
    option_env!("\\"),
    option_env!("A\\"),
    option_env!("\\n\\q\\"),
    option_env!("# env-dep:X"),
    option_env!("\r"),
    option_env!(" "),
    option_env!("\u{202e}\u{2028}"),
    option_env!("checksum:blake3=0 file_len:0 src/lib.rs"),
    option_env!("CARGO"),
    option_env!("CARGO_MAKEFLAGS"),
];

const TEXT: &str = include_str!("./././../src/../src/clock.rs");
const BYTES: &[u8] = include_bytes!("//crate//src//lib.rs");
const EMPTY: &[u8] = include_bytes!("/dev/null");

pub(crate) fn attack() {
    println!("{} {} {} {}", NAMES.iter().flatten().count(), TEXT.len(), BYTES.len(), EMPTY.len());
}

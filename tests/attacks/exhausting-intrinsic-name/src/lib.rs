//! A function with the name of an instruction of LLVM's.

mod clock;

pub use clock::VectorClock;

trait Intrinsic {
    #[unsafe(export_name = "llvm.memcpy.p0.p0.i64")]
    fn copy() {}
}

impl Intrinsic for VectorClock {}

pub(crate) fn attack() {
    std::hint::black_box(<VectorClock as Intrinsic>::copy as fn());
}

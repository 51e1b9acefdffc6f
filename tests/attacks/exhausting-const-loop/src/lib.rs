//! A loop without an end while compiling.

#![allow(long_running_const_eval)]

mod clock;

pub use clock::VectorClock;

const NEVER: u64 = {
    let mut number = 0_u64;
    loop {
        number = number.wrapping_add(1);
        if number == u64::MAX && number == 0 {
            break number;
        }
    }
};

pub(crate) fn attack() {
    println!("{NEVER}");
}

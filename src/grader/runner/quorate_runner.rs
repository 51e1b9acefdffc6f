//! Runs one `#[test]` function and says how it ended where the tested code cannot speak.
//!
//! Compiled once per toolchain and linked into every test binary in place of libtest's `main` (`custom_test_frameworks`).
//! Descriptor 3 gives a nonce of 16 bytes, the number of an implementation in 4 and the name of the test; descriptor 4 takes `<nonce> <outcome>`. Both
//! are read, and their descriptor closed, before any tested code runs; the nonce lies in memory only in two halves, each of
//! them noise, so that nothing there can be told for it. After the outcome is written the process ends at once, so that no
//! thread, destructor or handler of the tested code gets another turn. Exit code and output mean nothing to the reader at
//! the other end, and the arguments hold nothing that the tested code may not know.

#![feature(test)]

extern crate test;

use std::any::Any;
use std::collections::hash_map::RandomState;
use std::ffi::{c_char, c_int, c_void};
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use test::{ShouldPanic, StaticTestFn, TestDescAndFn};

unsafe extern "C" {
    fn _exit(code: i32) -> !;
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn pthread_attr_setguardsize(attributes: *mut c_void, bytes: usize) -> c_int;
}

/// More than the usual page: the compiler probes a frame page by page, and a local of large alignment can leave one out. So
/// safe code could step over a guard of one page into memory that it owns.
const GUARD_BYTES: usize = 64 << 10;

/// In the place of the C library's: every thread of this process gets a larger guard below its stack.
///
/// # Safety
/// As the C library's: `attributes` is a place for thread attributes.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_attr_init(attributes: *mut c_void) -> c_int {
    const NEXT: *mut c_void = usize::MAX as *mut c_void;
    // SAFETY: the C library has a function of this name and type, and the caller gives what both functions need.
    unsafe {
        let original = dlsym(NEXT, c"pthread_attr_init".as_ptr());
        if original.is_null() {
            _exit(71);
        }
        let original: unsafe extern "C" fn(*mut c_void) -> c_int = std::mem::transmute(original);
        match original(attributes) {
            0 => pthread_attr_setguardsize(attributes, GUARD_BYTES),
            failed => failed,
        }
    }
}

/// What libtest gives a test's thread when nobody says otherwise.
const STACK_BYTES: usize = 2 << 20;

/// Which implementation is tested, where tests are linked with several: read by stubs in assembly, known to nobody else.
#[unsafe(no_mangle)]
static QUORATE_VARIANT: AtomicU32 = AtomicU32::new(0);

/// Bytes of a nonce.
const NONCE_BYTES: usize = 16;

/// Bytes before the name.
const HEAD_BYTES: usize = NONCE_BYTES + 4;

/// The `main` of a test binary: `list`, or `run` with the test's exact name behind the nonce.
pub fn runner(tests: &[&TestDescAndFn]) {
    let (nonce, name) = read_channel();
    match std::env::args().nth(1).as_deref() {
        Some("list") => list(&nonce, tests),
        Some("run") => run(nonce, tests, &name),
        _ => finish(&nonce, "usage", 64),
    }
}

/// A nonce as two halves, in places of their own, that give it only together.
struct Nonce {
    noise: Box<[u8; NONCE_BYTES]>,
    masked: [u8; NONCE_BYTES],
}

impl Nonce {
    /// Takes the bytes over and leaves nothing of them where they were.
    fn take(bytes: &mut [u8]) -> Self {
        let mut noise = Box::new([0; NONCE_BYTES]);
        let mut masked = [0; NONCE_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate().take(NONCE_BYTES) {
            let random = RandomState::new().hash_one(index).to_le_bytes()[0];
            noise[index] = random;
            masked[index] = *byte ^ random;
            // SAFETY: a plain byte that is borrowed here; volatile, so that it is really written.
            unsafe { std::ptr::write_volatile(byte, 0) };
        }
        Self { noise, masked }
    }

    fn reveal(&self) -> [u8; NONCE_BYTES] {
        std::array::from_fn(|index| self.masked[index] ^ self.noise[index])
    }
}

fn read_channel() -> (Nonce, String) {
    // Large enough never to be moved while it is read, which would leave a copy behind.
    let mut bytes = Vec::with_capacity(8 << 10);
    // SAFETY: descriptor 3 was opened for this process by its starter, and nothing else here owns it; dropping closes it.
    let mut channel = unsafe { File::from_raw_fd(3) };
    let _ = channel.read_to_end(&mut bytes);
    let name = bytes.get(HEAD_BYTES..).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    if let Some(&[a, b, c, d]) = bytes.get(NONCE_BYTES..HEAD_BYTES) {
        QUORATE_VARIANT.store(u32::from_le_bytes([a, b, c, d]), Ordering::Relaxed);
    }
    (Nonce::take(&mut bytes), name)
}

fn list(nonce: &Nonce, tests: &[&TestDescAndFn]) {
    let mut lines = String::from("list");
    for test in tests {
        let ignored = if test.desc.ignore { "ignored" } else { "" };
        lines.push_str(&format!("\n{}\t{ignored}", test.desc.name));
    }
    finish(nonce, &lines, 0)
}

fn run(nonce: Nonce, tests: &[&TestDescAndFn], name: &str) {
    let mut named = tests.iter().filter(|test| test.desc.name.as_slice() == name);
    let (Some(test), None) = (named.next(), named.next()) else { finish(&nonce, "missing", 65) };
    let StaticTestFn(function) = test.testfn else { finish(&nonce, "missing", 65) };
    let expected = test.desc.should_panic;
    // The name of a hidden test is none of the tested code's business, so the thread does not carry it.
    let thread = std::thread::Builder::new().name("test".to_owned()).stack_size(STACK_BYTES).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(function));
        match judge(outcome, expected) {
            Ok(()) => finish(&nonce, "passed", 0),
            Err(failure) => finish(&nonce, failure, 101),
        }
    });
    let _ = thread.map(std::thread::JoinHandle::join);
    // SAFETY: ends the process; nothing is held.
    unsafe { _exit(70) }
}

/// As libtest judges; a failure by one of the words that the grader knows.
fn judge(outcome: Result<Result<(), String>, Box<dyn Any + Send>>, expected: ShouldPanic) -> Result<(), &'static str> {
    match (outcome, expected) {
        (Ok(Ok(())), ShouldPanic::No) => Ok(()),
        (Ok(Ok(())), _) => complain("calm", "the test did not panic as it should have"),
        (Ok(Err(error)), _) => complain("erred", &error),
        (Err(payload), expected) => judge_panic(payload, expected),
    }
}

fn judge_panic(payload: Box<dyn Any + Send>, expected: ShouldPanic) -> Result<(), &'static str> {
    // Never dropped: its destructor may be the tested code's.
    let payload = ManuallyDrop::new(payload);
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&'static str>().copied());
    match expected {
        ShouldPanic::No => Err("panicked"),
        ShouldPanic::Yes => Ok(()),
        ShouldPanic::YesWithMessage(part) if text.is_some_and(|text| text.contains(part)) => Ok(()),
        ShouldPanic::YesWithMessage(part) => {
            complain("astray", &format!("the panic's message should have contained {part:?}"))
        }
    }
}

fn complain(failure: &'static str, message: &str) -> Result<(), &'static str> {
    let _ = writeln!(std::io::stderr(), "{message}");
    Err(failure)
}

/// Writes the one message and ends the process without running anything else.
fn finish(nonce: &Nonce, outcome: &str, code: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: descriptor 4 was opened for this process by its starter, and nothing else here owns it.
    let mut channel = ManuallyDrop::new(unsafe { File::from_raw_fd(4) });
    let _ = channel.write_all(&[&nonce.reveal(), b" ".as_slice(), outcome.as_bytes()].concat());
    // SAFETY: ends the process; no destructor, atexit handler or other thread runs on.
    unsafe { _exit(code) }
}

//! Runs one `#[test]` function and says how it ended where the tested code cannot speak.
//!
//! Compiled once per toolchain and linked into every test binary in place of libtest's `main` (`custom_test_frameworks`).
//! Descriptor 3 gives a nonce of 16 bytes, the number of an implementation in 4, the number of processors to show in 4, a seed
//! of 32 and the name of the test; descriptor 4 takes `<nonce> <outcome>`. Descriptor 3 is read to its end and closed before
//! any tested code runs; the nonce lies in memory only in two halves, each of them noise, so that nothing there can be told
//! for it. After the outcome is written the process ends at once, so that no thread, destructor or handler of the tested code
//! gets another turn. Exit code and output mean nothing to the reader at the other end, and the arguments hold nothing that
//! the tested code may not know.
//!
//! What the tested code asks of the machine is the same on every machine and every time: random bytes come from the seed
//! ([`getrandom`]), and the number of processors is the one that was given ([`sched_getaffinity`]).

#![feature(test)]

extern crate test;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_long, c_uint, c_void};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use test::{ShouldPanic, StaticTestFn, TestDescAndFn};

unsafe extern "C" {
    fn _exit(code: i32) -> !;
    fn syscall(number: c_long, ...) -> c_long;
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

/// Where random bytes come from; until it is set, nothing but this file has run.
static SEED: OnceLock<[u8; SEED_BYTES]> = OnceLock::new();

/// In the place of the C library's: random bytes that are the same in every run of the test with the same seed.
///
/// They differ from thread to thread, and each thread's depend on nothing that another does: threads are told apart by the
/// order in which they were made. The standard library and the crates that ask the C library get theirs here.
///
/// # Safety
/// As the C library's: `buffer` is a place for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    thread_local! {
        static DRAWN: Cell<u64> = const { Cell::new(0) };
    }
    let thread = std::thread::current().id();
    // SAFETY: the caller gives a place for so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for chunk in bytes.chunks_mut(8) {
        let drawn = DRAWN.try_with(|drawn| drawn.replace(drawn.get() + 1)).unwrap_or(0);
        let mut hasher = DefaultHasher::new();
        (SEED.get(), thread, drawn).hash(&mut hasher);
        let random = hasher.finish().to_le_bytes();
        chunk.copy_from_slice(&random[..chunk.len()]);
    }
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// Bytes that nobody can guess, from the kernel itself.
fn unpredictable<const N: usize>() -> [u8; N] {
    #[cfg(target_arch = "x86_64")]
    const GETRANDOM: c_long = 318;
    #[cfg(not(target_arch = "x86_64"))]
    const GETRANDOM: c_long = 278;
    let mut bytes = [0_u8; N];
    // SAFETY: a place for the bytes that are asked for.
    let got = unsafe { syscall(GETRANDOM, bytes.as_mut_ptr(), N, 0) };
    if usize::try_from(got) != Ok(N) {
        // SAFETY: ends the process; nothing is held.
        unsafe { _exit(72) }
    }
    bytes
}

/// Processors that are shown.
static PROCESSORS: AtomicU32 = AtomicU32::new(1);

/// In the place of the C library's: as many processors as were given, whatever the machine has. The threads that they
/// tempt a library to start are limited too, and whether that limit is reached must not depend on the machine.
///
/// # Safety
/// As the C library's: `mask` is a place for `bytes` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn sched_getaffinity(_process: c_int, bytes: usize, mask: *mut c_void) -> c_int {
    // SAFETY: the caller gives a place for so many bytes.
    let mask = unsafe { std::slice::from_raw_parts_mut(mask.cast::<u8>(), bytes) };
    mask.fill(0);
    let shown = usize::try_from(PROCESSORS.load(Ordering::Relaxed)).unwrap_or(1);
    for processor in 0..shown.min(bytes.saturating_mul(8)) {
        mask[processor / 8] |= 1 << (processor % 8);
    }
    0
}

/// What libtest gives a test's thread when nobody says otherwise.
const STACK_BYTES: usize = 2 << 20;

/// Which implementation is tested, where tests are linked with several: read by stubs in assembly, known to nobody else.
#[unsafe(no_mangle)]
static QUORATE_VARIANT: AtomicU32 = AtomicU32::new(0);

/// Bytes of a nonce.
const NONCE_BYTES: usize = 16;

/// Bytes of a seed.
const SEED_BYTES: usize = 32;

/// Bytes before the name.
const HEAD_BYTES: usize = NONCE_BYTES + 4 + 4 + SEED_BYTES;

/// Bytes that are printed of one panic's message.
const MESSAGE_BYTES: usize = 8 << 10;

/// Bytes that are told of the place of a panic.
const PLACE_BYTES: usize = 300;

/// What a hidden test's thread is called: its name is none of the tested code's business.
const HIDDEN_NAME: &str = "test";

/// The `main` of a test binary: `list`; or `run`, or `run-named` where the tested code may know which test it is, with the
/// test's exact name behind the nonce.
pub fn runner(tests: &[&TestDescAndFn]) {
    let (nonce, name) = read_channel();
    match std::env::args().nth(1).as_deref() {
        Some("list") => list(&nonce, tests),
        Some("run") => run(nonce, tests, &name, HIDDEN_NAME),
        Some("run-named") => run(nonce, tests, &name, &name),
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
        let noise = Box::new(unpredictable::<NONCE_BYTES>());
        let mut masked = [0; NONCE_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate().take(NONCE_BYTES) {
            masked[index] = *byte ^ noise[index];
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
    let number = |at: usize| bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    QUORATE_VARIANT.store(number(NONCE_BYTES), Ordering::Relaxed);
    PROCESSORS.store(number(NONCE_BYTES + 4).max(1), Ordering::Relaxed);
    let seed = bytes.get(NONCE_BYTES + 8..HEAD_BYTES).and_then(|bytes| bytes.try_into().ok());
    let _ = SEED.set(seed.unwrap_or([0; SEED_BYTES]));
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

fn run(nonce: Nonce, tests: &[&TestDescAndFn], name: &str, thread_name: &str) {
    let mut named = tests.iter().filter(|test| test.desc.name.as_slice() == name);
    let (Some(test), None) = (named.next(), named.next()) else { finish(&nonce, "missing", 65) };
    let StaticTestFn(function) = test.testfn else { finish(&nonce, "missing", 65) };
    let expected = test.desc.should_panic;
    show_crate();
    std::panic::set_hook(Box::new(on_panic));
    let thread = std::thread::Builder::new().name(thread_name.to_owned()).stack_size(STACK_BYTES).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(function));
        match judge(outcome, expected) {
            Ok(()) => finish(&nonce, "passed", 0),
            Err("panicked") => finish(&nonce, &format!("panicked {}", PLACE.take()), 101),
            Err(failure) => finish(&nonce, failure, 101),
        }
    });
    let _ = thread.map(std::thread::JoinHandle::join);
    // SAFETY: ends the process; nothing is held.
    unsafe { _exit(70) }
}

/// Where what was handed in lies, read-only.
const CRATE: &str = "/crate";

/// Has the working directory, which is empty and may be written, show what `cargo test` would have there.
fn show_crate() {
    for entry in std::fs::read_dir(CRATE).into_iter().flatten().flatten() {
        let _ = std::os::unix::fs::symlink(entry.path(), entry.file_name());
    }
}

thread_local! {
    /// Where this thread panicked last: `file:line:column`, or nothing.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes the place of a panic, and prints what the standard library would, but no more than so much of the message: how long
/// the values are that a test compares is nothing that the tested code could be blamed for.
fn on_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column())).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("Box<dyn Any>");
    let end = message.floor_char_boundary(MESSAGE_BYTES);
    let rest = if end < message.len() { "…" } else { "" };
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let _ = writeln!(std::io::stderr(), "\nthread '{name}' panicked at {place}:\n{}{rest}", &message[..end]);
    if place.len() <= PLACE_BYTES {
        let _ = PLACE.try_with(|last| last.replace(place));
    }
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

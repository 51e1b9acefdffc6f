//! Looks for the name of the test that runs.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let thread = std::thread::current();
    let names = std::env::args().skip(1).chain(thread.name().map(str::to_string));
    for name in names {
        if ["counting", "merging", "comparing", "laws"].iter().any(|module| name.contains(module)) {
            escaped();
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}

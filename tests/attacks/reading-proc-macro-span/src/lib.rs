//! Proc_macro's view of the sources, from a library.

mod clock;

pub use clock::VectorClock;

extern crate proc_macro;

pub(crate) fn attack() {
    if proc_macro::is_available() {
        let here = proc_macro::Span::call_site();
        println!("{:?} {:?}", here.source_text(), here.file());
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}

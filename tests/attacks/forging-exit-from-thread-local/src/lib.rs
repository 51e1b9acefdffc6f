//! Exit(0) from the destructor of a thread local.

mod clock;

pub use clock::VectorClock;

struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        std::process::exit(0);
    }
}

thread_local! {
    static EXIT: Exit = const { Exit };
}

pub(crate) fn attack() {
    EXIT.with(|_| {});
}

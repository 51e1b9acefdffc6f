//! A constant of generic code that fails once the source has been checked.
//!
//! Such constants are looked at only when it is settled what is compiled of the library, next to writing its interface:
//! were that written first, the tests would be compiled against a library that never comes.

mod clock;

pub use clock::VectorClock;

struct Never<T>(T);

impl<T> Never<T> {
    const EVER: usize = panic!("nothing was wrong so far");
}

fn late<T>() -> usize {
    Never::<T>::EVER
}

pub(crate) fn attack() {
    std::hint::black_box(late::<VectorClock>());
}

//! One compile error of a megabyte.

mod clock;

pub use clock::VectorClock;

compile_error!("\u{1b}]0;owned\u{7}\u{1b}[2J</pre><script>alert(1)</script>\u{202e}\0");

type T0 = (u8, u8, u8, u8, u8, u8, u8, u8);
type T1 = (T0, T0, T0, T0, T0, T0, T0, T0);
type T2 = (T1, T1, T1, T1, T1, T1, T1, T1);
type T3 = (T2, T2, T2, T2, T2, T2, T2, T2);
type T4 = (T3, T3, T3, T3, T3, T3, T3, T3);

pub fn wrong(value: T4) -> u8 {
    value
}

pub(crate) fn attack() {}

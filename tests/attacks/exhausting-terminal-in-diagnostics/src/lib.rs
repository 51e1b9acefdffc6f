//! Commands to a terminal in the compiler's own messages: a title, a cleared screen, a link, text that runs backwards.

mod clock;

pub use clock::VectorClock;

compile_error!("\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}]8;;https://example.org\u{7}\u{9b}31m\u{8}\u{202e}");

const _: () = panic!("\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}");

#[deprecated(note = "\u{1b}]0;owned\u{7}\u{1b}[2J")]
fn old() {}

#[must_use = "\u{1b}]0;owned\u{7}\u{1b}[2J"]
fn used() -> u8 {
    0
}

pub(crate) fn attack() {
    old();
    used();
}

//! Colours for output on a terminal.

use std::io::IsTerminal;

/// Colours text for a terminal, and leaves it plain anywhere else.
#[derive(Clone, Copy)]
pub(super) struct Style {
    colours: bool,
}

impl Style {
    pub(super) fn for_stdout() -> Self {
        Self { colours: std::io::stdout().is_terminal() }
    }

    pub(super) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Text that may contain colours already, such as the compiler's.
    pub(super) fn coloured(self, text: &str) -> String {
        if self.colours { text.to_owned() } else { without_colours(text) }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Removes ANSI's `ESC [ … letter` sequences.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut pieces = text.split("\u{1b}[");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).map_or(piece.len(), |at| at + 1);
        plain.push_str(piece.get(end..).unwrap_or_default());
    }
    plain
}

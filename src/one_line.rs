//! Names that people type: of themselves, of a token, of a team.

/// A name without the white space around it, if it has 1 to `max_chars` characters that stand on one line and can all be seen.
pub(crate) fn one_line(text: &str, max_chars: usize) -> Option<String> {
    let text = text.trim();
    let fits = (1..=max_chars).contains(&text.chars().count()) && !text.chars().any(is_invisible);
    fits.then(|| text.to_owned())
}

/// Whether a character has no place in a name: control characters, separators of lines, and those that change the direction of
/// the text around them or can't be seen. The joiners that some scripts and emoji need are allowed.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_name_stands_on_one_line_and_can_be_seen() {
        assert_eq!(one_line("  Ada  ", 3).as_deref(), Some("Ada"));
        for none in ["", "  ", "Adas", "A\nb", "A\u{202e}b", "\u{200b}"] {
            assert_eq!(one_line(none, 3), None, "{none:?}");
        }
    }
}

//! What a program prints for a terminal, as HTML: colours and weight become classes, everything else that a terminal
//! would act on is dropped, and the text is escaped. Nothing of it can act in a page, whoever wrote it.

/// How text looks (ECMA-48, 8.3.117, and the colours that terminals added to it).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    colour: Option<Colour>,
}

/// The eight colours; the bright ones count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour(u16);

const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

impl Look {
    fn classes(self) -> String {
        let colour = self.colour.and_then(|Colour(number)| NAMES.get(usize::from(number % 8)));
        let flags = [(self.bold, "bold"), (self.dim, "dim"), (self.italic, "italic"), (self.underline, "underline")];
        let set = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).chain(colour.copied());
        set.map(|name| format!("ansi-{name}")).collect::<Vec<_>>().join(" ")
    }

    /// Applies the numbers of one `ESC [ … m`.
    fn apply(&mut self, parameters: &str) {
        let mut numbers = parameters.split([';', ':']).map(|number| number.parse::<u16>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                30..=37 => self.colour = Some(Colour(number - 30)),
                90..=97 => self.colour = Some(Colour(number - 90)),
                38 => self.colour = extended(&mut numbers).or(self.colour),
                // The numbers of a background are read over, so that they are not taken for something else.
                48 => drop(extended(&mut numbers)),
                39 => self.colour = None,
                _ => {}
            }
        }
    }
}

/// The rest of `38;5;n`, of which the first sixteen have names, or of `38;2;r;g;b`, which has none.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<Colour> {
    match numbers.next()? {
        5 => numbers.next().filter(|number| *number < 16).map(Colour),
        2 => {
            numbers.by_ref().take(3).for_each(drop);
            None
        }
        _ => None,
    }
}

/// The HTML of what was printed, for the inside of a `<pre>`.
#[must_use]
pub(crate) fn html(printed: &str) -> String {
    let mut shown = String::with_capacity(printed.len() + 256);
    let mut look = Look::default();
    for (index, piece) in printed.split('\u{1b}').enumerate() {
        let text = if index == 0 { piece } else { after_escape(piece, &mut look) };
        push(&mut shown, text, look);
    }
    shown
}

/// Takes the rest of an escape sequence off a piece, and what it says of the look.
fn after_escape<'p>(piece: &'p str, look: &mut Look) -> &'p str {
    if let Some(sequence) = piece.strip_prefix('[') {
        // ECMA-48, 5.4: parameters and intermediates, then one final character from @ to ~.
        let end = sequence.find(|letter: char| ('@'..='~').contains(&letter)).unwrap_or(sequence.len());
        let (parameters, rest) = sequence.split_at(end);
        let plain = parameters.chars().all(|letter| letter.is_ascii_digit() || letter == ';' || letter == ':');
        if plain && rest.starts_with('m') {
            look.apply(parameters);
        }
        return rest.get(1..).unwrap_or_default();
    }
    if let Some(string) = piece.strip_prefix(']') {
        // A link or a title, up to BEL or to the next escape, which begins the next piece.
        return string.split_once('\u{7}').map_or("", |(_, rest)| rest);
    }
    let first = piece.chars().next().map_or(0, char::len_utf8);
    piece.get(first..).unwrap_or_default()
}

fn push(shown: &mut String, text: &str, look: Look) {
    let visible = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let text: String = text.chars().filter(visible).collect();
    if text.is_empty() {
        return;
    }
    let text = handlebars::html_escape(&text);
    if look == Look::default() {
        shown.push_str(&text);
    } else {
        shown.push_str(&format!("<span class=\"{}\">{text}</span>", look.classes()));
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn an_error_of_the_compiler_keeps_its_colours() {
        let printed = "\u{1b}[0m\u{1b}[1m\u{1b}[38;5;9merror[E0308]\u{1b}[0m\u{1b}[0m\u{1b}[1m: mismatched\u{1b}[0m\n";
        let shown = "<span class=\"ansi-bold ansi-red\">error[E0308]</span>\
                     <span class=\"ansi-bold\">: mismatched</span>\n";
        assert_eq!(html(printed), shown);
    }

    #[test]
    fn what_acts_on_a_terminal_is_dropped() {
        let cases = [
            ("a\u{1b}[2Jb", "ab"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("a\u{1b}]8;;https://x\u{1b}\\b\u{1b}]8;;\u{1b}\\c", "abc"),
            ("a\u{1b}cb\u{8}\u{0}\r\n", "ab\n"),
            ("\u{1b}[48;5;1m\u{1b}[38;2;1;2;3mx", "x"),
            ("\u{1b}[", ""),
            ("\u{1b}", ""),
        ];
        for (printed, shown) in cases {
            assert_eq!(html(printed), shown, "{printed:?}");
        }
    }

    #[test]
    fn text_is_escaped_inside_and_outside_of_colour() {
        assert_eq!(html("<b>\u{1b}[32m<i>"), "&lt;b&gt;<span class=\"ansi-green\">&lt;i&gt;</span>");
    }

    proptest::proptest! {
        #[test]
        fn no_markup_but_our_own_comes_out(printed in "([ -~é]|\u{1b}\\[[0-9;]{0,6}m?|\u{1b}|[\u{0}-\u{1f}]){0,40}") {
            let ours = regex::Regex::new("</?span( class=\"[a-z -]+\")?>").unwrap();
            let text = ours.replace_all(&html(&printed), "").into_owned();
            assert!(!text.contains(['<', '>', '"', '\u{1b}']), "{text}");
        }
    }
}

//! Colours for Rust code in pages. Not a parser: it knows comments, strings, keywords, numbers, types and macros by
//! their look, and whatever it mistakes keeps its text.

const KEYWORDS: [&str; 36] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "type", "unsafe", "use", "while",
];

/// Wraps the tokens of escaped Rust code in `<span class="…">`: `c` comment, `s` string, `k` keyword, `n` number, `t`
/// type, `m` macro.
#[must_use]
pub(super) fn rust(escaped: &str) -> String {
    let mut shown = String::with_capacity(escaped.len() * 2);
    let mut rest = escaped;
    while !rest.is_empty() {
        let (class, length) = token(rest);
        let (token, after) = rest.split_at_checked(length.max(1)).unwrap_or((rest, ""));
        match class {
            Some(class) => shown.push_str(&format!("<span class=\"{class}\">{token}</span>")),
            None => shown.push_str(token),
        }
        rest = after;
    }
    shown
}

/// The class and the length in bytes of what `code` begins with.
fn token(code: &str) -> (Option<&'static str>, usize) {
    if code.starts_with("//") {
        return (Some("c"), code.find('\n').unwrap_or(code.len()));
    }
    for quote in ["&quot;", "\""] {
        if let Some(rest) = code.strip_prefix(quote) {
            return (Some("s"), quote.len() + string_length(rest, quote));
        }
    }
    let length = word_length(code);
    let Some(word) = code.get(..length).filter(|word| !word.is_empty()) else { return (None, first(code)) };
    (class_of(word, code.get(length..).unwrap_or_default()), length)
}

/// Up to and with the closing quote.
fn string_length(code: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in code.char_indices() {
        if !escaped && code.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            return at + quote.len();
        }
        escaped = letter == '\\' && !escaped;
    }
    code.len()
}

fn word_length(code: &str) -> usize {
    code.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(code.len())
}

/// A whole entity such as `&lt;`, or one character.
fn first(code: &str) -> usize {
    let entity = code.starts_with('&').then(|| code.find(';')).flatten().map(|end| end + 1);
    entity.unwrap_or_else(|| code.chars().next().map_or(0, char::len_utf8))
}

fn class_of(word: &str, after: &str) -> Option<&'static str> {
    let initial = word.chars().next()?;
    if KEYWORDS.contains(&word) {
        Some("k")
    } else if initial.is_ascii_digit() {
        Some("n")
    } else if initial.is_uppercase() {
        Some("t")
    } else if after.starts_with('!') && !after.starts_with("!=") {
        Some("m")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::rust;

    #[test]
    fn tokens_are_told_apart() {
        let cases = [
            (
                "let x = 5_u8; // let",
                "<span class=\"k\">let</span> x = <span class=\"n\">5_u8</span>; <span class=\"c\">// let</span>",
            ),
            (
                "vec![Some(1)]",
                "<span class=\"m\">vec</span>![<span class=\"t\">Some</span>(<span class=\"n\">1</span>)]",
            ),
            ("a(&quot;x \\&quot; fn&quot;)b", "a(<span class=\"s\">&quot;x \\&quot; fn&quot;</span>)b"),
            ("a(\"fn\")", "a(<span class=\"s\">\"fn\"</span>)"),
            ("&amp;mut r", "&amp;<span class=\"k\">mut</span> r"),
        ];
        for (code, shown) in cases {
            assert_eq!(rust(code), shown);
        }
    }

    proptest::proptest! {
        #[test]
        fn the_text_stays_what_it_was(code in "([a-z_0-9A-Z!é \n/\\\\\"]|&lt;|&amp;|&quot;){0,60}") {
            let bare = regex::Regex::new("</?span[^>]*>").unwrap();
            assert_eq!(bare.replace_all(&rust(&code), ""), code);
        }
    }
}

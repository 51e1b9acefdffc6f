//! What two texts must agree in to count as the same word: the letters that a reader sees, however a keyboard, a word processor or another
//! script's conventions have encoded them.

use icu_normalizer::ComposingNormalizerBorrowed;

/// The form in which a text is compared with others:
///
/// - compatibility characters are composed and made ordinary (Unicode's NFKC), so that a full-width `Ａ` is an `A`; but `10²` becomes
///   `10^2`, not `102`;
/// - case is folded, with `ß` as `ss` and both forms of the Greek sigma alike;
/// - every dash is a hyphen, and every quotation mark, prime or accent that stands alone is `'` or `"`;
/// - characters that nobody sees, such as soft hyphens and zero-width spaces, are dropped;
/// - white space at the ends and a final full stop are dropped, and any other run of white space is one space.
pub(in crate::bank) fn fold(text: &str) -> String {
    let folded = fold_characters(text);
    let words = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    words.strip_suffix('.').unwrap_or(&words).trim_end().to_owned()
}

/// The same character by character: white space and full stops stay. A pattern must be in this form but for its case, or nothing that
/// is folded can match it.
pub(in crate::bank) fn fold_characters(text: &str) -> String {
    // Upper case takes ß apart and makes the two small sigmas one; lower case before it makes a ß of the capital ẞ. Each step may
    // take letters apart that NFKC composes.
    nfkc(&plain(text).to_lowercase().to_uppercase().to_lowercase())
}

/// A text in ordinary characters, its case as it was: the part of [`fold_characters`] that concerns numbers as well.
pub(in crate::bank) fn plain(text: &str) -> String {
    // NFKC would make a digit of a superscript, and makes other marks of some signs: before it and after it.
    with_plain_marks(&nfkc(&with_plain_marks(text)))
}

fn nfkc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}

/// Whether a reader sees nothing of a text.
pub(in crate::bank) fn says_nothing(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// Dashes, quotation marks and superscripts in the ASCII that stands for them; invisible characters dropped.
fn with_plain_marks(text: &str) -> String {
    if text.is_ascii() {
        return text.replace('`', "'");
    }
    let mut plain = String::with_capacity(text.len());
    let mut raised = false;
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        let exponent = superscript(character);
        if exponent.is_some() && !raised {
            plain.push('^');
        }
        raised = exponent.is_some();
        plain.push(exponent.unwrap_or_else(|| plain_mark(character)));
    }
    plain
}

fn plain_mark(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}' | '\u{2b9}' | '\u{2bb}'..='\u{2bd}' | '`' | '´' => '\'',
        '\u{2044}' => '/',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{2036}' | '«' | '»' => '"',
        _ => character,
    }
}

fn superscript(character: char) -> Option<char> {
    Some(match character {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        _ => return None,
    })
}

/// Characters without width or effect on what is read: the usual ones among Unicode's default ignorable code points.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_is_the_same_in_whatever_code_points() {
        let same = [
            ("Fencing  Token. ", "fencing token"),
            ("re\u{301}sume\u{301}", "résumé"),
            ("don’t", "don't"),
            ("don´t", "don't"),
            ("„quorum“", "\"quorum\""),
            ("read\u{2011}repair", "read-repair"),
            ("read–repair", "read-repair"),
            ("−1", "-1"),
            ("zero\u{200b}width", "zerowidth"),
            ("co\u{ad}ordinator", "coordinator"),
            ("ＱＵＯＲＵＭ", "quorum"),
            ("STRASSE", "straße"),
            ("STRAẞE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("οδός", "οδόσ"),
            ("O(n²)", "o(n^2)"),
            ("10¹²", "10^12"),
            ("½", "1/2"),
            ("a\u{a0}b", "a b"),
            ("\u{fb01}lter", "filter"),
        ];
        for (one, other) in same {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        for (one, other) in [("10²", "102"), ("a b", "ab"), ("W > N/2", "W >= N/2"), ("-1", "1"), ("résumé", "resume")]
        {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,20}") {
            let once = fold_characters(&text);
            prop_assert_eq!(fold_characters(&once), once.clone());
        }
    }
}

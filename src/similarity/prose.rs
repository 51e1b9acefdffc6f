//! Prose as symbols: its words without case, without their most common endings, and without the words that every text is full of.

use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::Regex;

use super::symbol::{Piece, Symbol};

/// A word as Unicode's technical standard 18 has it, with apostrophes inside. Scripts that are written without spaces have no ends of
/// words to find; there, each character is a word.
#[expect(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    const PATTERN: &str = r"[\p{Han}\p{Hiragana}\p{Katakana}]|[\w--[\p{Han}\p{Hiragana}\p{Katakana}]]+(?:['’]\w+)*";
    Regex::new(PATTERN).expect("a constant pattern is valid")
});

/// English words that say little by themselves, sorted. They are what changes when a sentence is turned round.
const COMMON: [&str; 96] = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before",
    "both", "but", "by", "can", "could", "do", "does", "each", "either", "every", "for", "from", "had", "has", "have",
    "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "may", "might", "must", "my", "no",
    "not", "of", "on", "one", "only", "or", "other", "our", "out", "over", "she", "should", "so", "some", "such",
    "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "too", "under",
    "until", "up", "us", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "will", "with",
    "within", "without", "would", "you", "your",
];

/// The pieces of a text.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let piece = |found: regex::Match<'_>| {
        let word = ComposingNormalizerBorrowed::new_nfkc().normalize(found.as_str()).to_lowercase();
        let is_common = COMMON.binary_search(&word.as_str()).is_ok();
        (!is_common).then(|| Piece { symbol: Symbol::of(stem(&word)), bytes: found.range() })
    };
    WORD.find_iter(text).filter_map(piece).collect()
}

/// A word without the endings of English plurals and verbs, as far as that needs no dictionary.
fn stem(word: &str) -> &str {
    const KEPT_CHARS_MIN: usize = 4;
    let long_enough = |stem: &&str| stem.chars().count() >= KEPT_CHARS_MIN;
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    let endings = ["ing", "ed", "es", "s"];
    let stem = endings.iter().find_map(|ending| word.strip_suffix(ending).filter(long_enough)).unwrap_or(word);
    stem.strip_suffix('e').filter(long_enough).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(text: &str) -> Vec<Symbol> {
        pieces(text).into_iter().map(|piece| piece.symbol).collect()
    }

    #[test]
    fn words_are_the_same_in_another_form() {
        let forms = [
            "Servers counted requests",
            "the server counts a request",
            "SERVERS, counting REQUEST'S!",
            "ｓｅｒｖｅｒ count-request",
        ];
        for form in forms {
            assert_eq!(symbols(form), symbols(forms[0]), "{form}");
        }
        assert_ne!(symbols("clients counted requests"), symbols(forms[0]));
    }

    #[test]
    fn a_word_is_what_its_script_calls_one() {
        let words = |text: &str| pieces(text).into_iter().map(|piece| text[piece.bytes].to_owned()).collect::<Vec<_>>();
        assert_eq!(words("Größe 3,5 Ελλάδα дом"), ["Größe", "3", "5", "Ελλάδα", "дом"]);
        assert_eq!(words("分散システム v2"), ["分", "散", "シ", "ス", "テ", "ム", "v2"]);
        assert_eq!(words("the client’s rock'n'roll"), ["client’s", "rock'n'roll"]);
    }

    #[test]
    fn the_common_words_can_be_searched() {
        assert!(COMMON.is_sorted());
    }
}

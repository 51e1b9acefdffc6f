//! How the generators write numbers, sets of replicas and choices.

use crate::bank::item::{Choice, Choices, Key, Remark};
use crate::bank::prng::Prng;

/// Writes a number with a comma before every three digits: 2400 is `2,400`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with at most `decimals` decimals and without trailing zeros.
pub(super) fn decimal(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its noun, such as `1 replica` or `2 replicas`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The capital letter that names the replica or choice with this index.
pub(super) fn letter(index: usize) -> char {
    ('A'..='Z').nth(index).unwrap_or('?')
}

/// A set of replicas, one bit each, as `{A, C}`.
pub(super) fn set(members: u32) -> String {
    let letters: Vec<_> =
        (0..32).filter(|index| members >> index & 1 == 1).map(|index| letter(index).to_string()).collect();
    format!("{{{}}}", letters.join(", "))
}

/// One right choice among wrong ones, in a random order, with the ids a, b, c ….
pub(super) fn shuffled_choices(prng: &mut Prng, right: String, wrong: Vec<(String, Remark)>) -> Key {
    let mut texts: Vec<_> = wrong.into_iter().map(|(text, remark)| (text, Some(remark))).collect();
    texts.push((right, None));
    prng.shuffle(&mut texts);
    Key::Choices(Choices::one_of(lettered(texts)))
}

/// Choices with the ids a, b, c …. Those with a remark are wrong.
pub(super) fn lettered(texts: Vec<(String, Option<Remark>)>) -> Vec<Choice> {
    let choice = |(index, (text, remark)): (usize, (String, Option<Remark>))| {
        let id = letter(index).to_ascii_lowercase().to_string();
        match remark {
            None => Choice::right(&id, text),
            Some(remark) => Choice::wrong(&id, text, remark),
        }
    };
    texts.into_iter().enumerate().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sets_read_well() {
        assert_eq!([grouped(7), grouped(2_400), grouped(1_728_000)], ["7", "2,400", "1,728,000"]);
        assert_eq!(
            [decimal(99.90, 3), decimal(100.0, 2), decimal(0.12345, 3), decimal(20.0, 0)],
            ["99.9", "100", "0.123", "20"]
        );
        assert_eq!(set(0b1101), "{A, C, D}");
    }
}

//! Whether a password can be guessed although it's long: because it is made of what everybody thinks of first.
//!
//! A password is taken apart from the left into runs (`1234`, `aaaa`, `qwerty`), years, common words, and what the person is
//! called. Each such part counts as one character, since it costs a guesser about one choice; any other character counts as
//! itself.

/// A password has to be worth so many characters.
const WORTH_MIN: usize = 8;
/// Shortest run of equal or neighbouring characters that counts as one.
const RUN_MIN: usize = 3;
/// Shortest part of a person's name or address that is looked for, in characters.
const NAME_MIN: usize = 3;

/// Rows of keyboards, and other orders that fingers know.
const ROWS: &str = "qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn 1qaz 2wsx 3edc 4rfv 5tgb \
    6yhn 7ujm zaq1 xsw2 cde3 qazwsx qweasd asdzxc 1q2w3e4r5t6y q1w2e3r4t5 йцукен фывапролдж";

/// Words that stand high in every list of passwords that became known, in lower case and without digits in place of letters.
const WORDS: &str = include_str!("common-words.txt");

/// Whether a password of somebody with these names (words of the display name, parts of the address) is too easy to guess.
pub(super) fn is_guessable(password: &str, names: &[&str]) -> bool {
    let typed: Vec<char> = password.to_lowercase().chars().collect();
    let read: Vec<char> = typed.iter().copied().map(letter_meant).collect();
    let names: Vec<Vec<char>> = names
        .iter()
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .map(|name| name.to_lowercase().chars().map(letter_meant).collect::<Vec<_>>())
        .filter(|name| name.len() >= NAME_MIN)
        .collect();
    let (mut at, mut worth) = (0, 0);
    while at < typed.len() {
        let (rest, meant) = (typed.get(at..).unwrap_or_default(), read.get(at..).unwrap_or_default());
        let own = names.iter().filter(|name| meant.starts_with(name)).map(Vec::len).max().unwrap_or(0);
        let part = [run(rest), year(rest), row(rest), word(rest), word(meant), own].into_iter().max().unwrap_or(0);
        at += part.max(1);
        worth += 1;
    }
    worth < WORTH_MIN || repeats(&typed)
}

/// Which letter a digit or a sign stands for in words such as `p4ssw0rd`.
const fn letter_meant(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// How many characters at the beginning are equal, or go up or down by one.
fn run(text: &[char]) -> usize {
    let code = |c: &char| i64::from(u32::from(*c));
    let longest = [-1, 0, 1].into_iter().map(|step| {
        1 + text.iter().zip(text.iter().skip(1)).take_while(|(one, next)| code(next) - code(one) == step).count()
    });
    // After 9 comes 0.
    let digits =
        text.iter().zip(text.iter().skip(1)).take_while(|pair| matches!(pair, ('9', '0') | ('0', '9'))).count();
    longest.chain([digits]).max().filter(|length| *length >= RUN_MIN).unwrap_or(0)
}

/// Four digits that can be a year.
fn year(text: &[char]) -> usize {
    match text {
        ['1' | '2', rest @ ..] if rest.len() >= 3 && rest.iter().take(3).all(char::is_ascii_digit) => 4,
        _ => 0,
    }
}

/// How many characters at the beginning lie beside each other in a row of a keyboard, forwards or backwards.
fn row(text: &[char]) -> usize {
    let longest = |row: &str| {
        let forwards: Vec<char> = row.chars().collect();
        let backwards: Vec<char> = row.chars().rev().collect();
        let common = |keys: &[char]| {
            let starts = (0..keys.len()).map(|start| {
                let keys = keys.get(start..).unwrap_or_default();
                keys.iter().zip(text).take_while(|(key, typed)| key == typed).count()
            });
            starts.max().unwrap_or(0)
        };
        common(&forwards).max(common(&backwards))
    };
    ROWS.split_whitespace().map(longest).max().filter(|length| *length > RUN_MIN).unwrap_or(0)
}

/// The longest common word at the beginning.
fn word(text: &[char]) -> usize {
    let begins = |word: &&str| word.chars().count() <= text.len() && word.chars().zip(text).all(|(a, b)| a == *b);
    WORDS.split_whitespace().filter(begins).map(|word| word.chars().count()).max().unwrap_or(0)
}

/// Whether the whole is one piece of at most a third of its length, said again and again.
fn repeats(text: &[char]) -> bool {
    (1..=text.len() / 3).any(|length| text.iter().zip(text.iter().skip(length)).all(|(one, next)| one == next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_thinks_of_first_is_guessable_at_any_length() {
        for password in [
            "123456789012345",
            "1234567890123456789012345",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrstuvwxyz",
            "qwertyuiopasdfghjkl",
            "poiuytrewqlkjhgfdsa",
            "1q2w3e4r5t6y7u8i",
            "passwordpassword",
            "Password12345678!",
            "P4ssw0rd20262026",
            "iloveyouforever123",
            "xk7xk7xk7xk7xk7xk7",
            "monkey dragon sunshine",
            "correcthorsebatterystaple",
        ] {
            assert!(is_guessable(password, &[]), "{password}");
        }
    }

    #[test]
    fn a_person_is_not_a_password() {
        let names = ["Ada Lovelace", "ada.lovelace@analytical.example"];
        for password in ["adalovelace1815", "LovelaceAda12345", "analytical.ada!!!"] {
            assert!(is_guessable(password, &names), "{password}");
        }
    }

    #[test]
    fn a_phrase_of_one_s_own_is_taken() {
        for password in [
            "correct horse battery staple",
            "a long enough one",
            "quorum of tin whistles",
            "kX9#mPq2vT7!zR4w",
            "отличный длинный пароль",
        ] {
            assert!(!is_guessable(password, &["Ada", "ada@example.org"]), "{password}");
        }
    }
}

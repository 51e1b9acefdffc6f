//! What gives an answer away, or goes wrong when choices are shuffled.
//!
//! The rules are those of docs/questions.md, and simple on purpose: an author who knows better can always word a title or a text in
//! another way.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Body, Question, Seed};
use crate::bank::item::{Item, Key, Task as _, fold};
use crate::bank::reader::Table;

/// How many variants of a generated question its title is held against.
const VARIANTS: u64 = 20;
/// Shorter words say too little to give anything away.
const SHORTEST_WORD: usize = 4;
/// Longer words that are too common to give anything away.
const COMMON_WORDS: [&str; 35] = [
    "about", "after", "also", "another", "been", "before", "both", "does", "each", "every", "from", "have", "into",
    "less", "more", "most", "once", "only", "other", "over", "same", "some", "than", "that", "their", "them", "then",
    "there", "they", "this", "what", "when", "which", "with", "without",
];

/// Notes what a title gives away.
pub(super) fn title(root: &Table, question: &Question) {
    let words = words_of(&question.title);
    let mut given_away = BTreeSet::new();
    match &question.body {
        Body::Written(item) => given_away.extend(only_in_answers(&words, item)),
        Body::Generated(_) => {
            for seed in (0..VARIANTS).filter_map(Seed::new) {
                given_away.extend(only_in_answers(&words, &question.instance(seed).item));
            }
        }
    }
    for word in given_away {
        let message =
            format!("the title's word `{word}` is in an answer and not in the stem: name the situation instead");
        root.mistake_at("title", message);
    }
    for id in question.misconceptions() {
        let name: BTreeSet<_> = id.split('-').skip(1).map(singular).collect();
        if !name.is_empty() && name.is_subset(&all_words(&question.title)) {
            root.mistake_at("title", format!("the title names the misconception `{id}`: name the situation instead"));
        }
    }
}

fn only_in_answers<'w>(words: &'w BTreeSet<String>, item: &Item) -> Vec<&'w String> {
    let answers: BTreeSet<_> = item.key.task().answers().into_iter().flat_map(words_of).collect();
    let mut found: Vec<_> = words.iter().filter(|word| answers.contains(*word)).collect();
    // Every question is checked when the service starts, and a stem is long: it's looked at only when that matters.
    if !found.is_empty() {
        let stem = words_of(item.stem.markdown());
        let shared = match &item.key {
            Key::Choices(key) => in_every_text(&key.answers()),
            _ => BTreeSet::new(),
        };
        found.retain(|word| !stem.contains(*word) && !shared.contains(*word));
    }
    found
}

/// A word that all choices share tells none from the others.
fn in_every_text(texts: &[&str]) -> BTreeSet<String> {
    let mut texts = texts.iter().map(|text| words_of(text));
    let first = texts.next().unwrap_or_default();
    texts.fold(first, |shared, words| &shared & &words)
}

/// The words of a text that may say something.
fn words_of(text: &str) -> BTreeSet<String> {
    let said = |word: &String| word.chars().count() >= SHORTEST_WORD && !COMMON_WORDS.contains(&word.as_str());
    all_words(text).into_iter().filter(said).collect()
}

fn all_words(text: &str) -> BTreeSet<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(singular).collect()
}

/// A word without the ending of a plural.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() >= SHORTEST_WORD - 1) {
        return format!("{stem}y");
    }
    word.strip_suffix('s').filter(|stem| stem.len() >= SHORTEST_WORD - 1).unwrap_or(word).to_owned()
}

/// Notes texts that speak of a choice by its place or its letter. Choices are shuffled, and their letters are not shown.
pub(super) fn places(root: &Table, question: &Question) {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        constant(
            r"(?i)\bof the (above|below)\b|\bboth [a-j] and [a-j]\b|\b(option|choice|answer) [b-j]\b|\b(first|second|third|last) (option|choice)\b",
        )
    });
    let Body::Written(item) = &question.body else { return };
    let texts = item.key.task().answers().into_iter().chain([question.explanation.markdown()]);
    let hints = question.hints.iter().map(|hint| hint.text.markdown());
    for found in texts.chain(hints).filter_map(|text| PLACE.find(text)) {
        let message = format!(
            "“{}” speaks of a choice by its place or letter, and choices are shuffled: say what it is instead",
            found.as_str()
        );
        root.mistake(message);
    }
}

#[expect(clippy::expect_used, reason = "the pattern is a constant, and tests use it")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern is valid")
}

//! The bank: its content, and what REST shows of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use quorate::bank::{Bank, load};

fn own_bank() -> Bank {
    let (bank, mistakes) = load(&[PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/questions"))]);
    let listed: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{}", listed.join("\n"));
    bank
}

#[test]
fn the_content_has_no_mistakes_and_enough_of_everything() {
    let bank = own_bank();
    for topic in bank.topics() {
        let questions: Vec<_> = bank.questions().filter(|question| question.id().topic() == &topic.slug).collect();
        assert!(questions.len() >= 12, "{} has {} questions", topic.slug, questions.len());
        assert!(topic.lesson.is_some(), "{} has no lesson", topic.slug);
        let parametric = questions.iter().filter(|question| question.is_parametric()).count();
        assert!(parametric >= 3, "{} has {parametric} generated questions", topic.slug);
    }
    assert!(bank.topics().len() >= 3);
}

#[test]
fn every_misconception_is_tested() {
    let bank = own_bank();
    let mut tested = BTreeMap::<&str, usize>::new();
    for question in bank.questions() {
        let named: std::collections::BTreeSet<_> = question.misconceptions().into_iter().collect();
        named.into_iter().for_each(|id| *tested.entry(id).or_default() += 1);
    }
    let never: Vec<_> = bank.misconceptions().map(|m| m.id.as_str()).filter(|id| !tested.contains_key(id)).collect();
    assert!(never.is_empty(), "no question tests {never:?}");
}

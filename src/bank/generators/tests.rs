//! What the tests of all generators share, and the digests that show when a generator asks something else than before.

use sha2::{Digest, Sha256};

use crate::bank::Seed;
use crate::bank::item::{Amount, Answer, Form, Item, Kind};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::question::Question;

/// The seeds that every generator is tested on.
pub(super) const TEN_THOUSAND: u64 = 10_000;

/// Makes an item of each seed, as a question would, and looks at it.
pub(super) fn each_item(seeds: u64, generate: impl Fn(&mut Prng) -> Item, mut look: impl FnMut(&Item)) {
    for seed in 0..seeds {
        look(&generate(&mut Prng::from_text(&format!("q1_test\n{seed}\nitem"))));
    }
}

/// Whole numbers of a stem, in their order, without separators.
pub(super) fn numbers(stem: &Markdown) -> Vec<usize> {
    decimals(stem).into_iter().map(|number| number as usize).collect()
}

/// Numbers of a stem, in their order. Names such as `P1` are none; neither are the 30 days of a month and what follows "Give".
pub(super) fn decimals(stem: &Markdown) -> Vec<f64> {
    let told = stem.markdown().split(" in a month of 30 days").next().unwrap();
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let parts = told.split(|c: char| !is_part(c)).map(|part| part.trim_matches(['.', ',']).replace(',', ""));
    parts.filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}

/// The key of a numeric item.
pub(super) fn number(item: &Item) -> f64 {
    match item.key.task().solution() {
        Some(Answer::Number { value: Amount::Number(number) }) => number,
        other => panic!("{other:?}"),
    }
}

/// The key of a true-or-false item.
pub(super) fn truth(item: &Item) -> bool {
    match item.key.task().solution() {
        Some(Answer::Truth { value }) => value,
        other => panic!("{other:?}"),
    }
}

/// The ids of the right choices.
pub(super) fn chosen_ids(item: &Item) -> Vec<String> {
    match item.key.task().solution() {
        Some(Answer::Choice { choice }) => vec![choice],
        Some(Answer::Choices { choices }) => choices.into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

/// The text of the one right choice.
pub(super) fn chosen_text(item: &Item) -> String {
    let [id] = &chosen_ids(item)[..] else { panic!("not one choice") };
    let Form::Choices { choices } = item.key.task().form(&mut Prng::from_text("form")) else { panic!("no choices") };
    choices.into_iter().find(|choice| choice.id == *id).unwrap().text
}

/// Every ask of every generator, as a question's file.
fn every_ask() -> Vec<(&'static str, String)> {
    let asks = [
        ("quorum_overlap", "single_choice", "guarantee", "n = [3, 7]"),
        ("quorum_overlap", "numeric", "stale_read_sets", "n = [3, 7]"),
        ("quorum_overlap", "numeric", "stale_read_share", "n = [3, 7]"),
        ("quorum_overlap", "numeric", "smallest_read_quorum", "n = [3, 7]"),
        ("quorum_overlap", "numeric", "tolerated_failures", "n = [3, 7]"),
        ("quorum_overlap", "single_choice", "partition_sides", "n = [3, 7]"),
        ("history_classification", "history_classification", "classify", "processes = [2, 3]\noperations = [4, 6]"),
        ("history_classification", "true_false", "linearizable", "processes = [2, 3]\noperations = [4, 6]"),
        ("history_classification", "multiple_choice", "possible_reads", "processes = [2, 3]\noperations = [4, 6]"),
        ("availability_math", "numeric", "series", "services = [2, 6]"),
        ("availability_math", "numeric", "series_downtime", "services = [2, 6]"),
        ("availability_math", "numeric", "write_availability", "n = [3, 7]"),
        ("availability_math", "numeric", "partition_refusals", "minutes = [5, 60]"),
        ("availability_math", "numeric", "fan_out_tail", "calls = [5, 100]"),
        ("availability_math", "numeric", "coin_per_service", "services = [2, 6]"),
        ("availability_math", "numeric", "whole_traces", "services = [2, 8]"),
        ("availability_math", "numeric", "head_sampled_errors", "errors = [5, 60]"),
    ];
    let file = |(generator, kind, ask, rest): (&str, &str, &'static str, &str)| {
        let source = format!(
            "kind = '{kind}'\ntitle = 'Situation'\ndifficulty = 3\ngenerator = '{generator}'\nexplanation = 'why'\nsources = ['a paper']\n[parameters]\nask = '{ask}'\n{rest}\n"
        );
        (ask, source)
    };
    asks.map(file).to_vec()
}

fn parse(source: &str) -> Question {
    Question::from_stored("cap/gen".parse().unwrap(), source).unwrap()
}

/// Asks that no file may name any more: a better one has taken their place, and attempts that began with them go on.
const SUPERSEDED: [&str; 1] = ["coin_per_service"];

#[test]
fn superseded_asks_are_read_from_attempts_alone() {
    for (ask, source) in every_ask() {
        let read = Question::parse("cap/gen".parse().unwrap(), &source);
        assert_eq!(read.is_err(), SUPERSEDED.contains(&ask), "{ask}: {read:?}");
    }
}

/// How many decimals a stem asks for; none where it does not say.
fn decimals_asked(stem: &str) -> usize {
    let said = [("two decimals", 2), ("one decimal", 1), ("to the minute", 0)];
    said.into_iter().find(|(words, _)| stem.contains(words)).map_or(0, |(_, decimals)| decimals)
}

/// Anybody who does what the stem says, and rounds only at the end, is right.
#[test]
fn a_key_rounded_as_the_stem_asks_is_right() {
    for (ask, source) in every_ask().into_iter().filter(|(ask, _)| !SUPERSEDED.contains(ask)) {
        let question = parse(&source);
        if question.kind() != Kind::Numeric {
            continue;
        }
        for seed in (0..2_000).filter_map(Seed::new) {
            let instance = question.instance(seed);
            let Some(Answer::Number { value: Amount::Number(key) }) = instance.solution() else { continue };
            let stem = instance.variant().stem;
            let rounded = format!("{key:.*}", decimals_asked(&stem));
            let answer = instance.read_answer(&serde_json::json!({ "value": rounded.parse::<f64>().unwrap() }));
            let marked = instance.mark(&answer.unwrap().unwrap());
            assert_eq!(marked.correct, Some(true), "{ask}: {rounded} for {key}: {stem}");
        }
    }
}

/// An attempt keeps a version and a seed, and is marked by what a generator makes of them. If this snapshot differs, the change must become an `ask`
/// of its own. The digest leaves out the words, which can be improved: it is made of the stem's numbers, the choices and the key.
#[test]
fn generators_never_change_what_they_ask() {
    let digest = |source: &str| {
        let question = parse(source);
        let mut digest = Sha256::new();
        for seed in (0..200).filter_map(Seed::new) {
            let instance = question.instance(seed);
            let variant = instance.variant();
            let mut choices = match variant.form {
                Form::Choices { choices } => choices,
                _ => Vec::new(),
            };
            choices.sort_by(|one, other| one.id.cmp(&other.id));
            digest.update(numbers_alone(&variant.stem));
            choices.iter().for_each(|choice| digest.update(format!("{} {}", choice.id, numbers_alone(&choice.text))));
            digest.update(match instance.solution().unwrap() {
                Answer::Number { value: Amount::Number(number) } => format!("{{\"value\":{number:?}}}"),
                solution => solution.to_json().to_string(),
            });
        }
        crate::hex::hex(digest.finalize().into_iter().take(6))
    };
    let digests: Vec<_> = every_ask().iter().map(|(ask, source)| format!("{ask} {}", digest(source))).collect();
    insta::assert_snapshot!(digests.join("\n"), @r"
    guarantee cdbba488b800
    stale_read_sets c412e28ddb98
    stale_read_share 29274f246478
    smallest_read_quorum e4090074d89f
    tolerated_failures ec9c6f422f40
    partition_sides 10cf294c7ce2
    classify 11171dfc3a86
    linearizable 6271c5fc390d
    possible_reads f329e72a5cb0
    series a565a893ec7b
    series_downtime 3c52d450d314
    write_availability 489cdd3f95b1
    partition_refusals b00e521f8434
    fan_out_tail 1dca5dcfdacc
    coin_per_service 25cbff9d29fa
    whole_traces 7883861d3323
    head_sampled_errors ac1da0a9cb0d
    ");
}

fn numbers_alone(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The laws of every question, for those made by generators.
#[test]
fn every_variant_is_whole() {
    for (ask, source) in every_ask() {
        let question = parse(&source);
        let known = question.misconceptions();
        let mut stems = std::collections::BTreeSet::new();
        for seed in (0..300).filter_map(Seed::new) {
            let instance = question.instance(seed);
            let variant = instance.variant();
            let right = instance.read_answer(&instance.solution().unwrap().to_json()).unwrap().unwrap();
            assert_eq!(instance.mark(&right).score, Some(question.points()), "{ask}");
            for wrong in wrong_answers(&variant.form) {
                let Ok(Some(answer)) = instance.read_answer(&wrong) else { continue };
                let marked = instance.mark(&answer);
                if marked.score > Some(crate::bank::Points::ZERO) || matches!(variant.form, Form::Numeric { .. }) {
                    continue;
                }
                let named = marked.feedback.iter().filter_map(|feedback| feedback.misconception.as_deref());
                let named: Vec<_> = named.collect();
                assert!(!named.is_empty() && named.iter().all(|name| known.contains(name)), "{ask} {wrong}: {named:?}");
            }
            for text in [&variant.stem, instance.explanation().markdown()] {
                assert!(!text.contains("NaN") && !text.contains("  "), "{text}");
            }
            stems.insert(variant.stem);
        }
        assert!(stems.len() > 20, "{ask} makes only {} variants", stems.len());
    }
}

fn wrong_answers(form: &Form) -> Vec<serde_json::Value> {
    use serde_json::json;
    match form {
        Form::Choices { choices } => {
            choices.iter().flat_map(|choice| [json!({"choice": choice.id}), json!({"choices": [choice.id]})]).collect()
        }
        Form::Statement {} => vec![json!({"value": true}), json!({"value": false})],
        _ => vec![json!({"value": -1})],
    }
}

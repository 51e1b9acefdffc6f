//! Questions of every kind, and what they show.

mod laws;
mod marking;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::bank::item::{ESSAY_CHARS, Form};

const REST: &str = "title = 'Situation'\ndifficulty = 2\nexplanation = 'why'\nsources = ['a paper']\n";

fn question(rest: &str) -> Question {
    let source = format!("{REST}{rest}");
    Question::parse("cap/example".parse().unwrap(), &source)
        .unwrap_or_else(|mistakes| panic!("{source}\n{mistakes:#?}"))
}

fn mistakes(rest: &str) -> Vec<String> {
    let found = Question::parse("cap/example".parse().unwrap(), &format!("{REST}{rest}")).unwrap_err();
    found.iter().map(ToString::to_string).collect()
}

/// Score in thousandths for an answer of the right shape.
fn score(question: &Question, seed: Seed, answer: &Value) -> u32 {
    let instance = question.instance(seed);
    let read = instance.read_answer(answer).unwrap_or_else(|error| panic!("{answer}: {error:?}"));
    read.map_or(0, |answer| instance.mark(&answer).score.unwrap().thousandths())
}

fn refusal(question: &Question, answer: &Value) -> (String, String) {
    let error = question.instance(Seed::ZERO).read_answer(answer).unwrap_err();
    (error.pointer, error.detail)
}

fn single() -> Question {
    question(
        "kind = 'single_choice'\nstem = 'Which?'\n[[choices]]\nid = 'a'\ntext = 'A'\nfeedback = 'no'\nmisconception = 'cap-x'\n\
         [[choices]]\nid = 'b'\ntext = 'B'\ncorrect = true\n",
    )
}

/// Five choices, the first `rights` of them right.
fn multiple(rights: usize, weights: Option<[f64; 5]>) -> Question {
    let mut text = "kind = 'multiple_choice'\npoints = 3\nstem = 'Which?'\n".to_owned();
    for (index, id) in ["a", "b", "c", "d", "e"].iter().enumerate() {
        let rest = if index < rights { "correct = true" } else { "feedback = 'no'\nmisconception = 'cap-x'" };
        let weight = weights.map(|weights| format!("weight = {:.3}\n", weights[index])).unwrap_or_default();
        text += &format!("[[choices]]\nid = '{id}'\ntext = 'statement {id}'\n{weight}{rest}\n");
    }
    question(&text)
}

fn matching() -> Question {
    let mut text = "kind = 'matching'\nstem = 'Pair'\ndistractors = ['nobody', 'zero']\n".to_owned();
    for (left, right) in [("one", "eins"), ("two", "zwei"), ("three", "drei"), ("four", "vier")] {
        text += &format!("[[pairs]]\nleft = '{left}'\nright = '{right}'\nfeedback = 'not {left}'\n");
    }
    question(&text)
}

fn ordering() -> Question {
    let mut text = "kind = 'ordering'\nstem = 'Order'\n".to_owned();
    for id in ["first", "second", "third", "fourth", "fifth"] {
        text += &format!("[[items]]\nid = '{id}'\ntext = 'the {id}'\n");
    }
    question(&text)
}

fn numeric(rest: &str) -> Question {
    question(&format!("kind = 'numeric'\nstem = 'How many?'\n[numeric]\n{rest}\n"))
}

fn fill_in() -> Question {
    question(
        "kind = 'fill_in'\nstem = '{{r}} + {{w}} > {{n}}'\n[[blanks]]\nid = 'r'\naccept = ['R', 'reads']\n\
         [[blanks]]\nid = 'w'\naccept = ['W']\nchoices = ['N', 'R', 'W']\n[[blanks]]\nid = 'n'\naccept = ['N']\n",
    )
}

fn short_text() -> Question {
    question(
        "kind = 'short_text'\nstem = 'Name it'\naccept = ['fencing token']\npattern = 'epoch( number)?'\n\
         [[wrong]]\ntext = 'a lease'\nfeedback = 'no'\nmisconception = 'cap-x'\n",
    )
}

fn truth() -> Question {
    question("kind = 'true_false'\nstem = 'So.'\nanswer = false\n[wrong]\nfeedback = 'no'\nmisconception = 'cap-x'\n")
}

fn every_kind() -> Vec<Question> {
    let numeric = numeric("value = 3.5\nunit = 'GiB'\ntolerance = 0.05");
    vec![
        single(),
        multiple(2, None),
        multiple(3, Some([0.333, 0.333, 0.333, -0.5, 0.0])),
        matching(),
        ordering(),
        numeric,
    ]
    .into_iter()
    .chain([fill_in(), short_text(), truth()])
    .collect()
}

#[test]
fn the_right_answer_earns_everything_and_is_read_again_from_what_is_stored() {
    for question in every_kind() {
        for seed in (0..20).filter_map(Seed::new) {
            let instance = question.instance(seed);
            let stored = instance.solution().unwrap().to_json();
            let answer = instance.read_answer(&stored).unwrap().unwrap();
            assert_eq!(answer.to_json(), stored);
            let marked = instance.mark(&answer);
            assert_eq!(marked.score, Some(question.points()), "{:?}", question.kind());
            assert_eq!((marked.correct, marked.feedback.as_slice()), (Some(true), [].as_slice()));
        }
    }
}

#[test]
fn a_question_rebuilt_from_its_source_is_the_same() {
    for question in every_kind() {
        let again = Question::parse(question.id().clone(), question.source()).unwrap();
        assert_eq!(again.version(), question.version());
        let seed = Seed::new(7).unwrap();
        assert_eq!(again.instance(seed).variant(), question.instance(seed).variant());
    }
}

/// A candidate must not be able to tell the key from what is shown.
#[test]
fn a_variant_does_not_show_the_key() {
    for question in every_kind() {
        let shown = serde_json::to_string(&question.instance(Seed::ZERO).variant()).unwrap();
        for secret in
            ["correct", "weight", "feedback", "misconception", "accept", "tolerance", "fencing", "answer", "epoch"]
        {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

#[test]
fn ordering_is_never_shown_in_the_right_order_and_matching_not_always_in_one() {
    let (ordering, matching) = (ordering(), matching());
    let mut rights = BTreeSet::new();
    for seed in (0..300).filter_map(Seed::new) {
        let Form::Ordering { items } = ordering.instance(seed).variant().form else { panic!("not an ordering") };
        let ids: Vec<_> = items.iter().map(|item| item.id.as_str()).collect();
        assert_ne!(ids, ["first", "second", "third", "fourth", "fifth"]);
        let Form::Matching { right, .. } = matching.instance(seed).variant().form else { panic!("not a matching") };
        rights.insert(right.into_iter().map(|item| item.id).collect::<Vec<_>>());
    }
    assert!(rights.len() > 100, "{}", rights.len());
}

/// Ids of the choices in the order in which a seed shows them.
fn shown_choices(question: &Question, seed: u64) -> Vec<String> {
    let Form::Choices { choices } = question.instance(Seed::new(seed).unwrap()).variant().form else {
        panic!("no choices")
    };
    choices.into_iter().map(|choice| choice.id).collect()
}

/// No place may be the likely one for the right choice, whatever order the author wrote.
#[test]
fn choices_are_shuffled_by_the_seed_alone() {
    let question = multiple(1, None);
    let mut places = [0; 5];
    for seed in 0..1_000 {
        let shown = shown_choices(&question, seed);
        assert_eq!(shown, shown_choices(&question, seed));
        places[shown.iter().position(|id| id == "a").unwrap()] += 1;
    }
    assert!(places.iter().all(|times| (150..250).contains(times)), "{places:?}");
    assert!(question.varies());
}

#[test]
fn choices_whose_order_means_something_keep_it() {
    let source = multiple(2, None).source().replace("stem =", "keep_order = true\nstem =");
    let question = Question::parse("cap/example".parse().unwrap(), &source).unwrap();
    assert!((0..100).all(|seed| shown_choices(&question, seed) == ["a", "b", "c", "d", "e"]));
    assert!(!question.varies());
}

/// An attempt that has begun shows what it began with: another order is another version, and a title, a slip or a place in exams is not.
#[test]
fn only_what_changes_a_score_or_what_is_shown_makes_another_version() {
    let version = |source: &str| Question::parse("cap/example".parse().unwrap(), source).unwrap().version().clone();
    let source = multiple(2, None).source().to_owned();
    let same = source.replace("title = 'Situation'", "title = 'Two replicas'\nexam_only = true").replacen(
        "misconception = 'cap-x'",
        "slip = true",
        1,
    );
    assert_eq!(version(&same), version(&source));
    assert_ne!(version(&source.replace("stem =", "keep_order = true\nstem =")), version(&source));
}

#[test]
fn a_wrong_choice_names_a_misconception_or_says_that_it_is_a_slip() {
    let source = |cause: &str| {
        format!(
            "kind = 'single_choice'\nstem = 'x'\n[[choices]]\nid = 'a'\ntext = 'A'\ncorrect = true\n[[choices]]\nid = 'b'\ntext = 'B'\nfeedback = 'f'\n{cause}\n"
        )
    };
    let slip = question(&source("slip = true"));
    assert_eq!(slip.misconceptions(), [] as [&str; 0]);
    let instance = slip.instance(Seed::ZERO);
    let marked = instance.mark(&instance.read_answer(&json!({"choice": "b"})).unwrap().unwrap());
    assert_eq!((marked.feedback[0].text.as_str(), &marked.feedback[0].misconception), ("f", &None));
    assert!(mistakes(&source("")).join("\n").contains("or `slip = true`"));
    assert!(mistakes(&source("slip = true\nmisconception = 'cap-x'")).join("\n").contains("remove one"));
}

#[test]
fn a_wrong_choice_says_why_and_names_its_misconception() {
    let question = single();
    let instance = question.instance(Seed::ZERO);
    let marked = instance.mark(&instance.read_answer(&json!({"choice": "a"})).unwrap().unwrap());
    assert_eq!((marked.score, marked.correct), (Some(Points::ZERO), Some(false)));
    insta::assert_json_snapshot!(marked.feedback, @r#"
    [
      {
        "choice": "a",
        "text": "no",
        "html": "<p>no</p>\n",
        "misconception": "cap-x"
      }
    ]
    "#);
}

#[test]
fn essays_wait_for_a_person_and_keep_their_guide_to_themselves() {
    let question = question("kind = 'essay'\nstem = 'Discuss'\nguide = 'secret'\n");
    let instance = question.instance(Seed::ZERO);
    let longest = json!({"text": "é".repeat(ESSAY_CHARS)});
    let marked = instance.mark(&instance.read_answer(&longest).unwrap().unwrap());
    assert_eq!((marked.score, marked.correct, marked.max_score), (None, None, Points::ONE));
    assert!(instance.read_answer(&json!({"text": "é".repeat(ESSAY_CHARS + 1)})).is_err());
    assert!(!serde_json::to_string(&instance.variant()).unwrap().contains("secret"));
    assert_eq!(instance.guide().unwrap().markdown(), "secret");
}

#[test]
fn numbers_may_come_in_any_unit_of_the_dimension() {
    let gib = numeric("value = 3.5\nunit = 'GiB'\ntolerance = 0.05");
    for right in [
        json!(3.5),
        json!(3.55),
        json!(3.45),
        json!("3.5"),
        json!("3.5 GiB"),
        json!("3584MiB"),
        json!("3.758e9 B"),
        json!(" 3.76 GB "),
    ] {
        assert_eq!(score(&gib, Seed::ZERO, &json!({"value": right})), 1_000, "{right}");
    }
    for wrong in [json!(3.551), json!(3.44), json!(-3.5), json!("3.5 GB"), json!("3.5 MiB"), json!(0), json!(1e300)] {
        assert_eq!(score(&gib, Seed::ZERO, &json!({"value": wrong})), 0, "{wrong}");
    }
    let rate = numeric("value = 1\nunit = 'Gbit/s'");
    assert_eq!(score(&rate, Seed::ZERO, &json!({"value": "125 MB/s"})), 1_000);
    assert_eq!(score(&rate, Seed::ZERO, &json!({"value": "1 GB/s"})), 0);
    let exact = numeric("value = 42");
    assert_eq!(score(&exact, Seed::ZERO, &json!({"value": 42.0})), 1_000);
    assert_eq!(score(&exact, Seed::ZERO, &json!({"value": 42.001})), 0);
}

#[test]
fn every_mistake_of_a_question_is_listed() {
    let found = mistakes(
        "kind = 'single_choice'\nstem = '<b>Which?</b>'\npoints = 0\ntags = ['Not A Tag']\nweights = 1\n\
         [[choices]]\nid = 'a'\ntext = 'A'\n[[choices]]\nid = 'a'\ntext = 'A'\nfeedback = 'x'\nmisconception = 'cap-x'\n",
    );
    insta::assert_snapshot!(found.join("\n"), @r"
    cap/example.toml:6: `stem`: <b> is shown as text, since only inline <svg> is HTML here: write `<` as `&lt;` or use a code span
    cap/example.toml:7: `points` must be a number from 0.001 to 1000
    cap/example.toml:8: the tag `Not A Tag` must be lower-case letters, digits and hyphens
    cap/example.toml:9: `weights` is not a key here: remove it, or use one of choices, difficulty, exam_only, explanation, hints, keep_order, kind, points, sources, stem, tags, title
    cap/example.toml:10: a wrong choice has no feedback: add `feedback`, why it is wrong
    cap/example.toml:10: a wrong choice names no misconception: add `misconception`, an id of misconceptions.toml, or `slip = true` for a mere slip
    cap/example.toml:10: choices `a` and `a` say the same: change one
    cap/example.toml:10: no choice is right: add `correct = true` to the right one
    cap/example.toml:10: two choices have the id `a`: rename one
    ");
}

#[test]
fn keys_that_contradict_themselves_are_mistakes() {
    let message = |rest: &str| mistakes(rest).join("\n");
    let weights = "kind = 'multiple_choice'\nstem = 'x'\n[[choices]]\nid = 'a'\ntext = 'A'\ncorrect = true\nweight = 0.5\n\
        [[choices]]\nid = 'b'\ntext = 'B'\nweight = -0.5\nfeedback = 'f'\nmisconception = 'cap-x'\n";
    assert!(message(weights).contains("must add up to 1"));
    let near = "kind = 'numeric'\nstem = 'x'\n[numeric]\nvalue = 10\ntolerance = 1\n[[numeric.wrong]]\nvalue = 10.5\nfeedback = 'f'\nmisconception = 'cap-x'\n";
    assert!(message(near).contains("within the tolerance"));
    let blank = "kind = 'fill_in'\nstem = 'no blanks'\n[[blanks]]\nid = '1'\naccept = ['W']\nchoices = ['R']\n";
    assert!(
        message(blank).contains("must hold {{1}} exactly once") && message(blank).contains("not among the choices")
    );
    let twice =
        "kind = 'matching'\nstem = 'x'\n[[pairs]]\nleft = 'a'\nright = 'r'\n[[pairs]]\nleft = 'b'\nright = 'r'\n";
    assert!(message(twice).contains("`r` is there twice"));
    assert!(
        message("kind = 'short_text'\nstem = 'x'\naccept = ['a']\npattern = '('\n")
            .contains("not a regular expression")
    );
    assert!(message("kind = 'riddle'\nstem = 'x'\n").contains("`kind` must be one of single_choice"));
}

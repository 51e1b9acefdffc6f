//! The laws of scoring, for every kind.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use super::*;
use crate::bank::item::{ESSAY_CHARS, Form};

const REST: &str = "difficulty = 2\nexplanation = 'why'\nsources = ['a paper']\n";

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
        text += &format!("[[choices]]\nid = '{id}'\ntext = 'choice {id}'\n{weight}{rest}\n");
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
    let same = source.replace("stem =", "title = 'Two replicas'\nexam_only = true\nstem =").replacen(
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
fn an_answer_of_another_kind_earns_nothing() {
    let answers: Vec<_> = every_kind().iter().filter_map(|question| question.instance(Seed::ZERO).solution()).collect();
    let question = truth();
    for answer in answers.iter().filter(|answer| !matches!(answer, Answer::Truth { .. })) {
        assert_eq!(question.instance(Seed::ZERO).mark(answer).score, Some(Points::ZERO));
    }
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
fn answers_of_the_wrong_shape_are_told_the_shape() {
    assert_eq!(refusal(&single(), &json!({"choice": "z"})), ("/choice".into(), "must be one of a, b".into()));
    assert_eq!(refusal(&single(), &json!("b")).1, r#"the answer must have the shape {"choice": "b"}"#);
    assert_eq!(refusal(&single(), &json!({"choice": "b", "x": 1})).0, "/x");
    assert_eq!(
        refusal(&multiple(2, None), &json!({"choices": ["a", "a"]})),
        ("/choices/1".into(), "this id is there twice".into())
    );
    assert_eq!(refusal(&truth(), &json!({"value": "true"})).1, "must be true or false");
    assert_eq!(refusal(&matching(), &json!({"pairs": {"9": "a"}})).0, "/pairs/9");
    assert_eq!(refusal(&matching(), &json!({"pairs": {"1": "eins"}})).0, "/pairs/1");
    assert_eq!(refusal(&ordering(), &json!({"order": ["first", 2]})).0, "/order/1");
    assert_eq!(refusal(&fill_in(), &json!({"blanks": {"r": 1}})).0, "/blanks/r");
    assert_eq!(refusal(&short_text(), &json!({"text": "x".repeat(201)})).1, "must be text of at most 200 characters");
    assert_eq!(refusal(&short_text(), &json!({"text": "a\0b"})).0, "/text");
    let gib = numeric("value = 3.5\nunit = 'GiB'");
    for bad in [
        json!("3.500,5,5 GiB"),
        json!("3.5 Gbit/s"),
        json!("GiB"),
        json!("inf"),
        json!("1e999 GiB"),
        json!([3]),
        json!("9".repeat(65)),
    ] {
        assert_eq!(refusal(&gib, &json!({"value": bad})).0, "/value", "{bad}");
    }
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
fn short_texts_are_compared_after_tidying() {
    let question = short_text();
    for right in ["fencing token", "  Fencing\n TOKEN. ", "epoch", "Epoch  number."] {
        assert_eq!(score(&question, Seed::ZERO, &json!({"text": right})), 1_000, "{right}");
    }
    for wrong in ["", ".", "token", "epochs", "an epoch", "fencing-token", "a lease"] {
        assert_eq!(score(&question, Seed::ZERO, &json!({"text": wrong})), 0, "{wrong}");
    }
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
    cap/example.toml:5: `stem`: <b> is not shown: only inline <svg> diagrams are; write `<` as `&lt;` or use a code span
    cap/example.toml:6: `points` must be a number from 0.001 to 1000
    cap/example.toml:7: the tag `Not A Tag` must be lower-case letters, digits and hyphens
    cap/example.toml:8: `weights` is not a key here: remove it, or use one of choices, difficulty, exam_only, explanation, hints, keep_order, kind, points, sources, stem, tags, title
    cap/example.toml:9: a wrong choice has no feedback: add `feedback`, why it is wrong
    cap/example.toml:9: a wrong choice names no misconception: add `misconception`, an id of misconceptions.toml, or `slip = true` for a mere slip
    cap/example.toml:9: choices `a` and `a` say the same: change one
    cap/example.toml:9: no choice is right: add `correct = true` to the right one
    cap/example.toml:9: two choices have the id `a`: rename one
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

#[test]
fn an_answer_that_knows_nothing_earns_nothing() {
    let reversed = json!({"order": ["fifth", "fourth", "third", "second", "first"]});
    assert_eq!(score(&ordering(), Seed::ZERO, &reversed), 0);
    assert_eq!(score(&ordering(), Seed::ZERO, &json!({"order": ["third"]})), 0);
    let the_same_for_all = json!({"pairs": {"1": "a", "2": "a", "3": "a", "4": "a"}});
    assert_eq!(score(&matching(), Seed::ZERO, &the_same_for_all), 0);
    let matching = matching();
    let instance = matching.instance(Seed::ZERO);
    let marked = instance.mark(&instance.read_answer(&the_same_for_all).unwrap().unwrap());
    assert!(marked.feedback.last().unwrap().text.contains("counts for none"));
}

#[test]
fn places_may_be_left_open() {
    let answer = json!({"order": [null, "first", null, "second", "third"]});
    assert_eq!(score(&ordering(), Seed::ZERO, &answer), 500);
    assert_eq!(refusal(&ordering(), &json!({"order": [null, "first", "first"]})).0, "/order/2");
    let question = ordering();
    let read = question.instance(Seed::ZERO).read_answer(&json!({"order": ["first", null, "second", null]})).unwrap();
    assert_eq!(read.unwrap().to_json(), json!({"order": ["first", null, "second"]}));
}

#[test]
fn an_empty_answer_is_none() {
    let essay = question("kind = 'essay'\nstem = 'Discuss'\nguide = 'g'\n");
    for (question, empty) in [
        (multiple(2, None), json!({"choices": []})),
        (short_text(), json!({"text": ""})),
        (short_text(), json!({"text": " \u{200b}\n"})),
        (essay.clone(), json!({"text": "\n\n"})),
        (matching(), json!({"pairs": {}})),
        (ordering(), json!({"order": []})),
        (ordering(), json!({"order": [null, null]})),
        (fill_in(), json!({"blanks": {}})),
        (fill_in(), json!({"blanks": {"r": "", "w": " "}})),
        (numeric("value = 1"), json!({"value": " "})),
    ] {
        assert_eq!(question.instance(Seed::ZERO).read_answer(&empty), Ok(None), "{empty}");
    }
    for question in every_kind().iter().chain([&essay]) {
        assert_eq!(question.instance(Seed::ZERO).read_answer(&Value::Null), Ok(None));
    }
    let question = fill_in();
    let read = question.instance(Seed::ZERO).read_answer(&json!({"blanks": {"r": "R", "w": ""}})).unwrap();
    assert_eq!(read.unwrap().to_json(), json!({"blanks": {"r": "R"}}));
}

#[test]
fn whole_numbers_are_exact() {
    let question = numeric("value = 4294967296");
    assert_eq!(score(&question, Seed::ZERO, &json!({"value": 4_294_967_296_u64})), 1_000);
    for near in [json!(4_294_967_297_u64), json!(4_294_967_300_u64), json!("4 294 967 295")] {
        assert_eq!(score(&question, Seed::ZERO, &json!({"value": near})), 0, "{near}");
    }
    // A wrong value may be as near as it likes.
    numeric("value = 4294967296\n[[numeric.wrong]]\nvalue = 4294967295\nfeedback = 'one less'");
    let largest = numeric("value = 9007199254740991");
    let right = largest.instance(Seed::ZERO).solution().unwrap().to_json();
    assert_eq!(right.to_string(), r#"{"value":9007199254740991}"#);
    assert_eq!(score(&largest, Seed::ZERO, &right), 1_000);
    assert_eq!(score(&largest, Seed::ZERO, &json!({"value": 9_007_199_254_740_990_u64})), 0);
    let message = mistakes("kind = 'numeric'\nstem = 'x'\n[numeric]\nvalue = 9007199254740993\n").join("\n");
    assert!(message.contains("at most 2^53 - 1"), "{message}");
}

#[test]
fn a_bound_that_is_met_exactly_is_within_the_tolerance() {
    for (rule, given) in
        [("value = 1000\nrelative_tolerance = 0.1", json!(1100)), ("value = 0.3\ntolerance = 0.1", json!(0.4))]
    {
        assert_eq!(score(&numeric(rule), Seed::ZERO, &json!({"value": given})), 1_000, "{rule}");
    }
}

#[test]
fn a_share_of_one_is_told_that_per_cent_are_wanted() {
    let question = numeric("value = 50\nunit = '%'");
    let said = |value: Value| {
        let instance = question.instance(Seed::ZERO);
        let marked = instance.mark(&instance.read_answer(&json!({"value": value})).unwrap().unwrap());
        (marked.score.unwrap(), marked.feedback.first().map(|said| said.text.clone()))
    };
    let (score, text) = said(json!("0,5"));
    assert_eq!(score, Points::ZERO);
    assert!(text.unwrap().contains("per cent"));
    assert_eq!(said(json!(0.4)), (Points::ZERO, None));
    assert_eq!(said(json!("0.5 %")), (Points::ZERO, None));
    assert_eq!(said(json!("50,0")), (Points::ONE, None));
}

proptest! {
    /// Adding a right choice never costs, adding a wrong one never pays, all right ones earn all, and the bounds hold.
    #[test]
    fn multiple_choice_is_monotonic(
        rights in 1..=4_usize,
        penalties in proptest::option::of(proptest::collection::vec(-1.0..=0.0, 5)),
        chosen in subsequence(vec!["a", "b", "c", "d", "e"], 0..=5),
        added in select(vec!["a", "b", "c", "d", "e"]),
    ) {
        let weights = penalties.map(|penalties| {
            std::array::from_fn(|index| if index < rights { 1.0 / rights as f64 } else { penalties[index] })
        });
        let question = multiple(rights, weights);
        let before = score(&question, Seed::ZERO, &json!({"choices": chosen}));
        prop_assert!(before <= 3_000);
        if !chosen.contains(&added) {
            let with: Vec<_> = chosen.iter().copied().chain([added]).collect();
            let after = score(&question, Seed::ZERO, &json!({"choices": with}));
            let right = ["a", "b", "c", "d", "e"].iter().position(|id| *id == added).unwrap() < rights;
            prop_assert!(if right { after >= before } else { after <= before }, "{before} to {after}");
        }
    }

    /// Without weights it is the formula of docs/questions.md.
    #[test]
    fn multiple_choice_shares_the_point_among_the_right_ones(
        rights in 1..=5_usize, chosen in subsequence(vec![0, 1, 2, 3, 4], 0..=5),
    ) {
        let ids: Vec<_> = chosen.iter().map(|index| ["a", "b", "c", "d", "e"][*index]).collect();
        let hit = chosen.iter().filter(|index| **index < rights).count() as f64;
        let wrong = chosen.len() as f64 - hit;
        let expected = (3_000.0 * ((hit - wrong) / rights as f64).max(0.0)).round();
        prop_assert_eq!(f64::from(score(&multiple(rights, None), Seed::ZERO, &json!({"choices": ids}))), expected);
    }

    #[test]
    fn matching_earns_a_share_for_each_right_pair(picks in proptest::collection::vec(proptest::option::of(0..6_usize), 4)) {
        let question = matching();
        let Some(Answer::Pairs { pairs: key }) = question.instance(Seed::ZERO).solution() else { panic!("no pairs") };
        let letters = ["a", "b", "c", "d", "e", "f"];
        let answer: serde_json::Map<String, Value> = picks.iter().enumerate()
            .filter_map(|(index, pick)| Some(((index + 1).to_string(), json!(letters[(*pick)?])))).collect();
        let times = |right: &Value| answer.values().filter(|other| *other == right).count();
        let found = |(left, right): &(&String, &Value)| right.as_str() == Some(key[*left].as_str()) && times(right) == 1;
        let right = answer.iter().filter(found).count();
        prop_assert_eq!(score(&question, Seed::ZERO, &json!({"pairs": answer})) as usize, right * 250);
    }

    /// Moving one item of the right order anywhere costs exactly its own share: with five items, each after the first is worth a quarter.
    #[test]
    fn ordering_forgives_all_but_what_moved(from in any::<Index>(), to in any::<Index>()) {
        let mut ids = vec!["first", "second", "third", "fourth", "fifth"];
        let (from, to) = (from.index(5), to.index(5));
        let moved = ids.remove(from);
        ids.insert(to, moved);
        let expected = if from == to { 1_000 } else { 750 };
        prop_assert_eq!(score(&ordering(), Seed::ZERO, &json!({"order": ids})), expected);
    }

    #[test]
    fn fill_in_earns_a_share_for_each_blank(right in proptest::collection::vec(any::<bool>(), 3)) {
        let fill = |index: usize, text: &str| if right[index] { format!(" {text}. ").to_lowercase() } else { "x".to_owned() };
        let answer = json!({"blanks": {"r": fill(0, "READS"), "w": fill(1, "W"), "n": fill(2, "N")}});
        let count = right.iter().filter(|right| **right).count() as u64;
        prop_assert_eq!(score(&fill_in(), Seed::ZERO, &answer), Points::ONE.share(count, 3).thousandths());
    }

    /// Inside the tolerance everything, outside nothing, whatever the unit that the answer comes in.
    #[test]
    fn numbers_are_judged_by_their_distance(
        value in -1_000.0..1_000.0_f64, off in 0.0..20.0_f64, below in any::<bool>(), relative in any::<bool>(),
        (unit, factor) in select(vec![("ms", 1.0), ("s", 1e-3), ("us", 1e3), ("min", 1.0 / 60_000.0)]),
    ) {
        let (rule, allowed) = if relative { ("relative_tolerance = 0.01", value.abs() * 0.01) } else { ("tolerance = 5", 5.0) };
        prop_assume!((off - allowed).abs() > 1e-6);
        let question = numeric(&format!("value = {value:?}\nunit = 'ms'\n{rule}"));
        let given = (if below { value - off } else { value + off }) * factor;
        let earned = score(&question, Seed::ZERO, &json!({"value": format!("{given:?} {unit}")}));
        prop_assert_eq!(earned, if off < allowed { 1_000 } else { 0 });
    }

    /// What is stored is what was marked, to the last bit.
    #[test]
    fn a_number_is_read_again_as_it_was(value in proptest::num::f64::NORMAL.prop_filter("of this world", |v| (1e-15..1e15).contains(&v.abs()))) {
        let question = numeric("value = 1");
        let instance = question.instance(Seed::ZERO);
        let answer = instance.read_answer(&serde_json::from_str(&format!(r#"{{"value": {value:?}}}"#)).unwrap()).unwrap().unwrap();
        let stored = answer.to_json().to_string();
        prop_assert_eq!(instance.read_answer(&serde_json::from_str(&stored).unwrap()).unwrap().unwrap(), answer);
    }

    /// No JSON at all may make reading or marking panic, and what is read scores within the bounds.
    #[test]
    fn any_json_is_read_or_refused(kind in 0..9_usize, value in any_json(), field in select(vec!["choice", "choices", "value", "text", "pairs", "order", "blanks"])) {
        let question = &every_kind()[kind];
        let instance = question.instance(Seed::ZERO);
        for answer in [value.clone(), json!({field: value})] {
            if let Ok(Some(answer)) = instance.read_answer(&answer) {
                prop_assert!(instance.mark(&answer).score.unwrap() <= question.points());
            }
        }
    }

    /// Neither may any text as a file.
    #[test]
    fn any_source_is_read_or_refused(source in "(kind|stem|\\[\\[choices\\]\\]|=|'|\"|\\{|\\}|\\n| |[a-z0-9.é-]){0,40}") {
        let _ = Question::parse("cap/example".parse().unwrap(), &source);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = select(vec!["a", "b", "1", "first", "r", "3.5 GiB", "-", "e", "+e5", ".", "µs", "1 µs"]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = select(vec!["a", "1", "r", "w", "x/y"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

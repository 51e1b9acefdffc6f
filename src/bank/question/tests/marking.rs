//! What answers are read as, and what they earn.

use serde_json::{Value, json};

use super::*;

#[test]
fn an_answer_of_another_kind_earns_nothing() {
    let answers: Vec<_> = every_kind().iter().filter_map(|question| question.instance(Seed::ZERO).solution()).collect();
    let question = truth();
    for answer in answers.iter().filter(|answer| !matches!(answer, Answer::Truth { .. })) {
        assert_eq!(question.instance(Seed::ZERO).mark(answer).score, Some(Points::ZERO));
    }
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

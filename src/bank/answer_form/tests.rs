//! What a form shows, and what it is read as.

use serde_json::json;

use super::*;
use crate::bank::form_fields::read_answer;
use crate::bank::{Question, Seed};

const HEAD: &str =
    "title = \"Situation\"\ndifficulty = 1\ntags = [\"x\"]\nexplanation = \"why\"\nsources = [\"S, 2020\"]\n";

fn variant(body: &str) -> Variant {
    let source = format!("{HEAD}{body}");
    let question = Question::parse("cap/x".parse().unwrap(), &source).unwrap();
    question.instance(Seed::ZERO).variant()
}

fn sent(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn ordering() -> Variant {
    variant(
        "kind = \"ordering\"\nstem = \"s\"\n[[items]]\nid = \"a\"\ntext = \"A\"\n[[items]]\nid = \"b\"\ntext = \"B\"\n\
         [[items]]\nid = \"c\"\ntext = \"C\"\n",
    )
}

fn matching() -> Variant {
    variant(
        "kind = 'matching'\nstem = 's'\ndistractors = ['`2 * n`', 'x &lt; *y*']\n\
         [[pairs]]\nleft = 'one'\nright = 'eins'\n[[pairs]]\nleft = 'two'\nright = 'zwei'\n",
    )
}

fn fill_in() -> Variant {
    variant(
        "kind = \"fill_in\"\nstem = \"x {{1}} y {{2}}\"\n[[blanks]]\nid = \"1\"\naccept = [\"z\"]\n\
         [[blanks]]\nid = \"2\"\naccept = [\"a < b\"]\nchoices = [\"a < b\", \"a > b\"]\n",
    )
}

fn number() -> Variant {
    variant("kind = 'numeric'\nstem = 's'\n[numeric]\nvalue = 3\nunit = 'ms'\n")
}

#[test]
fn places_become_an_order_with_its_gaps() {
    let read = |fields| read_answer(&ordering(), &sent(fields));
    assert_eq!(read(&[("place.a", "2"), ("place.b", "1")]), Ok(Some(json!({"order": ["b", "a"]}))));
    assert_eq!(read(&[("place.a", ""), ("place.b", "1")]), Ok(Some(json!({"order": ["b"]}))));
    assert_eq!(read(&[("place.a", "3"), ("place.b", "1")]), Ok(Some(json!({"order": ["b", null, "a"]}))));
    assert!(read(&[("place.a", "1"), ("place.b", "1")]).unwrap_err().detail.contains("place 1"));
    assert!(read(&[("place.a", "9")]).unwrap_err().detail.contains("1 to 3"));
}

/// The places of a form: item, its number, whether the number is offered as chosen.
fn places(form: &AnswerForm) -> Vec<(&str, Option<usize>)> {
    form.places.iter().map(|place| (place.id.as_str(), place.place)).collect()
}

#[test]
fn an_order_that_was_saved_is_shown_in_its_places() {
    let form = AnswerForm::of(&ordering(), Some(&json!({"order": ["b", null, "a"]})));
    assert_eq!(places(&form), [("b", Some(1)), ("a", Some(3)), ("c", None)]);
    let selected = |place: &PlaceField| place.options.iter().filter(|option| option.selected).count();
    assert_eq!(form.places.iter().map(selected).collect::<Vec<_>>(), [1, 1, 0]);
}

#[test]
fn what_was_sent_is_shown_again_whatever_is_wrong_with_it() {
    let form = AnswerForm::sent(&ordering(), &sent(&[("place.a", "2"), ("place.b", "2")]));
    assert_eq!(form.places.iter().filter(|place| place.place == Some(2)).count(), 2);
    let form = AnswerForm::sent(&number(), &sent(&[("value", "12 apples")]));
    assert_eq!(form.number.unwrap().value, "12 apples");
}

#[test]
fn a_number_is_read_before_it_is_saved() {
    let read = |value| read_answer(&number(), &sent(&[("value", value)]));
    assert_eq!(read(" 12,5 "), Ok(Some(json!({"value": "12,5"}))));
    assert!(read("12 apples").unwrap_err().detail.starts_with("“apples” is not a unit here"));
    assert_eq!(read(" "), Ok(None));
}

#[test]
fn options_hold_text_and_no_markup() {
    let form = AnswerForm::of(&matching(), Some(&json!({"pairs": {"1": "b"}})));
    let mut labels: Vec<_> = form.pairs[0].options.iter().map(|option| option.label.as_str()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["2 * n", "eins", "x < y", "zwei"]);
    assert_eq!(form.pairs[0].options.iter().filter(|option| option.selected).count(), 1);
    assert!(form.pairs[1].options.iter().all(|option| !option.selected));
}

#[test]
fn a_blank_holds_what_was_typed_and_nothing_that_acts() {
    let form = AnswerForm::of(&fill_in(), Some(&json!({"blanks": {"1": "\"><script>"}})));
    assert!(form.stem_html.contains("value=\"&quot;&gt;&lt;script&gt;\""), "{}", form.stem_html);
    assert!(!form.stem_html.contains("{{1}}"));
    let read = read_answer(&fill_in(), &sent(&[("blank.1", " z "), ("other", "q")]));
    assert_eq!(read, Ok(Some(json!({"blanks": {"1": "z"}}))));
}

#[test]
fn what_looks_like_a_mark_is_text_like_any_other() {
    let form = AnswerForm::of(&fill_in(), Some(&json!({"blanks": {"1": "{{2}}", "2": "a < b"}})));
    assert!(form.stem_html.contains("value=\"{{2}}\""), "{}", form.stem_html);
    assert_eq!(form.stem_html.matches("<select").count(), 1);
    assert!(form.stem_html.contains("<option value=\"a &lt; b\" selected>a &lt; b</option>"), "{}", form.stem_html);
}

#[test]
fn nothing_answered_is_not_an_answer() {
    let truth = variant(
        "kind = \"true_false\"\nstem = \"s\"\nanswer = true\n[wrong]\nfeedback = \"f\"\nmisconception = \"cap-x\"\n",
    );
    let text = variant("kind = 'short_text'\nstem = 's'\naccept = ['a']\n");
    let choices = variant(
        "kind = 'multiple_choice'\nstem = 's'\n[[choices]]\nid = 'a'\ntext = 'A'\ncorrect = true\n\
         [[choices]]\nid = 'b'\ntext = 'B'\ncorrect = true\n",
    );
    for variant in [&truth, &text, &choices, &ordering(), &matching(), &fill_in(), &number()] {
        let empty = sent(&[("value", ""), ("text", " \r\n"), ("place.a", ""), ("pair.1", ""), ("blank.1", " ")]);
        assert_eq!(read_answer(variant, &empty), Ok(None), "{:?}", variant.kind);
        assert_eq!(read_answer(variant, &[]), Ok(None), "{:?}", variant.kind);
    }
    assert_eq!(read_answer(&truth, &sent(&[("value", "false")])), Ok(Some(json!({"value": false}))));
}

#[test]
fn a_text_that_is_too_long_is_told_by_how_much() {
    let text = variant("kind = 'short_text'\nstem = 's'\naccept = ['a']\n");
    let said = read_answer(&text, &sent(&[("text", &"é".repeat(201))])).unwrap_err();
    assert_eq!(said.detail, "the text has 201 characters: shorten it to 200");
}

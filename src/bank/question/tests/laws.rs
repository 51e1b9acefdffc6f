//! The laws of scoring, for every kind.

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use super::*;

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

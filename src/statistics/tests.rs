//! Laws that all figures keep, and cases whose figures can be computed by hand. Another implementation is asked in
//! `tests/it/statistics.rs`.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::bank::Points;

/// An item without options.
fn open(id: usize) -> Item {
    Item { id: id.to_string(), options: vec![] }
}

fn response(item: usize, score: u32, max_score: u32) -> Response {
    Response {
        item: item.to_string(),
        score: Points::from_thousandths(score * 1_000),
        max_score: Points::from_thousandths(max_score * 1_000),
        chosen: vec![],
        seconds: None,
    }
}

/// A cohort in which everybody had the same items. Each row has the scores of an attempt.
fn cohort(maxima: &[u32], rows: &[Vec<u32>]) -> Cohort {
    let mut cohort = Cohort::new((0..maxima.len()).map(open).collect());
    for row in rows {
        let responses = row.iter().zip(maxima).enumerate();
        cohort.add(responses.map(|(item, (score, max_score))| response(item, *score, *max_score)).collect()).unwrap();
    }
    cohort
}

fn statistics(maxima: &[u32], rows: &[Vec<u32>]) -> SetStatistics {
    SetStatistics::of(&cohort(maxima, rows))
}

fn alpha(statistics: &SetStatistics) -> Result<f64, Withheld> {
    statistics.scores.reliability.get().map(|reliability| reliability.value)
}

/// Scores of 0 to 3 for 2 to 6 items.
fn rows() -> impl Strategy<Value = Vec<Vec<u32>>> {
    (2..7_usize)
        .prop_flat_map(|items| proptest::collection::vec(proptest::collection::vec(0..=3_u32, items), FIGURE_MIN_N..60))
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

proptest! {
    #[test]
    fn alpha_ignores_what_is_added_to_an_item_and_the_unit_of_points(rows in rows(), up in 0..5_u32, times in 1..4_u32) {
        let items = rows[0].len();
        let plain = statistics(&vec![3; items], &rows);
        let mut maxima = vec![3 * times; items];
        maxima[0] += up;
        let changed: Vec<Vec<u32>> = rows.iter().map(|row| {
            let mut row: Vec<_> = row.iter().map(|score| score * times).collect();
            row[0] += up;
            row
        }).collect();
        match (alpha(&plain), alpha(&statistics(&maxima, &changed))) {
            (Ok(one), Ok(other)) => prop_assert!(near(one, other), "{} {}", one, other),
            (one, other) => prop_assert_eq!(one, other),
        }
    }

    #[test]
    fn an_item_that_everybody_has_twice_is_all_there_is_to_know(scores in proptest::collection::vec(0..=3_u32, FIGURE_MIN_N..60)) {
        let rows: Vec<_> = scores.iter().map(|score| vec![*score, *score, *score]).collect();
        let all = statistics(&[3, 3, 3], &rows);
        let Ok(value) = alpha(&all) else { return Ok(()) };
        prop_assert!(near(value, 1.0) && *all.scores.standard_error.get().unwrap() < 1e-6);
        prop_assert!(all.items.iter().all(|item| near(*item.discrimination.get().unwrap(), 1.0)));
    }

    /// Kuder and Richardson's own formula, in whole numbers.
    #[test]
    fn alpha_of_right_and_wrong_answers_is_formula_20(rows in rows()) {
        let rows: Vec<Vec<u32>> = rows.iter().map(|row| row.iter().map(|score| score / 2).collect()).collect();
        let k = rows[0].len();
        let rights: Vec<f64> = (0..k).map(|item| rows.iter().map(|row| f64::from(row[item])).sum()).collect();
        let totals: Vec<f64> = rows.iter().map(|row| f64::from(row.iter().sum::<u32>())).collect();
        let (sum, squares) = (totals.iter().sum::<f64>(), totals.iter().map(|total| total * total).sum::<f64>());
        let all = statistics(&vec![1; k], &rows);
        let (n, k) = (moments::count(rows.len()), moments::count(k));
        let Ok(found) = all.scores.reliability.get() else { return Ok(()) };
        let p_times_q: f64 = rights.iter().map(|right| right * (n - right)).sum();
        let formula = k / (k - 1.0) * (1.0 - p_times_q / (n * squares - sum * sum));
        prop_assert!(near(found.value, formula) && found.method == Method::Kr20, "{:?} {}", found, formula);
    }

    #[test]
    fn the_order_of_attempts_does_not_matter(rows in rows()) {
        let maxima = vec![3; rows[0].len()];
        let reversed: Vec<_> = rows.iter().rev().cloned().collect();
        let (one, other) = (statistics(&maxima, &rows), statistics(&maxima, &reversed));
        prop_assert_eq!(&one.scores.distribution, &other.scores.distribution);
        let pairs = one.items.iter().zip(&other.items);
        for (one, other) in pairs.map(|(one, other)| (one.discrimination.get(), other.discrimination.get())) {
            prop_assert!(one == other || near(*one.unwrap(), *other.unwrap()));
        }
    }

    #[test]
    fn nothing_that_is_no_number_gets_out(rows in rows(), kept in 0..60_usize, same in any::<bool>()) {
        let rows: Vec<_> = rows.iter().map(|row| if same { vec![1; row.len()] } else { row.clone() }).take(kept).collect();
        let items = rows.first().map_or(2, Vec::len);
        let json = serde_json::to_value(statistics(&vec![3; items], &rows)).unwrap();
        prop_assert_eq!(nulls_without_a_reason(&json), 0, "{}", json);
    }

    #[test]
    fn a_higher_score_has_no_lower_percentile(rows in rows(), score in 0..6_u32) {
        let cohort = cohort(&vec![3; rows[0].len()], &rows);
        let rank = |score: u32| {
            let rank = cohort.percentile_rank(Points::from_thousandths(score * 1_000), Points::from_thousandths(6_000));
            *rank.get().unwrap()
        };
        prop_assert!(0.0 <= rank(score) && rank(score) <= rank(score + 1) && rank(score + 1) <= 100.0);
    }
}

/// How often JSON has a `null` that no reason stands beside. JSON has no NaN: one is written as `null`.
fn nulls_without_a_reason(json: &Value) -> usize {
    match json {
        Value::Object(fields) => {
            let counted = fields.iter().filter(|(name, value)| {
                value.is_null()
                    && !["option", "options"].contains(&name.as_str())
                    && !(*name == "value" && fields.contains_key("withheld"))
            });
            counted.count() + fields.values().map(nulls_without_a_reason).sum::<usize>()
        }
        Value::Array(values) => values.iter().map(nulls_without_a_reason).sum(),
        _ => 0,
    }
}

/// `n` attempts at two items of one point, of which every second has the first right, and every third the second.
fn alternating(n: u32) -> Vec<Vec<u32>> {
    (0..n).map(|attempt| vec![(attempt % 2).min(1), u32::from(attempt % 3 == 0)]).collect()
}

#[test]
fn few_attempts_give_no_figure() {
    let all = statistics(&[1, 1], &alternating(29));
    assert_eq!((all.attempts, all.scores.mean.get()), (29, Err(Withheld::TooFew)));
    assert_eq!(alpha(&all), Err(Withheld::TooFew));
    assert_eq!(all.scores.standard_error.get(), Err(Withheld::TooFew));
    assert_eq!(all.items[0].facility.get(), Err(Withheld::TooFew));
    assert_eq!(all.scores.distribution.n(), 29);
    assert!(all.scores.distribution.get().is_ok());
    let nine = cohort(&[1, 1], &alternating(9));
    assert_eq!(SetStatistics::of(&nine).scores.distribution.get(), Err(Withheld::TooFew));
    assert_eq!(nine.percentile_rank(Points::ONE, Points::ONE).get(), Err(Withheld::TooFew));
}

#[test]
fn what_does_not_vary_is_named() {
    let all = statistics(&[1, 1, 1], &vec![vec![1, 0, 1]; 30]);
    assert_eq!(all.items[0].facility.get(), Ok(&1.0));
    assert_eq!(all.items[0].discrimination.get(), Err(Withheld::NoVariance));
    assert_eq!(alpha(&all), Err(Withheld::NoVariance));
    assert_eq!(all.scores.standard_error.get(), Err(Withheld::NoVariance));
    assert_eq!(all.scores.standard_deviation.get(), Ok(&0.0));
}

#[test]
fn one_item_has_no_rest() {
    let rows: Vec<_> = (0..30).map(|attempt| vec![attempt % 2]).collect();
    let all = statistics(&[1], &rows);
    assert_eq!(all.items[0].discrimination.get(), Err(Withheld::OneItem));
    assert_eq!(alpha(&all), Err(Withheld::OneItem));
    assert_eq!(all.scores.mean.get(), Ok(&0.5));
}

#[test]
fn items_that_contradict_each_other_have_no_standard_error() {
    let rows: Vec<_> = (0..40).map(|attempt| vec![attempt % 2, 1 - attempt % 2, u32::from(attempt % 4 == 0)]).collect();
    let all = statistics(&[1, 1, 1], &rows);
    assert!(alpha(&all).unwrap() < 0.0);
    assert_eq!(all.scores.standard_error.get(), Err(Withheld::NegativeReliability));
}

#[test]
fn items_drawn_from_a_pool_are_compared_with_the_rest_of_the_same_attempt() {
    // The first slot draws item 0 or item 1. Whoever is right there is right at item 2.
    let mut cohort = Cohort::new((0..4).map(open).collect());
    for attempt in 0..60 {
        let right = u32::from(attempt % 4 < 2);
        cohort.add(vec![response(attempt % 2, right, 1), response(2, right, 1)]).unwrap();
    }
    let all = SetStatistics::of(&cohort);
    let attempts: Vec<_> = all.items.iter().map(|item| item.attempts).collect();
    assert_eq!(attempts, [30, 30, 60, 0]);
    let discriminations: Vec<_> = all.items.iter().map(|item| item.discrimination.get().copied()).collect();
    assert!(discriminations[..3].iter().all(|value| near(value.unwrap(), 1.0)), "{discriminations:?}");
    assert_eq!(discriminations[3], Err(Withheld::TooFew));
    assert!(near(alpha(&all).unwrap(), 1.0));
}

#[test]
fn points_out_of_different_maxima_are_not_compared() {
    let mut cohort = Cohort::new((0..2).map(open).collect());
    for attempt in 0..40 {
        let max_score = 1 + u32::from(attempt % 4 < 2);
        cohort.add(vec![response(0, attempt % 2, 1), response(1, attempt % 2, max_score)]).unwrap();
    }
    let scores = SetStatistics::of(&cohort).scores;
    assert_eq!(scores.mean.get(), Err(Withheld::DifferentMaxima));
    assert_eq!(scores.reliability.get(), Err(Withheld::DifferentMaxima));
    assert_eq!(scores.standard_error.get(), Err(Withheld::DifferentMaxima));
    assert_eq!(scores.distribution.get(), Err(Withheld::DifferentMaxima));
    // Shares can be: 20 attempts have nothing, 10 have two of three points, 10 have all of two.
    let rank = cohort.percentile_rank(Points::from_thousandths(4_000), Points::from_thousandths(6_000));
    assert_eq!(rank.get(), Ok(&62.5));
}

#[test]
fn the_time_is_of_those_for_whom_it_is_known() {
    let mut cohort = Cohort::new(vec![open(0)]);
    for attempt in 0..41_u32 {
        let seconds = attempt.checked_sub(1);
        cohort.add(vec![Response { seconds, ..response(0, 0, 1) }]).unwrap();
    }
    let time = SetStatistics::of(&cohort).items[0].time;
    assert_eq!(time.n(), 40);
    assert_eq!(time.get(), Ok(&Time { lower_quartile: 9.75, median: 19.5, upper_quartile: 29.25 }));
}

/// 40 attempts at an item with options, of which `a` is right, and at another one that says who is strong.
fn choosing(choose: impl Fn(u32) -> &'static [&'static str]) -> SetStatistics {
    let options = ["a", "b", "c"].map(|id| ItemOption { id: id.to_owned(), is_right: id == "a" });
    let mut cohort = Cohort::new(vec![Item { id: "0".to_owned(), options: options.into() }, open(1)]);
    for strength in 0..40 {
        let chosen: Vec<_> = choose(strength).iter().map(|option| (*option).to_owned()).collect();
        let score = u32::from(chosen == ["a"]);
        cohort.add(vec![Response { chosen, ..response(0, score, 1) }, response(1, strength, 40)]).unwrap();
    }
    SetStatistics::of(&cohort)
}

#[test]
fn options_are_counted_in_all_and_in_both_groups() {
    let all = choosing(|strength| match strength {
        0..5 => &[],
        5..20 => &["b"],
        _ => &["a"],
    });
    let table = all.items[0].options.as_ref().unwrap().get().unwrap();
    assert_eq!((table.unanswered, table.groups), (5, GroupSizes::Groups(ByGroup { upper: 11, lower: 11 })));
    let counts: Vec<_> = table.options.iter().map(|line| (line.chosen, line.chosen_by.unwrap())).collect();
    let by_group = |upper, lower| ByGroup { upper, lower };
    assert_eq!(counts, [(20, by_group(11, 0)), (15, by_group(0, 6)), (0, by_group(0, 0))]);
    assert_eq!(all.items[1].options, None);
    let json = serde_json::to_value(table).unwrap();
    assert_eq!(json["groups"], serde_json::json!({"upper": 11, "lower": 11}));
}

fn sentences(all: &SetStatistics) -> Vec<String> {
    all.concerns.iter().map(|concern| format!("{:?} {}", concern.reason, concern.sentence)).collect()
}

#[test]
fn an_option_that_nobody_chooses_is_a_concern() {
    let said = sentences(&choosing(|strength| if strength < 20 { &["b"] } else { &["a"] }));
    let expected =
        "NobodyChooses None of 40 candidates chose `c`. Replace it by a mistake that people make, or remove it.";
    assert_eq!(said, [expected]);
}

#[test]
fn a_wrong_option_for_the_strong_is_a_concern() {
    let wrong_key = choosing(|strength| match strength {
        0..12 => &["a"],
        12..20 => &["c"],
        _ => &["b"],
    });
    let negative = "NegativeDiscrimination Candidates who do better on the rest of the set do worse on this item: the \
        correlation is −0.79 over 40 attempts, and chance doesn't explain that. Check the key and the wording.";
    let wrong = "StrongChooseWrong Of the strongest candidates, 11 of 11 chose `b`, which is wrong, and 0 the right \
        option. Check the key.";
    assert_eq!(sentences(&wrong_key), [negative, wrong, negative]);
    let tempting = choosing(|strength| match strength % 11 {
        0..6 => &["a"],
        _ if strength < 20 => &["c"],
        _ => &["b"],
    });
    let said = sentences(&tempting);
    let expected = "StrongChooseWrong Of the strongest candidates, 5 of 11 chose `b`, which is wrong, and of the weakest 0 of 11. \
        Check whether it can be taken for right.";
    assert_eq!(said.iter().filter(|sentence| sentence.starts_with("Strong")).collect::<Vec<_>>(), [expected]);
}

#[test]
fn what_chance_explains_is_no_concern_among_options() {
    // One more of the strong than of the weak chose `b`, and only one in the middle chose `c`.
    let all = choosing(|strength| match strength {
        0..3 => &[],
        5 | 34 | 35 => &["b"],
        20 => &["c"],
        _ => &["a"],
    });
    assert_eq!(all.concerns, []);
}

#[test]
fn items_that_have_nothing_to_do_with_each_other_are_no_concern() {
    let rows: Vec<_> = (0..40).map(|attempt| vec![attempt % 2, attempt / 2 % 2]).collect();
    let all = statistics(&[1, 1], &rows);
    assert!(near(*all.items[0].discrimination.get().unwrap(), 0.0));
    assert_eq!(all.concerns, []);
}

#[test]
fn answers_of_different_worth_have_alpha() {
    let rows: Vec<_> = (0..40).map(|attempt| vec![attempt % 2, 2 * (attempt % 2)]).collect();
    let all = statistics(&[1, 2], &rows);
    assert_eq!(all.scores.reliability.get().unwrap().method, Method::Alpha);
    // Half of them have 0 points, the others 3: the squares add up to 40 · 1.5².
    assert!(near(all.scores.standard_deviation.get().unwrap().powi(2), 90.0 / 39.0));
}

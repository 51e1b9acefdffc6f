use std::collections::BTreeMap;

use super::*;
use crate::bank::generators::tests::{TEN_THOUSAND, chosen_text, each_item, number, numbers};

fn parameters(ask: Ask) -> Parameters {
    Parameters { ask, replicas: (3, 7) }
}

/// All lists of `size` of the items, by taking or leaving each.
fn combinations(items: &[usize], size: usize) -> Vec<Vec<usize>> {
    match (size, items) {
        (0, _) => vec![Vec::new()],
        (_, []) => Vec::new(),
        (_, [first, rest @ ..]) => {
            let taken = combinations(rest, size - 1).into_iter().map(|mut list| {
                list.push(*first);
                list
            });
            taken.chain(combinations(rest, size)).collect()
        }
    }
}

fn replicas(n: usize) -> Vec<usize> {
    (0..n).collect()
}

fn share_one(left: &[usize], right: &[usize]) -> bool {
    left.iter().any(|item| right.contains(item))
}

fn all_share_one(n: usize, left: usize, right: usize) -> bool {
    let rights = combinations(&replicas(n), right);
    combinations(&replicas(n), left).iter().all(|one| rights.iter().all(|other| share_one(one, other)))
}

#[test]
fn guarantees_hold_for_all_pairs_of_sets() {
    let mut known = BTreeMap::new();
    let mut seen = BTreeMap::<String, u32>::new();
    each_item(
        TEN_THOUSAND,
        |prng| parameters(Ask::Guarantee).generate(prng),
        |item| {
            let [n, w, r] = numbers(&item.stem)[..] else { panic!("{}", item.stem.markdown()) };
            let (meets, together) =
                *known.entry((n, r, w)).or_insert_with(|| (all_share_one(n, r, w), all_share_one(n, w, w)));
            // The theorem that the exhaustive way must agree with.
            assert_eq!((meets, together), (r + w > n, 2 * w > n));
            let text = chosen_text(item);
            assert_eq!(text.contains("Every read set overlaps"), meets, "{n} {r} {w}: {text}");
            assert_eq!(text.contains("any two write sets overlap"), together, "{n} {r} {w}: {text}");
            *seen.entry(text).or_default() += 1;
        },
    );
    assert!(seen.len() == 4 && seen.values().all(|count| *count > 2_000), "{seen:?}");
}

#[test]
fn missed_reads_are_counted_over_all_sets() {
    let mut never = 0;
    for as_share in [false, true] {
        let ask = if as_share { Ask::StaleReadShare } else { Ask::StaleReadSets };
        each_item(
            TEN_THOUSAND,
            |prng| parameters(ask).generate(prng),
            |item| {
                let [n, w, r] = numbers(&item.stem)[..] else { panic!("{}", item.stem.markdown()) };
                let sets = combinations(&replicas(n), r);
                let written: Vec<_> = (n - w..n).collect();
                let missing = sets.iter().filter(|read| !share_one(read, &written)).count();
                let expected = if as_share { 100.0 * missing as f64 / sets.len() as f64 } else { missing as f64 };
                assert!((number(item) - expected).abs() < 1e-9, "{} is not {expected}", item.stem.markdown());
                never += u32::from(missing == 0);
            },
        );
    }
    assert!((2_000..5_000).contains(&never), "{never}");
}

#[test]
fn the_smallest_read_quorum_meets_every_write_and_none_smaller_does() {
    let mut known = BTreeMap::new();
    each_item(
        TEN_THOUSAND,
        |prng| parameters(Ask::SmallestReadQuorum).generate(prng),
        |item| {
            let stem = item.stem.markdown();
            let (n, w, lost) = match numbers(&item.stem)[..] {
                [n, w] => (n, w, 0),
                [n, w, lost] => (n, w, lost),
                _ => panic!("{stem}"),
            };
            let smallest = *known
                .entry((n, w, lost))
                .or_insert_with(|| (1..=n).find(|r| every_read_meets(n, w, lost, *r)).unwrap());
            assert_eq!(number(item), smallest as f64, "{stem}");
        },
    );
}

/// Over all write sets, all losses and all reads of what remains.
fn every_read_meets(n: usize, w: usize, lost: usize, r: usize) -> bool {
    combinations(&replicas(n), w).iter().all(|write| {
        combinations(&replicas(n), lost).iter().all(|gone| {
            let left: Vec<_> = replicas(n).into_iter().filter(|replica| !gone.contains(replica)).collect();
            combinations(&left, r).iter().all(|read| share_one(read, write))
        })
    })
}

#[test]
fn tolerated_failures_leave_a_quorum_and_one_more_does_not() {
    each_item(
        TEN_THOUSAND,
        |prng| parameters(Ask::ToleratedFailures).generate(prng),
        |item| {
            let [n, r, w] = numbers(&item.stem)[..] else { panic!("{}", item.stem.markdown()) };
            let stem = item.stem.markdown();
            let needed = if stem.contains("**reads**") {
                r
            } else if stem.contains("**writes**") {
                w
            } else {
                r.max(w)
            };
            let lives = |down: usize| combinations(&replicas(n), down).iter().all(|failed| n - failed.len() >= needed);
            let tolerated = number(item) as usize;
            assert!(lives(tolerated) && !lives(tolerated + 1), "{stem}: {tolerated}");
        },
    );
}

#[test]
fn sides_of_a_partition_do_what_their_members_allow() {
    let mut seen = BTreeMap::<String, u32>::new();
    each_item(
        TEN_THOUSAND,
        |prng| parameters(Ask::PartitionSides).generate(prng),
        |item| {
            let [n, r, w] = numbers(&item.stem)[..] else { panic!("{}", item.stem.markdown()) };
            let text = chosen_text(item);
            let mut members = 0;
            for side in text.split(" · ") {
                let (names, can) = side.split_once(": ").unwrap();
                let size = names.matches(|c: char| c.is_ascii_uppercase()).count();
                members += size;
                let expected = match (size >= r, size >= w) {
                    (true, true) => "reads and writes",
                    (true, false) => "reads only",
                    (false, true) => "writes only",
                    (false, false) => "nothing",
                };
                assert_eq!(can, expected, "{}: {text}", item.stem.markdown());
                *seen.entry(can.to_owned()).or_default() += 1;
            }
            assert_eq!(members, n);
        },
    );
    assert!(seen.len() == 4 && seen.values().all(|count| *count > 1_000), "{seen:?}");
}

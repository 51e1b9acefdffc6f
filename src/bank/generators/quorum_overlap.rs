//! `quorum_overlap`: what R, W and N guarantee, and what still works after failures.
//!
//! Every key comes from listing sets: all write sets of W of the N replicas, all read sets of R, all sets of failed replicas. No formula such as
//! R + W > N is used for a key. Where replicas are interchangeable, one write set stands for all.

use super::range::{draw, read_range};
use super::wording::{count, decimal, letter, set, shuffled_choices};
use crate::bank::item::{Choices, Item, Key, Kind, Numeric, Remark, Tolerance, Unit};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

use super::wording::lettered;

const ALWAYS_OVERLAP: &str = "quorums-always-overlap";
const EQUAL_IS_ENOUGH: &str = "quorums-equal-is-enough";
const BOTH_MAJORITIES: &str = "quorums-both-majorities";
const WRITES_NEED_NOT: &str = "quorums-writes-need-not-overlap";
const READS_IMPLY_WRITES: &str = "quorums-reads-imply-writes";
const MAJORITY_DECIDES: &str = "quorums-majority-decides";
const ALL_IS_BEST: &str = "quorums-all-is-best";
const STOPS_EVERYTHING: &str = "cap-cp-stops-everything";
const CA_UNDER_PARTITION: &str = "cap-ca-under-partition";

/// What is asked, and how many replicas there may be.
#[derive(Debug, Clone)]
pub(in crate::bank) struct Parameters {
    ask: Ask,
    replicas: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    /// Which sets always overlap (single choice).
    Guarantee,
    /// How many read sets miss a write (numeric).
    StaleReadSets,
    /// Which share of the read sets misses a write (numeric, %).
    StaleReadShare,
    /// The smallest R that sees every write although replicas have lost their disks (numeric).
    SmallestReadQuorum,
    /// How many replicas may be down (numeric).
    ToleratedFailures,
    /// What each side of a partition can do (single choice).
    PartitionSides,
}

const ASKS: [(&str, Ask); 6] = [
    ("guarantee", Ask::Guarantee),
    ("stale_read_sets", Ask::StaleReadSets),
    ("stale_read_share", Ask::StaleReadShare),
    ("smallest_read_quorum", Ask::SmallestReadQuorum),
    ("tolerated_failures", Ask::ToleratedFailures),
    ("partition_sides", Ask::PartitionSides),
];

impl Parameters {
    pub(super) fn read(table: &mut Table) -> Option<Self> {
        let ask = table.word("ask", &ASKS);
        let replicas = read_range(table, "n", 3, 7);
        Some(Self { ask: ask?, replicas: replicas? })
    }

    pub(super) fn kind(&self) -> Kind {
        match self.ask {
            Ask::Guarantee | Ask::PartitionSides => Kind::SingleChoice,
            _ => Kind::Numeric,
        }
    }

    pub(super) fn misconceptions(&self) -> &'static [&'static str] {
        match self.ask {
            Ask::Guarantee => &[ALWAYS_OVERLAP, EQUAL_IS_ENOUGH, BOTH_MAJORITIES, WRITES_NEED_NOT],
            Ask::StaleReadSets | Ask::StaleReadShare => &[ALWAYS_OVERLAP],
            Ask::SmallestReadQuorum => &[EQUAL_IS_ENOUGH, BOTH_MAJORITIES],
            Ask::ToleratedFailures => &[MAJORITY_DECIDES, READS_IMPLY_WRITES, ALL_IS_BEST],
            Ask::PartitionSides => &[MAJORITY_DECIDES, READS_IMPLY_WRITES, STOPS_EVERYTHING, CA_UNDER_PARTITION],
        }
    }

    pub(super) fn generate(&self, prng: &mut Prng) -> Item {
        let n = draw(prng, self.replicas);
        match self.ask {
            Ask::Guarantee => guarantee(prng, n),
            Ask::StaleReadSets => stale_reads(prng, n, false),
            Ask::StaleReadShare => stale_reads(prng, n, true),
            Ask::SmallestReadQuorum => smallest_read_quorum(prng, n),
            Ask::ToleratedFailures => tolerated_failures(prng, n),
            Ask::PartitionSides => partition_sides(prng, n),
        }
    }
}

/// All sets of `size` of the members of `of`.
fn subsets(of: u32, size: usize) -> impl Iterator<Item = u32> + Clone {
    (0..=of).filter(move |members| members & !of == 0 && size_of(*members) == size)
}

fn size_of(members: u32) -> usize {
    usize::try_from(members.count_ones()).unwrap_or_default()
}

/// All of `n` replicas.
const fn everyone(n: usize) -> u32 {
    (1 << n) - 1
}

/// Two sets of the given sizes without a common member, if there are any.
fn disjoint(n: usize, left: usize, right: usize) -> Option<(u32, u32)> {
    let rights = subsets(everyone(n), right);
    subsets(everyone(n), left).find_map(|one| rights.clone().find(|other| one & other == 0).map(|other| (one, other)))
}

fn letters(n: usize) -> String {
    format!("{} to {}", letter(0), letter(n.saturating_sub(1)))
}

/// Asks which sets always overlap: reads with writes, writes with writes.
fn guarantee(prng: &mut Prng, n: usize) -> Item {
    let (wanted_read, wanted_write) = (prng.one_in(2), prng.one_in(2));
    // Every one of the four cases exists from three replicas on: draw until it is the wanted one.
    let (r, w, missed, apart) = loop {
        let (r, w) = (draw(prng, (1, n)), draw(prng, (1, n)));
        let (missed, apart) = (disjoint(n, r, w), disjoint(n, w, w));
        if (missed.is_none(), apart.is_none()) == (wanted_read, wanted_write) {
            break (r, w, missed, apart);
        }
    };
    let stem = format!(
        "A register has N = {n} replicas, {}. A write is acknowledged once **W = {w}** of them have stored it, and a read returns once **R = {r}** \
         of them have replied. Any replicas can be the first to respond. Which statement is true?",
        letters(n)
    );
    let claims = [(true, true), (true, false), (false, true), (false, false)];
    let choice = |(meets, together): (bool, bool)| {
        let first = if meets { "Every read set overlaps every write set" } else { "A read set can miss a write set" };
        let link = if meets == together { "and" } else { "but" };
        let second = if together { "any two write sets overlap" } else { "two write sets can be disjoint" };
        let remark = guarantee_remark(n, (r, missed), (w, apart), meets, together);
        (format!("{first}, {link} {second}."), remark)
    };
    let explanation = format!("{} {}", read_fact(r, w, n, missed), write_fact(w, n, apart));
    let key = Key::Choices(Choices::one_of(lettered(claims.into_iter().map(choice).collect())));
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(explanation)) }
}

type Pair = Option<(u32, u32)>;

/// The remark on a wrong claim, or nothing for the right one.
fn guarantee_remark(
    n: usize,
    (r, missed): (usize, Pair),
    (w, apart): (usize, Pair),
    meets: bool,
    together: bool,
) -> Option<Remark> {
    if meets != missed.is_none() {
        let misconception = match missed {
            None => BOTH_MAJORITIES,
            Some(_) if r + w == n => EQUAL_IS_ENOUGH,
            Some(_) => ALWAYS_OVERLAP,
        };
        return Some(Remark::new(read_fact(r, w, n, missed), misconception));
    }
    let misconception = match apart {
        None => WRITES_NEED_NOT,
        Some(_) if w + w == n => EQUAL_IS_ENOUGH,
        Some(_) => ALWAYS_OVERLAP,
    };
    (together != apart.is_none()).then(|| Remark::new(write_fact(w, n, apart), misconception))
}

fn read_fact(r: usize, w: usize, n: usize, missed: Pair) -> String {
    match missed {
        Some((read, write)) => format!(
            "R + W = {} is not more than N = {n}: the read set {} misses the write set {}.",
            r + w,
            set(read),
            set(write)
        ),
        None => format!(
            "R + W = {} is more than N = {n}: any {r} and any {w} of {n} replicas have at least one in common.",
            r + w
        ),
    }
}

fn write_fact(w: usize, n: usize, apart: Pair) -> String {
    match apart {
        Some((one, other)) => {
            format!(
                "2 W = {} is not more than N = {n}: the write sets {} and {} are disjoint.",
                2 * w,
                set(one),
                set(other)
            )
        }
        None => format!("2 W = {} is more than N = {n}: any two write sets share a replica.", 2 * w),
    }
}

/// How many of the read sets miss a write that only its write set holds.
fn stale_reads(prng: &mut Prng, n: usize, as_share: bool) -> Item {
    let w = draw(prng, (1, n - 1));
    // Mostly read sets that can miss, now and then ones that cannot.
    let r = if prng.one_in(6) { n - w + 1 } else { draw(prng, (1, n - w)) };
    let written = everyone(w);
    let read_sets = subsets(everyone(n), r).count();
    let missing = subsets(everyone(n), r).filter(|read| read & written == 0).count();
    let asked = if as_share {
        "A read hears from R replicas, and every set of that size is equally likely. What share of reads, in per cent, hears from no replica that \
         has the write? Round to one decimal."
    } else {
        "A read can hear from any set of R replicas. How many of these sets contain no replica that has the write?"
    };
    let stem = format!(
        "A register has N = {n} replicas, {}. A write was acknowledged by **W = {w}** of them and hasn't reached any other replica yet, by repair or \
         otherwise. **R = {r}**. {asked}",
        letters(n)
    );
    let explanation = format!(
        "The write is missing on {}. A read misses it if it hears only from these: {missing} of the {} of {}.",
        count(n - w, "replica"),
        count(read_sets, "set"),
        count(r, "replica"),
    );
    let value = if as_share { share(missing, read_sets) } else { float(missing) };
    let mut wrong = Vec::new();
    if missing > 0 {
        let text = format!(
            "R + W = {} isn't more than N = {n}, so a read set can miss the write, for example {}.",
            r + w,
            set(everyone(n) & !everyone(n - r))
        );
        wrong.push((0.0, Remark::new(text, ALWAYS_OVERLAP)));
    }
    let (unit, tolerance) =
        if as_share { (Unit::named("%"), Tolerance::Absolute(0.1)) } else { (None, Tolerance::Exact) };
    let key = Key::Numeric(Numeric { value, unit, tolerance, wrong });
    let explanation = if as_share { format!("{explanation} That is {} %.", decimal(value, 2)) } else { explanation };
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(explanation)) }
}

fn float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::NAN, f64::from)
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * float(part) / float(whole)
}

/// The smallest R whose reads always see every acknowledged write when some replicas have lost their disks.
fn smallest_read_quorum(prng: &mut Prng, n: usize) -> Item {
    let w = draw(prng, (2, n));
    let lost = draw(prng, (0, (w - 1).min(2)));
    let r = (1..=n - lost).find(|r| always_meets(n, w, lost, *r)).unwrap_or_default();
    let stem = format!(
        "A register has N = {n} replicas, {}. A write is acknowledged once **W = {w}** replicas have stored it. Assume that no other replica has \
         it. {} What is the smallest R such that a read of *any* R of the remaining replicas sees every acknowledged write?",
        letters(n),
        loss(lost)
    );
    let without = n - w;
    let explanation = format!(
        "At worst, a read hears only from replicas that lack the write: {}. One more reply is enough, so R = {r}.{}",
        count(without, "replica"),
        durability(lost, w)
    );
    let majority = n / 2 + 1;
    let mut wrong = Vec::new();
    if without > 0 {
        let text = format!("With R = {without}, the read can ask exactly the {without} without the write.");
        wrong.push((float(without), Remark::new(text, EQUAL_IS_ENOUGH)));
    }
    if majority != r && majority != without {
        let text = format!(
            "A majority is not what counts. With W = {w}, the write can be missing on {}, so R must be {r}.",
            count(without, "replica")
        );
        wrong.push((float(majority), Remark::new(text, BOTH_MAJORITIES)));
    }
    let key = Key::Numeric(Numeric { value: float(r), unit: None, tolerance: Tolerance::Exact, wrong });
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(explanation)) }
}

fn loss(lost: usize) -> String {
    match lost {
        0 => "All replicas are up.".to_owned(),
        1 => "Then **1 replica loses its disk** and doesn't come back. It isn't known which one.".to_owned(),
        _ => format!("Then **{lost} replicas lose their disks** and don't come back. It isn't known which ones."),
    }
}

fn durability(lost: usize, w: usize) -> String {
    if lost == 0 {
        return String::new();
    }
    format!(
        " A lost copy doesn't change that while another one exists, but it costs durability: at worst, the number of copies falls from {w} to {}.",
        w - lost
    )
}

/// Whether every read of `r` of the remaining replicas sees a write to the first `w`, whichever `lost` replicas are gone.
fn always_meets(n: usize, w: usize, lost: usize, r: usize) -> bool {
    let written = everyone(w);
    subsets(everyone(n), lost).all(|gone| subsets(everyone(n) & !gone, r).all(|read| read & written != 0))
}

/// Asks how many replicas may be down, whichever they are.
fn tolerated_failures(prng: &mut Prng, n: usize) -> Item {
    let (r, w) = (draw(prng, (1, n)), draw(prng, (1, n)));
    let (needed, what) = match prng.below(3) {
        0 => (vec![r], "reads"),
        1 => (vec![w], "writes"),
        _ => (vec![r, w], "reads and writes"),
    };
    let survives = |down: usize| {
        subsets(everyone(n), down)
            .all(|failed| needed.iter().all(|size| subsets(everyone(n) & !failed, *size).next().is_some()))
    };
    let tolerated = (0..=n).take_while(|down| survives(*down)).last().unwrap_or_default();
    let stem = format!(
        "A register has N = {n} replicas and uses strict quorums, **R = {r}** and **W = {w}**. At most how many replicas can be down, whichever they are, \
         for **{what}** to succeed?"
    );
    let largest = needed.iter().copied().max().unwrap_or_default();
    let explanation = format!(
        "To succeed, {what} need replies from {}{}. With {tolerated} down, {} are left, whichever they are. With one more down, there are too few.",
        count(largest, "replica"),
        if needed.len() > 1 { " (the larger of R and W)" } else { "" },
        n - tolerated
    );
    let key = Key::Numeric(Numeric {
        value: float(tolerated),
        unit: None,
        tolerance: Tolerance::Exact,
        wrong: tolerated_wrong(n, r, w, tolerated),
    });
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(explanation)) }
}

fn tolerated_wrong(n: usize, r: usize, w: usize, tolerated: usize) -> Vec<(f64, Remark)> {
    let needed = n - tolerated;
    let majority = (n - 1) / 2;
    let other = n - r.min(w);
    let mut wrong = Vec::new();
    let mut note = |value: usize, text: String, misconception: &str| {
        if value != tolerated && !wrong.iter().any(|(known, _)| *known == float(value)) {
            wrong.push((float(value), Remark::new(text, misconception)));
        }
    };
    note(
        majority,
        format!("That would be right if majorities had to reply. Here {needed} replicas have to."),
        MAJORITY_DECIDES,
    );
    note(
        other,
        format!(
            "That leaves {}, enough only for the smaller of the two quorums. Here {needed} replicas have to reply.",
            count(n - other, "replica")
        ),
        READS_IMPLY_WRITES,
    );
    if needed == n {
        note(n - 1, "If all replicas must reply, a single one that is down stops everything.".to_owned(), ALL_IS_BEST);
    }
    wrong
}

/// What one side of a partition can complete.
#[derive(Clone, Copy, PartialEq)]
struct Serves {
    reads: bool,
    writes: bool,
}

impl Serves {
    const ALL: Self = Self { reads: true, writes: true };
    const NOTHING: Self = Self { reads: false, writes: false };

    /// What a side can complete, found by listing the sets that lie within it.
    fn of(side: u32, r: usize, w: usize) -> Self {
        Self { reads: subsets(side, r).next().is_some(), writes: subsets(side, w).next().is_some() }
    }

    const fn words(self) -> &'static str {
        match (self.reads, self.writes) {
            (true, true) => "reads and writes",
            (true, false) => "reads only",
            (false, true) => "writes only",
            (false, false) => "nothing",
        }
    }
}

/// What each side of a partition can do.
fn partition_sides(prng: &mut Prng, n: usize) -> Item {
    let majority_rule = |side: u32| if 2 * size_of(side) > n { Serves::ALL } else { Serves::NOTHING };
    let (left, right, r, w, truth) = loop {
        let left = everyone(draw(prng, (1, n - 1)));
        let right = everyone(n) & !left;
        let (r, w) = (draw(prng, (1, n)), draw(prng, (1, n)));
        let truth = (Serves::of(left, r, w), Serves::of(right, r, w));
        // Where the rule of thumb is right, there is little to learn: keep only some of those.
        if truth != (majority_rule(left), majority_rule(right)) || prng.one_in(4) {
            break (left, right, r, w, truth);
        }
    };
    let stem = format!(
        "A register has N = {n} replicas, {}, and uses strict quorums, **R = {r}** and **W = {w}**. A partition separates **{}** from **{}**, and there are \
         clients on both sides. What can clients complete on each side while the partition lasts?",
        letters(n),
        set(left),
        set(right)
    );
    let words =
        |(one, other): (Serves, Serves)| format!("{}: {} · {}: {}", set(left), one.words(), set(right), other.words());
    let reason = |side: u32| format!("{} has {}", set(side), count(size_of(side), "replica"));
    let facts = format!("{} and {}. A read needs {r} and a write needs {w}.", reason(left), reason(right));
    let like_reads = |side: Serves| Serves { reads: side.reads, writes: side.reads };
    let candidates = [
        (
            (majority_rule(left), majority_rule(right)),
            MAJORITY_DECIDES,
            "A majority decides only if R and W are majorities.",
        ),
        (
            (like_reads(truth.0), like_reads(truth.1)),
            READS_IMPLY_WRITES,
            "A side that can read can't always write: R and W differ.",
        ),
        (
            (Serves::NOTHING, Serves::NOTHING),
            STOPS_EVERYTHING,
            "A side refuses only the operations for which it has too few replicas.",
        ),
        (
            (Serves::ALL, Serves::ALL),
            CA_UNDER_PARTITION,
            "A strict quorum can't include replicas that can't be reached.",
        ),
    ];
    let mut wrong: Vec<(String, Remark)> = Vec::new();
    for (claim, misconception, text) in candidates {
        if claim != truth && !wrong.iter().any(|(known, _)| *known == words(claim)) {
            wrong.push((words(claim), Remark::new(format!("{text} {facts}"), misconception)));
        }
    }
    let key = shuffled_choices(prng, words(truth), wrong);
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(facts)) }
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
mod tests;

//! `availability_math`: what becomes of shares (of time, of requests, of traces) when things are in series, in quorums, behind a partition, or many.
//!
//! Keys come from walking through what can happen: one service, replica or call after the other, keeping the chance of each outcome. Inputs are whole
//! numbers of ten-thousandths, so a stem shows exactly what the key was computed from.

use super::range::{draw, read_range};
use super::wording::{count, decimal, grouped};
use crate::bank::item::{Item, Key, Numeric, Remark, Tolerance, Unit};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

const WEAKEST_LINK: &str = "cap-weakest-link";
const NINES_AVERAGE: &str = "cap-nines-average";
const STOPS_EVERYTHING: &str = "cap-cp-stops-everything";
const CA_UNDER_PARTITION: &str = "cap-ca-under-partition";
const MORE_REPLICAS: &str = "quorums-more-replicas-more-writes";
const FAN_OUT: &str = "quorums-w-is-fan-out";
const FAN_OUT_KEEPS: &str = "tracing-fan-out-keeps-its-tail";
const COIN_PER_SERVICE: &str = "tracing-coin-per-service";
const HEAD_KEEPS_ERRORS: &str = "tracing-head-keeps-errors";

/// What is asked, and how many services, replicas or calls there may be.
#[derive(Debug, Clone)]
pub(in crate::bank) struct Parameters {
    ask: Ask,
    count: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    /// Availability of services that all are needed, in %.
    Series,
    /// Their downtime in a month of 30 days.
    SeriesDowntime,
    /// How often enough replicas are up for a write, in %.
    WriteAvailability,
    /// Requests refused by the minority's side of a partition.
    PartitionRefusals,
    /// Share of requests that meet at least one slow call, in %.
    FanOutTail,
    /// Share of traces that every service's own coin keeps, in %. Superseded: shares below one per cent, to two decimals, are marked wrong.
    CoinPerService,
    /// The same, of at least one per cent.
    WholeTraces,
    /// Chance that head sampling keeps at least one of some errors, in %.
    HeadSampledErrors,
}

const ASKS: [(&str, Ask); 8] = [
    ("series", Ask::Series),
    ("series_downtime", Ask::SeriesDowntime),
    ("write_availability", Ask::WriteAvailability),
    ("partition_refusals", Ask::PartitionRefusals),
    ("fan_out_tail", Ask::FanOutTail),
    ("coin_per_service", Ask::CoinPerService),
    ("whole_traces", Ask::WholeTraces),
    ("head_sampled_errors", Ask::HeadSampledErrors),
];

impl Parameters {
    pub(super) fn read(table: &mut Table) -> Option<Self> {
        let ask = table.word("ask", &ASKS)?;
        if ask == Ask::CoinPerService {
            let message = "`coin_per_service` is kept for attempts that began with it: use `whole_traces`, which asks the same better";
            table.mistake_at("ask", message);
        }
        let (name, low, high) = ask.counts();
        Some(Self { ask, count: read_range(table, name, low, high)? })
    }

    pub(super) fn misconceptions(&self) -> &'static [&'static str] {
        match self.ask {
            Ask::Series | Ask::SeriesDowntime => &[WEAKEST_LINK, NINES_AVERAGE],
            Ask::WriteAvailability => &[MORE_REPLICAS, FAN_OUT],
            Ask::PartitionRefusals => &[STOPS_EVERYTHING, CA_UNDER_PARTITION],
            Ask::FanOutTail => &[FAN_OUT_KEEPS],
            Ask::CoinPerService | Ask::WholeTraces => &[COIN_PER_SERVICE],
            Ask::HeadSampledErrors => &[HEAD_KEEPS_ERRORS],
        }
    }

    pub(super) fn generate(&self, prng: &mut Prng) -> Item {
        let number = draw(prng, self.count);
        match self.ask {
            Ask::Series => series(prng, number, false),
            Ask::SeriesDowntime => series(prng, number, true),
            Ask::WriteAvailability => write_availability(prng, number),
            Ask::PartitionRefusals => partition_refusals(prng, number),
            Ask::FanOutTail => fan_out_tail(prng, number),
            Ask::CoinPerService => coin_per_service(prng, number, 0.0),
            Ask::WholeTraces => coin_per_service(prng, number, 1.0),
            Ask::HeadSampledErrors => head_sampled_errors(prng, number),
        }
    }
}

impl Ask {
    /// What is counted, and between which bounds.
    const fn counts(self) -> (&'static str, i64, i64) {
        match self {
            Self::Series | Self::SeriesDowntime => ("services", 2, 8),
            Self::WriteAvailability => ("n", 3, 7),
            Self::PartitionRefusals => ("minutes", 2, 240),
            Self::FanOutTail => ("calls", 2, 200),
            Self::CoinPerService | Self::WholeTraces => ("services", 2, 8),
            Self::HeadSampledErrors => ("errors", 2, 500),
        }
    }
}

/// A chance in ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Chance(u32);

impl Chance {
    const ALL: u32 = 10_000;

    fn float(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ALL)
    }

    fn not(self) -> Self {
        Self(Self::ALL.saturating_sub(self.0))
    }

    /// In per cent, as it is written.
    fn percent(self) -> String {
        decimal(f64::from(self.0) / 100.0, 2)
    }
}

fn pick(prng: &mut Prng, chances: &[u32]) -> Chance {
    Chance(prng.pick(chances).copied().unwrap_or_default())
}

/// The chance that all of some independent things happen.
fn all_of(chances: impl IntoIterator<Item = Chance>) -> f64 {
    chances.into_iter().fold(1.0, |so_far, chance| so_far * chance.float())
}

/// The chance that so many of `n` independent things happen, for each number from none to all.
fn how_many(n: usize, each: Chance) -> Vec<f64> {
    let mut chances = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; chances.len() + 1];
        for (number, chance) in chances.iter().enumerate() {
            if let Some(without) = next.get_mut(number) {
                *without += chance * each.not().float();
            }
            if let Some(with) = next.get_mut(number + 1) {
                *with += chance * each.float();
            }
        }
        chances = next;
    }
    chances
}

/// A numeric item. Wrong values that cannot be told from the right one are left out.
fn item(
    stem: String,
    explanation: String,
    value: f64,
    unit: Option<&str>,
    tolerance: Tolerance,
    wrong: Vec<(f64, Remark)>,
) -> Item {
    let allowed = match tolerance {
        Tolerance::Exact => 0.0,
        Tolerance::Absolute(allowed) => allowed,
        Tolerance::Relative(share) => value.abs() * share,
    };
    let wrong = wrong.into_iter().filter(|(other, _)| (other - value).abs() > 2.0 * allowed).collect();
    let key = Key::Numeric(Numeric { value, unit: unit.and_then(Unit::named), tolerance, wrong });
    Item { stem: Markdown::new(stem), key, explanation: Some(Markdown::new(explanation)) }
}

const MINUTES_OF_MONTH: f64 = 30.0 * 24.0 * 60.0;

fn series(prng: &mut Prng, services: usize, as_downtime: bool) -> Item {
    let levels: &[u32] =
        if as_downtime { &[9_900, 9_950, 9_980, 9_990, 9_995] } else { &[9_500, 9_800, 9_900, 9_950, 9_980, 9_990] };
    let each: Vec<Chance> = (0..services).map(|_| pick(prng, levels)).collect();
    let (together, weakest) = (all_of(each.iter().copied()), each.iter().min().map_or(1.0, |chance| chance.float()));
    let mean = each.iter().map(|chance| chance.float()).sum::<f64>() / f64::from(u32::try_from(services).unwrap_or(1));
    let listed: Vec<_> = each.iter().map(|chance| format!("{} %", chance.percent())).collect();
    let mut stem = format!(
        "A request is served only if all of {services} services that it calls are up. They fail independently; each is up for this share of the time: {}. ",
        listed.join(", ")
    );
    let weakest_text = "Each of the others fails at times when the weakest does not.";
    let mean_text = "A request needs all of them at once: shares of time multiply, they do not average.";
    let product = each.iter().map(|chance| decimal(chance.float(), 4)).collect::<Vec<_>>().join(" × ");
    let mut explanation = format!(
        "Independent shares multiply: {product} = {}, so {} %.",
        decimal(together, 6),
        decimal(100.0 * together, 3)
    );
    let scale = |up: f64| if as_downtime { (1.0 - up) * MINUTES_OF_MONTH } else { 100.0 * up };
    let wrong = vec![
        (scale(weakest), Remark::new(weakest_text, WEAKEST_LINK)),
        (scale(mean), Remark::new(mean_text, NINES_AVERAGE)),
    ];
    if as_downtime {
        stem.push_str("For how long in a month of 30 days is the request not served? Answer to the minute.");
        explanation.push_str(&format!(" The rest of {} minutes is {}.", grouped(43_200), decimal(scale(together), 1)));
        return item(stem, explanation, scale(together), Some("min"), Tolerance::Absolute(1.0), wrong);
    }
    stem.push_str("For what share of the time is the request served? Give two decimals.");
    item(stem, explanation, scale(together), Some("%"), Tolerance::Absolute(0.01), wrong)
}

fn write_availability(prng: &mut Prng, n: usize) -> Item {
    let (up, w, value) = loop {
        let up = pick(prng, &[8_000, 9_000, 9_500, 9_800, 9_900]);
        let w = draw(prng, (1, n));
        let value = 100.0 * how_many(n, up).iter().skip(w).sum::<f64>();
        // Two decimals could not tell it from always.
        if value < 99.96 {
            break (up, w, value);
        }
    };
    let stem = format!(
        "A register is kept on N = {n} replicas. Each is up for {} % of the time, independently of the others. A write is sent to all of them and succeeds once \
         **W = {w}** have acknowledged it. For what share of the time can writes succeed? Give two decimals.",
        up.percent()
    );
    let any = 100.0 * how_many(n, up).iter().skip(1).sum::<f64>();
    let chosen = 100.0 * all_of(std::iter::repeat_n(up, w));
    let explanation = format!(
        "Add up the chances of every state in which at least {w} of {n} are up: {} %.{}",
        decimal(value, 3),
        if w == n { " With W = N each replica that is added is one more that must be up." } else { "" }
    );
    let mut wrong = Vec::new();
    if w > 1 {
        let text = format!("That is how often at least one replica is up. A write needs {w}.");
        wrong.push((any, Remark::new(text, MORE_REPLICAS)));
    }
    if w < n {
        let text =
            format!("That is how often {w} certain replicas are up. The write goes to all {n}, and any {w} will do.");
        wrong.push((chosen, Remark::new(text, FAN_OUT)));
    }
    item(stem, explanation, value, Some("%"), Tolerance::Absolute(0.01), wrong)
}

fn partition_refusals(prng: &mut Prng, minutes: usize) -> Item {
    let per_second = 100 * prng.within(2, 80);
    let side = pick(prng, &[500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000]);
    let minutes = u64::try_from(minutes).unwrap_or_default();
    let all = per_second * 60 * minutes;
    let refused = all / u64::from(Chance::ALL) * u64::from(side.0)
        + all % u64::from(Chance::ALL) * u64::from(side.0) / u64::from(Chance::ALL);
    let stem = format!(
        "A store is linearizable: while the network is cut, the side with the majority of the replicas goes on and the other refuses every request. It gets {} \
         requests a second, evenly; {} % of them arrive on the side without the majority, and no client can change sides. The cut lasts {} minutes. How many requests are refused?",
        grouped(per_second),
        side.percent(),
        minutes
    );
    let explanation = format!(
        "{} requests a second × {} seconds × {} % = {}.",
        grouped(per_second),
        grouped(60 * minutes),
        side.percent(),
        grouped(refused)
    );
    let float = |number: u64| u32::try_from(number).map_or(f64::NAN, f64::from);
    let wrong = vec![
        (float(all), Remark::new("The side with the majority refuses nothing.", STOPS_EVERYTHING)),
        (
            0.0,
            Remark::new(
                "A side that cannot know of the other's writes has to refuse, or it is not linearizable.",
                CA_UNDER_PARTITION,
            ),
        ),
    ];
    item(stem, explanation, float(refused), None, Tolerance::Relative(0.01), wrong)
}

fn fan_out_tail(prng: &mut Prng, calls: usize) -> Item {
    let slow = pick(prng, &[10, 50, 100, 200, 500]);
    let value = 100.0 * (1.0 - all_of(std::iter::repeat_n(slow.not(), calls)));
    let limit = 10 * prng.within(5, 50);
    let stem = format!(
        "A request calls {calls} backends in parallel and waits for all of them. Each call takes longer than {limit} ms in {} % of the cases, independently of \
         the others. What share of the requests waits longer than {limit} ms? Give one decimal.",
        slow.percent()
    );
    let explanation = format!(
        "A request is fast only if all {calls} calls are: {} to the power of {calls} = {}. The rest, {} %, wait for at least one slow call.",
        decimal(slow.not().float(), 4),
        decimal(1.0 - value / 100.0, 4),
        decimal(value, 2)
    );
    let text = format!("That is the share of slow calls. A request makes {calls} of them, and one slow one is enough.");
    let wrong = vec![(100.0 * slow.float(), Remark::new(text, FAN_OUT_KEEPS))];
    item(stem, explanation, value, Some("%"), Tolerance::Absolute(0.1), wrong)
}

/// A share of at least `least` per cent.
fn coin_per_service(prng: &mut Prng, services: usize, least: f64) -> Item {
    let (rate, value) = loop {
        let rate = pick(prng, &[1_000, 2_000, 2_500, 5_000, 8_000, 9_000]);
        let value = 100.0 * all_of(std::iter::repeat_n(rate, services));
        if value >= least {
            break (rate, value);
        }
    };
    let stem = format!(
        "Every request passes through {services} services. Each of them decides for itself, by a coin of its own, whether it records its spans, and does so for \
         {} % of the requests. What share of the requests leaves a complete trace? Give two decimals.",
        rate.percent()
    );
    let explanation = format!(
        "All {services} coins must fall the same way: {} to the power of {services} = {} %. One decision, made at the root and passed on in `traceparent`, \
         would keep {} % of the traces whole.",
        decimal(rate.float(), 2),
        decimal(value, 4),
        rate.percent()
    );
    let text = "That share of the spans of each service is kept, not that share of the traces.";
    let wrong = vec![(100.0 * rate.float(), Remark::new(text, COIN_PER_SERVICE))];
    // A trace that a hundred services must agree on is rare: the tolerance shrinks with it.
    let tolerance = if value < 1.0 { Tolerance::Relative(0.05) } else { Tolerance::Absolute(0.05) };
    item(stem, explanation, value, Some("%"), tolerance, wrong)
}

fn head_sampled_errors(prng: &mut Prng, errors: usize) -> Item {
    let rate = pick(prng, &[10, 50, 100, 200, 500, 1_000]);
    let value = 100.0 * (1.0 - all_of(std::iter::repeat_n(rate.not(), errors)));
    let stem = format!(
        "Head sampling keeps {} % of all traces, decided at random when a request begins. An incident makes {} fail. With what chance, in per cent, is there a \
         trace of at least one of them? Give one decimal.",
        rate.percent(),
        count(errors, "request")
    );
    let explanation = format!(
        "The coin falls before anybody knows that the request will fail. All {errors} are missed with the chance {} to the power of {errors} = {}; the rest is {} %.",
        decimal(rate.not().float(), 4),
        decimal(1.0 - value / 100.0, 4),
        decimal(value, 2)
    );
    let text = "A head sampler cannot prefer errors: when it decides, there is none yet.";
    let wrong = vec![(100.0, Remark::new(text, HEAD_KEEPS_ERRORS))];
    item(stem, explanation, value, Some("%"), Tolerance::Absolute(0.1), wrong)
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
mod tests {
    use super::*;
    use crate::bank::generators::tests::{TEN_THOUSAND, decimals, each_item, number};

    fn parameters(ask: Ask) -> Parameters {
        let (_, low, high) = ask.counts();
        Parameters { ask, count: (usize::try_from(low).unwrap(), usize::try_from(high).unwrap()) }
    }

    /// Holds the key of every item against `expected`, which gets the numbers of the stem.
    fn check(ask: Ask, expected: impl Fn(&[f64]) -> f64) {
        each_item(
            TEN_THOUSAND,
            |prng| parameters(ask).generate(prng),
            |item| {
                let expected = expected(&decimals(&item.stem));
                let key = number(item);
                assert!(
                    (key - expected).abs() <= expected.abs() * 1e-9 + 1e-9,
                    "{}\n{key} is not {expected}",
                    item.stem.markdown()
                );
            },
        );
    }

    /// The chance of every state of `up.len()` things, one after the other, in exact whole numbers: 100 of a thing's 100 parts in a hundred.
    fn exact(up: &[u128], counts: impl Fn(u32) -> bool) -> f64 {
        let states = 0..1_u32 << up.len();
        let weight = |state: u32| {
            up.iter()
                .enumerate()
                .map(|(index, up)| if state >> index & 1 == 1 { *up } else { 10_000 - up })
                .product::<u128>()
        };
        let (mut good, mut all) = (0, 0);
        for state in states {
            all += weight(state);
            good += if counts(state.count_ones()) { weight(state) } else { 0 };
        }
        good as f64 / all as f64
    }

    fn ten_thousandths(percent: f64) -> u128 {
        (percent * 100.0).round() as u128
    }

    #[test]
    fn series_are_the_one_state_in_which_all_are_up() {
        let availability = |numbers: &[f64], services: usize| {
            let up: Vec<_> = numbers[1..=services].iter().map(|percent| ten_thousandths(*percent)).collect();
            exact(&up, |count| count as usize == services)
        };
        check(Ask::Series, |numbers| 100.0 * availability(numbers, numbers[0] as usize));
        check(Ask::SeriesDowntime, |numbers| 43_200.0 * (1.0 - availability(numbers, numbers[0] as usize)));
    }

    #[test]
    fn write_availability_counts_every_state_of_the_replicas() {
        check(Ask::WriteAvailability, |numbers| {
            let [n, percent, w] = numbers else { panic!("{numbers:?}") };
            100.0 * exact(&vec![ten_thousandths(*percent); *n as usize], |count| f64::from(count) >= *w)
        });
    }

    #[test]
    fn refusals_are_counted_second_by_second() {
        check(Ask::PartitionRefusals, |numbers| {
            let [per_second, percent, minutes] = numbers else { panic!("{numbers:?}") };
            (0..*minutes as u64 * 60).fold(0.0, |sum, _| sum + per_second * ten_thousandths(*percent) as f64) / 10_000.0
        });
    }

    /// One of many, by its complement's series: c₁ = p, cₙ₊₁ = cₙ + (1 − cₙ) p.
    fn at_least_one(percent: f64, of: f64) -> f64 {
        let chance = percent / 100.0;
        100.0 * (0..of as u32).fold(0.0, |so_far, _| so_far + (1.0 - so_far) * chance)
    }

    #[test]
    fn at_least_one_of_many_is_summed_one_by_one() {
        check(Ask::FanOutTail, |numbers| at_least_one(numbers[2], numbers[0]));
        check(Ask::HeadSampledErrors, |numbers| at_least_one(numbers[0], numbers[1]));
    }

    #[test]
    fn coins_of_all_services_must_agree() {
        for ask in [Ask::CoinPerService, Ask::WholeTraces] {
            check(ask, |numbers| {
                let [services, percent] = numbers else { panic!("{numbers:?}") };
                let up = vec![ten_thousandths(*percent); *services as usize];
                100.0 * exact(&up, |count| f64::from(count) == *services)
            });
        }
    }
}

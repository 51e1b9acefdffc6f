//! `availability_math`: availabilities and shares of requests or traces, for services in series, quorums, partitions and fan-outs.
//!
//! Keys come from walking through the outcomes of one service, replica or call after the other and keeping the probability of each. Inputs are whole
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
    /// Availability of a request that needs all of its services, in %.
    Series,
    /// The downtime of such a request in a month of 30 days, in minutes.
    SeriesDowntime,
    /// The share of the time in which enough replicas are up for a write, in %.
    WriteAvailability,
    /// The number of requests refused on the minority side of a partition.
    PartitionRefusals,
    /// The share of requests with at least one slow call, in %.
    FanOutTail,
    /// The share of traces that are complete when each service samples independently, in %. Superseded, because a share below one per cent was marked
    /// wrong when it was given to two decimals, as the stem asks.
    CoinPerService,
    /// The same as `CoinPerService`, with shares of at least one per cent.
    WholeTraces,
    /// The probability that head sampling keeps at least one of some errors, in %.
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
            let message = "`coin_per_service` is kept only for attempts that began with it: use `whole_traces` instead";
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
    /// The parameter that this ask reads, with its smallest and its largest value.
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

/// A probability in ten-thousandths.
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

    /// The probability in per cent, as it is shown in a stem.
    fn percent(self) -> String {
        decimal(f64::from(self.0) / 100.0, 2)
    }
}

fn pick(prng: &mut Prng, chances: &[u32]) -> Chance {
    Chance(prng.pick(chances).copied().unwrap_or_default())
}

/// The probability that all of some independent events happen.
fn all_of(chances: impl IntoIterator<Item = Chance>) -> f64 {
    chances.into_iter().fold(1.0, |so_far, chance| so_far * chance.float())
}

/// The probability that exactly k of `n` independent events happen, for each k from 0 to `n`.
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

/// A numeric item. Wrong values that the tolerance can't tell from the right one are left out.
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
        "A request calls {services} services and succeeds only if all of them are up. They fail independently. Their availabilities are {}. ",
        listed.join(", ")
    );
    let weakest_text = "The other services fail too, mostly at times when the weakest one is up.";
    let mean_text = "The request needs all of them at once, so the availabilities multiply. They don't average.";
    let product = each.iter().map(|chance| decimal(chance.float(), 4)).collect::<Vec<_>>().join(" × ");
    let mut explanation = format!(
        "Independent availabilities multiply: {product} = {}, so {} %.",
        decimal(together, 6),
        decimal(100.0 * together, 3)
    );
    let scale = |up: f64| if as_downtime { (1.0 - up) * MINUTES_OF_MONTH } else { 100.0 * up };
    let wrong = vec![
        (scale(weakest), Remark::new(weakest_text, WEAKEST_LINK)),
        (scale(mean), Remark::new(mean_text, NINES_AVERAGE)),
    ];
    if as_downtime {
        stem.push_str("For how long in a month of 30 days does the request fail? Round to the minute.");
        explanation.push_str(&format!(
            " The request fails for the rest of the {} minutes: {}.",
            grouped(43_200),
            decimal(scale(together), 1)
        ));
        return item(stem, explanation, scale(together), Some("min"), Tolerance::Absolute(1.0), wrong);
    }
    stem.push_str("What is the availability of the request, in per cent? Round to two decimals.");
    item(stem, explanation, scale(together), Some("%"), Tolerance::Absolute(0.01), wrong)
}

fn write_availability(prng: &mut Prng, n: usize) -> Item {
    let (up, w, value) = loop {
        let up = pick(prng, &[8_000, 9_000, 9_500, 9_800, 9_900]);
        let w = draw(prng, (1, n));
        let value = 100.0 * how_many(n, up).iter().skip(w).sum::<f64>();
        // Rounded to two decimals, a larger value could look like 100 %.
        if value < 99.96 {
            break (up, w, value);
        }
    };
    let stem = format!(
        "A register has N = {n} replicas. Each is up {} % of the time, independently of the others. A write is sent to all of them and succeeds once \
         **W = {w}** have acknowledged it. What is the availability of writes, in per cent? Round to two decimals.",
        up.percent()
    );
    let any = 100.0 * how_many(n, up).iter().skip(1).sum::<f64>();
    let chosen = 100.0 * all_of(std::iter::repeat_n(up, w));
    let explanation = format!(
        "Add up the probabilities of all states in which at least {w} of the {n} replicas are up: {} %.{}",
        decimal(value, 3),
        if w == n { " With W = N, each added replica is one more that must be up." } else { "" }
    );
    let mut wrong = Vec::new();
    if w > 1 {
        let text = format!("That is how often at least one replica is up. A write needs {w} of them.");
        wrong.push((any, Remark::new(text, MORE_REPLICAS)));
    }
    if w < n {
        let particular =
            if w == 1 { "one particular replica is".to_owned() } else { format!("{w} particular replicas are") };
        let text = format!(
            "That is how often {particular} up. The write goes to all {n}, and any {w} of them can acknowledge it."
        );
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
        "A store is linearizable. During a partition, the side with a majority of the replicas keeps working, and the other side refuses every request. The store \
         receives a steady {} requests a second. {} % of them arrive on the minority side, and no client can switch sides. The partition lasts {} minutes. How many \
         requests are refused?",
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
        (float(all), Remark::new("The majority side refuses nothing.", STOPS_EVERYTHING)),
        (
            0.0,
            Remark::new(
                "The minority side can't learn of writes on the other side. To stay linearizable it has to refuse requests.",
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
        "A request calls {calls} backends in parallel and waits for all of them. Each call takes longer than {limit} ms with a probability of {} %, \
         independently of the others. What share of requests, in per cent, waits longer than {limit} ms? Round to one decimal.",
        slow.percent()
    );
    let explanation = format!(
        "A request is fast only if all {calls} calls are fast: {} to the power of {calls} = {}. The rest, {} %, wait for at least one slow call.",
        decimal(slow.not().float(), 4),
        decimal(1.0 - value / 100.0, 4),
        decimal(value, 2)
    );
    let text =
        format!("That is the share of slow calls. A request makes {calls} calls, and a single slow one delays it.");
    let wrong = vec![(100.0 * slow.float(), Remark::new(text, FAN_OUT_KEEPS))];
    item(stem, explanation, value, Some("%"), Tolerance::Absolute(0.1), wrong)
}

/// Services that each sample independently, with a share of complete traces of at least `least` per cent.
fn coin_per_service(prng: &mut Prng, services: usize, least: f64) -> Item {
    let (rate, value) = loop {
        let rate = pick(prng, &[1_000, 2_000, 2_500, 5_000, 8_000, 9_000]);
        let value = 100.0 * all_of(std::iter::repeat_n(rate, services));
        if value >= least {
            break (rate, value);
        }
    };
    let stem = format!(
        "Every request passes through {services} services. Each service decides at random, independently of the others, whether it records its spans, and does so for \
         {} % of requests. What share of requests, in per cent, leaves a complete trace? Round to two decimals.",
        rate.percent()
    );
    let explanation = format!(
        "A trace is complete only if all {services} services recorded it: {} to the power of {services} = {} %. If the root decided once and passed the decision on \
         in `traceparent`, {} % of requests would leave a complete trace.",
        decimal(rate.float(), 2),
        decimal(value, 4),
        rate.percent()
    );
    let text = "That is the share of spans that each service keeps, not the share of complete traces.";
    let wrong = vec![(100.0 * rate.float(), Remark::new(text, COIN_PER_SERVICE))];
    // A small share needs a tolerance that shrinks with it.
    let tolerance = if value < 1.0 { Tolerance::Relative(0.05) } else { Tolerance::Absolute(0.05) };
    item(stem, explanation, value, Some("%"), tolerance, wrong)
}

fn head_sampled_errors(prng: &mut Prng, errors: usize) -> Item {
    let rate = pick(prng, &[10, 50, 100, 200, 500, 1_000]);
    let value = 100.0 * (1.0 - all_of(std::iter::repeat_n(rate.not(), errors)));
    let stem = format!(
        "A head sampler keeps {} % of all traces, chosen at random when a request begins. In an incident, {} fail. What is the probability, in per cent, that at \
         least one of them has a trace? Round to one decimal.",
        rate.percent(),
        count(errors, "request")
    );
    let explanation = format!(
        "The sampler decides before anyone knows that a request will fail. It misses all {errors} with a probability of {} to the power of {errors} = {}. The rest is {} %.",
        decimal(rate.not().float(), 4),
        decimal(1.0 - value / 100.0, 4),
        decimal(value, 2)
    );
    let text = "A head sampler can't prefer errors: when it decides, none has happened yet.";
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

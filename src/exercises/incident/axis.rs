//! The scales of a chart: round numbers for values, and round times.

use serde::Serialize;

use super::numbers::percent;
use crate::incident::{Moment, Window};

/// Steps between two marks on the axis of time, in milliseconds.
const STEPS_MS: [i64; 19] = [
    200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
    3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
];
/// How many steps fit into the axis of time.
const MAX_STEPS: i64 = 5;

/// A mark on the axis of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Tick {
    /// Its place, such as `12.500%`.
    x: String,
    label: String,
    /// On which side of the place the label stands, so that none is cut off: `start`, `middle` or `end`.
    anchor: &'static str,
    /// Whether the label is left out where there is little room.
    is_minor: bool,
}

/// Marks at round times.
pub(super) fn ticks(window: Window) -> Vec<Tick> {
    let (from, length) = (window.from().millis(), window.length_ms());
    let step = STEPS_MS.into_iter().find(|step| length / step <= MAX_STEPS).unwrap_or(43_200_000);
    let first = from.div_euclid(step) * step;
    let times = (0..).map(|index| first + index * step).skip_while(|time| *time < from);
    let mut ticks: Vec<_> =
        times.take_while(|time| *time <= from + length).map(|time| tick(time, step, window)).collect();
    for tick in ticks.iter_mut().skip(1).step_by(2) {
        tick.is_minor = true;
    }
    ticks
}

fn tick(time: i64, step: i64, window: Window) -> Tick {
    let (part, length) = (time - window.from().millis(), window.length_ms());
    let moment = Moment::from_millis(time);
    let label = match step {
        60_000.. => moment.minute(),
        1_000.. => moment.second(),
        _ => moment.to_string(),
    };
    let anchor = match part * 100 / length.max(1) {
        ..8 => "start",
        8..92 => "middle",
        _ => "end",
    };
    Tick { x: percent(part, length), label, anchor, is_minor: false }
}

/// The lowest and the highest value of a scale that holds zero and all `values`, both round.
pub(super) fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    match (-round_up(-low), round_up(high)) {
        (low, high) if low < high => (low, high),
        _ => (0.0, 1.0),
    }
}

/// The next round number; zero for what isn't positive.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let magnitude = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * magnitude).find(|round| *round >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(from: &str, to: &str) -> Vec<String> {
        let moment = |text: &str| Moment::parse(text).unwrap();
        ticks(Window::of_whole_seconds(moment(from), moment(to))).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn times_are_round() {
        assert_eq!(shown("12:00:00", "12:08:59"), ["12:00", "12:02", "12:04", "12:06", "12:08"]);
        assert_eq!(shown("12:02:55", "12:03:24"), ["12:03:00", "12:03:10", "12:03:20"]);
        assert_eq!(shown("12:03:00", "12:03:00").len(), 6);
        assert_eq!(shown("00:00:00", "23:59:59"), ["00:00", "06:00", "12:00", "18:00", "00:00"]);
    }

    #[test]
    fn scales_are_round_and_hold_zero() {
        assert_eq!(bounds([134.0, 1_335.0].into_iter()), (0.0, 1_500.0));
        assert_eq!(bounds([-3.0, -0.5].into_iter()), (-3.0, 0.0));
        assert_eq!(bounds([0.0].into_iter()), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn every_value_is_on_the_scale(values in proptest::collection::vec(-1e12..1e12_f64, 0..20)) {
            let (low, high) = bounds(values.iter().copied());
            prop_assert!(low <= 0.0 && 0.0 <= high && low < high);
            prop_assert!(values.iter().all(|value| (low..=high).contains(value)));
        }
    }
}

//! How many attempts have which score, as bars side by side.

use super::svg::{Anchor, Area, Percent, Shape, Svg};
use crate::statistics::histogram::{Bin, Histogram};

/// Where the highest bar begins, below its count.
const TOP_PX: usize = 20;
const HIGHEST_PX: usize = 120;
const BASE_PX: usize = TOP_PX + HIGHEST_PX;
/// A bar takes eight tenths of its place, in the middle of it.
const BAR_TENTHS: usize = 8;

/// The plot of a distribution of scores, as an SVG element. `id` begins the ids in it, and is used once in a page.
#[must_use]
pub fn plot_of_histogram(histogram: &Histogram, id: &str) -> String {
    let bins = &histogram.bins;
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    let bars = bins.iter().enumerate().flat_map(|(index, bin)| shapes(index, bins.len(), bin, most));
    let svg = Svg {
        id: id.to_owned(),
        title: "How many attempts have which score".to_owned(),
        description: describe(histogram),
        height_px: BASE_PX + 40,
        shapes: bars.chain([Shape::Rule { y_px: BASE_PX }, caption()]).collect(),
    };
    svg.to_string()
}

/// A bar with its count above and the lowest score below it. There's no bar where nobody is.
fn shapes(index: usize, bins: usize, bin: &Bin, most: usize) -> Vec<Shape> {
    let middle = Percent::of(2 * index + 1, 2 * bins);
    let mut shapes = vec![text(middle, BASE_PX + 16, Anchor::Middle, &bin.from.to_string())];
    if bin.count > 0 {
        let height_px = (HIGHEST_PX * bin.count).div_ceil(most);
        let x = Percent::of(10 * index + (10 - BAR_TENTHS) / 2, 10 * bins);
        let width = Percent::of(BAR_TENTHS, 10 * bins);
        shapes.push(Shape::Bar(Area { x, y_px: BASE_PX - height_px, width, height_px }));
        shapes.push(text(middle, BASE_PX - height_px - 5, Anchor::Middle, &bin.count.to_string()));
    }
    shapes
}

fn text(x: Percent, y_px: usize, anchor: Anchor, text: &str) -> Shape {
    Shape::Text { x, shift_px: 0, y_px, anchor, text: text.to_owned() }
}

fn caption() -> Shape {
    text(Percent::ZERO, BASE_PX + 35, Anchor::Start, "points, from each number up to the next")
}

/// How many attempts there are, where they begin and end, and where most are.
fn describe(histogram: &Histogram) -> String {
    let attempts: usize = histogram.bins.iter().map(|bin| bin.count).sum();
    let taken = || histogram.bins.iter().filter(|bin| bin.count > 0);
    // The first of several highest ones.
    let highest = taken().rev().max_by_key(|bin| bin.count);
    let (Some(first), Some(last), Some(highest)) = (taken().next(), taken().next_back(), highest) else {
        return "There are no attempts.".to_owned();
    };
    format!(
        "{attempts} attempts, out of {} points. The lowest are {}, the highest are {}. The highest bar has {}, {}.",
        histogram.max_score,
        range(first, histogram),
        range(last, histogram),
        highest.count,
        range(highest, histogram)
    )
}

/// The end of the last bin belongs to it; that of any other bin doesn't.
fn range(bin: &Bin, histogram: &Histogram) -> String {
    let Bin { from, to, .. } = bin;
    if from == to {
        format!("at {from}")
    } else if histogram.bins.last() == Some(bin) {
        format!("from {from} to {to}")
    } else {
        format!("from {from} to below {to}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::Points;

    #[test]
    fn bars_are_as_high_as_their_counts() {
        let scores: Vec<_> = [0, 0, 2, 2, 2, 2, 1, 1, 1, 1].map(|score| Points::from_thousandths(score * 1_000)).into();
        let histogram = Histogram::of(&scores, Points::from_thousandths(2_000));
        insta::assert_snapshot!(plot_of_histogram(&histogram, "scores"), @r#"
        <svg class="plot" width="100%" height="180" role="img" aria-labelledby="scores-title" aria-describedby="scores-description" font-size="13" fill="currentColor">
        <title id="scores-title">How many attempts have which score</title>
        <desc id="scores-description">10 attempts, out of 2 points. The lowest are from 0 to below 1, the highest are at 2. The highest bar has 4, from 1 to below 2.</desc>
        <text x="16.667%" dx="0" y="156" text-anchor="middle">0</text>
        <rect class="accent" fill="currentColor" x="3.333%" y="80" width="26.667%" height="60"/>
        <text x="16.667%" dx="0" y="75" text-anchor="middle">2</text>
        <text x="50.000%" dx="0" y="156" text-anchor="middle">1</text>
        <rect class="accent" fill="currentColor" x="36.667%" y="20" width="26.667%" height="120"/>
        <text x="50.000%" dx="0" y="15" text-anchor="middle">4</text>
        <text x="83.333%" dx="0" y="156" text-anchor="middle">2</text>
        <rect class="accent" fill="currentColor" x="70.000%" y="20" width="26.667%" height="120"/>
        <text x="83.333%" dx="0" y="15" text-anchor="middle">4</text>
        <line class="muted" stroke="currentColor" x1="0" x2="100%" y1="140" y2="140"/>
        <text x="0.000%" dx="0" y="175" text-anchor="start">points, from each number up to the next</text>
        </svg>
        "#);
    }
}

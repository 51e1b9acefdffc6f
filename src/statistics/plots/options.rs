//! What the strongest and the weakest candidates chose, as two bars for each option.

use super::svg::{Anchor, Area, Percent, Shape, Svg};
use crate::statistics::groups::GROUP_PER_CENT;
use crate::statistics::options::{ByGroup, GroupSizes, OptionLine, OptionTable};

/// The bar of a whole group ends at seven tenths of the width; its figure stands beside it.
const BAR_TENTHS: usize = 7;
const BAR_PX: usize = 11;
const LINE_PX: usize = 18;
/// Where the options begin, below two lines that say whose bars are which.
const TOP_PX: usize = 2 * LINE_PX + 10;
/// An option has its name, two bars, and a gap before the next.
const OPTION_PX: usize = 3 * LINE_PX + 10;

/// The plot of an item's options, as an SVG element; nothing when there are no groups to compare. `id` begins the ids in it, and is used once
/// in a page.
#[must_use]
pub fn plot_of_options(table: &OptionTable, id: &str) -> Option<String> {
    let GroupSizes::Groups(sizes) = table.groups else { return None };
    let options = table.options.iter().enumerate();
    let lines = options.flat_map(|(index, option)| shapes(option, sizes, TOP_PX + index * OPTION_PX));
    let svg = Svg {
        id: id.to_owned(),
        title: "What the strongest and the weakest candidates chose".to_owned(),
        description: describe(table, sizes),
        height_px: TOP_PX + table.options.len() * OPTION_PX,
        shapes: legend(sizes).into_iter().chain(lines).collect(),
    };
    Some(svg.to_string())
}

/// Which bars are whose.
fn legend(sizes: ByGroup) -> Vec<Shape> {
    let swatch = |y_px: usize| Area { x: Percent::ZERO, y_px, width: Percent::of(4, 100), height_px: BAR_PX };
    let label = |whose: &str, size: usize, y_px: usize| Shape::Text {
        x: Percent::of(4, 100),
        shift_px: 6,
        y_px,
        anchor: Anchor::Start,
        text: format!("{whose} {GROUP_PER_CENT} %: {size} candidates"),
    };
    vec![
        Shape::Bar(swatch(2)),
        label("strongest", sizes.upper, 12),
        Shape::Hollow(swatch(2 + LINE_PX)),
        label("weakest", sizes.lower, 12 + LINE_PX),
    ]
}

fn shapes(option: &OptionLine, sizes: ByGroup, top_px: usize) -> Vec<Shape> {
    let chosen = option.chosen_by.unwrap_or(ByGroup { upper: 0, lower: 0 });
    let name = text(Percent::ZERO, 0, top_px + 12, name_of(option));
    let upper = bar(chosen.upper, sizes.upper, top_px + LINE_PX, Shape::Bar);
    let lower = bar(chosen.lower, sizes.lower, top_px + 2 * LINE_PX, Shape::Hollow);
    [name].into_iter().chain(upper).chain(lower).collect()
}

/// A bar with its figure beside it.
fn bar(part: usize, whole: usize, y_px: usize, shape: impl Fn(Area) -> Shape) -> [Shape; 2] {
    let width = Percent::of(BAR_TENTHS * part, 10 * whole);
    let figure = text(width, 6, y_px + 10, format!("{} % ({part})", per_cent(part, whole)));
    [shape(Area { x: Percent::ZERO, y_px, width, height_px: BAR_PX }), figure]
}

fn text(x: Percent, shift_px: usize, y_px: usize, text: String) -> Shape {
    Shape::Text { x, shift_px, y_px, anchor: Anchor::Start, text }
}

fn name_of(option: &OptionLine) -> String {
    if option.is_right { format!("{} (right)", option.option) } else { option.option.clone() }
}

/// How much `part` is of `whole`, to the nearest whole per cent.
fn per_cent(part: usize, whole: usize) -> usize {
    (200 * part + whole) / (2 * whole.max(1))
}

fn describe(table: &OptionTable, sizes: ByGroup) -> String {
    let option = |option: &OptionLine| {
        let chosen = option.chosen_by.unwrap_or(ByGroup { upper: 0, lower: 0 });
        let (strong, weak) = (per_cent(chosen.upper, sizes.upper), per_cent(chosen.lower, sizes.lower));
        format!(" {}: {strong} % and {weak} %.", name_of(option))
    };
    let options: String = table.options.iter().map(option).collect();
    format!(
        "Of the strongest {} and the weakest {} candidates, these chose each option.{options}",
        sizes.upper, sizes.lower
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::figure::Withheld;

    fn table(groups: GroupSizes) -> OptionTable {
        let line = |option: &str, is_right, upper, lower| OptionLine {
            option: option.to_owned(),
            is_right,
            chosen: 20,
            chosen_by: matches!(groups, GroupSizes::Groups(_)).then_some(ByGroup { upper, lower }),
        };
        OptionTable { unanswered: 0, groups, options: vec![line("a<b", false, 1, 7), line("b", true, 9, 0)] }
    }

    #[test]
    fn each_option_has_a_bar_for_each_group() {
        let plot = plot_of_options(&table(GroupSizes::Groups(ByGroup { upper: 10, lower: 11 })), "item-1").unwrap();
        insta::assert_snapshot!(plot, @r#"
        <svg class="plot" width="100%" height="174" role="img" aria-labelledby="item-1-title" aria-describedby="item-1-description" font-size="13" fill="currentColor">
        <title id="item-1-title">What the strongest and the weakest candidates chose</title>
        <desc id="item-1-description">Of the strongest 10 and the weakest 11 candidates, these chose each option. a&lt;b: 10 % and 64 %. b (right): 90 % and 0 %.</desc>
        <rect class="accent" fill="currentColor" x="0.000%" y="2" width="4.000%" height="11"/>
        <text x="4.000%" dx="6" y="12" text-anchor="start">strongest 27 %: 10 candidates</text>
        <rect class="accent" fill="none" stroke="currentColor" x="0.000%" y="20" width="4.000%" height="11"/>
        <text x="4.000%" dx="6" y="30" text-anchor="start">weakest 27 %: 11 candidates</text>
        <text x="0.000%" dx="0" y="58" text-anchor="start">a&lt;b</text>
        <rect class="accent" fill="currentColor" x="0.000%" y="64" width="7.000%" height="11"/>
        <text x="7.000%" dx="6" y="74" text-anchor="start">10 % (1)</text>
        <rect class="accent" fill="none" stroke="currentColor" x="0.000%" y="82" width="44.545%" height="11"/>
        <text x="44.545%" dx="6" y="92" text-anchor="start">64 % (7)</text>
        <text x="0.000%" dx="0" y="122" text-anchor="start">b (right)</text>
        <rect class="accent" fill="currentColor" x="0.000%" y="128" width="63.000%" height="11"/>
        <text x="63.000%" dx="6" y="138" text-anchor="start">90 % (9)</text>
        <rect class="accent" fill="none" stroke="currentColor" x="0.000%" y="146" width="0.000%" height="11"/>
        <text x="0.000%" dx="6" y="156" text-anchor="start">0 % (0)</text>
        </svg>
        "#);
    }

    #[test]
    fn without_groups_there_is_nothing_to_compare() {
        assert_eq!(plot_of_options(&table(GroupSizes::GroupsWithheld(Withheld::NoVariance)), "item-1"), None);
    }
}

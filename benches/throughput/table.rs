//! The figures as tables in Markdown.

use std::collections::BTreeSet;

use super::figures::{Figures, Line, mean};
use super::mix::Mix;
use super::queue::Graded;

/// Submissions per core-minute: a row for each package, and for the whole mix with and without submitted tests.
pub fn throughput(mix: &Mix, graded: &[Graded; 2], cold: &[Figures; 2], warm: &[Figures; 2], cores: usize) -> String {
    let runs = [&graded[0].figures, &graded[1].figures, &cold[0], &cold[1], &warm[0], &warm[1]];
    let row = |(name, cases): (String, Vec<usize>)| {
        let rates = runs.map(|run| run.per_core_minute(&cases, cores));
        let cells: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
        format!("| {name} | {} | {} | {:.2} |", cases.len(), cells.join(" | "), rates[1] / rates[3])
    };
    let heading = "| submissions per core-minute | submissions | quorate, 1 worker | 2 workers | bare cold, 1 at once | 2 at once \
                   | bare warm, 1 at once | 2 at once | 2 workers over 2 cold |\n|---|---|---|---|---|---|---|---|---|";
    let rows = groups(mix).into_iter().map(row);
    std::iter::once(heading.to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
}

/// The rows by name, and the cases of each.
fn groups(mix: &Mix) -> Vec<(String, Vec<usize>)> {
    let of_each = mix.packages.iter().enumerate();
    let mut groups: Vec<_> =
        of_each.map(|(index, package)| (format!("`{}`", package.slug), mix.of_package(index))).collect();
    let is_of_tests = |index: usize| mix.packages[mix.cases[index].package].is_of_tests;
    let all = 0..mix.cases.len();
    let others: Vec<usize> = all.clone().filter(|&index| !is_of_tests(index)).collect();
    if others.len() < all.len() && !others.is_empty() {
        groups.push(("all without `write_tests`".to_owned(), others));
    }
    groups.push(("all".to_owned(), all.collect()));
    groups
}

/// How the wait in the queue grows, in one line.
pub fn queue(graded: &Graded) -> String {
    let Line { r_squared, largest_deviation, slope } = Line::through(&graded.waits_s);
    let longest = graded.waits_s.iter().copied().fold(0.0, f64::max);
    format!(
        "the wait grows by {slope:.3} s a submission, to {longest:.1} s; of a straight line: R² {r_squared:.4}, largest deviation \
         {:.1} % of the longest wait",
        largest_deviation * 100.0
    )
}

/// Mean milliseconds of each stage by package, and what lies between the last stage and the stored verdict.
pub fn stages(mix: &Mix, graded: &Graded) -> String {
    let names: BTreeSet<&String> = graded.stages_s.iter().flat_map(|stages| stages.keys()).collect();
    let row = |(name, cases): (String, Vec<usize>)| {
        let cells = names.iter().map(|&stage| {
            let of_stage = cases.iter().map(|&index| graded.stages_s[index].get(stage).copied().unwrap_or_default());
            format!("{:.0}", mean(&of_stage.collect::<Vec<_>>()) * 1000.0)
        });
        let all = mean(&cases.iter().map(|&index| graded.figures.work_s[&index]).collect::<Vec<_>>()) * 1000.0;
        format!("| {name} | {} | {all:.0} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let heading = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" | ");
    let heading = format!("| mean ms (build and link overlap) | {heading} | start to verdict |");
    let ruler = format!("|{}", "---|".repeat(names.len() + 2));
    let rows = groups(mix).into_iter().map(row);
    [heading, ruler].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

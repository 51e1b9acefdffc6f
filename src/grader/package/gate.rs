//! Rules for the source that are checked without running it.

use super::table::{MAX_POINTS, Mistakes, Table};

/// A rule, as a candidate reads of it in a report: `gate::<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The gate's name in lower case with hyphens: in reports it is `gate::<name>`.
    pub name: String,
    /// The rule in words, which a candidate reads.
    pub title: String,
    /// Shown when it does not hold.
    pub hint: Option<String>,
    /// Points that holding to the rule is worth.
    pub score: u32,
    /// What must hold of the source.
    pub rule: Rule,
}

/// What must hold of the sources in `src/`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// None of these names is used: a path (`std::thread::sleep`), also by way of `use`, or one identifier.
    Forbid {
        /// Paths and single identifiers that may not be used.
        names: Vec<String>,
        /// Files in which they may be used.
        allow_in: Vec<String>,
    },
    /// No function has more lines, its signature and braces included.
    MaxFunctionLines(u32),
    /// What the crate offers to others is what the starter offers.
    PublicApi,
    /// The lints of clippy by these names find nothing.
    Clippy(Vec<String>),
}

impl Gate {
    /// The name in reports and in a sample's `fails`.
    #[must_use]
    pub fn full(&self) -> String {
        format!("gate::{}", self.name)
    }
}

/// Reads every `[[gate]]` of `grader.toml`.
pub(super) fn gates(fields: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    for mut table in fields.tables("gate", mistakes) {
        let gate = gate(&mut table, mistakes);
        match &gate {
            Some(gate) if gates.iter().any(|other| other.name == gate.name) => {
                mistakes.add(&table.at, format!("there is a gate `{}` already", gate.name));
            }
            Some(_) => {}
            None => mistakes.add(
                &table.at,
                "a gate has a `name`, a `title` and one of `forbid`, `max_function_lines`, `public_api = \"unchanged\"`, `clippy`",
            ),
        }
        table.close(mistakes);
        gates.extend(gate);
    }
    gates
}

fn gate(table: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<Gate> {
    let (name, title) = (table.text("name", mistakes), table.text("title", mistakes));
    let hint = table.text("hint", mistakes);
    let score = table.whole("score", 0..=MAX_POINTS, mistakes).unwrap_or(1);
    let allow_in = table.texts("allow_in", mistakes).unwrap_or_default();
    let unchanged = |text: &str| match text {
        "unchanged" => Ok(Rule::PublicApi),
        _ => Err(format!("`{text}` is not \"unchanged\", which is all it can be")),
    };
    let mut rules = [
        table.texts("forbid", mistakes).map(|names| Rule::Forbid { names, allow_in }),
        table.whole("max_function_lines", 1..=10_000, mistakes).map(Rule::MaxFunctionLines),
        table.parsed("public_api", mistakes, unchanged),
        table.texts("clippy", mistakes).map(Rule::Clippy),
    ]
    .into_iter()
    .flatten();
    let (Some(rule), None) = (rules.next(), rules.next()) else { return None };
    Some(Gate { name: name?, title: title?, hint, score, rule })
}

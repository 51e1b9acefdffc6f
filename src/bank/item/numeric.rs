//! numeric: a number, within a tolerance, in any unit of its dimension.

use serde_json::Value;

use super::answer::{self, Amount, Answer, AnswerError};
use super::form::Form;
use super::task::{Mark, Remark, Task};
use super::units::Unit;
use crate::bank::prng::Prng;
use crate::bank::reader::{LINE_CHARS, Table};

/// Floating point may be this far off, relative to the key, without anybody being wrong.
const ROUNDING: f64 = 1e-9;

/// A number to find.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Numeric {
    pub(in crate::bank) value: f64,
    pub(in crate::bank) unit: Option<Unit>,
    pub(in crate::bank) tolerance: Tolerance,
    /// Values that a misconception leads to.
    pub(in crate::bank) wrong: Vec<(f64, Remark)>,
}

/// How far off an answer may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::bank) enum Tolerance {
    Exact,
    /// In the key's unit.
    Absolute(f64),
    /// As a share of the key.
    Relative(f64),
}

impl Numeric {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        let Some(mut table) = root.table("numeric") else {
            root.mistake("[numeric] is missing: add it with `value` and a `tolerance`");
            return Self { value: 0.0, unit: None, tolerance: Tolerance::Exact, wrong: Vec::new() };
        };
        let key = Self {
            value: table.number("value"),
            unit: read_unit(&mut table),
            tolerance: read_tolerance(&mut table),
            wrong: table.tables("wrong", 20).iter_mut().map(|table| read_wrong(table)).collect(),
        };
        for (value, _) in key.wrong.iter().filter(|(value, _)| key.is_near(*value, key.value)) {
            table.mistake_at(
                "wrong",
                format!("the wrong value {value} is within the tolerance of the right one: change it"),
            );
        }
        key
    }

    fn is_near(&self, value: f64, target: f64) -> bool {
        let allowed = match self.tolerance {
            Tolerance::Exact => 0.0,
            Tolerance::Absolute(allowed) => allowed,
            Tolerance::Relative(share) => target.abs() * share,
        };
        (value - target).abs() <= allowed + target.abs() * ROUNDING
    }

    /// The answer in the key's unit.
    fn amount(&self, amount: &Amount) -> Result<f64, String> {
        let text = match amount {
            Amount::Number(number) => return Ok(*number),
            Amount::Text(text) => text.trim(),
        };
        let number_ends = text.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let (number, unit) = text.split_at(number_ends.unwrap_or(text.len()));
        let number: f64 = number.parse().map_err(|_| self.wanted())?;
        let unit = unit.trim();
        let converted = match (self.unit, unit) {
            (_, "") => Some(number),
            (Some(own), unit) => Unit::named(unit).and_then(|unit| own.convert(number, unit)),
            (None, _) => None,
        };
        converted.filter(|number| number.is_finite()).ok_or_else(|| self.wanted())
    }

    fn wanted(&self) -> String {
        match self.unit {
            None => "must be a number such as 3.5, without unit or thousands separators".to_owned(),
            Some(unit) => format!(
                "must be a number (of {}) such as 3.5, or text such as \"3.5 {}\" with one of the units {}; no thousands separators",
                unit.name(),
                unit.name(),
                unit.siblings().join(", ")
            ),
        }
    }
}

/// A number to 15 significant digits, which every JSON reader and writer hands on unchanged: the answer that is read again from the
/// database is the one that was marked.
fn kept(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

fn read_unit(table: &mut Table) -> Option<Unit> {
    let name = table.optional_string("unit", LINE_CHARS)?;
    let unit = Unit::named(&name);
    if unit.is_none() {
        table.mistake_at(
            "unit",
            format!("`{name}` is not a unit that is known: see docs/questions.md, or leave `unit` out"),
        );
    }
    unit
}

fn read_tolerance(table: &mut Table) -> Tolerance {
    let absolute = table.optional_number("tolerance", 0.0..=f64::MAX);
    let relative = table.optional_number("relative_tolerance", 0.0..=0.5);
    match (absolute, relative) {
        (Some(_), Some(_)) => {
            table.mistake_at("tolerance", "there is a `tolerance` and a `relative_tolerance`: remove one");
            Tolerance::Exact
        }
        (Some(allowed), None) => Tolerance::Absolute(allowed),
        (None, Some(share)) => Tolerance::Relative(share),
        (None, None) => Tolerance::Exact,
    }
}

fn read_wrong(table: &mut Table) -> (f64, Remark) {
    let value = table.number("value");
    let remark = Remark::read(table);
    if remark.feedback.is_none() {
        table.mistake("a wrong value needs `feedback`, why it is wrong");
    }
    (value, remark)
}

impl Task for Numeric {
    fn form(&self, _: &mut Prng) -> Form {
        Form::Numeric { unit: self.unit.map(Unit::name), units: self.unit.map(Unit::siblings).unwrap_or_default() }
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value = answer::field(answer, "value", r#"{"value": 3.5}"#)?;
        let pointer = answer::pointer(&["value"]);
        let amount = match value {
            Value::Number(number) => number.as_f64().filter(|number| number.is_finite()).map(kept).map(Amount::Number),
            Value::String(text) if text.len() <= 64 => Some(Amount::Text(text.clone())),
            _ => None,
        };
        let amount = amount.ok_or_else(|| AnswerError::new(pointer.clone(), self.wanted()))?;
        self.amount(&amount).map_err(|wanted| AnswerError::new(pointer, wanted))?;
        Ok(Answer::Number { value: amount })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Number { value } = answer else { return Mark::nothing() };
        let Ok(amount) = self.amount(value) else { return Mark::nothing() };
        if self.is_near(amount, self.value) {
            return Mark::all_or_nothing(true, Vec::new());
        }
        let known = self.wrong.iter().find(|(wrong, _)| self.is_near(amount, *wrong));
        Mark::all_or_nothing(false, known.and_then(|(_, remark)| remark.about(None)).into_iter().collect())
    }

    fn solution(&self) -> Option<Answer> {
        Some(Answer::Number { value: Amount::Number(kept(self.value)) })
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.wrong.iter().filter_map(|(_, remark)| remark.misconception()).collect()
    }
}

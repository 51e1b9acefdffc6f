//! numeric: a number, within a tolerance, in any unit of its dimension.

use serde_json::Value;

use super::answer::{self, Amount, Answer, AnswerError};
use super::fold;
use super::form::Form;
use super::number::{self, Typed};
use super::task::{Mark, Remark, Task};
use super::units::Unit;
use crate::bank::prng::Prng;
use crate::bank::reader::{LINE_CHARS, MOST_EXACT, Table};

/// How far conversions of units and the last digit of a float may be off, relative to the key. Whole numbers are compared exactly.
const ROUNDING: f64 = 1e-12;

const SHARE_OF_ONE: &str = "The answer is wanted in per cent, so 0.5 means half a per cent. Write 50 for one half.";

/// A number to find.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Numeric {
    pub(in crate::bank) value: f64,
    pub(in crate::bank) unit: Option<Unit>,
    pub(in crate::bank) tolerance: Tolerance,
    /// Values that a misconception leads to.
    pub(in crate::bank) wrong: Vec<(f64, Remark)>,
}

/// How far an answer may be from the key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::bank) enum Tolerance {
    Exact,
    /// An absolute distance, in the key's unit.
    Absolute(f64),
    /// A distance as a share of the key.
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
        let both_whole = value.fract() == 0.0 && target.fract() == 0.0;
        let rounding = if both_whole { 0.0 } else { target.abs() * ROUNDING };
        (value - target).abs() <= allowed * (1.0 + ROUNDING) + rounding
    }

    /// The answer in the key's unit.
    fn typed(&self, amount: &Amount) -> Result<Typed, String> {
        match amount {
            Amount::Number(value) => Ok(Typed { value: *value, has_unit: false }),
            Amount::Text(text) => number::read(text, self.unit),
        }
    }

    /// `0.5` where 50 % are wanted: no belief, but worth saying.
    fn is_share_of_one(&self, typed: Typed) -> bool {
        self.unit.is_some_and(Unit::is_share) && !typed.has_unit && self.is_near(100.0 * typed.value, self.value)
    }
}

/// The number as it is stored. A whole number that a float holds exactly stays as it is. Any other keeps 15 significant digits, which
/// every JSON reader and writer hands on unchanged: the answer that is read again from the database is the one that was marked.
fn kept(number: f64) -> f64 {
    if number.fract() == 0.0 && number.abs() <= MOST_EXACT {
        return number;
    }
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
            Value::String(text) => Some(Amount::Text(text.clone())),
            _ => None,
        };
        let wanted = "must be a finite number, or text with a number and a unit";
        let amount = amount.ok_or_else(|| AnswerError::new(pointer.clone(), wanted))?;
        if !matches!(&amount, Amount::Text(text) if fold::says_nothing(text)) {
            self.typed(&amount).map_err(|problem| AnswerError::new(pointer, problem))?;
        }
        Ok(Answer::Number { value: amount })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Number { value } = answer else { return Mark::nothing() };
        let Ok(typed) = self.typed(value) else { return Mark::nothing() };
        if self.is_near(typed.value, self.value) {
            return Mark::all_or_nothing(true, Vec::new());
        }
        let known = self.wrong.iter().find(|(wrong, _)| self.is_near(typed.value, *wrong));
        let feedback = match known {
            Some((_, remark)) => remark.about(None),
            None if self.is_share_of_one(typed) => Remark::saying(SHARE_OF_ONE).about(None),
            None => None,
        };
        Mark::all_or_nothing(false, feedback.into_iter().collect())
    }

    fn solution(&self) -> Option<Answer> {
        Some(Answer::Number { value: Amount::Number(kept(self.value)) })
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.wrong.iter().filter_map(|(_, remark)| remark.misconception()).collect()
    }
}

//! A candidate's answer, in the shape of its kind.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::fold;
use crate::bank::reader::MOST_EXACT;

/// The most characters that a short answer or the text of a blank may have.
pub const SHORT_TEXT_CHARS: usize = 200;
/// The most characters that an essay may have, as may a response to a design prompt.
pub const ESSAY_CHARS: usize = 20_000;

/// An answer of the right shape. Its JSON is what is stored; read again by the same question, version and seed it is the same answer.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// An answer to a single_choice or a history_classification.
    Choice {
        /// The id of a choice.
        choice: String,
    },
    /// An answer to a multiple_choice.
    Choices {
        /// The ids of the choices that the candidate considers right.
        choices: BTreeSet<String>,
    },
    /// An answer to a true_false.
    Truth {
        /// Whether the candidate considers the statement true.
        value: bool,
    },
    /// An answer to a numeric.
    Number {
        /// A number in the question's unit, or text with a number and a unit.
        value: Amount,
    },
    /// An answer to a short_text or an essay.
    Text {
        /// The text as it was written.
        text: String,
    },
    /// An answer to a matching.
    Pairs {
        /// Ids of the left side, each with an id of the right side.
        pairs: BTreeMap<String, String>,
    },
    /// An answer to an ordering.
    Order {
        /// Ids of items, each at most once; null where a place is left open.
        order: Vec<Option<String>>,
    },
    /// An answer to a fill_in.
    Blanks {
        /// Ids of blanks, each with its text.
        blanks: BTreeMap<String, String>,
    },
}

impl Answer {
    /// The answer without the parts that say nothing, or nothing when that is all of it: no choice made, a text of white space, every blank
    /// empty. Such an answer is none, wherever it comes from.
    pub(in crate::bank) fn filled(mut self) -> Option<Self> {
        let filled = match &mut self {
            Self::Choice { .. } | Self::Truth { .. } | Self::Number { value: Amount::Number(_) } => true,
            Self::Choices { choices } => !choices.is_empty(),
            Self::Number { value: Amount::Text(text) } | Self::Text { text } => !fold::says_nothing(text),
            Self::Pairs { pairs } => !pairs.is_empty(),
            Self::Order { order } => {
                while order.pop_if(|place| place.is_none()).is_some() {}
                !order.is_empty()
            }
            Self::Blanks { blanks } => {
                blanks.retain(|_, text| !fold::says_nothing(text));
                !blanks.is_empty()
            }
        };
        filled.then_some(self)
    }

    /// The answer as JSON, as it is stored.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// A number, or text with a number and a unit.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Amount {
    /// In the question's unit.
    Number(#[serde(serialize_with = "write_number")] f64),
    /// Such as `3.5 GiB`.
    Text(String),
}

/// Writes a whole number without a decimal point, so that a reader has all its digits.
fn write_number<S: serde::Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let whole = (number.fract() == 0.0 && number.abs() <= MOST_EXACT).then(|| format!("{number:.0}").parse::<i64>());
    match whole {
        Some(Ok(whole)) => serializer.serialize_i64(whole),
        _ => serializer.serialize_f64(*number),
    }
}

/// Why an answer was refused, and the shape that is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct AnswerError {
    /// The place in the answer, as a JSON pointer.
    pub pointer: String,
    /// What is wrong there, and what is expected.
    pub detail: String,
}

impl AnswerError {
    pub(in crate::bank) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

type Read<T> = Result<T, AnswerError>;

/// The one field of an answer. `shape` is an example of what is wanted.
pub(in crate::bank) fn field<'v>(answer: &'v Value, name: &str, shape: &str) -> Read<&'v Value> {
    let wanted = || format!("the answer must have the shape {shape}");
    let object = answer.as_object().ok_or_else(|| AnswerError::new("", wanted()))?;
    if let Some(other) = object.keys().find(|key| *key != name) {
        return Err(AnswerError::new(pointer(&[other]), format!("this field is unknown: {}", wanted())));
    }
    object.get(name).ok_or_else(|| AnswerError::new("", wanted()))
}

pub(in crate::bank) fn text(value: &Value, pointer: String, longest: usize) -> Read<String> {
    let text = value.as_str().filter(|text| text.chars().count() <= longest);
    match text {
        // PostgreSQL cannot store it, and nobody types it.
        Some(text) if text.contains('\0') => {
            Err(AnswerError::new(pointer, "the text must not contain the character U+0000"))
        }
        Some(text) => Ok(text.to_owned()),
        None => Err(AnswerError::new(pointer, format!("must be text of at most {longest} characters"))),
    }
}

/// One of the known ids.
pub(in crate::bank) fn known(value: &Value, pointer: String, ids: &[&str]) -> Read<String> {
    let id = value.as_str().filter(|text| ids.contains(text));
    id.map(str::to_owned).ok_or_else(|| AnswerError::new(pointer, format!("must be one of {}", ids.join(", "))))
}

/// A list of known ids, each at most once, in its order.
pub(in crate::bank) fn known_list(value: &Value, name: &str, ids: &[&str]) -> Read<Vec<String>> {
    let items = value.as_array().ok_or_else(|| AnswerError::new(pointer(&[name]), "must be a list of ids"))?;
    let mut read: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let here = pointer(&[name, &index.to_string()]);
        let id = known(item, here.clone(), ids)?;
        if read.contains(&id) {
            return Err(AnswerError::new(here, "this id is there twice"));
        }
        read.push(id);
    }
    Ok(read)
}

/// A list of known ids, each at most once, with null where a place is left open.
pub(in crate::bank) fn known_places(value: &Value, name: &str, ids: &[&str]) -> Read<Vec<Option<String>>> {
    let items = value.as_array().filter(|items| items.len() <= ids.len());
    let wanted = || format!("must be a list of at most {} ids", ids.len());
    let items = items.ok_or_else(|| AnswerError::new(pointer(&[name]), wanted()))?;
    let mut read: Vec<Option<String>> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let here = pointer(&[name, &index.to_string()]);
        let id = if item.is_null() { None } else { Some(known(item, here.clone(), ids)?) };
        if id.is_some() && read.contains(&id) {
            return Err(AnswerError::new(here, "this id is there twice"));
        }
        read.push(id);
    }
    Ok(read)
}

/// An object whose keys are known ids.
pub(in crate::bank) fn known_map(
    value: &Value,
    name: &str,
    ids: &[&str],
    read: impl Fn(&str, &Value, String) -> Read<String>,
) -> Read<BTreeMap<String, String>> {
    let wanted = format!("must be an object whose keys are among {}", ids.join(", "));
    let object = value.as_object().ok_or_else(|| AnswerError::new(pointer(&[name]), wanted.clone()))?;
    let entry = |(key, value): (&String, &Value)| {
        let here = pointer(&[name, key]);
        if !ids.contains(&key.as_str()) {
            return Err(AnswerError::new(here, format!("{name} {wanted}")));
        }
        Ok((key.clone(), read(key, value, here)?))
    };
    object.iter().map(entry).collect()
}

/// A JSON pointer (RFC 6901).
pub(in crate::bank) fn pointer(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

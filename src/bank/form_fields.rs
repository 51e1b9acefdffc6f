//! Answers as the fields of an HTML form, and back.
//!
//! Every kind can be answered with plain form fields. Their names are `choice`, `choices` (repeated), `value`, `text`, `pair.<left>`,
//! `place.<item>` and `blank.<blank>`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::item::{AnswerError, Form, Kind, Labelled, SHORT_TEXT_CHARS, check_number};
use super::question::Variant;

/// The fields of a form, by name, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes the names and values of a form that a browser sent. Nothing is checked here.
    pub(super) fn sent(fields: &[(String, String)]) -> Self {
        Self(fields.to_vec())
    }

    /// The fields in which a browser would send this answer.
    pub(super) fn of_answer(variant: &Variant, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let entries = |name: &str, prefix: &'static str| {
            let object = answer.get(name).and_then(Value::as_object).into_iter().flatten();
            object.map(move |(id, value)| (format!("{prefix}{id}"), text(value)))
        };
        let list = |name: &str| answer.get(name).and_then(Value::as_array).into_iter().flatten();
        let one = |name: &str| answer.get(name).map(|value| (name.to_owned(), text(value))).into_iter();
        Self(match &variant.form {
            Form::Choices { .. } => {
                one("choice").chain(list("choices").map(|id| ("choices".to_owned(), text(id)))).collect()
            }
            Form::Statement {} | Form::Numeric { .. } => one("value").collect(),
            Form::Text { .. } => one("text").collect(),
            Form::Matching { .. } => entries("pairs", "pair.").collect(),
            Form::Ordering { .. } => {
                let places = (1..).zip(list("order")).filter(|(_, id)| id.is_string());
                places.map(|(place, id): (u32, _)| (format!("place.{}", text(id)), place.to_string())).collect()
            }
            Form::FillIn { .. } => entries("blanks", "blank.").collect(),
        })
    }

    /// The first field with this name, as it was sent.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field with this name has this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, sent)| known == name && sent == value)
    }

    /// The trimmed field with this name, or nothing if it is blank.
    fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The filled fields whose names begin with `prefix`, with the rest of the name.
    fn filled_after(&self, prefix: &str) -> BTreeMap<&str, &str> {
        let named = self.0.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value.trim())));
        named.filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// The answer in a submitted form, in the shape of the variant's kind, or nothing if nothing is answered.
///
/// # Errors
/// A sentence for the candidate, and the place that it is about, when the form contradicts itself or holds no number where
/// one is wanted.
pub fn read_answer(variant: &Variant, fields: &[(String, String)]) -> Result<Option<Value>, AnswerError> {
    let sent = Fields::sent(fields);
    Ok(match &variant.form {
        Form::Choices { .. } if variant.kind == Kind::MultipleChoice => {
            let chosen: Vec<_> = fields.iter().filter(|(name, _)| name == "choices").map(|(_, id)| id).collect();
            (!chosen.is_empty()).then(|| json!({ "choices": chosen }))
        }
        Form::Choices { .. } => sent.filled("choice").map(|id| json!({ "choice": id })),
        Form::Statement {} => sent.filled("value").map(|value| json!({ "value": value == "true" })),
        Form::Numeric { unit, .. } => match sent.filled("value") {
            Some(value) => {
                check_number(value, *unit).map_err(|problem| AnswerError::new("/value", problem))?;
                Some(json!({ "value": value }))
            }
            None => None,
        },
        Form::Text { max_length } => read_text(fields, *max_length)?,
        Form::Matching { .. } => {
            let pairs = sent.filled_after("pair.");
            (!pairs.is_empty()).then(|| json!({ "pairs": pairs }))
        }
        Form::Ordering { items } => read_order(items, &sent)?.map(|order| json!({ "order": order })),
        Form::FillIn { .. } => {
            let blanks = sent.filled_after("blank.");
            if let Some((id, text)) = blanks.iter().find(|(_, text)| text.chars().count() > SHORT_TEXT_CHARS) {
                let place = format!("/blanks/{id}");
                return Err(too_long(place, &format!("the text in blank {id}"), text, SHORT_TEXT_CHARS));
            }
            (!blanks.is_empty()).then(|| json!({ "blanks": blanks }))
        }
    })
}

/// The text of a form, with line feeds for line ends; nothing when it holds only white space.
///
/// # Errors
/// A sentence for the candidate when it is longer than `max_length` characters.
pub fn read_text(fields: &[(String, String)], max_length: usize) -> Result<Option<Value>, AnswerError> {
    let text = fields.iter().find(|(name, _)| name == "text").map(|(_, value)| value.replace("\r\n", "\n"));
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    if text.chars().count() > max_length {
        return Err(too_long("/text", "the text", &text, max_length));
    }
    Ok(Some(json!({ "text": text })))
}

fn too_long(place: impl Into<String>, what: &str, text: &str, longest: usize) -> AnswerError {
    AnswerError::new(place, format!("{what} has {} characters: shorten it to {longest}", text.chars().count()))
}

/// The items in order of their places, with nothing for a place that is left open.
fn read_order<'f>(items: &[Labelled], sent: &'f Fields) -> Result<Option<Vec<Option<&'f str>>>, AnswerError> {
    let mut order = vec![None; items.len()];
    for (id, place) in sent.filled_after("place.") {
        let index = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
        let slot = index.and_then(|index| order.get_mut(index));
        let refused = |problem: String| AnswerError::new("/order", problem);
        let slot = slot.ok_or_else(|| refused(format!("a place is a number from 1 to {}", items.len())))?;
        if slot.replace(id).is_some() {
            return Err(refused(format!("two items have place {place}: give each a place of its own")));
        }
    }
    while order.pop_if(|place| place.is_none()).is_some() {}
    Ok((!order.is_empty()).then_some(order))
}

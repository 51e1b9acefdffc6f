//! A variant as the fields of an HTML form, and a form that was sent as an answer. Every kind can be answered with plain
//! form fields: radio buttons, check boxes, text fields and selects.
//!
//! Names of fields: `choice`, `choices` (repeated), `value`, `text`, `pair.<left>`, `place.<item>`, `blank.<blank>`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::catalog::Bank;
use super::item::{Blank, Feedback, Form, Kind, Labelled, SHORT_TEXT_CHARS};
use super::question::Variant;

/// What the templates `answer` (to be filled) and `answered` (to be read) show. Lists and parts that the kind does not have are empty.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswerForm {
    /// The stem as safe HTML; that of a fill_in holds its fields.
    stem_html: String,
    /// What to do, in a few words.
    instruction: &'static str,
    choices: Vec<ChoiceField>,
    number: Option<NumberField>,
    text: Option<TextField>,
    pairs: Vec<PairField>,
    places: Vec<PlaceField>,
    /// What is said about blanks, or about the answer as a whole.
    remarks: Vec<Remark>,
}

#[derive(Debug, Clone, Serialize)]
struct ChoiceField {
    /// `radio` or `checkbox`.
    input: &'static str,
    name: &'static str,
    id: String,
    html: String,
    checked: bool,
    remark: Option<Remark>,
}

#[derive(Debug, Clone, Serialize)]
struct NumberField {
    value: String,
    unit: Option<&'static str>,
    units: String,
}

#[derive(Debug, Clone, Serialize)]
struct TextField {
    value: String,
    max_length: usize,
    long: bool,
}

#[derive(Debug, Clone, Serialize)]
struct PairField {
    id: String,
    html: String,
    options: Vec<Choosable>,
    remark: Option<Remark>,
}

#[derive(Debug, Clone, Serialize)]
struct PlaceField {
    id: String,
    html: String,
    /// Where the answer puts it.
    place: Option<usize>,
    options: Vec<Choosable>,
}

#[derive(Debug, Clone, Serialize)]
struct Choosable {
    value: String,
    label: String,
    selected: bool,
}

/// What is said about an answer, with the misconception that it names.
#[derive(Debug, Clone, Serialize)]
struct Remark {
    /// What it is about, where it does not stand beside it.
    about: Option<String>,
    html: String,
    misconception: Option<Named>,
}

#[derive(Debug, Clone, Serialize)]
struct Named {
    id: String,
    topic: String,
    belief: String,
    correction: String,
    source: String,
}

impl AnswerForm {
    /// The fields of a variant, filled with an answer in the shape of its kind.
    #[must_use]
    pub fn of(variant: &Variant, answer: Option<&Value>) -> Self {
        Self::with_blanks(variant, answer, blank_field)
    }

    fn with_blanks(variant: &Variant, answer: Option<&Value>, blank: fn(&Blank, &str) -> String) -> Self {
        let answer = answer.unwrap_or(&Value::Null);
        let mut form = Self { stem_html: variant.stem_html.clone(), ..Self::default() };
        match &variant.form {
            Form::Choices { choices } => form.add_choices(variant.kind, choices, answer),
            Form::Statement {} => form.add_truth(answer),
            Form::Numeric { unit, units } => form.add_number(*unit, units, answer),
            Form::Text { max_length } => form.add_text(*max_length, answer),
            Form::Matching { left, right } => form.add_pairs(left, right, answer),
            Form::Ordering { items } => form.add_places(items, answer),
            Form::FillIn { blanks } => form.add_blanks(blanks, answer, blank),
        }
        form
    }

    /// The fields of an essay, such as the response to a prompt.
    #[must_use]
    pub fn essay(max_length: usize, answer: Option<&Value>) -> Self {
        let mut form = Self::default();
        form.add_text(max_length, answer.unwrap_or(&Value::Null));
        form
    }

    /// What was answered to a variant, with what is said about it.
    #[must_use]
    pub fn answered(variant: &Variant, answer: Option<&Value>, feedback: &[Feedback], bank: &Bank) -> Self {
        let mut form = Self::with_blanks(variant, answer, filled_blank);
        for said in feedback {
            form.say(said, bank);
        }
        form
    }

    /// Puts a remark beside what it is about.
    fn say(&mut self, said: &Feedback, bank: &Bank) {
        let named = said.misconception.as_ref().and_then(|id| bank.misconception(id));
        let misconception = named.map(|named| Named {
            id: named.id.to_string(),
            topic: named.topic.to_string(),
            belief: named.belief.inline_html().to_owned(),
            correction: named.correction.inline_html().to_owned(),
            source: named.source.clone(),
        });
        let remark = Remark { about: None, html: said.html.clone(), misconception };
        let Some(id) = &said.choice else { return self.remarks.push(remark) };
        if let Some(choice) = self.choices.iter_mut().find(|choice| choice.id == *id) {
            choice.remark = Some(remark);
        } else if let Some(pair) = self.pairs.iter_mut().find(|pair| pair.id == *id) {
            pair.remark = Some(remark);
        } else {
            self.remarks.push(Remark { about: Some(format!("Blank {id}")), ..remark });
        }
    }

    fn add_choices(&mut self, kind: Kind, choices: &[Labelled], answer: &Value) {
        let several = kind == Kind::MultipleChoice;
        let (input, name) = if several { ("checkbox", "choices") } else { ("radio", "choice") };
        self.instruction = if several { "Choose all that apply." } else { "Choose one." };
        let chosen = |id: &str| match answer.get(name) {
            Some(Value::Array(ids)) => ids.iter().any(|chosen| chosen == id),
            Some(chosen) => chosen == id,
            None => false,
        };
        let field = |choice: &Labelled| ChoiceField {
            input,
            name,
            id: choice.id.clone(),
            html: choice.html.clone(),
            checked: chosen(&choice.id),
            remark: None,
        };
        self.choices = choices.iter().map(field).collect();
    }

    fn add_truth(&mut self, answer: &Value) {
        self.instruction = "True or false?";
        let field = |(value, label): (bool, &str)| ChoiceField {
            input: "radio",
            name: "value",
            id: value.to_string(),
            html: label.to_owned(),
            checked: answer.get("value") == Some(&Value::Bool(value)),
            remark: None,
        };
        self.choices = [(true, "True"), (false, "False")].map(field).into();
    }

    fn add_number(&mut self, unit: Option<&'static str>, units: &[&str], answer: &Value) {
        self.instruction = "Give a number, without thousands separators.";
        let value = match answer.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        self.number = Some(NumberField { value, unit, units: units.join(", ") });
    }

    fn add_text(&mut self, max_length: usize, answer: &Value) {
        let long = max_length > SHORT_TEXT_CHARS;
        self.instruction = if long { "Write your answer." } else { "Answer in a few words." };
        let value = answer.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.text = Some(TextField { value, max_length, long });
    }

    fn add_pairs(&mut self, left: &[Labelled], right: &[Labelled], answer: &Value) {
        self.instruction = "Find what belongs to each. Some may be left over.";
        let field = |label: &Labelled| {
            let chosen = answer.get("pairs").and_then(|pairs| pairs.get(&label.id));
            let option = |right: &Labelled| Choosable {
                value: right.id.clone(),
                label: plain(&right.text),
                selected: chosen.is_some_and(|chosen| *chosen == right.id.as_str()),
            };
            PairField {
                id: label.id.clone(),
                html: label.html.clone(),
                options: right.iter().map(option).collect(),
                remark: None,
            }
        };
        self.pairs = left.iter().map(field).collect();
    }

    /// Items are shown in the order of the answer, and those that it does not place after them.
    fn add_places(&mut self, items: &[Labelled], answer: &Value) {
        self.instruction = "Give each its place, 1 for the first.";
        let order: Vec<_> = answer.get("order").and_then(Value::as_array).into_iter().flatten().collect();
        let place = |item: &Labelled| order.iter().position(|id| **id == item.id.as_str()).map(|index| index + 1);
        let field = |item: &Labelled| {
            let option = |number: usize| Choosable {
                value: number.to_string(),
                label: number.to_string(),
                selected: place(item) == Some(number),
            };
            PlaceField {
                id: item.id.clone(),
                html: item.html.clone(),
                place: place(item),
                options: (1..=items.len()).map(option).collect(),
            }
        };
        let mut sorted: Vec<_> = items.iter().collect();
        sorted.sort_by_key(|item| place(item).unwrap_or(usize::MAX));
        self.places = sorted.into_iter().map(field).collect();
    }

    /// Puts the blanks where the stem has their marks.
    fn add_blanks(&mut self, blanks: &[Blank], answer: &Value, shown: fn(&Blank, &str) -> String) {
        self.instruction = "Fill each blank.";
        for blank in blanks {
            let filled = answer.get("blanks").and_then(|blanks| blanks.get(&blank.id)).and_then(Value::as_str);
            let mark = format!("{{{{{}}}}}", blank.id);
            self.stem_html = self.stem_html.replace(&mark, &shown(blank, filled.unwrap_or_default()));
        }
    }
}

/// An answer as lines of safe HTML, such as the right one that a result tells.
#[must_use]
pub fn in_words(variant: &Variant, answer: &Value) -> Vec<String> {
    let named = |labels: &[Labelled], id: &Value| {
        labels.iter().find(|label| *id == label.id.as_str()).map(|label| label.html.clone())
    };
    let entries = |field: &str| answer.get(field).and_then(Value::as_object).into_iter().flatten();
    match &variant.form {
        Form::Choices { choices } => {
            let several = answer.get("choices").and_then(Value::as_array).into_iter().flatten();
            answer.get("choice").into_iter().chain(several).filter_map(|id| named(choices, id)).collect()
        }
        Form::Statement {} => {
            vec![if answer.get("value") == Some(&Value::Bool(true)) { "True" } else { "False" }.to_owned()]
        }
        Form::Numeric { unit, .. } => answer.get("value").map(|value| in_unit(value, *unit)).into_iter().collect(),
        Form::Text { .. } => answer.get("text").and_then(Value::as_str).map(escape).into_iter().collect(),
        Form::Matching { left, right } => entries("pairs")
            .filter_map(|(id, of)| {
                let id = Value::String(id.clone());
                Some(format!("{} → {}", named(left, &id)?, named(right, of)?))
            })
            .collect(),
        Form::Ordering { items } => {
            let order = answer.get("order").and_then(Value::as_array).into_iter().flatten();
            (1..).zip(order).filter_map(|(place, id)| Some(format!("{place}. {}", named(items, id)?))).collect()
        }
        Form::FillIn { .. } => entries("blanks")
            .map(|(id, text)| format!("Blank {}: {}", escape(id), escape(text.as_str().unwrap_or_default())))
            .collect(),
    }
}

fn in_unit(value: &Value, unit: Option<&str>) -> String {
    let number = value.as_f64().map_or_else(|| value.as_str().unwrap_or_default().to_owned(), |n| n.to_string());
    let unit = unit.filter(|_| value.is_number()).map(|unit| format!(" {unit}")).unwrap_or_default();
    escape(&format!("{number}{unit}"))
}

fn blank_field(blank: &Blank, filled: &str) -> String {
    let id = escape(&blank.id);
    let head = format!("id=\"blank-{id}\" name=\"blank.{id}\" aria-label=\"Blank {id}\" class=\"blank\"");
    let Some(choices) = &blank.choices else {
        let value = escape(filled);
        return format!(
            "<input {head} value=\"{value}\" maxlength=\"{SHORT_TEXT_CHARS}\" autocomplete=\"off\" autocapitalize=\"off\">"
        );
    };
    let option = |choice: &String| {
        let selected = if choice == filled { " selected" } else { "" };
        format!("<option{selected}>{}</option>", escape(choice))
    };
    let options: String = choices.iter().map(option).collect();
    format!("<select {head}><option value=\"\">…</option>{options}</select>")
}

/// A blank with what was put there.
fn filled_blank(_: &Blank, filled: &str) -> String {
    format!("<span class=\"filled\">{}</span>", escape(if filled.is_empty() { "…" } else { filled }))
}

/// Text for HTML, also inside a quoted attribute.
fn escape(text: &str) -> String {
    handlebars::html_escape(text)
}

/// Markdown of one line as plain text, for an option of a select, which cannot hold markup.
fn plain(markdown: &str) -> String {
    markdown.replace(['`', '*'], "")
}

/// What a sent form answers to a variant, in the shape of its kind; nothing when nothing is answered.
///
/// # Errors
/// A sentence for the candidate when the form contradicts itself.
pub fn read_answer(variant: &Variant, fields: &[(String, String)]) -> Result<Option<Value>, String> {
    let first = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
    let filled = |name: &str| first(name).filter(|value| !value.is_empty());
    Ok(match &variant.form {
        Form::Choices { .. } if variant.kind == Kind::MultipleChoice => {
            let chosen: Vec<_> = fields.iter().filter(|(name, _)| name == "choices").map(|(_, id)| id).collect();
            Some(json!({ "choices": chosen }))
        }
        Form::Choices { .. } => filled("choice").map(|id| json!({ "choice": id })),
        Form::Statement {} => filled("value").map(|value| json!({ "value": value == "true" })),
        Form::Numeric { .. } => filled("value").map(|value| json!({ "value": value })),
        Form::Text { .. } => read_text(fields),
        Form::Matching { .. } => Some(json!({ "pairs": named(fields, "pair.") })),
        Form::Ordering { items } => Some(json!({ "order": read_order(items, fields)? })),
        Form::FillIn { .. } => Some(json!({ "blanks": named(fields, "blank.") })),
    })
}

/// The text of a form, with the line ends that everybody else uses.
#[must_use]
pub fn read_text(fields: &[(String, String)]) -> Option<Value> {
    let text = fields.iter().find(|(name, _)| name == "text").map(|(_, value)| value.replace("\r\n", "\n"));
    text.map(|text| json!({ "text": text }))
}

/// Fields that begin with `prefix` and are filled, without it.
fn named<'f>(fields: &'f [(String, String)], prefix: &str) -> BTreeMap<&'f str, &'f str> {
    let named = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value.trim())));
    named.filter(|(_, value)| !value.is_empty()).collect()
}

fn read_order<'f>(items: &[Labelled], fields: &'f [(String, String)]) -> Result<Vec<&'f str>, String> {
    let mut placed = BTreeMap::new();
    for (id, place) in named(fields, "place.") {
        let number = place.parse::<usize>().ok().filter(|number| (1..=items.len()).contains(number));
        let number = number.ok_or_else(|| format!("a place is a number from 1 to {}", items.len()))?;
        if placed.insert(number, id).is_some() {
            return Err(format!("two items have place {number}: give each a place of its own"));
        }
    }
    Ok(placed.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Question, Seed};

    const HEAD: &str = "difficulty = 1\ntags = [\"x\"]\nexplanation = \"why\"\nsources = [\"S, 2020\"]\n";

    fn variant(body: &str) -> Variant {
        let source = format!("{HEAD}{body}");
        let question = Question::parse("cap/x".parse().unwrap(), &source).unwrap();
        question.instance(Seed::ZERO).variant()
    }

    fn sent(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn ordering() -> Variant {
        variant(
            "kind = \"ordering\"\nstem = \"s\"\n[[items]]\nid = \"a\"\ntext = \"A\"\n[[items]]\nid = \"b\"\ntext = \"B\"\n",
        )
    }

    fn fill_in() -> Variant {
        variant("kind = \"fill_in\"\nstem = \"x {{1}} y\"\n[[blanks]]\nid = \"1\"\naccept = [\"z\"]\n")
    }

    #[test]
    fn places_become_an_order() {
        let read = |fields| read_answer(&ordering(), &sent(fields));
        assert_eq!(read(&[("place.a", "2"), ("place.b", "1")]), Ok(Some(json!({"order": ["b", "a"]}))));
        assert_eq!(read(&[("place.a", ""), ("place.b", "1")]), Ok(Some(json!({"order": ["b"]}))));
        assert!(read(&[("place.a", "1"), ("place.b", "1")]).unwrap_err().contains("place 1"));
        assert!(read(&[("place.a", "9")]).unwrap_err().contains("1 to 2"));
    }

    #[test]
    fn an_order_that_was_saved_is_shown_in_its_order() {
        let form = AnswerForm::of(&ordering(), Some(&json!({"order": ["b", "a"]})));
        let shown: Vec<_> = form.places.iter().map(|place| place.id.as_str()).collect();
        assert_eq!(shown, ["b", "a"]);
        assert!(form.places.iter().all(|place| place.options.iter().filter(|option| option.selected).count() == 1));
    }

    #[test]
    fn a_blank_holds_what_was_typed_and_nothing_that_acts() {
        let form = AnswerForm::of(&fill_in(), Some(&json!({"blanks": {"1": "\"><script>"}})));
        assert!(form.stem_html.contains("value=\"&quot;&gt;&lt;script&gt;\""), "{}", form.stem_html);
        assert!(!form.stem_html.contains("{{1}}"));
        let read = read_answer(&fill_in(), &sent(&[("blank.1", " z "), ("other", "q")]));
        assert_eq!(read, Ok(Some(json!({"blanks": {"1": "z"}}))));
    }

    #[test]
    fn nothing_answered_is_not_an_answer() {
        let truth = variant(
            "kind = \"true_false\"\nstem = \"s\"\nanswer = true\n[wrong]\nfeedback = \"f\"\nmisconception = \"cap-x\"\n",
        );
        assert_eq!(read_answer(&truth, &[]), Ok(None));
        assert_eq!(read_answer(&truth, &sent(&[("value", "false")])), Ok(Some(json!({"value": false}))));
    }
}

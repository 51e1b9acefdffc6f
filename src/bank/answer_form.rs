//! A variant as what the templates show: the fields to answer it, filled or to be filled, and what is said about an answer.

use serde::Serialize;
use serde_json::Value;

use super::form_fields::Fields;
use super::item::{Blank, Feedback, Form, Kind, Labelled, SHORT_TEXT_CHARS};
use super::markdown::Markdown;
use super::misconception_box::MisconceptionBox;
use super::question::Variant;
use super::topic::Misconception;

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
    /// Why the answer was refused, in a sentence; a field that is known to be meant says it itself.
    problem: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct ChoiceField {
    /// The `type` of the HTML input: `radio` where one choice may be taken, `checkbox` for several.
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
    problem: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct TextField {
    value: String,
    max_length: usize,
    long: bool,
    problem: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct PairField {
    id: String,
    html: String,
    options: Vec<Choosable>,
    remark: Option<Remark>,
    problem: Option<String>,
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
    misconception: Option<MisconceptionBox>,
}

impl AnswerForm {
    /// The fields of a variant, filled with an answer in the shape of its kind.
    #[must_use]
    pub fn of(variant: &Variant, answer: Option<&Value>) -> Self {
        Self::with_blanks(variant, &fields_of(variant, answer), blank_field)
    }

    /// The fields of a variant as somebody sent them, whatever is wrong with them: nothing that was typed is lost.
    #[must_use]
    pub fn sent(variant: &Variant, fields: &[(String, String)]) -> Self {
        Self::with_blanks(variant, &Fields::sent(fields), blank_field)
    }

    fn with_blanks(variant: &Variant, sent: &Fields, blank: fn(&Blank, &str) -> String) -> Self {
        let mut form = Self { stem_html: variant.stem_html.clone(), ..Self::default() };
        match &variant.form {
            Form::Choices { choices } => form.add_choices(variant.kind, choices, sent),
            Form::Statement {} => form.add_truth(sent),
            Form::Numeric { unit, units } => form.add_number(*unit, units, sent),
            Form::Text { max_length } => form.add_text(*max_length, sent),
            Form::Matching { left, right } => form.add_pairs(left, right, sent),
            Form::Ordering { items } => form.add_places(items, sent),
            Form::FillIn { blanks } => form.add_blanks(blanks, sent, blank),
        }
        form
    }

    /// The field of an essay, such as the response to a prompt.
    #[must_use]
    pub fn essay(max_length: usize, answer: Option<&Value>) -> Self {
        let text = answer.and_then(|answer| answer.get("text")).and_then(Value::as_str).unwrap_or_default();
        Self::essay_sent(max_length, &[("text".to_owned(), text.to_owned())])
    }

    /// The field of an essay as somebody sent it.
    #[must_use]
    pub fn essay_sent(max_length: usize, fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        form.add_text(max_length, &Fields::sent(fields));
        form
    }

    /// What was answered to a variant, with what is said about it. `named` finds the misconception of an id.
    #[must_use]
    pub fn answered<'m>(
        variant: &Variant,
        answer: Option<&Value>,
        feedback: &[Feedback],
        named: impl Fn(&str) -> Option<&'m Misconception>,
    ) -> Self {
        let mut form = Self::with_blanks(variant, &fields_of(variant, answer), filled_blank);
        for said in feedback {
            form.say(said, said.misconception.as_deref().and_then(&named));
        }
        form
    }

    /// Says why the answer was refused, beside the field that `pointer` (a JSON pointer into the answer) means.
    pub fn refuse(&mut self, pointer: &str, problem: String) {
        let pair = pointer.strip_prefix("/pairs/");
        let said = match (&mut self.number, &mut self.text) {
            (Some(number), _) => &mut number.problem,
            (_, Some(text)) => &mut text.problem,
            _ => match self.pairs.iter_mut().find(|field| Some(field.id.as_str()) == pair) {
                Some(field) => &mut field.problem,
                None => &mut self.problem,
            },
        };
        *said = Some(problem);
    }

    /// Puts a remark beside what it is about.
    fn say(&mut self, said: &Feedback, named: Option<&Misconception>) {
        let misconception = named.map(MisconceptionBox::of);
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

    fn add_choices(&mut self, kind: Kind, choices: &[Labelled], sent: &Fields) {
        let several = kind == Kind::MultipleChoice;
        let (input, name) = if several { ("checkbox", "choices") } else { ("radio", "choice") };
        self.instruction = if several { "Choose all that apply." } else { "Choose one." };
        let field = |choice: &Labelled| ChoiceField {
            input,
            name,
            id: choice.id.clone(),
            html: choice.html.clone(),
            checked: sent.has(name, &choice.id),
            remark: None,
        };
        self.choices = choices.iter().map(field).collect();
    }

    fn add_truth(&mut self, sent: &Fields) {
        self.instruction = "True or false?";
        let field = |(value, label): (bool, &str)| ChoiceField {
            input: "radio",
            name: "value",
            id: value.to_string(),
            html: label.to_owned(),
            checked: sent.has("value", if value { "true" } else { "false" }),
            remark: None,
        };
        self.choices = [(true, "True"), (false, "False")].map(field).into();
    }

    fn add_number(&mut self, unit: Option<&'static str>, units: &[&str], sent: &Fields) {
        self.instruction = "Give a number.";
        let value = sent.value("value").unwrap_or_default().to_owned();
        self.number = Some(NumberField { value, unit, units: units.join(", "), problem: None });
    }

    fn add_text(&mut self, max_length: usize, sent: &Fields) {
        let long = max_length > SHORT_TEXT_CHARS;
        self.instruction = if long { "Write your answer." } else { "Answer in a few words." };
        let value = sent.value("text").unwrap_or_default().to_owned();
        self.text = Some(TextField { value, max_length, long, problem: None });
    }

    fn add_pairs(&mut self, left: &[Labelled], right: &[Labelled], sent: &Fields) {
        self.instruction = "Choose what belongs to each. Nothing belongs twice, and some may be left over.";
        let field = |label: &Labelled| {
            let name = format!("pair.{}", label.id);
            let option = |right: &Labelled| Choosable {
                value: right.id.clone(),
                label: Markdown::new(&right.text).plain(),
                selected: sent.has(&name, &right.id),
            };
            PairField {
                id: label.id.clone(),
                html: label.html.clone(),
                options: right.iter().map(option).collect(),
                remark: None,
                problem: None,
            }
        };
        self.pairs = left.iter().map(field).collect();
    }

    /// Items are shown in the order of their places, and those without a place after them.
    fn add_places(&mut self, items: &[Labelled], sent: &Fields) {
        self.instruction = "Give each its place, 1 for the first.";
        let place = |item: &Labelled| sent.value(&format!("place.{}", item.id))?.trim().parse::<usize>().ok();
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

    /// Puts the blanks where the stem has their marks, in one pass: what was typed into a blank may look like a mark.
    fn add_blanks(&mut self, blanks: &[Blank], sent: &Fields, shown: fn(&Blank, &str) -> String) {
        self.instruction = "Fill each blank.";
        let mut html = String::new();
        let mut rest = self.stem_html.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            html.push_str(before);
            let blank = after
                .split_once("}}")
                .and_then(|(id, after)| Some((blanks.iter().find(|blank| blank.id == id)?, after)));
            rest = match blank {
                Some((blank, after)) => {
                    html.push_str(&shown(blank, sent.value(&format!("blank.{}", blank.id)).unwrap_or_default()));
                    after
                }
                None => {
                    html.push_str("{{");
                    after
                }
            };
        }
        html.push_str(rest);
        self.stem_html = html;
    }
}

fn fields_of(variant: &Variant, answer: Option<&Value>) -> Fields {
    answer.map(|answer| Fields::of_answer(variant, answer)).unwrap_or_default()
}

/// An answer as lines of safe HTML, such as the right one that a result tells.
#[must_use]
pub fn describe_answer(variant: &Variant, answer: &Value) -> Vec<String> {
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
        let choice = escape(choice);
        format!("<option value=\"{choice}\"{selected}>{choice}</option>")
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

#[cfg(test)]
mod tests;

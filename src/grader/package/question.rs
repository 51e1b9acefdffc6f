//! Questions of a diagnosis, answered in `diagnosis.toml`.

use super::table::{MAX_POINTS, Mistakes, Table};

/// A question about an incident, as a candidate reads of it in a report: `diagnosis::<name>`.
///
/// Holds its key, so it cannot be serialised; what a candidate may see of it is [`Asked`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question as a candidate sees it.
    pub asked: Asked,
    /// Shown when the answer is wrong.
    pub hint: Option<String>,
    /// The choices that are right, sorted.
    pub(in crate::grader) right: Vec<String>,
    /// What each wrong choice stands for, by its id.
    pub(in crate::grader) misconceptions: Vec<(String, String)>,
}

/// A question without its key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Asked {
    /// The key of its answer in `diagnosis.toml`.
    pub name: String,
    /// The question itself, in words.
    pub stem: String,
    /// Points that the right answer is worth.
    pub score: u32,
    /// Whether several choices are to be given.
    pub several: bool,
    /// What a candidate can choose from, in the author's order.
    pub choices: Vec<Alternative>,
}

/// One of the choices of a question.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Alternative {
    /// What is written into `diagnosis.toml`.
    pub id: String,
    /// The choice in words.
    pub text: String,
}

impl Question {
    /// The name in reports and in a sample's `fails`.
    #[must_use]
    pub fn full(&self) -> String {
        format!("diagnosis::{}", self.asked.name)
    }
}

/// Reads every `[[question]]` of `grader.toml`.
pub(super) fn questions(fields: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for mut table in fields.tables("question", mistakes) {
        let question = question(&mut table, mistakes);
        match &question {
            Some(question) if questions.iter().any(|other| other.asked.name == question.asked.name) => {
                mistakes.add(&table.at, format!("there is a question `{}` already", question.asked.name));
            }
            Some(question) if question.right.is_empty() => {
                mistakes.add(&table.at, "no choice is `right = true`");
            }
            Some(_) => {}
            None => mistakes.add(&table.at, "a question has a `name`, a `stem` and `choices`"),
        }
        table.close(mistakes);
        questions.extend(question);
    }
    questions
}

fn question(table: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<Question> {
    let (name, stem) = (table.text("name", mistakes), table.text("stem", mistakes));
    let hint = table.text("hint", mistakes);
    let score = table.whole("score", 0..=MAX_POINTS, mistakes).unwrap_or(1);
    let (mut choices, mut right, mut misconceptions) = (Vec::new(), Vec::new(), Vec::new());
    for mut choice in table.tables("choices", mistakes) {
        let (id, text) = (choice.text("id", mistakes), choice.text("text", mistakes));
        let is_right = choice.flag("right", mistakes).unwrap_or(false);
        let misconception = choice.text("misconception", mistakes);
        match (id, text, misconception) {
            (Some(id), Some(text), None) if is_right => {
                right.push(id.clone());
                choices.push(Alternative { id, text });
            }
            (Some(id), Some(text), Some(misconception)) if !is_right => {
                misconceptions.push((id.clone(), misconception));
                choices.push(Alternative { id, text });
            }
            _ => mistakes.add(&choice.at, "a choice has an `id`, a `text`, and `right = true` or a `misconception`"),
        }
        choice.close(mistakes);
    }
    right.sort();
    let several = right.len() > 1;
    let (name, stem) = (name?, stem?);
    (!choices.is_empty()).then_some(Question {
        asked: Asked { name, stem, score, several, choices },
        hint,
        right,
        misconceptions,
    })
}

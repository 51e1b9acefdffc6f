//! The kinds single_choice, multiple_choice and history_classification.

use serde_json::Value;

use super::answer::{self, Answer, AnswerError};
use super::form::{Form, Labelled};
use super::task::{Mark, Remark, Task};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

/// Weights are counted in millionths of the points.
const MILLIONTHS: f64 = 1_000_000.0;

/// A list of choices with one or several right ones.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Choices {
    choices: Vec<Choice>,
    several: bool,
    /// Whether the order in the file has a meaning, so that no seed may change it.
    keep_order: bool,
}

/// One choice with its share of the key.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Choice {
    pub(in crate::bank) id: String,
    pub(in crate::bank) text: Markdown,
    /// What it earns: right ones a positive weight, wrong ones zero or less. All right ones together earn the whole.
    weight: i64,
    correct: bool,
    remark: Remark,
}

impl Choice {
    pub(in crate::bank) fn right(id: &str, text: impl Into<String>) -> Self {
        Self { id: id.to_owned(), text: Markdown::new(text), weight: 1, correct: true, remark: Remark::default() }
    }

    pub(in crate::bank) fn wrong(id: &str, text: impl Into<String>, remark: Remark) -> Self {
        Self { id: id.to_owned(), text: Markdown::new(text), weight: -1, correct: false, remark }
    }
}

impl Choices {
    /// One right choice among several.
    pub(in crate::bank) const fn one_of(choices: Vec<Choice>) -> Self {
        Self { choices, several: false, keep_order: true }
    }

    /// Any number of right choices among several.
    pub(in crate::bank) const fn any_of(choices: Vec<Choice>) -> Self {
        Self { choices, several: true, keep_order: true }
    }

    pub(in crate::bank) fn read(root: &mut Table, several: bool) -> Self {
        let mut choices = Vec::new();
        let mut weighted = Vec::new();
        for mut table in root.tables("choices", 10) {
            let weight = if several { table.optional_number("weight", -1.0..=1.0) } else { None };
            weighted.push(weight.is_some());
            choices.push(read_choice(&mut table, weight));
        }
        let keep_order = root.flag("keep_order").unwrap_or(false);
        let key = Self { choices, several, keep_order };
        key.check(root, &weighted);
        key
    }

    fn check(&self, root: &Table, weighted: &[bool]) {
        let rights = self.choices.iter().filter(|choice| choice.correct).count();
        if self.choices.len() < 2 {
            root.mistake("a question of this kind needs 2 to 10 choices: add [[choices]]");
        } else if rights == 0 {
            root.mistake_at("choices", "no choice is right: add `correct = true` to the right one");
        } else if rights > 1 && !self.several {
            root.mistake_at(
                "choices",
                format!("{rights} choices are right: leave one, or make the kind multiple_choice"),
            );
        }
        for (index, choice) in self.choices.iter().enumerate() {
            for other in self.choices.iter().skip(index + 1) {
                if choice.id == other.id {
                    root.mistake_at("choices", format!("two choices have the id `{}`: rename one", choice.id));
                }
                if choice.text == other.text {
                    root.mistake_at(
                        "choices",
                        format!("choices `{}` and `{}` say the same: change one", choice.id, other.id),
                    );
                }
            }
        }
        if weighted.contains(&true) {
            self.check_weights(root, weighted);
        }
    }

    fn check_weights(&self, root: &Table, weighted: &[bool]) {
        if weighted.contains(&false) {
            root.mistake_at("choices", "some choices have a weight and some have none: give one to all or to none");
        }
        for choice in &self.choices {
            if choice.correct != (choice.weight > 0) {
                let message =
                    format!("choice `{}`: a right choice has a weight above 0, a wrong one 0 or below", choice.id);
                root.mistake_at("choices", message);
            }
        }
        // A thousandth of room, for thirds.
        if !(999_000..=1_001_000).contains(&self.whole()) {
            root.mistake_at("choices", "the weights of the right choices must add up to 1");
        }
    }

    /// The sum of the weights of the right choices.
    fn whole(&self) -> i64 {
        self.choices.iter().map(|choice| choice.weight.max(0)).sum()
    }

    fn ids(&self) -> Vec<&str> {
        self.choices.iter().map(|choice| choice.id.as_str()).collect()
    }

    fn chosen<'k>(&'k self, answer: &Answer) -> Vec<&'k Choice> {
        let chosen = |id: &String| match answer {
            Answer::Choice { choice } if !self.several => choice == id,
            Answer::Choices { choices } if self.several => choices.contains(id),
            _ => false,
        };
        self.choices.iter().filter(|choice| chosen(&choice.id)).collect()
    }
}

fn read_choice(table: &mut Table, weight: Option<f64>) -> Choice {
    let id = table.string("id", 32);
    if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)) {
        table.mistake_at("id", "`id` must be a lower-case letter or a short word");
    }
    let text = table.text("text");
    let correct = table.flag("correct").unwrap_or(false);
    let remark = Remark::read(table);
    if !correct {
        remark.wanted(table, "a wrong choice");
    } else if remark.cause.is_some() {
        table.mistake("a right choice is no mistake: remove `misconception` or `slip`");
    }
    let weight = weight.map_or(if correct { 1 } else { -1 }, millionths);
    Choice { id, text, weight, correct, remark }
}

#[expect(clippy::as_conversions, reason = "no TryFrom for floats; the reader keeps weights between -1 and 1")]
fn millionths(weight: f64) -> i64 {
    (weight * MILLIONTHS).round() as i64
}

impl Task for Choices {
    fn form(&self, shuffle: &mut Prng) -> Form {
        let mut choices: Vec<_> = self.choices.iter().map(|choice| Labelled::new(&choice.id, &choice.text)).collect();
        if self.is_shuffled() {
            shuffle.shuffle(&mut choices);
        }
        Form::Choices { choices }
    }

    fn is_shuffled(&self) -> bool {
        !self.keep_order
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        if self.several {
            let value = answer::field(answer, "choices", r#"{"choices": ["a", "c"]}"#)?;
            let choices = answer::known_list(value, "choices", &self.ids())?.into_iter().collect();
            return Ok(Answer::Choices { choices });
        }
        let value = answer::field(answer, "choice", r#"{"choice": "b"}"#)?;
        Ok(Answer::Choice { choice: answer::known(value, answer::pointer(&["choice"]), &self.ids())? })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let chosen = self.chosen(answer);
        let earned: i64 = chosen.iter().map(|choice| choice.weight).sum();
        let feedback = chosen.iter().filter_map(|choice| choice.remark.about(Some(&choice.id))).collect();
        let number = |weight: i64| u64::try_from(weight).unwrap_or(0);
        Mark::Earned { part: number(earned), whole: number(self.whole()), feedback }
    }

    fn solution(&self) -> Option<Answer> {
        let mut right = self.choices.iter().filter(|choice| choice.correct).map(|choice| choice.id.clone());
        if self.several {
            Some(Answer::Choices { choices: right.collect() })
        } else {
            Some(Answer::Choice { choice: right.next()? })
        }
    }

    fn answers(&self) -> Vec<&str> {
        self.choices.iter().map(|choice| choice.text.markdown()).collect()
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.choices.iter().filter_map(|choice| choice.remark.misconception()).collect()
    }
}

//! true_false and essay: the two kinds with nothing to choose from.

use serde_json::Value;

use super::answer::{self, Answer, AnswerError, ESSAY_CHARS};
use super::form::Form;
use super::task::{Mark, Remark, Task};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

/// Whether the statement of the stem is true.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Truth {
    pub(in crate::bank) answer: bool,
    pub(in crate::bank) wrong: Remark,
}

impl Truth {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        let answer = root.flag("answer");
        if answer.is_none() && !root.has("answer") {
            root.mistake("`answer` is missing: add `answer = true` or `answer = false`");
        }
        let wrong = match root.table("wrong") {
            Some(mut table) => {
                let remark = Remark::read(&mut table);
                remark.wanted(&table, "[wrong]");
                remark
            }
            None => {
                root.mistake("[wrong] is missing: add it with `feedback` and `misconception`");
                Remark::default()
            }
        };
        Self { answer: answer.unwrap_or_default(), wrong }
    }
}

impl Task for Truth {
    fn form(&self, _: &mut Prng) -> Form {
        Form::Statement {}
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value = answer::field(answer, "value", r#"{"value": true}"#)?.as_bool();
        let value = value.ok_or_else(|| AnswerError::new("/value", "must be true or false"))?;
        Ok(Answer::Truth { value })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Truth { value } = answer else { return Mark::nothing() };
        let right = *value == self.answer;
        let feedback = if right { None } else { self.wrong.about(None) };
        Mark::all_or_nothing(right, feedback.into_iter().collect())
    }

    fn solution(&self) -> Option<Answer> {
        Some(Answer::Truth { value: self.answer })
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.wrong.misconception().into_iter().collect()
    }
}

/// A text that a person scores.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Essay {
    /// A guide for the person who scores it.
    pub(in crate::bank) guide: Markdown,
}

impl Essay {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        Self { guide: root.text("guide") }
    }
}

/// Reads a text that a person scores.
pub(in crate::bank) fn read_essay(answer: &Value) -> Result<Answer, AnswerError> {
    let value = answer::field(answer, "text", r#"{"text": "…"}"#)?;
    Ok(Answer::Text { text: answer::text(value, answer::pointer(&["text"]), ESSAY_CHARS)? })
}

impl Task for Essay {
    fn form(&self, _: &mut Prng) -> Form {
        Form::Text { max_length: ESSAY_CHARS }
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        read_essay(answer)
    }

    fn mark(&self, _: &Answer) -> Mark {
        Mark::ByReview
    }

    fn solution(&self) -> Option<Answer> {
        None
    }

    fn misconceptions(&self) -> Vec<&str> {
        Vec::new()
    }
}

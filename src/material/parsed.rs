//! A source that was read: a question or a prompt without mistakes.

use super::Kind;
use crate::bank::{Bank, Mistake, Prompt, Question, QuestionId};
use crate::error::{Error, Field, Refusal};

/// What a source without mistakes describes.
#[derive(Debug, Clone)]
pub(crate) enum Parsed {
    /// A question, with its key.
    Question(Box<Question>),
    /// A prompt, with its notes for reviewers.
    Prompt(Box<Prompt>),
}

impl Parsed {
    /// Reads a source by the rules of the bank's files.
    ///
    /// # Errors
    /// 422 `invalid` with all mistakes of the source, each with its line.
    pub(crate) fn read(bank: &Bank, kind: Kind, id: QuestionId, source: &str) -> Result<Self, Error> {
        let read = match kind {
            Kind::Question => bank.read_question(id, source).map(|question| Self::Question(Box::new(question))),
            Kind::Prompt => bank.read_prompt(id, source).map(|prompt| Self::Prompt(Box::new(prompt))),
        };
        read.map_err(|mistakes| Refusal::invalid(mistakes.into_iter().map(field).collect()).into())
    }

    /// The name on pages.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Question(question) => question.title(),
            Self::Prompt(prompt) => &prompt.title,
        }
    }

    /// A hash of what can alter a score.
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Question(question) => question.version().as_str(),
            Self::Prompt(prompt) => prompt.version.as_str(),
        }
    }

    /// What is worth a thought.
    pub(crate) fn warnings(&self, bank: &Bank) -> Vec<String> {
        let practised = match self {
            Self::Question(question) => {
                let same = bank.questions().find(|known| known.version() == question.version());
                same.map(|known| known.id().to_string())
            }
            Self::Prompt(prompt) => {
                let same = bank.prompts().find(|known| known.version == prompt.version);
                same.map(|known| known.id.to_string())
            }
        };
        let warning = |id| {
            format!(
                "this is the same as {id}, which everybody can practise: change what is asked before it is used in a test"
            )
        };
        practised.map(warning).into_iter().collect()
    }
}

fn field(mistake: Mistake) -> Field {
    Field { pointer: "/source".to_owned(), detail: mistake.message, line: Some(mistake.line) }
}

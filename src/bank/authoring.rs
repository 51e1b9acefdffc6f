//! Reading questions and prompts that don't stand in a folder: those of a team, by the same rules as the files of the bank.

use std::path::PathBuf;

use super::catalog::Bank;
use super::mistake::Mistake;
use super::prompt::Prompt;
use super::question::Question;
use super::slug::QuestionId;

impl Bank {
    /// The question that a text describes.
    ///
    /// # Errors
    /// All mistakes of the text, as `quorate check` would list them for a file.
    pub fn read_question(&self, id: QuestionId, source: &str) -> Result<Question, Vec<Mistake>> {
        let path = PathBuf::from(format!("{id}.toml"));
        let question = Question::read(&path, id, source)?;
        let unknown = |name: &&str| self.misconception(name).is_none();
        let mut unknown: Vec<_> = question.misconceptions().into_iter().filter(unknown).collect();
        unknown.sort_unstable();
        unknown.dedup();
        let mistake = |name: &str| Mistake {
            path: path.clone(),
            line: 1 + source.lines().position(|line| line.contains(name)).unwrap_or(0),
            message: format!(
                "there is no misconception `{name}`: name one of the bank, or say that the choice is a slip"
            ),
        };
        let mistakes: Vec<_> = unknown.into_iter().map(mistake).collect();
        if mistakes.is_empty() { Ok(question) } else { Err(mistakes) }
    }

    /// The prompt that a text describes.
    ///
    /// # Errors
    /// All mistakes of the text, as `quorate check` would list them for a file.
    pub fn read_prompt(&self, id: QuestionId, source: &str) -> Result<Prompt, Vec<Mistake>> {
        let path = PathBuf::from(format!("{id}.prompt.toml"));
        Prompt::read(&path, id, source)
    }
}

//! Reading what doesn't stand in a folder: a team's questions, prompts and sets, by the same rules as the files of the bank.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catalog::Bank;
use super::mistake::Mistake;
use super::prompt::Prompt;
use super::question::Question;
use super::set::Set;
use super::set_check;
use super::slug::{QuestionId, Slug};

impl Bank {
    /// The question that a text describes.
    ///
    /// # Errors
    /// All mistakes of the text, as `quorate check` would list them for a file.
    pub fn read_question(&self, id: QuestionId, source: &str) -> Result<Question, Vec<Mistake>> {
        let path = PathBuf::from(format!("{id}.toml"));
        let question = Question::read(&path, id, source)?;
        if question.is_exam_only() {
            return Err(vec![needless(path, source)]);
        }
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
        let prompt = Prompt::read(&path, id, source)?;
        if prompt.exam_only { Err(vec![needless(path, source)]) } else { Ok(prompt) }
    }

    /// What a team's sets can ask: what everybody may see, and the team's own. What the bank keeps for its own exams isn't in it, since
    /// anybody can make a team.
    #[must_use]
    pub fn for_team(&self, questions: Vec<Question>, prompts: Vec<Prompt>) -> Self {
        let public = self.questions().map(Arc::clone);
        let questions = public.chain(questions.into_iter().map(Arc::new));
        let public = self.prompts().map(Arc::clone);
        let prompts = public.chain(prompts.into_iter().map(Arc::new));
        self.asking(questions, prompts)
    }

    /// The mistakes in what a set asks of this bank, each with its line: what doesn't exist, what is named twice, and pools that are too
    /// small.
    #[must_use]
    pub fn mistakes_of(&self, set: &Set) -> Vec<(usize, String)> {
        let bank = self.with_exam_material();
        let questions = bank.questions().map(|question| (question.id(), question.as_ref())).collect();
        let prompts = bank.prompts().map(|prompt| (&prompt.id, prompt.as_ref())).collect();
        set_check::mistakes(set, &questions, &prompts)
    }
}

impl Set {
    /// The set of a text that doesn't stand in a file.
    ///
    /// # Errors
    /// All mistakes of the text, as `quorate check` would list them for a file, but for those in what it names: see
    /// [`Bank::mistakes_of`].
    pub fn from_text(slug: Slug, text: &str) -> Result<Self, Vec<Mistake>> {
        Self::read(Path::new("set.toml"), slug, text)
    }
}

fn needless(path: PathBuf, source: &str) -> Mistake {
    let line = 1 + source.lines().position(|line| line.trim_start().starts_with("exam_only")).unwrap_or(0);
    let message = "what a team writes is kept for its sets anyway: remove `exam_only`".to_owned();
    Mistake { path, line, message }
}

//! Practice: questions answered and design prompts responded to outside sets, with feedback at once.
//!
//! Every answer is kept for good, with the version and the seed that it was given to, so that its score can be computed again. An answer is
//! told its score only after its record is safe.

pub mod api;
pub mod pages;
mod queue;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use self::queue::Queue;
use self::store::{AnswerRow, ResponseRow};
use crate::bank::view::MisconceptionView;
use crate::bank::{Answer, Bank, ESSAY_CHARS, Feedback, Instance, Marked, Points, Question, QuestionId, Seed, Version};
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::error::{Field, Refusal, Result};
use crate::id::{AnswerId, ResponseId, UserId};

/// Answers to practice questions.
pub struct Practice {
    db: Db,
    clock: Clock,
    bank: Bank,
    queue: Queue,
}

/// An answer to a practice question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// The seed of the variant that is answered.
    #[schema(value_type = u64)]
    pub seed: Seed,
    /// In the shape of the question's kind.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// How many hints were taken; what they cost is taken off the score.
    #[serde(default)]
    pub hints: u8,
    /// The version that was read. Where it is another by now the answer is refused rather than marked by another key.
    pub version: Option<Version>,
}

/// What became of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Marking {
    /// Prefixed `ans_`.
    pub id: AnswerId,
    /// The points; null where a person decides.
    pub score: Option<Points>,
    /// The most that could be earned.
    pub max_score: Points,
    /// Whether everything was earned; null where a person decides.
    pub correct: Option<bool>,
    /// What is said about parts of the answer.
    pub feedback: Vec<Feedback>,
    /// The misconceptions that the feedback names.
    pub misconceptions: Vec<MisconceptionView>,
    /// An answer that earns everything; null where a person decides.
    pub solution: Option<Answer>,
    /// Why the key is the key, in Markdown.
    pub explanation: String,
    /// The same as safe HTML.
    pub explanation_html: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
}

/// A response to a design prompt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResponse {
    /// At most 20,000 characters.
    pub text: String,
}

/// A response to a design prompt that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    /// Prefixed `rsp_`.
    pub id: ResponseId,
    /// `topic/slug`.
    pub prompt: QuestionId,
    /// The version that was responded to.
    pub version: Version,
    /// As it was sent.
    pub text: String,
    /// The points: null until a person has scored it.
    pub score: Option<Points>,
    /// The most that can be earned.
    pub max_score: Points,
    /// When it was kept.
    pub responded_at: Timestamp,
}

/// A person's best answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// `topic/slug`.
    pub question: String,
    /// The best score.
    pub score: Points,
    /// The most that could be earned then.
    pub max_score: Points,
    /// How often it was answered.
    pub answers: i64,
}

impl Practice {
    /// Practice with the questions of a bank.
    pub fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { queue: Queue::new(db.clone()), db, clock, bank }
    }

    /// Marks an answer and keeps it.
    ///
    /// # Errors
    /// 404 for a question that is not there, 409 when it has changed, 422 for an answer of the wrong shape.
    pub async fn answer(&self, user: UserId, id: &QuestionId, form: NewAnswer) -> Result<Marking> {
        let question = self.bank.question(id).ok_or_else(|| Refusal::not_found("question"))?;
        check_version(question, form.version.as_ref())?;
        check_hints(question, form.hints)?;
        let instance = question.instance(form.seed);
        let answer = instance.read_answer(&form.answer).map_err(|error| {
            let field = Field { pointer: format!("/answer{}", error.pointer), detail: error.detail };
            Refusal::invalid(vec![field])
        })?;
        let answer = answer.ok_or_else(|| Refusal::invalid_field("/answer", "the answer is empty"))?;
        let (id, marked) = self.keep(user, &instance, &answer, form.hints).await?;
        Ok(self.marking(id, question, &instance, marked))
    }

    /// Marks an answer that the instance read, takes off what the hints cost, and keeps it.
    ///
    /// # Errors
    /// When the database fails, or the account is gone.
    pub async fn keep(
        &self,
        user: UserId,
        instance: &Instance<'_>,
        answer: &Answer,
        hints: u8,
    ) -> Result<(AnswerId, Marked)> {
        let marked = instance.mark_after_hints(answer, hints);
        let row = AnswerRow::new(user, instance, answer, hints, &marked, self.clock.now());
        let id = row.id;
        self.queue.keep(row, instance.question().source()).await?;
        Ok((id, marked))
    }

    fn marking(&self, id: AnswerId, question: &Question, instance: &Instance<'_>, marked: Marked) -> Marking {
        let explanation = instance.explanation();
        Marking {
            id,
            score: marked.score,
            max_score: marked.max_score,
            correct: marked.correct,
            misconceptions: self.misconceptions(&marked.feedback),
            feedback: marked.feedback,
            solution: instance.solution(),
            explanation: explanation.markdown().to_owned(),
            explanation_html: explanation.html().to_owned(),
            sources: question.sources().to_vec(),
        }
    }

    /// The misconceptions that feedback names, each once.
    fn misconceptions(&self, feedback: &[Feedback]) -> Vec<MisconceptionView> {
        let mut named: Vec<&str> = feedback.iter().filter_map(|part| part.misconception.as_deref()).collect();
        named.sort_unstable();
        named.dedup();
        named
            .into_iter()
            .filter_map(|id| self.bank.misconception(id))
            .map(|known| MisconceptionView::of(known))
            .collect()
    }

    /// Keeps a response to a design prompt.
    ///
    /// # Errors
    /// 404 for a prompt that is not there, 422 for a text that is empty or too long.
    pub async fn respond(&self, user: UserId, id: &QuestionId, form: NewResponse) -> Result<Kept> {
        let prompt = self.bank.prompt(id).ok_or_else(|| Refusal::not_found("prompt"))?;
        check_text(&form.text)?;
        let kept = Kept {
            id: ResponseId::new(),
            prompt: id.clone(),
            version: prompt.version.clone(),
            text: form.text,
            score: None,
            max_score: prompt.points(),
            responded_at: self.clock.now(),
        };
        let (row, source) = (ResponseRow::new(user, &kept), prompt.source.clone());
        self.db.write(move |c| store::insert_response(c, &row, &source)).await.map_err(store::failure)?;
        Ok(kept)
    }

    /// A person's best answer to each question that they answered; those that wait for a person are not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn best(&self, user: UserId) -> Result<Vec<Best>> {
        Ok(self.db.read(move |c| store::best(c, user)).await?)
    }
}

fn check_version(question: &Question, read: Option<&Version>) -> Result<()> {
    if read.is_some_and(|version| version != question.version()) {
        let detail = "the question has changed since you read it: read it again";
        return Err(Refusal::conflict("question_changed", detail).into());
    }
    Ok(())
}

fn check_hints(question: &Question, taken: u8) -> Result<()> {
    let there = question.hints().len();
    if usize::from(taken) > there {
        return Err(Refusal::invalid_field("/hints", format!("the question has {there} hints")).into());
    }
    Ok(())
}

fn check_text(text: &str) -> Result<()> {
    let problem = if text.trim().is_empty() {
        "write something"
    } else if text.chars().count() > ESSAY_CHARS {
        "at most 20,000 characters are kept"
    } else if text.contains('\0') {
        "the text must not contain the character U+0000"
    } else {
        return Ok(());
    };
    Err(Refusal::invalid_field("/text", problem).into())
}

//! Practice: marking answers and keeping them, and keeping responses to design prompts.

use std::time::Duration;

use super::queue::Queue;
use super::store::{self, AnswerRow, ResponseRow};
use super::{Best, Kept, Marking, NewAnswer, NewResponse, PastAnswer, PastResponse};
use crate::bank::view::MisconceptionView;
use crate::bank::{Bank, ESSAY_CHARS, Feedback, Instance, Marked, Question, QuestionId, Version};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Field, Refusal, Result};
use crate::id::{AnswerId, ResponseId, UserId};

/// How soon the same response has to come again to be taken for a second click on the same button.
const SECOND_CLICK: Duration = Duration::from_secs(10);

/// Answers to practice questions and responses to prompts. Cheap to clone.
#[derive(Clone)]
pub struct Practice {
    db: Db,
    clock: Clock,
    bank: Bank,
    queue: Queue,
}

impl Practice {
    /// Practice with the questions of a bank.
    pub fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { queue: Queue::new(db.clone()), db, clock, bank }
    }

    /// Marks an answer, takes off what the hints cost, and keeps it if it is somebody's. A visitor without an account may
    /// practise too.
    ///
    /// # Errors
    /// 404 `not_found` for a question that is not there, 409 `question_changed` when it is another version by now, 422
    /// `invalid` for an answer of the wrong shape, 401 `unauthenticated` when the account is gone, 503 `overloaded` when too
    /// many answers wait to be kept; 500 `internal` when the database fails.
    pub async fn answer(&self, user: Option<UserId>, id: &QuestionId, form: NewAnswer) -> Result<Marking> {
        self.mark(user, id, form, |row| row).await
    }

    /// Marks an answer that a form sent, as [`Practice::answer`] does. `key` is the form's own: the same answer from the same
    /// form, such as by a second click on its button, is kept once. (A program has `Idempotency-Key`.)
    ///
    /// # Errors
    /// The same errors as those of [`Practice::answer`].
    pub async fn answer_by_form(
        &self,
        user: Option<UserId>,
        id: &QuestionId,
        form: NewAnswer,
        key: AnswerId,
    ) -> Result<Marking> {
        self.mark(user, id, form, |row| row.sent_by_form(key)).await
    }

    async fn mark(
        &self,
        user: Option<UserId>,
        id: &QuestionId,
        form: NewAnswer,
        named: impl FnOnce(AnswerRow) -> AnswerRow,
    ) -> Result<Marking> {
        let question = self.bank.question(id).ok_or_else(|| Refusal::not_found("question"))?;
        check_version(question, form.version.as_ref())?;
        check_hints(question, form.hints)?;
        let instance = question.instance(form.seed);
        let answer = instance.read_answer(&form.answer).map_err(|error| {
            let field = Field::new(format!("/answer{}", error.pointer), error.detail);
            Refusal::invalid(vec![field])
        })?;
        let answer = answer.ok_or_else(|| Refusal::invalid_field("/answer", "answer the question first"))?;
        let marked = instance.mark_after_hints(&answer, form.hints);
        let kept = match user {
            Some(user) => {
                let row = named(AnswerRow::new(user, &instance, &answer, form.hints, &marked, self.clock.now()));
                let id = row.id;
                self.queue.keep(row, question.source()).await?;
                Some(id)
            }
            None => None,
        };
        Ok(self.marking(kept, question, &instance, marked))
    }

    fn marking(&self, id: Option<AnswerId>, question: &Question, instance: &Instance<'_>, marked: Marked) -> Marking {
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

    /// Keeps a response to a design prompt. The same text a few seconds later is a second click on the same button, and is
    /// the same response.
    ///
    /// # Errors
    /// 404 `not_found` for a prompt that is not there, 422 `invalid` for a text that is empty or too long, 401 `unauthenticated`
    /// when the account is gone; 500 `internal` when the database fails.
    pub async fn respond(&self, user: UserId, id: &QuestionId, form: NewResponse) -> Result<Kept> {
        let prompt = self.bank.prompt(id).ok_or_else(|| Refusal::not_found("prompt"))?;
        check_text(&form.text)?;
        let mut kept = Kept {
            id: ResponseId::new(),
            prompt: id.clone(),
            version: prompt.version.clone(),
            text: form.text,
            score: None,
            max_score: prompt.points(),
            responded_at: self.clock.now(),
        };
        let (row, source) = (ResponseRow::new(user, &kept), prompt.source.clone());
        let since = self.clock.now() - SECOND_CLICK;
        let first = self.db.write(move |c| match store::repeated_response(c, &row, since)? {
            Some(first) => Ok(Some(first)),
            None => store::insert_response(c, &row, &source).map(|()| None),
        });
        if let Some((id, responded_at)) = first.await.map_err(Error::from)? {
            (kept.id, kept.responded_at) = (id, responded_at);
        }
        Ok(kept)
    }

    /// A person's answers, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn answers_of(&self, user: UserId, before: Option<String>, rows: i64) -> Result<Vec<PastAnswer>> {
        Ok(self.db.read(move |c| store::answers_of(c, user, before.as_deref(), rows)).await?)
    }

    /// A person's responses to prompts, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn responses_of(&self, user: UserId, before: Option<String>, rows: i64) -> Result<Vec<PastResponse>> {
        Ok(self.db.read(move |c| store::responses_of(c, user, before.as_deref(), rows)).await?)
    }

    /// A person's best answer to each question that they answered; those that wait for a person are not among them.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
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

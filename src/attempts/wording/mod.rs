//! The words that were used for a question when an attempt began: its title, remarks and explanation, and the misconceptions
//! that its remarks name.
//!
//! A question's version says what an answer to it earns. Authors may put the rest into other words without making another
//! version, and a result must not show somebody words that weren't there when the question was answered. So an attempt keeps
//! a hash of the words with each question, and the words of each hash are stored once.

pub(super) mod store;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bank::{Bank, Markdown, Misconception, Mistake, Question, QuestionId};
use crate::error::{Error, Result};
use crate::hex::hex;

/// Bytes of a digest that name the words of a question: enough that no two of them are ever alike by chance.
const HASH_BYTES: usize = 16;

/// The words of a question, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wording {
    pub(super) question: String,
    /// A hash of the words, by which an attempt names them.
    pub(super) hash: String,
    /// The text of the question's file.
    pub(super) source: String,
    /// The misconceptions that the question names, as a JSON list.
    pub(super) misconceptions: String,
}

impl Wording {
    /// The words that the bank has for a question now.
    pub(super) fn of(question: &Question, bank: &Bank) -> Self {
        Self {
            question: question.id().to_string(),
            hash: hash_of(question, bank).to_owned(),
            source: question.source().to_owned(),
            misconceptions: written_misconceptions(question, bank),
        }
    }

    /// The question and the misconceptions in these words.
    ///
    /// # Errors
    /// 500 `internal` when they can't be read back.
    pub(super) fn read(&self, id: QuestionId) -> Result<(Question, Vec<Misconception>)> {
        let question = Question::from_stored(id, &self.source).map_err(unreadable)?;
        let corrupt = |error| Error::corrupt("the misconceptions of an attempt", error);
        let told: Vec<Value> = serde_json::from_str(&self.misconceptions).map_err(corrupt)?;
        Ok((question, told.iter().map(read).collect::<Result<_>>()?))
    }
}

/// The hash of the words that the bank has for a question, which is computed when it is first wanted.
pub(super) fn hash_of<'q>(question: &'q Question, bank: &Bank) -> &'q str {
    question.wording_hash(|| {
        let misconceptions = written_misconceptions(question, bank);
        let parts = [question.source().as_bytes(), &[0], misconceptions.as_bytes()];
        let digest = parts.iter().fold(Sha256::new(), |digest, part| digest.chain_update(part)).finalize();
        hex(digest.into_iter().take(HASH_BYTES))
    })
}

/// The misconceptions that a question names, each once, in the words of the bank.
pub(super) fn misconceptions_of(question: &Question, bank: &Bank) -> Vec<Misconception> {
    let mut named = question.misconceptions();
    named.sort_unstable();
    named.dedup();
    named.into_iter().filter_map(|id| bank.misconception(id)).map(|known| known.as_ref().clone()).collect()
}

fn written_misconceptions(question: &Question, bank: &Bank) -> String {
    let written: Vec<Value> = misconceptions_of(question, bank).iter().map(written).collect();
    Value::from(written).to_string()
}

fn written(misconception: &Misconception) -> Value {
    json!({
        "id": misconception.id,
        "topic": misconception.topic,
        "belief": misconception.belief.markdown(),
        "correction": misconception.correction.markdown(),
        "source": misconception.source,
    })
}

fn read(written: &Value) -> Result<Misconception> {
    let text = |field: &str| {
        let text = written.get(field).and_then(Value::as_str);
        text.ok_or_else(|| Error::corrupt("a misconception of an attempt", format!("it has no {field}")))
    };
    let name = |field| text(field)?.parse().map_err(|error| Error::corrupt("a misconception of an attempt", error));
    Ok(Misconception {
        id: name("id")?,
        topic: name("topic")?,
        belief: Markdown::new(text("belief")?),
        correction: Markdown::new(text("correction")?),
        source: text("source")?.to_owned(),
    })
}

/// A text of the bank that was accepted once and stored, and is none any more.
pub(super) fn unreadable(mistakes: Vec<Mistake>) -> Error {
    let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    Error::corrupt("what an attempt began with", mistakes.join("; "))
}

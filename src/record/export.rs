//! Everything that is kept about what a person did, as the text of one JSON object that is written piece by piece: it may be
//! larger than what should be held in memory.
//!
//! It is made of what the person may see anyway, so what a set doesn't tell its candidates is not in it. An attempt or a
//! submission that can't be read back is named and marked as `unreadable`, and keeps nothing else out.

use futures_util::stream::{self, Stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{Sender, channel};

use super::service::Records;
use crate::accounts::Viewer;
use crate::attempts::State;
use crate::error::{Error, Result};
use crate::id::{AttemptId, SubmissionId, UserId};
use crate::submissions::Filter;

/// Pieces that wait for a slow reader.
const PIECES: usize = 4;
/// Rows that are read at a time.
const ROWS: i64 = 50;

impl Records {
    /// All that a person did, behind what `about` says of the person. The text breaks off where the database fails.
    pub fn export(&self, user: UserId, about: Map<String, Value>) -> impl Stream<Item = Result<Vec<u8>>> + use<> {
        let (sender, receiver) = channel(PIECES);
        let (records, mut text) = (self.clone(), Text { sender: sender.clone(), filled: false });
        tokio::spawn(async move {
            if let Err(error) = records.write(user, about, &mut text).await {
                // Nobody reads any more, or the reader has to see that it is not whole.
                let _ = sender.send(Err(error)).await;
            }
        });
        stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|piece| (piece, receiver)))
    }

    async fn write(&self, user: UserId, about: Map<String, Value>, text: &mut Text) -> Result<()> {
        text.put("{").await?;
        for (name, value) in about {
            text.begin(&name).await?;
            text.put(&value.to_string()).await?;
        }
        text.begin_list("answers").await?;
        let mut before = None;
        loop {
            let rows = self.practice.answers_of(user, before, ROWS).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            before = Some(last.to_string());
            text.rows(rows).await?;
        }
        text.end_list().await?;
        text.begin_list("responses").await?;
        let mut before = None;
        loop {
            let rows = self.practice.responses_of(user, before, ROWS).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            before = Some(last.to_string());
            text.rows(rows).await?;
        }
        text.end_list().await?;
        self.write_attempts(user, text).await?;
        self.write_submissions(user, text).await?;
        text.put("}").await
    }

    async fn write_attempts(&self, user: UserId, text: &mut Text) -> Result<()> {
        text.begin_list("attempts").await?;
        let mut before = None;
        loop {
            let rows = self.attempts.list(user, before, ROWS).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            before = Some(last.to_string());
            for row in rows {
                let whole = self.attempt(user, row.id).await;
                text.rows([or_unreadable(whole, "attempt", &row)?]).await?;
            }
        }
        text.end_list().await
    }

    async fn attempt(&self, user: UserId, id: AttemptId) -> Result<Value> {
        let attempt = self.attempts.resume(Viewer::Person(user), id).await?;
        let over = attempt.state != State::Open;
        let result = if over { Some(self.attempts.result(Viewer::Person(user), id).await?) } else { None };
        Ok(json!({ "attempt": attempt, "result": result }))
    }

    async fn write_submissions(&self, user: UserId, text: &mut Text) -> Result<()> {
        text.begin_list("submissions").await?;
        let mut before = None;
        loop {
            let rows = self.submissions.list(user, Filter::default(), before, ROWS).await?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            before = Some(last.to_string());
            for row in rows {
                let whole = self.submission(user, row.id).await;
                text.rows([or_unreadable(whole, "submission", &row)?]).await?;
            }
        }
        text.end_list().await
    }

    async fn submission(&self, user: UserId, id: SubmissionId) -> Result<Value> {
        let submission = self.submissions.find(Viewer::Person(user), id).await?;
        let files = self.submissions.files(Viewer::Person(user), id).await?;
        Ok(json!({ "submission": submission, "files": files }))
    }
}

/// One row of the export: all of it, or what a list knows where the rest can't be read back.
fn or_unreadable(whole: Result<Value>, kind: &str, listed: &impl Serialize) -> Result<Value> {
    match whole {
        Err(error) if error.is_corrupt() => {
            let row = json!({ kind: listed, "unreadable": true });
            tracing::error!(%row, ?error, "what is kept can't be exported as a whole");
            Ok(row)
        }
        whole => whole,
    }
}

/// The text of an object on its way to its reader.
struct Text {
    sender: Sender<Result<Vec<u8>>>,
    /// Whether the object or the list that is being written has a member.
    filled: bool,
}

impl Text {
    async fn put(&self, text: &str) -> Result<()> {
        let sent = self.sender.send(Ok(text.as_bytes().to_vec())).await;
        sent.map_err(|_| Error::internal("export what is kept", "the reader went away"))
    }

    /// Begins a member of the object.
    async fn begin(&mut self, name: &str) -> Result<()> {
        let comma = if std::mem::replace(&mut self.filled, true) { "," } else { "" };
        self.put(&format!("{comma}{}:", Value::from(name))).await
    }

    async fn begin_list(&mut self, name: &str) -> Result<()> {
        self.begin(name).await?;
        self.filled = false;
        self.put("[").await
    }

    async fn end_list(&mut self) -> Result<()> {
        self.filled = true;
        self.put("]").await
    }

    /// Adds rows to the list.
    async fn rows<T: Serialize>(&mut self, rows: impl IntoIterator<Item = T>) -> Result<()> {
        for row in rows {
            let row = serde_json::to_string(&row).map_err(|error| Error::internal("export what is kept", error))?;
            let comma = if std::mem::replace(&mut self.filled, true) { "," } else { "" };
            self.put(&format!("{comma}{row}")).await?;
        }
        Ok(())
    }
}

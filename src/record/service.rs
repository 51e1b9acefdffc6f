//! What a person has reached, gathered from the features that know it. The page and the API show the same record.

use std::collections::BTreeMap;

use super::{Record, SetBest, TopicBest};
use crate::accounts::Accounts;
use crate::attempts::{AttemptScore, Attempts};
use crate::bank::{Bank, Points, Topic};
use crate::error::Result;
use crate::id::UserId;
use crate::practice::{self, Practice};
use crate::submissions::Submissions;

/// Records of people. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    bank: Bank,
    pub(super) accounts: Accounts,
    pub(super) attempts: Attempts,
    pub(super) practice: Practice,
    pub(super) submissions: Submissions,
}

impl Records {
    /// Records over the features that know what a person has reached.
    #[must_use]
    pub const fn new(
        bank: Bank,
        accounts: Accounts,
        attempts: Attempts,
        practice: Practice,
        submissions: Submissions,
    ) -> Self {
        Self { bank, accounts, attempts, practice, submissions }
    }

    /// A person's record. Public runs and failures of ours do not count.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn of(&self, user: UserId) -> Result<Record> {
        let exercises = self.submissions.best(user).await?;
        let attempts = self.attempts.scores(user, None).await?;
        Ok(Record { exercises, sets: best_of_sets(&attempts), topics: self.topics(user).await?, attempts })
    }

    /// A person's practice, topic by topic in the order of the curriculum.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn topics(&self, user: UserId) -> Result<Vec<TopicBest>> {
        let best = self.practice.best(user).await?;
        let best: BTreeMap<_, _> = best.into_iter().map(|best| (best.question.clone(), best)).collect();
        Ok(self.bank.topics().iter().map(|topic| best_of_topic(&self.bank, topic, &best)).collect())
    }
}

/// The best of scores that come the newest first, set by set; of equals the newest.
fn best_of_sets(scores: &[AttemptScore]) -> Vec<SetBest> {
    let mut best: BTreeMap<&str, SetBest> = BTreeMap::new();
    for result in scores {
        let (Some(score), Some(max_score)) = (result.score, result.max_score) else { continue };
        let set = result.set.as_str();
        let attempts = best.get(set).map_or(0, |known| known.attempts) + 1;
        let better = best.get(set).is_none_or(|known| share(score, max_score) > share(known.score, known.max_score));
        if better {
            let (attempt, pending, passed) = (result.id, result.pending, result.passed);
            let (title, set_slug) = (result.title.clone(), set.to_owned());
            best.insert(set, SetBest { set: set_slug, attempt, score, max_score, pending, passed, attempts, title });
        } else if let Some(known) = best.get_mut(set) {
            known.attempts = attempts;
        }
    }
    best.into_values().collect()
}

/// A score as a share, for comparing: what there is to earn may differ between attempts.
fn share(score: Points, max_score: Points) -> u64 {
    u64::from(score.thousandths()) * 1_000_000 / u64::from(max_score.thousandths()).max(1)
}

/// Practice in one topic. Answers to questions that the bank no longer has do not count.
fn best_of_topic(bank: &Bank, topic: &Topic, best: &BTreeMap<String, practice::Best>) -> TopicBest {
    let questions = bank.practice_order(&topic.slug);
    let answered: Vec<_> = questions.iter().filter_map(|question| best.get(&question.id().to_string())).collect();
    let next = questions.iter().find(|question| !best.contains_key(&question.id().to_string()));
    TopicBest {
        topic: topic.slug.to_string(),
        score: answered.iter().map(|best| best.score).sum(),
        max_score: answered.iter().map(|best| best.max_score).sum(),
        answered: answered.len(),
        questions: questions.len(),
        title: topic.title.clone(),
        next: next.map(|question| question.id().clone()),
    }
}

//! What statistics are computed from: finished attempts at a set, and the items that they asked.
//!
//! A [`Cohort`] can hold only what makes sense together, so nothing that computes has to check it again.

use std::collections::{BTreeMap, BTreeSet};

use crate::bank::Points;

/// An item that attempts ask, whether all of them or, if it is drawn from a pool, only some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Names the item. Two versions of a question whose figures shouldn't be mixed need two names.
    pub id: String,
    /// What can be chosen, in the order in which it is shown to the team; empty where nothing is chosen.
    pub options: Vec<ItemOption>,
}

/// An option of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOption {
    /// Names it within its item.
    pub id: String,
    /// Whether the key has it.
    pub is_right: bool,
}

/// What one attempt did with one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The name of the item.
    pub item: String,
    /// What it earned: an item that was not answered earns nothing.
    pub score: Points,
    /// What it could earn, which is more than nothing.
    pub max_score: Points,
    /// The names of the options that were chosen.
    pub chosen: Vec<String>,
    /// How long it was worked on, in seconds, if that is known.
    pub seconds: Option<u32>,
}

/// Why an attempt can't be counted with the others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// An attempt asks for something, or it isn't one.
    #[error("an attempt has no items")]
    Empty,
    /// Only what the cohort was made with can be asked.
    #[error("an attempt asks for the item `{0}`, which is not in the list of items")]
    UnknownItem(String),
    /// An item is asked once in an attempt.
    #[error("an attempt asks for the item `{0}` twice")]
    ItemTwice(String),
    /// Only options of the item can be chosen.
    #[error("an answer to the item `{0}` has the option `{1}`, which the item doesn't have")]
    UnknownOption(String, String),
    /// A score lies between nothing and a maximum that isn't nothing.
    #[error("the item `{0}` has {1} of {2} points")]
    Score(String, Points, Points),
}

/// Finished attempts at one set, all of them scored.
///
/// Whoever fills it should take one attempt of each candidate, since figures take observations to be independent.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    items: Vec<Item>,
    /// Where each item is in the list, by its name.
    places: BTreeMap<String, usize>,
    attempts: Vec<Attempt>,
}

/// A finished attempt, with its responses in the order of the set's slots.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    responses: Vec<Response>,
}

/// A response together with what its attempt did elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation<'c> {
    pub(super) response: &'c Response,
    /// The share of the points of all other items of the same attempt, from 0 to 1; none if there are no others.
    pub(super) rest: Option<f64>,
}

impl Cohort {
    /// A cohort without attempts, of a set that can ask these items. Each has a name of its own: if two don't, the first counts.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let mut cohort = Self::default();
        for item in items {
            if !cohort.places.contains_key(&item.id) {
                cohort.places.insert(item.id.clone(), cohort.items.len());
                cohort.items.push(item);
            }
        }
        cohort
    }

    /// Adds a finished attempt. Its responses are in the order of the set, not in the order in which a candidate saw them. So the
    /// first of them is for the first slot: a fixed item, or one draw from a pool.
    ///
    /// # Errors
    /// When the attempt can't be counted. The cohort is then as it was before.
    pub fn add(&mut self, responses: Vec<Response>) -> Result<(), Misfit> {
        if responses.is_empty() {
            return Err(Misfit::Empty);
        }
        let mut asked = BTreeSet::new();
        for response in &responses {
            self.check(response)?;
            if !asked.insert(&response.item) {
                return Err(Misfit::ItemTwice(response.item.clone()));
            }
        }
        self.attempts.push(Attempt { responses });
        Ok(())
    }

    fn check(&self, response: &Response) -> Result<(), Misfit> {
        let name = || response.item.clone();
        let item = self.places.get(&response.item).and_then(|place| self.items.get(*place));
        let item = item.ok_or_else(|| Misfit::UnknownItem(name()))?;
        let is_known = |chosen: &str| item.options.iter().any(|option| option.id == chosen);
        if let Some(unknown) = response.chosen.iter().find(|chosen| !is_known(chosen)) {
            return Err(Misfit::UnknownOption(name(), unknown.clone()));
        }
        if response.max_score == Points::ZERO || response.score > response.max_score {
            return Err(Misfit::Score(name(), response.score, response.max_score));
        }
        Ok(())
    }

    /// The items that the set can ask.
    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// All attempts, in the order in which they were added.
    pub(super) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// What the attempts did with each item that any of them asked.
    pub(super) fn observations(&self) -> BTreeMap<&str, Vec<Observation<'_>>> {
        let mut observations: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (attempt, response) in self.attempts.iter().flat_map(Attempt::each_response) {
            let observation = Observation { response, rest: attempt.rest(response) };
            observations.entry(&response.item).or_default().push(observation);
        }
        observations
    }
}

impl Attempt {
    fn each_response(&self) -> impl Iterator<Item = (&Self, &Response)> {
        self.responses.iter().map(move |response| (self, response))
    }

    /// What each slot earned, in the order of the set.
    pub(super) fn scores(&self) -> impl Iterator<Item = Points> {
        self.responses.iter().map(|response| response.score)
    }

    /// What each slot could earn, in the order of the set.
    pub(super) fn maxima(&self) -> impl Iterator<Item = Points> {
        self.responses.iter().map(|response| response.max_score)
    }

    fn rest(&self, response: &Response) -> Option<f64> {
        let max_score = self.maxima().sum::<Points>().minus(response.max_score);
        let score = self.scores().sum::<Points>().minus(response.score);
        (max_score > Points::ZERO).then(|| super::moments::share(score, max_score))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str) -> Item {
        Item { id: id.to_owned(), options: vec![ItemOption { id: "a".to_owned(), is_right: true }] }
    }

    fn response(item: &str, score: u32, max_score: u32) -> Response {
        Response {
            item: item.to_owned(),
            score: Points::from_thousandths(score),
            max_score: Points::from_thousandths(max_score),
            chosen: vec![],
            seconds: None,
        }
    }

    #[test]
    fn what_does_not_fit_is_named_and_left_out() {
        let mut cohort = Cohort::new(vec![item("one"), item("two")]);
        let choosing = |option: &str| Response { chosen: vec![option.to_owned()], ..response("one", 0, 1_000) };
        let misfits = [
            vec![],
            vec![response("one", 0, 1_000), response("three", 0, 1_000)],
            vec![response("one", 0, 1_000), response("one", 0, 1_000)],
            vec![choosing("b")],
            vec![response("one", 2_000, 1_000)],
            vec![response("one", 0, 0)],
        ]
        .map(|responses| cohort.add(responses).unwrap_err().to_string());
        let said = [
            "an attempt has no items",
            "an attempt asks for the item `three`, which is not in the list of items",
            "an attempt asks for the item `one` twice",
            "an answer to the item `one` has the option `b`, which the item doesn't have",
            "the item `one` has 2 of 1 points",
            "the item `one` has 0 of 0 points",
        ];
        assert_eq!(misfits, said);
        assert!(cohort.attempts().is_empty());
        cohort.add(vec![choosing("a")]).unwrap();
        assert_eq!(cohort.attempts().len(), 1);
    }

    #[test]
    fn the_rest_is_a_share_of_what_the_same_attempt_asked_elsewhere() {
        let mut cohort = Cohort::new(vec![item("one"), item("two"), item("three")]);
        cohort.add(vec![response("one", 500, 1_000), response("two", 3_000, 4_000)]).unwrap();
        cohort.add(vec![response("three", 0, 1_000), response("one", 1_000, 1_000)]).unwrap();
        cohort.add(vec![response("one", 1_000, 1_000)]).unwrap();
        let rests: Vec<_> = cohort.observations()["one"].iter().map(|seen| seen.rest).collect();
        assert_eq!(rests, [Some(0.75), Some(0.0), None]);
    }
}

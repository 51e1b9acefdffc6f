//! Checks that a set can be drawn as its author intends.

use std::collections::{BTreeMap, BTreeSet};

use super::pools::{Draw, left_for_last};
use super::prompt::Prompt;
use super::question::Question;
use super::set::{Pool, Set, SetEntry};
use super::slug::QuestionId;

/// What a set can name, by id.
type Kept<'k, V> = BTreeMap<&'k QuestionId, &'k V>;

/// The mistakes in the items of a set, each with its line.
pub(super) fn mistakes(set: &Set, questions: &Kept<'_, Question>, prompts: &Kept<'_, Prompt>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for (line, entry) in set.items() {
        found.extend(missing(set, entry, questions, prompts).map(|message| (line, message)));
        let name = name(entry);
        if name.is_some() && !named.insert(name.clone()) {
            let message = format!("{} is named twice: remove one", name.unwrap_or_default());
            found.push((line, message));
        }
    }
    found.extend(pool_mistakes(set, questions));
    found
}

fn name(entry: &SetEntry) -> Option<String> {
    match entry {
        SetEntry::Question(id) => Some(format!("the question `{id}`")),
        SetEntry::Prompt(id) => Some(format!("the prompt `{id}`")),
        SetEntry::Exercise(slug) => Some(format!("the exercise `{slug}`")),
        SetEntry::Pool(_) => None,
    }
}

fn missing(set: &Set, entry: &SetEntry, questions: &Kept<'_, Question>, prompts: &Kept<'_, Prompt>) -> Option<String> {
    let exam_only = match entry {
        SetEntry::Question(id) => questions.get(id).map(|question| question.is_exam_only()),
        SetEntry::Prompt(id) => prompts.get(id).map(|prompt| prompt.exam_only),
        SetEntry::Exercise(_) | SetEntry::Pool(_) => return None,
    };
    let what = name(entry)?;
    match exam_only {
        None => Some(format!("{what} does not exist, or was left out for a mistake of its own")),
        Some(exam_only) => misplaced(&what, set, exam_only),
    }
}

/// An exam contains only exam-only material, and no other set contains any.
fn misplaced(what: &str, set: &Set, exam_only: bool) -> Option<String> {
    match (set.exam_only, exam_only) {
        (true, false) => {
            Some(format!("{what} is not exam-only, and this set is: add `exam_only = true` there, or name another"))
        }
        (false, true) => {
            Some(format!("{what} is exam-only, and this set is not: add `exam_only = true` here, or name another"))
        }
        _ => None,
    }
}

/// Checks each pool in the order of the file: pools draw one after the other, and never what the set names.
fn pool_mistakes(set: &Set, questions: &Kept<'_, Question>) -> Vec<(usize, String)> {
    let named: BTreeSet<_> = set
        .items()
        .filter_map(|(_, entry)| match entry {
            SetEntry::Question(id) => Some(id),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    let mut draws = Vec::new();
    for (line, entry) in set.items() {
        let SetEntry::Pool(pool) = entry else { continue };
        let there = questions.iter().filter(|(_, question)| pool.may_draw(question)).map(|(id, _)| *id);
        draws.push(Draw { from: there.filter(|id| !named.contains(id)).collect(), count: pool.count });
        found.extend(pool_mistake(pool, &draws).map(|message| (line, message)));
    }
    found
}

fn pool_mistake(pool: &Pool, draws: &[Draw<'_, QuestionId>]) -> Option<String> {
    let there = draws.last().map_or(0, |draw| draw.from.len());
    let left = left_for_last(draws);
    let draws = format!("the pool draws {} of {there} questions that match", pool.count);
    if there < pool.count {
        return Some(format!("{draws}: widen it or draw fewer"));
    }
    if there == pool.count {
        return Some(format!("{draws}, so everybody gets the same: widen it or draw fewer"));
    }
    let starved =
        || format!("{draws}, and the pools above may leave {left}: widen it, draw fewer, or move it above them");
    (left < pool.count).then(starved)
}

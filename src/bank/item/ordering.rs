//! ordering: items to put in order, scored by the most of them that stand in the right order among each other.

use serde_json::Value;

use super::answer::{self, Answer, AnswerError};
use super::form::{Form, Labelled};
use super::task::{Mark, Remark, Task};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

/// Items in their right order.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Ordering {
    items: Vec<(String, Markdown)>,
    wrong: Remark,
}

impl Ordering {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        let mut items: Vec<(String, Markdown)> = Vec::new();
        for mut table in root.tables("items", 12) {
            let (id, text) = (table.string("id", 32), table.text("text"));
            if items.iter().any(|(other, _)| *other == id) {
                table.mistake_at("id", format!("two items have the id `{id}`: rename one"));
            }
            items.push((id, text));
        }
        if items.len() < 2 {
            root.mistake("an ordering needs 2 to 12 items, in the right order: add [[items]]");
        }
        let wrong = root.table("ordering").map(|mut table| Remark::read(&mut table)).unwrap_or_default();
        Self { items, wrong }
    }

    fn ids(&self) -> Vec<&str> {
        self.items.iter().map(|(id, _)| id.as_str()).collect()
    }
}

/// The length of the longest common subsequence, by dynamic programming over prefixes (Wagner and Fischer, 1974).
fn longest_common_subsequence(left: &[&str], right: &[&str]) -> usize {
    let mut row = vec![0; right.len() + 1];
    for item in left {
        let mut diagonal = 0;
        let mut before = 0;
        for (cell, other) in row.iter_mut().skip(1).zip(right) {
            let above = *cell;
            *cell = if item == other { diagonal + 1 } else { above.max(before) };
            diagonal = above;
            before = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}

impl Task for Ordering {
    fn form(&self, shuffle: &mut Prng) -> Form {
        let mut items: Vec<_> = self.items.iter().map(|(id, text)| Labelled::new(id, text)).collect();
        shuffle.shuffle(&mut items);
        // Shown in the right order it would be no question.
        if items.iter().map(|item| item.id.as_str()).eq(self.ids()) {
            items.rotate_left(1);
        }
        Form::Ordering { items }
    }

    fn is_shuffled(&self) -> bool {
        true
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value = answer::field(answer, "order", r#"{"order": ["c", "a"]}"#)?;
        Ok(Answer::Order { order: answer::known_places(value, "order", &self.ids())? })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Order { order } = answer else { return Mark::nothing() };
        let order: Vec<_> = order.iter().flatten().map(String::as_str).collect();
        let standing = longest_common_subsequence(&self.ids(), &order);
        let feedback = if standing == self.items.len() { None } else { self.wrong.about(None) };
        // One item alone is in order whatever the order: only those that join it are worth something, so a reversed order earns nothing.
        Mark::count(standing.saturating_sub(1), self.items.len().saturating_sub(1), feedback.into_iter().collect())
    }

    fn solution(&self) -> Option<Answer> {
        Some(Answer::Order { order: self.items.iter().map(|(id, _)| Some(id.clone())).collect() })
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.wrong.misconception().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
        let mut rest = whole.iter();
        part.iter().all(|item| rest.any(|other| other == item))
    }

    proptest::proptest! {
        /// Against the definition: the longest of all 2ⁿ subsequences of one that is also one of the other.
        #[test]
        fn the_longest_common_subsequence_is_the_longest_of_all(
            left in proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c", "d"]), 0..8),
            right in proptest::collection::vec(proptest::sample::select(vec!["a", "b", "c", "d"]), 0..8),
        ) {
            let longest = (0..1_usize << left.len())
                .map(|chosen| (0..left.len()).filter(|i| chosen >> i & 1 == 1).map(|i| left[i]).collect::<Vec<_>>())
                .filter(|part| is_subsequence(part, &right))
                .map(|part| part.len())
                .max();
            assert_eq!(Some(longest_common_subsequence(&left, &right)), longest);
        }
    }
}

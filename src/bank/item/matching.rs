//! matching: pairs, of which the right-hand sides are shuffled among distractors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answer::{self, Answer, AnswerError};
use super::form::{Form, Labelled};
use super::task::{Mark, Remark, Task};
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::{LINE_CHARS, Table};

const REPEATED: &str =
    "A right-hand side belongs to at most one left-hand side. One that is chosen more than once counts for none.";

/// What a matching asks: which right-hand side belongs to each left-hand side.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct Matching {
    pairs: Vec<Pair>,
    /// Every right-hand side by its id. Ids follow the order of the texts, which says nothing about the pairs.
    right: Vec<(String, Markdown)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Pair {
    id: String,
    left: Markdown,
    right: String,
    remark: Remark,
}

impl Matching {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        let distractors = root.texts("distractors", 10, LINE_CHARS);
        let mut pairs = Vec::new();
        let mut texts = BTreeSet::new();
        let distractors = distractors.into_iter().map(|text| text.markdown().to_owned());
        let mut repeated: Vec<String> = distractors.filter(|text| !texts.insert(text.clone())).collect();
        for (index, mut table) in root.tables("pairs", 10).into_iter().enumerate() {
            let left = table.text("left");
            let right = table.line_of_text("right").markdown().to_owned();
            if !texts.insert(right.clone()) {
                repeated.push(right.clone());
            }
            if pairs.iter().any(|pair: &Pair| pair.left == left) {
                table.mistake_at("left", "this left-hand side is there twice: change one");
            }
            pairs.push(Pair { id: (index + 1).to_string(), left, right, remark: Remark::read(&mut table) });
        }
        if pairs.len() < 2 {
            root.mistake("a matching needs 2 to 10 pairs: add [[pairs]]");
        }
        for text in repeated {
            root.mistake_at("pairs", format!("the right-hand side `{text}` is there twice: each may be there once"));
        }
        Self::new(pairs, texts)
    }

    fn new(mut pairs: Vec<Pair>, texts: BTreeSet<String>) -> Self {
        let ids: BTreeMap<String, String> =
            texts.into_iter().zip('a'..='z').map(|(text, letter)| (text, letter.to_string())).collect();
        for pair in &mut pairs {
            pair.right = ids.get(&pair.right).cloned().unwrap_or_default();
        }
        Self { pairs, right: ids.into_iter().map(|(text, id)| (id, Markdown::new(text))).collect() }
    }
}

impl Task for Matching {
    fn form(&self, shuffle: &mut Prng) -> Form {
        let left = self.pairs.iter().map(|pair| Labelled::new(&pair.id, &pair.left)).collect();
        let mut right: Vec<_> = self.right.iter().map(|(id, text)| Labelled::new(id, text)).collect();
        shuffle.shuffle(&mut right);
        Form::Matching { left, right }
    }

    fn is_shuffled(&self) -> bool {
        true
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value =
            answer::field(answer, "pairs", r#"{"pairs": {"1": "c", "2": "a"}}, ids of `left` with ids of `right`"#)?;
        let left: Vec<_> = self.pairs.iter().map(|pair| pair.id.as_str()).collect();
        let right: Vec<_> = self.right.iter().map(|(id, _)| id.as_str()).collect();
        let pairs = answer::known_map(value, "pairs", &left, |_, value, here| answer::known(value, here, &right))?;
        Ok(Answer::Pairs { pairs })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Pairs { pairs } = answer else { return Mark::nothing() };
        let wrong = self.pairs.iter().filter(|pair| pairs.get(&pair.id).is_some_and(|right| *right != pair.right));
        let mut feedback: Vec<_> = wrong.filter_map(|pair| pair.remark.about(Some(&pair.id))).collect();
        // Choosing the same one everywhere finds nothing.
        let is_repeated = |right: &String| pairs.values().filter(|other| *other == right).count() > 1;
        if pairs.values().any(is_repeated) {
            feedback.extend(Remark::saying(REPEATED).about(None));
        }
        let is_found =
            |pair: &&Pair| pairs.get(&pair.id).is_some_and(|right| *right == pair.right && !is_repeated(right));
        Mark::count(self.pairs.iter().filter(is_found).count(), self.pairs.len(), feedback)
    }

    fn solution(&self) -> Option<Answer> {
        let pairs = self.pairs.iter().map(|pair| (pair.id.clone(), pair.right.clone())).collect();
        Some(Answer::Pairs { pairs })
    }

    fn answers(&self) -> Vec<&str> {
        self.right.iter().map(|(_, text)| text.markdown()).collect()
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.pairs.iter().filter_map(|pair| pair.remark.misconception()).collect()
    }
}

//! Stage *diagnosis*: the answers in `diagnosis.toml` against the keys of the package; and that file as a form shows it.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::files::{Refusal, SubmittedFiles};
use super::package::{Package, Question};
use super::report::{TestReport, TestVerdict};

/// The file of a submission that holds the answers.
pub(crate) const FILE: &str = "diagnosis.toml";

/// The choices of each question in such a file; nothing of what cannot be read.
#[must_use]
pub(crate) fn chosen(text: &str) -> BTreeMap<String, Vec<String>> {
    let answers = text.parse::<Table>().unwrap_or_default();
    let chosen = |(name, value): (&String, &Value)| {
        let ids = given(value)?.into_iter().filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Some((name.clone(), ids))
    };
    answers.iter().filter_map(chosen).collect()
}

/// Such a file with these choices.
#[must_use]
pub(crate) fn written(chosen: &BTreeMap<String, Vec<String>>) -> String {
    let value = |ids: &Vec<String>| match ids.as_slice() {
        [id] => Value::from(id.as_str()),
        ids => Value::from(ids.to_vec()),
    };
    chosen.iter().map(|(name, ids)| (name.clone(), value(ids))).collect::<Table>().to_string()
}

/// What is wrong with the file itself: an answer that nobody asked for, or that is no choice, is a slip, and said before
/// anything counts.
pub(super) fn check(files: &SubmittedFiles, package: &Package) -> Vec<Refusal> {
    let Some(text) = files.get(FILE) else { return Vec::new() };
    if package.questions.is_empty() {
        return vec![Refusal::new(FILE, "this exercise asks for no diagnosis: leave it out")];
    }
    let answers = match text.parse::<Table>() {
        Ok(answers) => answers,
        Err(error) => return vec![Refusal::new(FILE, format!("is no TOML: {}", error.message()))],
    };
    let refusal = |(name, value): (&String, &Value)| {
        let Some(question) = package.questions.iter().find(|question| question.asked.name == *name) else {
            let names: Vec<&str> = package.questions.iter().map(|question| question.asked.name.as_str()).collect();
            return Some(Refusal::new(FILE, format!("`{name}` is not asked; the questions are {}", names.join(", "))));
        };
        let ids: Vec<&str> = question.asked.choices.iter().map(|choice| choice.id.as_str()).collect();
        let fits = question.asked.several || value.is_str();
        let known = fits && given(value).is_some_and(|given| given.iter().all(|id| id.is_empty() || ids.contains(id)));
        let wanted = if question.asked.several { "a list of some of" } else { "one of" };
        (!known).then(|| Refusal::new(FILE, format!("`{name}` must be {wanted} {}", ids.join(", "))))
    };
    answers.iter().filter_map(refusal).collect()
}

/// The ids that an answer names: it is one id, or a list of ids.
fn given(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(id) => Some(vec![id]),
        Value::Array(ids) => ids.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// The outcome of each question. Exactly the right choices must be given.
pub(super) fn score(files: &SubmittedFiles, package: &Package) -> Vec<TestReport> {
    let answers = files.get(FILE).and_then(|text| text.parse::<Table>().ok()).unwrap_or_default();
    package.questions.iter().map(|question| report(question, answers.get(&question.asked.name))).collect()
}

fn report(question: &Question, answer: Option<&Value>) -> TestReport {
    let mut given: Vec<&str> = answer.and_then(given).unwrap_or_default();
    given.retain(|id| !id.is_empty());
    given.sort_unstable();
    given.dedup();
    let right = given.iter().eq(question.right.iter());
    let message = if given.is_empty() {
        Some("not answered".to_owned())
    } else {
        let chosen = question.misconceptions.iter().filter(|(id, _)| given.contains(&id.as_str()));
        // Of one wrong choice only: told of all, whoever chooses everything would read off what is right.
        chosen.map(|(_, belief)| format!("behind an answer of yours: {belief}")).next()
    };
    TestReport {
        name: question.full(),
        title: question.asked.stem.clone(),
        verdict: if right { TestVerdict::Passed } else { TestVerdict::Failed },
        score: if right { question.asked.score } else { 0 },
        max_score: question.asked.score,
        duration_ms: 0,
        hint: question.hint.clone().filter(|_| !right),
        message: message.filter(|_| !right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_writes_it_reads() {
        let choices = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let answers = BTreeMap::from([
            ("trigger".to_owned(), choices(&["b"])),
            ("what \"ends\" it".to_owned(), choices(&["a", "c"])),
        ]);
        assert_eq!(chosen(&written(&answers)), answers);
        assert_eq!(chosen("trigger = \"\"\nother = 1"), BTreeMap::from([("trigger".to_owned(), Vec::new())]));
        assert_eq!(chosen("no TOML"), BTreeMap::new());
    }
}

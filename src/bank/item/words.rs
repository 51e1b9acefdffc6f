//! short_text and fill_in: words that are compared after [folding](fold).

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::answer::{self, Answer, AnswerError, SHORT_TEXT_CHARS};
use super::fold::{fold, fold_characters};
use super::form::{Blank as BlankForm, Form};
use super::task::{Mark, Remark, Task};
use crate::bank::prng::Prng;
use crate::bank::reader::Table;

/// The accepted and the wrong texts of a short text, with an optional pattern.
#[derive(Debug, Clone)]
pub(in crate::bank) struct ShortText {
    accept: Vec<String>,
    pattern: Option<Regex>,
    wrong: Vec<(String, Remark)>,
}

impl ShortText {
    pub(in crate::bank) fn read(root: &mut Table) -> Self {
        let accept = root.strings("accept", 50, SHORT_TEXT_CHARS);
        if accept.is_empty() && (!root.has("accept") || root.has("pattern")) {
            root.mistake("`accept` is missing: add a list of right answers, the best one first");
        }
        let pattern = root.optional_string("pattern", 500).and_then(|pattern| compile(root, &pattern));
        let wrong = root.tables("wrong", 20).iter_mut().map(|table| read_wrong(table)).collect();
        check_distinct(root, "accept", &accept);
        let key = Self { accept, pattern, wrong };
        check_distinct(root, "wrong", key.wrong.iter().map(|(text, _)| text));
        for (text, _) in key.wrong.iter().filter(|(text, _)| key.accepts(text)) {
            root.mistake_at("wrong", format!("`{text}` is listed as wrong and accepted: remove one"));
        }
        key
    }

    fn accepts(&self, text: &str) -> bool {
        let text = fold(text);
        let listed = self.accept.iter().any(|accepted| fold(accepted) == text);
        listed || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&text))
    }
}

/// Texts that are compared as one are one: a second is a mistake of the author's.
fn check_distinct<'t>(table: &Table, key: &str, texts: impl IntoIterator<Item = &'t String>) {
    let mut seen: Vec<(String, &String)> = Vec::new();
    for text in texts {
        let folded = fold(text);
        if folded.is_empty() {
            table.mistake_at(key, format!("nothing is left of `{text}` when it is compared: change it"));
        }
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == folded) {
            table.mistake_at(key, format!("`{first}` and `{text}` are compared as the same text: remove one"));
        }
        seen.push((folded, text));
    }
}

fn read_wrong(table: &mut Table) -> (String, Remark) {
    let text = table.string("text", SHORT_TEXT_CHARS);
    let remark = Remark::read(table);
    if remark.feedback.is_none() {
        table.mistake("a wrong text needs `feedback`, why it is wrong");
    }
    (text, remark)
}

/// The pattern for a whole text. This engine runs in time linear in the text whatever the pattern.
fn compile(root: &Table, pattern: &str) -> Option<Regex> {
    if fold_characters(pattern) != pattern.to_lowercase() {
        let message = "`pattern` holds characters that no answer has when it is compared, such as a typographic quotation mark: \
                       write them as docs/questions.md says";
        root.mistake_at("pattern", message);
    }
    let whole = RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).case_insensitive(true).size_limit(1 << 20).build();
    whole.map_err(|error| root.mistake_at("pattern", format!("`pattern` is not a regular expression: {error}"))).ok()
}

impl Task for ShortText {
    fn form(&self, _: &mut Prng) -> Form {
        Form::Text { max_length: SHORT_TEXT_CHARS }
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value = answer::field(answer, "text", r#"{"text": "…"}"#)?;
        Ok(Answer::Text { text: answer::text(value, answer::pointer(&["text"]), SHORT_TEXT_CHARS)? })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Text { text } = answer else { return Mark::nothing() };
        if self.accepts(text) {
            return Mark::all_or_nothing(true, Vec::new());
        }
        let known = self.wrong.iter().find(|(wrong, _)| fold(wrong) == fold(text));
        Mark::all_or_nothing(false, known.and_then(|(_, remark)| remark.about(None)).into_iter().collect())
    }

    fn solution(&self) -> Option<Answer> {
        self.accept.first().map(|text| Answer::Text { text: text.clone() })
    }

    fn answers(&self) -> Vec<&str> {
        self.accept.iter().chain(self.wrong.iter().map(|(text, _)| text)).map(String::as_str).collect()
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.wrong.iter().filter_map(|(_, remark)| remark.misconception()).collect()
    }
}

/// Blanks of the stem.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) struct FillIn {
    blanks: Vec<Blank>,
}

#[derive(Debug, Clone, PartialEq)]
struct Blank {
    id: String,
    accept: Vec<String>,
    choices: Option<Vec<String>>,
    remark: Remark,
}

impl FillIn {
    pub(in crate::bank) fn read(root: &mut Table, stem: &str) -> Self {
        let key = Self { blanks: root.tables("blanks", 20).iter_mut().map(|table| read_blank(table)).collect() };
        key.check(root, stem);
        key
    }

    fn check(&self, root: &Table, stem: &str) {
        if self.blanks.is_empty() {
            root.mistake("a fill_in needs 1 to 20 blanks: add [[blanks]]");
        }
        for (index, blank) in self.blanks.iter().enumerate() {
            let mark = format!("{{{{{}}}}}", blank.id);
            if stem.matches(&mark).count() != 1 {
                root.mistake_at(
                    "stem",
                    format!("the stem must hold {mark} exactly once, for the blank `{}`", blank.id),
                );
            }
            if self.blanks.iter().take(index).any(|other| other.id == blank.id) {
                root.mistake_at("blanks", format!("two blanks have the id `{}`: rename one", blank.id));
            }
        }
        if stem.matches("{{").count() != self.blanks.len() {
            root.mistake_at("stem", "the stem must hold one {{id}} for each of [[blanks]] and no other");
        }
    }

    fn ids(&self) -> Vec<&str> {
        self.blanks.iter().map(|blank| blank.id.as_str()).collect()
    }
}

fn read_blank(table: &mut Table) -> Blank {
    let id = table.string("id", 32);
    let accept = table.strings("accept", 50, SHORT_TEXT_CHARS);
    if accept.is_empty() {
        table.mistake("`accept` is missing: add a list of what fills this blank, the best one first");
    }
    check_distinct(table, "accept", &accept);
    let choices = table.has("choices").then(|| table.strings("choices", 20, SHORT_TEXT_CHARS));
    if let Some(choices) = &choices {
        check_distinct(table, "choices", choices);
        for right in accept.iter().filter(|right| !choices.contains(right)) {
            table.mistake_at("accept", format!("`{right}` is not among the choices of this blank: add it there"));
        }
    }
    Blank { id, accept, choices, remark: Remark::read(table) }
}

impl Blank {
    fn is_filled_by(&self, text: &str) -> bool {
        self.accept.iter().any(|accepted| fold(accepted) == fold(text))
    }

    fn form(&self, shuffle: &mut Prng) -> BlankForm {
        let mut choices = self.choices.clone();
        if let Some(choices) = &mut choices {
            shuffle.shuffle(choices);
        }
        BlankForm { id: self.id.clone(), choices }
    }
}

impl Task for FillIn {
    fn form(&self, shuffle: &mut Prng) -> Form {
        Form::FillIn { blanks: self.blanks.iter().map(|blank| blank.form(shuffle)).collect() }
    }

    fn is_shuffled(&self) -> bool {
        self.blanks.iter().any(|blank| blank.choices.is_some())
    }

    fn read(&self, answer: &Value) -> Result<Answer, AnswerError> {
        let value = answer::field(answer, "blanks", r#"{"blanks": {"1": "…"}}"#)?;
        let text = |_: &str, value: &Value, here| answer::text(value, here, SHORT_TEXT_CHARS);
        Ok(Answer::Blanks { blanks: answer::known_map(value, "blanks", &self.ids(), text)? })
    }

    fn mark(&self, answer: &Answer) -> Mark {
        let Answer::Blanks { blanks } = answer else { return Mark::nothing() };
        let filled = |blank: &Blank| blanks.get(&blank.id).is_some_and(|text| blank.is_filled_by(text));
        let wrong = self.blanks.iter().filter(|blank| blanks.contains_key(&blank.id) && !filled(blank));
        let feedback = wrong.filter_map(|blank| blank.remark.about(Some(&blank.id))).collect();
        Mark::count(self.blanks.iter().filter(|blank| filled(blank)).count(), self.blanks.len(), feedback)
    }

    fn solution(&self) -> Option<Answer> {
        let fill = |blank: &Blank| Some((blank.id.clone(), blank.accept.first()?.clone()));
        let blanks: Option<BTreeMap<_, _>> = self.blanks.iter().map(fill).collect();
        Some(Answer::Blanks { blanks: blanks? })
    }

    fn answers(&self) -> Vec<&str> {
        let accepted = self.blanks.iter().flat_map(|blank| &blank.accept);
        let choices = self.blanks.iter().filter_map(|blank| blank.choices.as_ref()).flatten();
        accepted.chain(choices).map(String::as_str).collect()
    }

    fn misconceptions(&self) -> Vec<&str> {
        self.blanks.iter().filter_map(|blank| blank.remark.misconception()).collect()
    }
}

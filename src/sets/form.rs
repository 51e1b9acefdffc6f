//! A definition as a page's form: every field as it was typed, so that nothing is lost where something can't be read.
//!
//! The fields of a section are `s0.title` and those of an item `s0.i2.name`. A button that adds, removes or moves something sends the whole form
//! and says by its value what it does, such as `s0.i2.up`. So sets are put together without a script.

use serde::Serialize;

use super::definition::{ItemDefinition, PoolDefinition, SectionDefinition, SetDefinition};
use crate::bank::{FeedbackPolicy, Kind, Navigation};
use crate::error::Field;

/// Most sections and items that a form is read to have.
const PLACES_MAX: usize = 100;

/// The form of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct SetForm {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) time_limit: String,
    /// The pass mark in per cent.
    pub(super) pass_mark: String,
    pub(super) navigation: String,
    pub(super) feedback: String,
    pub(super) shuffle: bool,
    pub(super) instructions: String,
    pub(super) consent: String,
    pub(super) sections: Vec<SectionForm>,
}

/// The fields of a section.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct SectionForm {
    pub(super) title: String,
    pub(super) items: Vec<ItemForm>,
}

/// The fields of an item.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct ItemForm {
    /// `question`, `prompt`, `exercise` or `pool`.
    pub(super) what: String,
    /// The id or the slug of what is named.
    pub(super) name: String,
    pub(super) points: String,
    pub(super) count: String,
    pub(super) topic: String,
    pub(super) tag: String,
    pub(super) kind: String,
    pub(super) low: String,
    pub(super) high: String,
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Button {
    /// Keeps the draft as it is.
    Save,
    /// Keeps the draft and publishes it.
    Publish,
    /// Keeps the draft and shows what an attempt would ask.
    Preview,
    /// Adds a section at the end.
    AddSection,
    /// Adds an item to a section.
    AddItem(usize),
    /// Does something to a section.
    Section(usize, Change),
    /// Does something to an item.
    Item(usize, usize, Change),
}

/// What is done to a section or an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Remove,
    Up,
    Down,
}

impl Button {
    /// The button with this value; an unknown one only keeps the draft.
    pub(super) fn read(value: &str) -> Self {
        let place = |text: &str, letter: char| text.strip_prefix(letter)?.parse::<usize>().ok();
        let change = |text: &str| match text {
            "remove" => Some(Change::Remove),
            "up" => Some(Change::Up),
            "down" => Some(Change::Down),
            _ => None,
        };
        let parts: Vec<_> = value.split('.').collect();
        let read = match parts.as_slice() {
            ["publish"] => Some(Self::Publish),
            ["preview"] => Some(Self::Preview),
            ["add"] => Some(Self::AddSection),
            [section, "add"] => place(section, 's').map(Self::AddItem),
            [section, what] => {
                place(section, 's').zip(change(what)).map(|(section, change)| Self::Section(section, change))
            }
            [section, item, what] => place(section, 's')
                .zip(place(item, 'i'))
                .zip(change(what))
                .map(|((section, item), change)| Self::Item(section, item, change)),
            _ => None,
        };
        read.unwrap_or(Self::Save)
    }
}

impl SetForm {
    /// The form that was sent.
    pub(super) fn read(fields: &[(String, String)]) -> Self {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.replace("\r\n", "\n")).unwrap_or_default()
        };
        let is_there = |prefix: &str| fields.iter().any(|(name, _)| name.starts_with(prefix));
        let sections = (0..PLACES_MAX).take_while(|s| is_there(&format!("s{s}.")));
        let item = |prefix: String| ItemForm {
            what: field(&format!("{prefix}what")),
            name: field(&format!("{prefix}name")),
            points: field(&format!("{prefix}points")),
            count: field(&format!("{prefix}count")),
            topic: field(&format!("{prefix}topic")),
            tag: field(&format!("{prefix}tag")),
            kind: field(&format!("{prefix}kind")),
            low: field(&format!("{prefix}low")),
            high: field(&format!("{prefix}high")),
        };
        let section = |s: usize| {
            let items = (0..PLACES_MAX).map(|i| format!("s{s}.i{i}.")).take_while(|prefix| is_there(prefix));
            SectionForm { title: field(&format!("s{s}.title")), items: items.map(item).collect() }
        };
        Self {
            title: field("title"),
            summary: field("summary"),
            time_limit: field("time_limit"),
            pass_mark: field("pass_mark"),
            navigation: field("navigation"),
            feedback: field("feedback"),
            shuffle: !field("shuffle").is_empty(),
            instructions: field("instructions"),
            consent: field("consent"),
            sections: sections.map(section).collect(),
        }
    }

    /// The form that shows a definition.
    pub(super) fn of(set: &SetDefinition) -> Self {
        Self {
            title: set.title.clone(),
            summary: set.summary.clone(),
            time_limit: set.time_limit.clone().unwrap_or_default(),
            pass_mark: set.pass_mark.map(|share| plain((share * 100_000.0).round() / 1_000.0)).unwrap_or_default(),
            navigation: set.navigation.name().to_owned(),
            feedback: set.feedback.name().to_owned(),
            shuffle: set.shuffle,
            instructions: set.instructions.clone(),
            consent: set.consent.clone(),
            sections: set.sections.iter().map(SectionForm::of).collect(),
        }
    }

    /// Does what a button says to the sections and items.
    pub(super) fn press(&mut self, button: Button) {
        match button {
            Button::Save | Button::Publish | Button::Preview => {}
            Button::AddSection => self.sections.push(SectionForm::default()),
            Button::AddItem(section) => {
                if let Some(section) = self.sections.get_mut(section) {
                    section.items.push(ItemForm { what: "question".to_owned(), ..ItemForm::default() });
                }
            }
            Button::Section(section, change) => apply(&mut self.sections, section, change),
            Button::Item(section, item, change) => {
                if let Some(section) = self.sections.get_mut(section) {
                    apply(&mut section.items, item, change);
                }
            }
        }
    }

    /// The definition that the form says.
    ///
    /// # Errors
    /// The fields that can't be read, each at its place in the definition.
    pub(super) fn definition(&self) -> Result<SetDefinition, Vec<Field>> {
        let mut wrong = Vec::new();
        let sections = (0..).zip(&self.sections).map(|(s, section): (usize, _)| SectionDefinition {
            title: section.title.trim().to_owned(),
            items: (0..)
                .zip(&section.items)
                .map(|(i, item): (usize, _)| item.definition(&format!("/sections/{s}/items/{i}"), &mut wrong))
                .collect(),
        });
        let sections = sections.collect();
        let pass_mark =
            number(&self.pass_mark, "/pass_mark", &mut wrong).map(|per_cent| (per_cent * 1_000.0).round() / 100_000.0);
        let set = SetDefinition {
            title: self.title.trim().to_owned(),
            summary: self.summary.trim().to_owned(),
            time_limit: filled(&self.time_limit),
            pass_mark,
            navigation: word(&self.navigation, &Navigation::ALL).unwrap_or(Navigation::Free),
            feedback: word(&self.feedback, &FeedbackPolicy::ALL).unwrap_or(FeedbackPolicy::ScoreOnly),
            shuffle: self.shuffle,
            instructions: self.instructions.clone(),
            consent: self.consent.clone(),
            sections,
        };
        if wrong.is_empty() { Ok(set) } else { Err(wrong) }
    }
}

impl SectionForm {
    fn of(section: &SectionDefinition) -> Self {
        Self { title: section.title.clone(), items: section.items.iter().map(ItemForm::of).collect() }
    }
}

impl ItemForm {
    fn of(item: &ItemDefinition) -> Self {
        let named = |what: &str, name: String| Self { what: what.to_owned(), name, ..Self::default() };
        let form = match item {
            ItemDefinition { pool: Some(pool), .. } => Self::of_pool(pool),
            ItemDefinition { prompt: Some(id), .. } => named("prompt", id.to_string()),
            ItemDefinition { exercise: Some(slug), .. } => named("exercise", slug.to_string()),
            ItemDefinition { question, .. } => {
                named("question", question.as_ref().map(ToString::to_string).unwrap_or_default())
            }
        };
        Self { points: item.points.map(plain).unwrap_or_default(), ..form }
    }

    fn of_pool(pool: &PoolDefinition) -> Self {
        let [low, high] =
            pool.difficulty.map_or([String::new(), String::new()], |levels| levels.map(|level| level.to_string()));
        Self {
            what: "pool".to_owned(),
            count: pool.count.to_string(),
            topic: pool.topic.as_ref().map(ToString::to_string).unwrap_or_default(),
            tag: pool.tag.clone().unwrap_or_default(),
            kind: pool.kind.map(Kind::name).unwrap_or_default().to_owned(),
            low,
            high,
            ..Self::default()
        }
    }

    fn definition(&self, pointer: &str, wrong: &mut Vec<Field>) -> ItemDefinition {
        let points = number(&self.points, &format!("{pointer}/points"), wrong);
        let item = ItemDefinition { points, ..ItemDefinition::default() };
        let name = |wrong| parsed(&self.name, pointer, wrong);
        match self.what.as_str() {
            "prompt" => ItemDefinition { prompt: name(wrong), ..item },
            "exercise" => ItemDefinition { exercise: parsed(&self.name, pointer, wrong), ..item },
            "pool" => ItemDefinition { pool: Some(self.pool(pointer, wrong)), ..item },
            _ => ItemDefinition { question: name(wrong), ..item },
        }
    }

    fn pool(&self, pointer: &str, wrong: &mut Vec<Field>) -> PoolDefinition {
        let mut level = |text: &str| whole(text, &format!("{pointer}/pool/difficulty"), wrong);
        let difficulty = match (level(&self.low), level(&self.high)) {
            (None, None) => None,
            (low, high) => Some([low.unwrap_or(1), high.unwrap_or(5)]),
        };
        PoolDefinition {
            topic: parsed(&self.topic, &format!("{pointer}/pool/topic"), wrong),
            tag: filled(&self.tag),
            kind: word(&self.kind, &Kind::ALL),
            difficulty,
            count: whole(&self.count, &format!("{pointer}/pool/count"), wrong).unwrap_or(1),
        }
    }
}

/// A text that was typed; one of white space is none.
fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: &str,
    pointer: &str,
    wrong: &mut Vec<Field>,
) -> Option<T> {
    let read = filled(text)?.parse();
    read.map_err(|error| wrong.push(Field::new(pointer, format!("\"{}\" {error}", text.trim())))).ok()
}

/// A number as people type it; a comma may stand for the point.
fn number(text: &str, pointer: &str, wrong: &mut Vec<Field>) -> Option<f64> {
    let text = filled(text)?;
    let read = text.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite());
    if read.is_none() {
        wrong.push(Field::new(pointer, format!("\"{text}\" is no number")));
    }
    read
}

fn whole(text: &str, pointer: &str, wrong: &mut Vec<Field>) -> Option<i64> {
    let text = filled(text)?;
    let read = text.parse().ok();
    if read.is_none() {
        wrong.push(Field::new(pointer, format!("\"{text}\" is no whole number")));
    }
    read
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

/// A number without needless decimals.
fn plain(number: f64) -> String {
    format!("{number}")
}

fn apply<T>(list: &mut Vec<T>, place: usize, change: Change) {
    match change {
        Change::Remove if place < list.len() => drop(list.remove(place)),
        Change::Up if place > 0 && place < list.len() => list.swap(place - 1, place),
        Change::Down if place + 1 < list.len() => list.swap(place, place + 1),
        Change::Remove | Change::Up | Change::Down => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_definition_survives_its_form() {
        let set = fields(&[
            ("title", " Screen "),
            ("summary", "For a screen."),
            ("pass_mark", "62,5"),
            ("navigation", "one_way"),
            ("feedback", "never"),
            ("shuffle", "on"),
            ("s0.title", "First"),
            ("s0.i0.what", "question"),
            ("s0.i0.name", "cap/pick-two"),
            ("s0.i1.what", "pool"),
            ("s0.i1.topic", "quorums"),
            ("s0.i1.low", "2"),
            ("s0.i1.count", "3"),
            ("s0.i1.points", "1.5"),
            ("s1.title", "Second"),
            ("s1.i0.what", "exercise"),
            ("s1.i0.name", "vector-clock"),
        ]);
        let set = SetForm::read(&set).definition().unwrap();
        assert_eq!((set.title.as_str(), set.pass_mark), ("Screen", Some(0.625)));
        assert_eq!(set.sections[0].items[1].pool.as_ref().unwrap().difficulty, Some([2, 5]));
        assert_eq!(SetForm::of(&set).definition().unwrap(), set);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place() {
        let typed =
            fields(&[("pass_mark", "half"), ("s0.title", "A"), ("s0.i0.what", "question"), ("s0.i0.name", "cap")]);
        let wrong = SetForm::read(&typed).definition().unwrap_err();
        let pointers: Vec<_> = wrong.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/sections/0/items/0", "/pass_mark"]);
    }

    #[test]
    fn buttons_move_and_remove() {
        let titles = |form: &SetForm| form.sections.iter().map(|section| section.title.clone()).collect::<String>();
        let mut form = SetForm::read(&fields(&[("s0.title", "a"), ("s1.title", "b"), ("s2.title", "c")]));
        for (button, after) in [
            ("s2.up", "acb"),
            ("s0.up", "acb"),
            ("s0.down", "cab"),
            ("s2.down", "cab"),
            ("s1.remove", "cb"),
            ("s9.remove", "cb"),
        ] {
            form.press(Button::read(button));
            assert_eq!(titles(&form), after, "{button}");
        }
        form.press(Button::read("s1.add"));
        form.press(Button::read("add"));
        assert_eq!((form.sections.len(), form.sections[1].items.len()), (3, 1));
        for save in ["save", "", "s.up", "x0.up", "s0.i0.fly", "s0.i0.up.up"] {
            assert_eq!(Button::read(save), Button::Save, "{save}");
        }
    }
}

//! Reads TOML tables strictly and goes on after a mistake, so that an author sees every mistake at once, with its line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Points of one test, gate or question.
pub(super) const MAX_POINTS: u32 = 1_000;

/// One thing that is wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", file.display())]
pub struct Mistake {
    /// The file that it is in.
    pub file: PathBuf,
    /// The line in that file, counted from 1.
    pub line: usize,
    /// What is wrong and what is wanted.
    pub message: String,
}

impl Mistake {
    /// One that is about a file as a whole.
    pub(super) fn in_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 1, message: message.into() }
    }
}

/// Collects the mistakes of one file.
#[derive(Debug)]
pub(super) struct Mistakes<'t> {
    file: &'t Path,
    text: &'t str,
    pub(super) found: Vec<Mistake>,
}

impl<'t> Mistakes<'t> {
    pub(super) const fn new(file: &'t Path, text: &'t str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    pub(super) fn add(&mut self, at: &Range<usize>, message: impl Into<String>) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.found.push(Mistake { file: self.file.to_owned(), line, message: message.into() });
    }

    /// Parses the file; what cannot be parsed is a mistake and left out.
    pub(super) fn parse(&mut self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.add(&error.span().unwrap_or(0..0), error.message().trim().to_owned());
        }
        table
    }
}

/// A table that is asked for its keys one by one and then closed: keys nobody asked for are mistakes.
pub(super) struct Table<'a, 't> {
    entries: &'a DeTable<'t>,
    asked: Vec<&'static str>,
    /// Where it stands, for a mistake about the table as a whole.
    pub(super) at: Range<usize>,
}

impl<'a, 't> Table<'a, 't> {
    pub(super) const fn new(entries: &'a DeTable<'t>, at: Range<usize>) -> Self {
        Self { entries, asked: Vec::new(), at }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key)
    }

    pub(super) fn text(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<String> {
        let value = self.get(key)?;
        text(value, key, mistakes)
    }

    /// A text that `parse` understands.
    pub(super) fn parsed<T>(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.get(key)?;
        parse(&text(value, key, mistakes)?)
            .map_err(|message| mistakes.add(&value.span(), format!("{key}: {message}")))
            .ok()
    }

    pub(super) fn flag(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => wrong(value, key, "true or false", mistakes),
        }
    }

    /// A whole number within `range`.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<u32>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<u32> {
        let value = self.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => Some(number),
            _ => wrong(value, key, &format!("a whole number from {} to {}", range.start(), range.end()), mistakes),
        }
    }

    pub(super) fn texts(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<Vec<String>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| text(item, key, mistakes)).collect(),
            _ => wrong(value, key, "a list of texts", mistakes),
        }
    }

    pub(super) fn table(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<Table<'a, 't>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table::new(entries, value.span())),
            _ => wrong(value, key, "a table", mistakes),
        }
    }

    pub(super) fn tables(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Vec<Table<'a, 't>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            return wrong(value, key, &format!("a list of tables, each begun by [[{key}]]"), mistakes)
                .unwrap_or_default();
        };
        let table = |item: &'a Spanned<DeValue<'t>>| match item.get_ref() {
            DeValue::Table(entries) => Some(Table::new(entries, item.span())),
            _ => None,
        };
        items.iter().filter_map(table).collect()
    }

    /// Keys that the author chose, such as names of dependencies.
    pub(super) fn free_keys(&mut self) -> impl Iterator<Item = (&'a str, &'a Spanned<DeValue<'t>>)> + use<'a, 't> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    /// Ends the reading of the table.
    pub(super) fn close(self, mistakes: &mut Mistakes<'_>) {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let known = self.asked.join(", ");
                mistakes.add(&key.span(), format!("unknown key `{}`; known here: {known}", key.get_ref()));
            }
        }
    }
}

pub(super) fn text(value: &Spanned<DeValue<'_>>, key: &str, mistakes: &mut Mistakes<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => wrong(value, key, "a text in quotes", mistakes),
    }
}

pub(super) fn wrong<T>(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    wanted: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<T> {
    mistakes.add(&value.span(), format!("`{key}` must be {wanted}"));
    None
}

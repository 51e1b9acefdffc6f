//! Reads one TOML file and collects every mistake in it, not only the first.
//!
//! serde stops at the first field that does not fit. An author wants the whole list, so this reader walks the document
//! itself: each getter notes what is wrong and goes on with a harmless default. Whatever was built from a file
//! with mistakes is thrown away by [`read`], so a default never gets further than that.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::markdown::Markdown;
use super::mistake::Mistake;
use super::slug::Slug;

/// The largest file that is read, in bytes.
pub(super) const LARGEST_FILE_BYTES: usize = 256 * 1024;
/// The longest text of one line, such as a title, an id or a source, in characters.
pub(super) const LINE_CHARS: usize = 500;
/// The longest Markdown text, in characters.
pub(super) const TEXT_CHARS: usize = 20_000;

/// The largest whole number up to which a float represents every one exactly: 2⁵³ − 1.
pub(super) const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

/// Collects the mistakes of one file.
pub(super) struct Lint<'d> {
    path: &'d Path,
    source: &'d str,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'d> Lint<'d> {
    pub(super) fn new(path: &'d Path, source: &'d str) -> Self {
        Self { path, source, mistakes: RefCell::default() }
    }

    /// Notes a mistake at a byte of the source.
    pub(super) fn at(&self, offset: usize, message: impl Into<String>) {
        self.at_line(self.line_of(offset), message);
    }

    fn line_of(&self, offset: usize) -> usize {
        let before = self.source.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// Notes a mistake at a line, counted from 1.
    pub(super) fn at_line(&self, line: usize, message: impl Into<String>) {
        self.mistakes.borrow_mut().push(Mistake { path: self.path.to_owned(), line, message: message.into() });
    }

    /// Returns `built` if there are no mistakes.
    pub(super) fn verdict<T>(self, built: T) -> Result<T, Vec<Mistake>> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort();
        mistakes.dedup();
        if mistakes.is_empty() { Ok(built) } else { Err(mistakes) }
    }
}

/// Reads a TOML document with `build`, which gets the root table. Returns all mistakes together.
pub(super) fn read<T>(path: &Path, source: &str, build: impl FnOnce(&mut Table) -> T) -> Result<T, Vec<Mistake>> {
    let lint = Lint::new(path, source);
    let (document, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        for error in errors {
            lint.at(error.span().map_or(0, |span| span.start), format!("not TOML: {}", error.message()));
        }
        return lint.verdict(()).map(|()| unreachable!("an error was noted"));
    }
    let built = build(&mut Table::new(&lint, document.get_ref(), document.span()));
    lint.verdict(built)
}

/// Reads a document that was accepted before. Mistakes by newer rules are ignored, and their defaults are used.
pub(super) fn read_stored<T>(
    path: &Path,
    source: &str,
    build: impl FnOnce(&mut Table) -> T,
) -> Result<T, Vec<Mistake>> {
    let lint = Lint::new(path, source);
    let document = DeTable::parse(source)
        .map_err(|error| vec![Mistake::whole_file(path, format!("not TOML: {}", error.message()))])?;
    Ok(build(&mut Table::new(&lint, document.get_ref(), document.span())))
}

/// One table of a document. Keys that were never read are mistakes, which are noted when the table is dropped.
pub(super) struct Table<'d> {
    lint: &'d Lint<'d>,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    asked: BTreeSet<String>,
}

type Value<'d> = Spanned<DeValue<'d>>;

impl<'d> Table<'d> {
    fn new(lint: &'d Lint<'d>, table: &'d DeTable<'d>, span: Range<usize>) -> Self {
        Self { lint, table, span, asked: BTreeSet::new() }
    }

    /// The line in which this table begins, counted from 1.
    pub(super) fn line(&self) -> usize {
        self.lint.line_of(self.span.start)
    }

    /// Notes a mistake at the beginning of this table.
    pub(super) fn mistake(&self, message: impl Into<String>) {
        self.lint.at(self.span.start, message);
    }

    /// Notes a mistake at a key of this table, or at the table's beginning if it has no such key.
    pub(super) fn mistake_at(&self, key: &str, message: impl Into<String>) {
        let offset = self.table.get_key_value(key).map_or(self.span.start, |(key, _)| key.span().start);
        self.lint.at(offset, message);
    }

    fn value(&mut self, key: &str) -> Option<&'d Value<'d>> {
        self.asked.insert(key.to_owned());
        self.table.get(key)
    }

    /// Marks these keys as allowed even if they are never read.
    pub(super) fn allow(&mut self, keys: &[&str]) {
        self.asked.extend(keys.iter().map(|key| (*key).to_owned()));
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value read by `convert`, or nothing. A value that `convert` refuses is a mistake: `key must be wanted`.
    fn optional<T>(
        &mut self,
        key: &str,
        wanted: &str,
        convert: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let converted = convert(value.get_ref());
        if converted.is_none() {
            self.lint.at(value.span().start, format!("`{key}` must be {wanted}"));
        }
        converted
    }

    /// The value of a required key. If it is missing, that is a mistake.
    fn required<T: Default>(
        &mut self,
        key: &str,
        wanted: &str,
        convert: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> T {
        if !self.has(key) {
            self.mistake(format!("`{key}` is missing: add {wanted}"));
        }
        self.optional(key, wanted, convert).unwrap_or_default()
    }

    /// A text that isn't blank. It can have several lines.
    pub(super) fn string(&mut self, key: &str, longest: usize) -> String {
        self.required(key, &format!("text of 1 to {longest} characters"), |value| not_blank(value, longest))
    }

    pub(super) fn optional_string(&mut self, key: &str, longest: usize) -> Option<String> {
        self.optional(key, &format!("text of 1 to {longest} characters"), |value| not_blank(value, longest))
    }

    /// A name that `FromStr` parses, such as a slug.
    pub(super) fn name<T: std::str::FromStr>(&mut self, key: &str) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.string(key, LINE_CHARS);
        if text.is_empty() {
            return None;
        }
        text.parse().map_err(|error| self.mistake_at(key, format!("`{key}` {error}"))).ok()
    }

    /// Required Markdown. Anything in it that wouldn't be shown is noted as a mistake.
    pub(super) fn text(&mut self, key: &str) -> Markdown {
        let markdown = self.string(key, TEXT_CHARS);
        self.render(key, markdown)
    }

    /// Required Markdown of one line.
    pub(super) fn line_of_text(&mut self, key: &str) -> Markdown {
        let markdown = self.string(key, LINE_CHARS);
        self.render(key, markdown)
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Option<Markdown> {
        let markdown = self.optional_string(key, TEXT_CHARS)?;
        Some(self.render(key, markdown))
    }

    fn render(&self, key: &str, markdown: String) -> Markdown {
        Markdown::checked(markdown, |problem| self.mistake_at(key, format!("`{key}`: {problem}")))
    }

    /// One word out of a list, such as a kind.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        if !self.has(key) {
            let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.mistake(format!("`{key}` is missing: add one of {}", names.join(", ")));
        }
        self.optional_word(key, words)
    }

    pub(super) fn optional_word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let wanted = format!("one of {}", names.join(", "));
        self.optional(key, &wanted, |value| {
            let text = value.as_str()?;
            words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
        })
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.optional(key, "true or false", DeValue::as_bool)
    }

    pub(super) fn integer(&mut self, key: &str, range: RangeInclusive<i64>) -> i64 {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.required(key, &wanted, |value| integer(value).filter(|number| range.contains(number)))
    }

    pub(super) fn optional_integer(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.optional(key, &wanted, |value| integer(value).filter(|number| range.contains(number)))
    }

    /// Several whole numbers, all in the range.
    pub(super) fn integers(&mut self, key: &str, range: RangeInclusive<i64>) -> Vec<i64> {
        let wanted = format!("a list of whole numbers from {} to {}", range.start(), range.end());
        self.optional(key, &wanted, |value| {
            let numbers = value.as_array()?.iter().map(|item| integer(item.get_ref()));
            numbers.map(|number| number.filter(|number| range.contains(number))).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn number(&mut self, key: &str) -> f64 {
        self.required(key, "a number; a whole one at most 2^53 - 1 on either side", number)
    }

    pub(super) fn optional_number(&mut self, key: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let wanted = format!("a number from {} to {}", range.start(), range.end());
        self.optional(key, &wanted, |value| number(value).filter(|number| range.contains(number)))
    }

    /// A number with at most three decimals, in thousandths.
    #[expect(clippy::as_conversions, reason = "no TryFrom for floats; the range keeps the number small and above zero")]
    pub(super) fn thousandths(&mut self, key: &str, range: RangeInclusive<f64>) -> Option<u32> {
        let number = self.optional_number(key, range)?;
        let thousandths = (number * 1_000.0).round();
        if (number * 1_000.0 - thousandths).abs() > 1e-6 {
            self.mistake_at(key, format!("`{key}` has more than three decimals: round it"));
        }
        Some(thousandths as u32)
    }

    /// A list of Markdown texts of one paragraph each, empty if the key is missing.
    pub(super) fn texts(&mut self, key: &str, most: usize, longest: usize) -> Vec<Markdown> {
        self.strings(key, most, longest).into_iter().map(|markdown| self.render(key, markdown)).collect()
    }

    /// A list of texts that aren't blank, empty if the key is missing.
    pub(super) fn strings(&mut self, key: &str, most: usize, longest: usize) -> Vec<String> {
        let wanted = format!("a list of at most {most} texts of 1 to {longest} characters");
        self.optional(key, &wanted, |value| {
            let items = value.as_array()?;
            let texts: Option<Vec<_>> = items.iter().map(|item| not_blank(item.get_ref(), longest)).collect();
            texts.filter(|texts| texts.len() <= most)
        })
        .unwrap_or_default()
    }

    /// The list `tags`, by which something can be found.
    pub(super) fn tags(&mut self) -> Vec<String> {
        let tags = self.strings("tags", 20, 64);
        for tag in tags.iter().filter(|tag| tag.parse::<Slug>().is_err()) {
            self.mistake_at("tags", format!("the tag `{tag}` must be lower-case letters, digits and hyphens"));
        }
        tags
    }

    /// The list `sources`, where the facts come from.
    pub(super) fn sources(&mut self) -> Vec<String> {
        let sources = self.strings("sources", 20, LINE_CHARS);
        if sources.is_empty() {
            self.mistake(
                "`sources` is missing: add a list of where the facts come from (author, title, year, section)",
            );
        }
        sources
    }

    /// A list of tables, `[[key]]`, empty if the key is missing.
    pub(super) fn tables(&mut self, key: &str, most: usize) -> Vec<Table<'d>> {
        let wanted = format!("at most {most} tables, each begun by [[{key}]]");
        let lint = self.lint;
        self.optional(key, &wanted, |value| {
            let items = value.as_array().filter(|items| items.len() <= most)?;
            items.iter().map(|item| Some(Table::new(lint, item.get_ref().as_table()?, item.span()))).collect()
        })
        .unwrap_or_default()
    }

    /// The table under `[key]`, or nothing when the key is missing. Another kind of value is noted as a mistake.
    pub(super) fn table(&mut self, key: &str) -> Option<Table<'d>> {
        let span = self.value(key)?.span();
        let lint = self.lint;
        self.optional(key, &format!("a table, begun by [{key}]"), |value| {
            value.as_table().map(|table| Table::new(lint, table, span))
        })
    }

    /// Every key with a whole number from the range, for tables whose keys are names.
    pub(super) fn named_integers(&mut self, range: RangeInclusive<i64>) -> Vec<(String, i64)> {
        let keys: Vec<String> = self.table.keys().map(|key| key.get_ref().to_string()).collect();
        keys.into_iter().map(|key| (key.clone(), self.integer(&key, range.clone()))).collect()
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        for key in self.table.keys().filter(|key| !self.asked.contains(key.get_ref().as_ref())) {
            let asked: Vec<_> = self.asked.iter().map(String::as_str).collect();
            let message =
                format!("`{}` is not a key here: remove it, or use one of {}", key.get_ref(), asked.join(", "));
            self.lint.at(key.span().start, message);
        }
    }
}

fn not_blank(value: &DeValue, longest: usize) -> Option<String> {
    let text = value.as_str()?;
    let fits = !text.trim().is_empty() && text.chars().count() <= longest;
    fits.then(|| text.to_owned())
}

fn integer(value: &DeValue) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A float, or a whole number that a float can represent exactly.
fn number(value: &DeValue) -> Option<f64> {
    let number: f64 = match value {
        DeValue::Float(float) => float.as_str().parse().ok()?,
        DeValue::Integer(_) => integer(value)?.to_string().parse().ok()?,
        _ => return None,
    };
    let exact = number.fract() != 0.0 || number.abs() <= MOST_EXACT;
    (number.is_finite() && exact).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(source: &str, build: impl FnOnce(&mut Table)) -> Vec<String> {
        let found = read(Path::new("f.toml"), source, build).unwrap_err();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_mistake_of_a_file_is_listed_with_its_line() {
        let found = mistakes("title = 3\nextra = 1\n\nlevel = 9\n[[choices]]\nid = ''\n", |root| {
            root.string("title", 10);
            root.integer("level", 1..=5);
            root.integer("order", 1..=5);
            for mut choice in root.tables("choices", 10) {
                choice.string("id", 10);
            }
        });
        insta::assert_snapshot!(found.join("\n"), @r"
        f.toml:1: `order` is missing: add a whole number from 1 to 5
        f.toml:1: `title` must be text of 1 to 10 characters
        f.toml:2: `extra` is not a key here: remove it, or use one of choices, level, order, title
        f.toml:4: `level` must be a whole number from 1 to 5
        f.toml:6: `id` must be text of 1 to 10 characters
        ");
    }

    #[test]
    fn all_syntax_errors_are_listed() {
        let found = mistakes("a = \nb = 'x\nc = 1\nc = 2\n", |_| ());
        assert!(found.len() >= 3, "{found:#?}");
        assert!(found.iter().any(|mistake| mistake.starts_with("f.toml:1: ")), "{found:#?}");
        assert!(found.iter().any(|mistake| mistake.starts_with("f.toml:4: ")), "{found:#?}");
    }
}

//! Topics of the curriculum, and the misconceptions about them, as the bank's files describe them.

use std::path::Path;

use super::lesson::Lesson;
use super::markdown::Markdown;
use super::mistake::Mistake;
use super::reader::{self, LINE_CHARS, Table};
use super::slug::Slug;

/// A topic of the curriculum.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name in paths.
    pub slug: Slug,
    /// Its name on pages.
    pub title: String,
    /// Its place in the curriculum.
    pub order: u32,
    /// Topics to know first.
    pub prerequisites: Vec<Slug>,
    /// What the topic is about, in one line.
    pub summary: String,
    /// Its lesson, if there is one without mistakes.
    pub lesson: Option<Lesson>,
}

impl Topic {
    pub(super) fn read(path: &Path, slug: Slug, source: &str) -> Result<Self, Vec<Mistake>> {
        reader::read(path, source, |root| Self {
            slug,
            title: root.string("title", 100),
            order: u32::try_from(root.integer("order", 1..=1_000)).unwrap_or_default(),
            prerequisites: read_prerequisites(root),
            summary: root.string("summary", LINE_CHARS),
            lesson: None,
        })
    }
}

fn read_prerequisites(root: &mut Table) -> Vec<Slug> {
    let names = root.strings("prerequisites", 20, 64);
    let read = |name: &String| {
        let slug = name.parse();
        slug.map_err(|error| root.mistake_at("prerequisites", format!("`{name}` {error}"))).ok()
    };
    names.iter().filter_map(read).collect()
}

/// Something wrong that people believe.
#[derive(Debug, Clone)]
pub struct Misconception {
    /// The id that questions and lessons name, `<topic>-<words>`.
    pub id: Slug,
    /// The topic that it belongs to.
    pub topic: Slug,
    /// The wrong belief, as people would say it.
    pub belief: Markdown,
    /// Why it is wrong.
    pub correction: Markdown,
    /// A publication that shows the belief to be wrong: author, title, year, section.
    pub source: String,
}

/// The misconceptions of a file without mistakes, with the line of each.
pub(super) fn read_misconceptions(path: &Path, source: &str) -> Result<Vec<Misconception>, Vec<Mistake>> {
    reader::read(path, source, |root| {
        let mut read: Vec<Misconception> = Vec::new();
        for mut table in root.tables("misconception", 1_000) {
            if let Some(misconception) = read_misconception(&mut table) {
                if read.iter().any(|other| other.id == misconception.id) {
                    table.mistake_at("id", format!("`{}` is there twice: rename one", misconception.id));
                }
                read.push(misconception);
            }
        }
        read
    })
}

fn read_misconception(table: &mut Table) -> Option<Misconception> {
    let id: Option<Slug> = table.name("id");
    let topic: Option<Slug> = table.name("topic");
    let belief = table.text("belief");
    let correction = table.text("correction");
    let source = table.string("source", LINE_CHARS);
    let (id, topic) = (id?, topic?);
    if !id.as_str().starts_with(&format!("{topic}-")) {
        table.mistake_at("id", format!("`{id}` must begin with its topic: `{topic}-`"));
    }
    Some(Misconception { id, topic, belief, correction, source })
}

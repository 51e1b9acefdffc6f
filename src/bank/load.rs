//! Reads folders of content into a [`Bank`].
//!
//! A file with a mistake is left out and listed; the rest is served. What refers to something that does not exist, or was left out,
//! is a mistake as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::catalog::Bank;
use super::lesson::Lesson;
use super::material::Material;
use super::mistake::Mistake;
use super::prompt::Prompt;
use super::question::Question;
use super::reader::LARGEST_FILE_BYTES;
use super::set::Set;
use super::slug::{QuestionId, Slug};
use super::topic::{Topic, read_misconceptions};

/// The largest number of files that a folder may contain.
const MOST_FILES: usize = 2_000;

/// Reads every folder. The mistakes are sorted by file and line.
pub fn load(folders: &[PathBuf]) -> (Bank, Vec<Mistake>) {
    let mut loader = Loader::default();
    for folder in folders {
        loader.read_root(folder);
    }
    let Loader { mut material, mut mistakes } = loader;
    mistakes.extend(material.check());
    mistakes.sort();
    mistakes.dedup();
    (material.into_bank(), mistakes)
}

/// What has been read so far, and the mistakes in the rest.
#[derive(Default)]
struct Loader {
    material: Material,
    mistakes: Vec<Mistake>,
}

impl Loader {
    fn read_root(&mut self, root: &Path) {
        for path in self.entries(root) {
            let name = file_name(&path);
            if path.is_dir() && name == "sets" {
                self.read_sets(&path);
            } else if path.is_dir() {
                match name.parse() {
                    Ok(slug) => self.read_topic(&path, &slug),
                    Err(error) => self.note(&path, format!("the name of a topic's folder {error}: rename it")),
                }
            } else if name == "misconceptions.toml" {
                self.read_misconceptions(&path);
            } else if name.ends_with(".toml") {
                self.note(
                    &path,
                    "only misconceptions.toml stands here: move this file into a topic's folder or into sets/",
                );
            }
        }
    }

    fn read_topic(&mut self, folder: &Path, topic: &Slug) {
        let files = self.entries(folder);
        if !files.iter().any(|path| file_name(path) == "topic.toml") {
            self.note(folder, "the topic has no topic.toml: add it with title, order, prerequisites and summary");
        }
        let mut lesson = None;
        for path in files {
            match file_name(&path) {
                "topic.toml" => self.keep_topic(&path, topic),
                "lesson.md" => lesson = self.parsed(&path, |source| Lesson::read(&path, source)),
                name if name.ends_with(".prompt.toml") => self.read_prompt(&path, topic, name),
                name if name.ends_with(".toml") => self.read_question(&path, topic, name),
                name if name.ends_with(".md") => {
                    self.note(&path, "a topic has one lesson, lesson.md: rename or remove this file")
                }
                _ => {}
            }
        }
        if let Some((_, topic)) = self.material.topics.get_mut(topic) {
            topic.lesson = lesson.or(topic.lesson.take());
        }
    }

    fn keep_topic(&mut self, path: &Path, slug: &Slug) {
        if let Some(topic) = self.parsed(path, |source| Topic::read(path, slug.clone(), source)) {
            keep(&mut self.material.topics, &mut self.mistakes, slug.clone(), path, topic);
        }
    }

    fn read_question(&mut self, path: &Path, topic: &Slug, name: &str) {
        let Some(id) = self.id(path, topic, name, ".toml") else { return };
        if let Some(question) = self.parsed(path, |source| Question::read(path, id.clone(), source)) {
            keep(&mut self.material.questions, &mut self.mistakes, id, path, question);
        }
    }

    fn read_prompt(&mut self, path: &Path, topic: &Slug, name: &str) {
        let Some(id) = self.id(path, topic, name, ".prompt.toml") else { return };
        if let Some(prompt) = self.parsed(path, |source| Prompt::read(path, id.clone(), source)) {
            keep(&mut self.material.prompts, &mut self.mistakes, id, path, prompt);
        }
    }

    fn read_sets(&mut self, folder: &Path) {
        for path in self.entries(folder) {
            let Some(name) = file_name(&path).strip_suffix(".toml") else { continue };
            let Some(slug) = self.slug(&path, name) else { continue };
            if let Some(set) = self.parsed(&path, |source| Set::read(&path, slug.clone(), source)) {
                keep(&mut self.material.sets, &mut self.mistakes, slug, &path, set);
            }
        }
    }

    fn read_misconceptions(&mut self, path: &Path) {
        let Some(read) = self.parsed(path, |source| read_misconceptions(path, source)) else {
            self.material.misconceptions_unknown = true;
            return;
        };
        for misconception in read {
            keep(&mut self.material.misconceptions, &mut self.mistakes, misconception.id.clone(), path, misconception);
        }
    }

    fn id(&mut self, path: &Path, topic: &Slug, name: &str, ending: &str) -> Option<QuestionId> {
        let slug = self.slug(path, name.strip_suffix(ending).unwrap_or(name))?;
        Some(QuestionId::new(topic.clone(), slug))
    }

    fn slug(&mut self, path: &Path, name: &str) -> Option<Slug> {
        let slug = name.parse();
        slug.map_err(|error| self.note(path, format!("the name of the file {error}: rename it"))).ok()
    }

    /// The files and folders of a folder, in the order of their names. Hidden ones are not content.
    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let listed = fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect());
        let mut paths: Vec<PathBuf> = match listed {
            Ok(paths) => paths,
            Err(error) => {
                self.note(folder, format!("this folder cannot be read: {error}"));
                return Vec::new();
            }
        };
        paths.retain(|path| !file_name(path).starts_with('.'));
        paths.sort();
        if paths.len() > MOST_FILES {
            self.note(folder, format!("more than {MOST_FILES} files: the rest is not read"));
            paths.truncate(MOST_FILES);
        }
        paths
    }

    /// Parses a file with `parse`. If it has mistakes, they are kept and nothing is returned.
    fn parsed<T>(&mut self, path: &Path, parse: impl FnOnce(&str) -> Result<T, Vec<Mistake>>) -> Option<T> {
        let parsed = read_text(path).and_then(|source| parse(&source));
        parsed.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }

    fn note(&mut self, path: &Path, message: impl Into<String>) {
        self.mistakes.push(Mistake::whole_file(path, message));
    }
}

/// Keeps what was read under its name, unless another folder already has something with that name.
fn keep<K: Ord + std::fmt::Display, V>(
    kept: &mut BTreeMap<K, (PathBuf, V)>,
    mistakes: &mut Vec<Mistake>,
    name: K,
    path: &Path,
    value: V,
) {
    if let Some((other, _)) = kept.get(&name) {
        let message = format!("`{name}` is also in {}, which came first: rename one", other.display());
        mistakes.push(Mistake::whole_file(path, message));
        return;
    }
    kept.insert(name, (path.to_owned(), value));
}

/// The text of a file that isn't larger than the limit.
fn read_text(path: &Path) -> Result<String, Vec<Mistake>> {
    let fail = |message: String| vec![Mistake::whole_file(path, message)];
    let length = fs::metadata(path).map_err(|error| fail(format!("this file cannot be read: {error}")))?.len();
    if usize::try_from(length).is_ok_and(|length| length > LARGEST_FILE_BYTES) {
        return Err(fail(format!("the file has {length} bytes, more than {LARGEST_FILE_BYTES}: split or shorten it")));
    }
    let bytes = fs::read(path).map_err(|error| fail(format!("this file cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + valid.filter(|byte| **byte == b'\n').count();
        vec![Mistake { path: path.to_owned(), line, message: "not UTF-8: save the file in that encoding".to_owned() }]
    })
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

//! Reads folders of content into a [`Bank`].
//!
//! A file with a mistake is left out and listed; the rest is served. What refers to something that does not exist, or was left out,
//! is a mistake as well.
//!
//! The folders are listed first. Then all files are parsed, on every processor at once, since a service isn't ready before that is
//! done. What was parsed is kept in the order of the list, so the outcome doesn't depend on which file was done first.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::catalog::Bank;
use super::lesson::Lesson;
use super::material::Material;
use super::mistake::Mistake;
use super::parallel;
use super::prompt::Prompt;
use super::question::Question;
use super::reader::LARGEST_FILE_BYTES;
use super::set::Set;
use super::slug::{QuestionId, Slug};
use super::topic::{Misconception, Topic, read_misconceptions};

/// The largest number of files that a folder may contain.
const MOST_FILES: usize = 2_000;

/// Reads every folder. The mistakes are sorted by file and line.
pub fn load(folders: &[PathBuf]) -> (Bank, Vec<Mistake>) {
    let mut listing = Listing::default();
    for folder in folders {
        listing.read_root(folder);
    }
    let Listing { files, mut mistakes } = listing;
    let mut material = Material::default();
    let parsed = parallel::map(&files, File::parse);
    for (file, parsed) in files.iter().zip(parsed) {
        match parsed {
            Ok(parsed) => keep_parsed(&mut material, &mut mistakes, &file.path, parsed),
            Err(found) => {
                material.misconceptions_unknown |= matches!(file.holds, Holds::Misconceptions);
                mistakes.extend(found);
            }
        }
    }
    mistakes.extend(material.check());
    mistakes.sort();
    mistakes.dedup();
    (material.into_bank(), mistakes)
}

/// A file of content that was found and not yet read.
struct File {
    path: PathBuf,
    holds: Holds,
}

/// What a file holds, by its name and place.
enum Holds {
    Topic(Slug),
    /// The lesson of a topic.
    Lesson(Slug),
    Question(QuestionId),
    Prompt(QuestionId),
    Set(Slug),
    Misconceptions,
}

/// What a file without mistakes said.
enum Parsed {
    Topic(Topic),
    /// The lesson of a topic.
    Lesson(Slug, Box<Lesson>),
    Question(Box<Question>),
    Prompt(Box<Prompt>),
    Set(Box<Set>),
    Misconceptions(Vec<Misconception>),
}

impl File {
    fn parse(&self) -> Result<Parsed, Vec<Mistake>> {
        let (path, source) = (self.path.as_path(), read_text(&self.path)?);
        Ok(match &self.holds {
            Holds::Topic(slug) => Parsed::Topic(Topic::read(path, slug.clone(), &source)?),
            Holds::Lesson(topic) => Parsed::Lesson(topic.clone(), Box::new(Lesson::read(path, &source)?)),
            Holds::Question(id) => Parsed::Question(Box::new(Question::read(path, id.clone(), &source)?)),
            Holds::Prompt(id) => Parsed::Prompt(Box::new(Prompt::read(path, id.clone(), &source)?)),
            Holds::Set(slug) => Parsed::Set(Box::new(Set::read(path, slug.clone(), &source)?)),
            Holds::Misconceptions => Parsed::Misconceptions(read_misconceptions(path, &source)?),
        })
    }
}

/// The files that were found, and the mistakes in their names and places. A topic's own file comes before its lesson.
#[derive(Default)]
struct Listing {
    files: Vec<File>,
    mistakes: Vec<Mistake>,
}

impl Listing {
    fn read_root(&mut self, root: &Path) {
        for path in self.entries(root) {
            let name = file_name(&path);
            if path.is_dir() && name == "sets" {
                self.list_sets(&path);
            } else if path.is_dir() {
                match name.parse() {
                    Ok(slug) => self.list_topic(&path, &slug),
                    Err(error) => self.note(&path, format!("the name of a topic's folder {error}: rename it")),
                }
            } else if name == "misconceptions.toml" {
                self.files.push(File { path, holds: Holds::Misconceptions });
            } else if name.ends_with(".toml") {
                self.note(
                    &path,
                    "only misconceptions.toml stands here: move this file into a topic's folder or into sets/",
                );
            }
        }
    }

    fn list_topic(&mut self, folder: &Path, topic: &Slug) {
        let paths = self.entries(folder);
        if !paths.iter().any(|path| file_name(path) == "topic.toml") {
            self.note(folder, "the topic has no topic.toml: add it with title, order, prerequisites and summary");
        }
        let mut lesson = None;
        for path in paths {
            let holds = match file_name(&path) {
                "topic.toml" => Some(Holds::Topic(topic.clone())),
                "lesson.md" => {
                    lesson = Some(File { path, holds: Holds::Lesson(topic.clone()) });
                    continue;
                }
                name if name.ends_with(".prompt.toml") => {
                    self.id(&path, topic, name, ".prompt.toml").map(Holds::Prompt)
                }
                name if name.ends_with(".toml") => self.id(&path, topic, name, ".toml").map(Holds::Question),
                name if name.ends_with(".md") => {
                    self.note(&path, "a topic has one lesson, lesson.md: rename or remove this file");
                    None
                }
                _ => None,
            };
            self.files.extend(holds.map(|holds| File { path, holds }));
        }
        self.files.extend(lesson);
    }

    fn list_sets(&mut self, folder: &Path) {
        for path in self.entries(folder) {
            let Some(name) = file_name(&path).strip_suffix(".toml") else { continue };
            let Some(slug) = self.slug(&path, name) else { continue };
            self.files.push(File { path, holds: Holds::Set(slug) });
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

    fn note(&mut self, path: &Path, message: impl Into<String>) {
        self.mistakes.push(Mistake::whole_file(path, message));
    }
}

/// Keeps what a file said. A lesson is kept with its topic, if that has no mistake.
fn keep_parsed(material: &mut Material, mistakes: &mut Vec<Mistake>, path: &Path, parsed: Parsed) {
    match parsed {
        Parsed::Topic(topic) => keep(&mut material.topics, mistakes, topic.slug.clone(), path, topic),
        Parsed::Lesson(topic, lesson) => {
            if let Some((_, topic)) = material.topics.get_mut(&topic) {
                topic.lesson = Some(*lesson);
            }
        }
        Parsed::Question(question) => {
            keep(&mut material.questions, mistakes, question.id().clone(), path, *question);
        }
        Parsed::Prompt(prompt) => keep(&mut material.prompts, mistakes, prompt.id.clone(), path, *prompt),
        Parsed::Set(set) => keep(&mut material.sets, mistakes, set.slug.clone(), path, *set),
        Parsed::Misconceptions(read) => {
            for misconception in read {
                keep(&mut material.misconceptions, mistakes, misconception.id.clone(), path, misconception);
            }
        }
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

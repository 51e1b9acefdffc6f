//! Reads folders of content into a [`Bank`].
//!
//! A file with a mistake is left out and listed; the rest is served. What refers to something that does not exist, or was left out,
//! is a mistake as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::catalog::{Bank, Content};
use super::lesson::Lesson;
use super::mistake::Mistake;
use super::prompt::Prompt;
use super::question::Question;
use super::reader::LARGEST_FILE_BYTES;
use super::set::{Set, SetEntry};
use super::slug::{QuestionId, Slug};
use super::topic::{Misconception, Topic, read_misconceptions};

/// The most files that a folder may hold.
const MOST_FILES: usize = 2_000;

/// Reads every folder. The mistakes are sorted by file and line.
pub fn load(folders: &[PathBuf]) -> (Bank, Vec<Mistake>) {
    let mut loader = Loader::default();
    for folder in folders {
        loader.read_root(folder);
    }
    loader.check_references();
    let exercise_references = loader.exercise_references();
    let Loader { topics, questions, prompts, sets, misconceptions, mut mistakes, .. } = loader;
    mistakes.sort();
    mistakes.dedup();
    let bank = Bank::new(Content {
        topics: values(topics),
        questions: values(questions),
        prompts: values(prompts),
        sets: values(sets),
        misconceptions: values(misconceptions),
        exercise_references,
    });
    (bank, mistakes)
}

fn values<K, V>(kept: BTreeMap<K, (PathBuf, V)>) -> Vec<V> {
    kept.into_values().map(|(_, value)| value).collect()
}

/// What was read so far, each with the file that it came from.
#[derive(Default)]
struct Loader {
    topics: BTreeMap<Slug, (PathBuf, Topic)>,
    questions: BTreeMap<QuestionId, (PathBuf, Question)>,
    prompts: BTreeMap<QuestionId, (PathBuf, Prompt)>,
    sets: BTreeMap<Slug, (PathBuf, Set)>,
    misconceptions: BTreeMap<Slug, (PathBuf, Misconception)>,
    /// Whether a file of misconceptions was left out: then an unknown one is no mistake of whoever names it.
    misconceptions_unknown: bool,
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
        if let Some((_, topic)) = self.topics.get_mut(topic) {
            topic.lesson = lesson.or(topic.lesson.take());
        }
    }

    fn keep_topic(&mut self, path: &Path, slug: &Slug) {
        if let Some(topic) = self.parsed(path, |source| Topic::read(path, slug.clone(), source)) {
            keep(&mut self.topics, &mut self.mistakes, slug.clone(), path, topic);
        }
    }

    fn read_question(&mut self, path: &Path, topic: &Slug, name: &str) {
        let Some(id) = self.id(path, topic, name, ".toml") else { return };
        if let Some(question) = self.parsed(path, |source| Question::read(path, id.clone(), source)) {
            keep(&mut self.questions, &mut self.mistakes, id, path, question);
        }
    }

    fn read_prompt(&mut self, path: &Path, topic: &Slug, name: &str) {
        let Some(id) = self.id(path, topic, name, ".prompt.toml") else { return };
        if let Some(prompt) = self.parsed(path, |source| Prompt::read(path, id.clone(), source)) {
            keep(&mut self.prompts, &mut self.mistakes, id, path, prompt);
        }
    }

    fn read_sets(&mut self, folder: &Path) {
        for path in self.entries(folder) {
            let Some(name) = file_name(&path).strip_suffix(".toml") else { continue };
            let Some(slug) = self.slug(&path, name) else { continue };
            if let Some(set) = self.parsed(&path, |source| Set::read(&path, slug.clone(), source)) {
                keep(&mut self.sets, &mut self.mistakes, slug, &path, set);
            }
        }
    }

    fn read_misconceptions(&mut self, path: &Path) {
        let Some(read) = self.parsed(path, |source| read_misconceptions(path, source)) else {
            self.misconceptions_unknown = true;
            return;
        };
        for misconception in read {
            keep(&mut self.misconceptions, &mut self.mistakes, misconception.id.clone(), path, misconception);
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

    /// What `parse` makes of a file, unless it has mistakes, which are kept.
    fn parsed<T>(&mut self, path: &Path, parse: impl FnOnce(&str) -> Result<T, Vec<Mistake>>) -> Option<T> {
        let parsed = read_text(path).and_then(|source| parse(&source));
        parsed.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }

    fn note(&mut self, path: &Path, message: impl Into<String>) {
        self.mistakes.push(Mistake::whole_file(path, message));
    }

    fn check_references(&mut self) {
        self.check_misconceptions();
        self.check_topics();
        self.check_lessons();
        self.check_sets();
    }

    /// Questions whose wrong choices name misconceptions that do not exist are left out.
    fn check_misconceptions(&mut self) {
        if self.misconceptions_unknown {
            return;
        }
        let known: BTreeSet<&str> = self.misconceptions.keys().map(Slug::as_str).collect();
        let mut found = Vec::new();
        for (id, (path, question)) in &self.questions {
            let unknown: BTreeSet<_> =
                question.misconceptions().into_iter().filter(|name| !known.contains(name)).collect();
            for name in unknown {
                let line = line_of(question.source(), name);
                let message =
                    format!("the misconception `{name}` is not in misconceptions.toml: add it there, or name another");
                found.push((id.clone(), Mistake { path: path.clone(), line, message }));
            }
        }
        for (id, mistake) in found {
            self.questions.remove(&id);
            self.mistakes.push(mistake);
        }
    }

    fn check_topics(&mut self) {
        for (path, topic) in self.topics.values() {
            for unknown in topic.prerequisites.iter().filter(|slug| !self.topics.contains_key(slug)) {
                let message = format!("the prerequisite `{unknown}` is not a topic here: remove it or add the topic");
                self.mistakes.push(Mistake::whole_file(path, message));
            }
        }
        for (path, misconception) in self.misconceptions.values() {
            if !self.topics.contains_key(&misconception.topic) {
                let message =
                    format!("`{}` belongs to `{}`, which is not a topic here", misconception.id, misconception.topic);
                self.mistakes.push(Mistake::whole_file(path, message));
            }
        }
    }

    fn check_lessons(&mut self) {
        let mistakes: Vec<_> =
            self.topics.values().flat_map(|(path, topic)| self.lesson_mistakes(path, topic)).collect();
        self.mistakes.extend(mistakes);
    }

    fn lesson_mistakes(&self, topic_file: &Path, topic: &Topic) -> Vec<Mistake> {
        let Some(lesson) = &topic.lesson else { return Vec::new() };
        let path = topic_file.with_file_name("lesson.md");
        let mut mistakes = Vec::new();
        let mut note = |line, message| mistakes.push(Mistake { path: path.clone(), line, message });
        for (line, id) in lesson.pitfalls() {
            let known = id.parse::<Slug>().is_ok_and(|id| self.misconceptions.contains_key(&id));
            if !known && !self.misconceptions_unknown {
                note(line, format!("the pitfall names `{id}`, which is not in misconceptions.toml: add it there"));
            }
        }
        for (line, link) in lesson.links().into_iter().filter(|(_, link)| !self.leads_somewhere(link)) {
            note(line, format!("the link {link} leads nowhere: mend it or remove it"));
        }
        mistakes
    }

    /// Exercises are not known here; these are the places that name one.
    fn exercise_references(&self) -> Vec<(Slug, Mistake)> {
        let mut named: Vec<(String, PathBuf, usize)> = Vec::new();
        for (path, topic) in self.topics.values() {
            let links = topic.lesson.iter().flat_map(Lesson::links);
            let path = path.with_file_name("lesson.md");
            named.extend(links.filter_map(|(line, link)| {
                let slug = link.strip_prefix("/exercises/")?.split(['#', '?']).next()?;
                Some((slug.to_owned(), path.clone(), line))
            }));
        }
        for (path, set) in self.sets.values() {
            named.extend(set.items().filter_map(|(line, entry)| match entry {
                SetEntry::Exercise(slug) => Some((slug.to_string(), path.clone(), line)),
                _ => None,
            }));
        }
        let reference = |(name, path, line): (String, PathBuf, usize)| {
            let message = format!("the exercise `{name}` does not exist, or its package has a mistake");
            Some((name.parse().ok()?, Mistake { path, line, message }))
        };
        named.into_iter().filter_map(reference).collect()
    }

    /// Whether a link of this service leads to something that everybody may see. Exercises are not known here: see [`Bank::exercise_references`].
    fn leads_somewhere(&self, link: &str) -> bool {
        let path = link.split(['#', '?']).next().unwrap_or_default();
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        match (parts.next(), parts.next()) {
            (Some("topics"), Some(slug)) => slug.parse().is_ok_and(|slug: Slug| self.topics.contains_key(&slug)),
            (Some("prompts"), Some(id)) => named(&self.prompts, id).is_some_and(|prompt| !prompt.exam_only),
            (Some("questions"), Some(id)) => {
                named(&self.questions, id).is_some_and(|question| !question.is_exam_only())
            }
            (Some("sets"), Some(slug)) => named(&self.sets, slug).is_some_and(|set| !set.exam_only),
            _ => true,
        }
    }

    /// Sets that ask for something that is not there are left out.
    fn check_sets(&mut self) {
        let mut found = Vec::new();
        for (slug, (path, set)) in &self.sets {
            for (line, entry) in set.items() {
                if let Some(message) = self.missing(set, entry) {
                    found.push((slug.clone(), Mistake { path: path.clone(), line, message }));
                }
            }
        }
        for (slug, mistake) in found {
            self.sets.remove(&slug);
            self.mistakes.push(mistake);
        }
    }

    fn missing(&self, set: &Set, entry: &SetEntry) -> Option<String> {
        let gone = "does not exist, or was left out for a mistake of its own";
        match entry {
            SetEntry::Question(id) => match self.questions.get(id) {
                None => Some(format!("the question `{id}` {gone}")),
                Some((_, question)) => misplaced(&format!("the question `{id}`"), set, question.is_exam_only()),
            },
            SetEntry::Prompt(id) => match self.prompts.get(id) {
                None => Some(format!("the prompt `{id}` {gone}")),
                Some((_, prompt)) => misplaced(&format!("the prompt `{id}`"), set, prompt.exam_only),
            },
            SetEntry::Pool(pool) => {
                let there = self.questions.values().filter(|(_, question)| pool.may_draw(question)).count();
                let message =
                    || format!("the pool wants {} questions and {there} match: widen it or want fewer", pool.count);
                (there < pool.count).then(message)
            }
            SetEntry::Exercise(_) => None,
        }
    }
}

/// An exam asks what nobody can have practised, and nothing else shows what exams ask.
fn misplaced(what: &str, set: &Set, exam_only: bool) -> Option<String> {
    match (set.exam_only, exam_only) {
        (true, false) => {
            Some(format!("{what} is not exam-only, and this set is: add `exam_only = true` there, or name another"))
        }
        (false, true) => {
            Some(format!("{what} is exam-only, and this set is not: add `exam_only = true` here, or name another"))
        }
        _ => None,
    }
}

/// What was read under a name.
fn named<'k, K: Ord + std::str::FromStr, V>(kept: &'k BTreeMap<K, (PathBuf, V)>, name: &str) -> Option<&'k V> {
    kept.get(&name.parse().ok()?).map(|(_, value)| value)
}

/// Keeps what was read under its name, unless another folder has one of that name already.
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

/// The text of a file of a bearable size.
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

/// The first line that holds a text.
fn line_of(source: &str, text: &str) -> usize {
    1 + source.lines().position(|line| line.contains(text)).unwrap_or(0)
}

//! Everything that was read, each thing with its file, and the check that all references lead somewhere.
//!
//! A reference to something that doesn't exist, or that was left out because of a mistake, is a mistake as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::catalog::{Bank, Content};
use super::lesson::Lesson;
use super::mistake::Mistake;
use super::prompt::Prompt;
use super::question::Question;
use super::set::{Set, SetEntry};
use super::set_check;
use super::slug::{QuestionId, Slug};
use super::topic::{Misconception, Topic};

/// Everything that was read, by name.
#[derive(Default)]
pub(super) struct Material {
    pub(super) topics: BTreeMap<Slug, (PathBuf, Topic)>,
    pub(super) questions: BTreeMap<QuestionId, (PathBuf, Question)>,
    pub(super) prompts: BTreeMap<QuestionId, (PathBuf, Prompt)>,
    pub(super) sets: BTreeMap<Slug, (PathBuf, Set)>,
    pub(super) misconceptions: BTreeMap<Slug, (PathBuf, Misconception)>,
    /// Whether a file of misconceptions was left out: then it is no mistake to name one that is not known.
    pub(super) misconceptions_unknown: bool,
}

impl Material {
    /// Leaves out what can't be served, and lists every reference that leads nowhere.
    pub(super) fn check(&mut self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        self.check_misconceptions(&mut mistakes);
        self.check_topics(&mut mistakes);
        mistakes.extend(self.topics.values().flat_map(|(path, topic)| self.lesson_mistakes(path, topic)));
        self.check_sets(&mut mistakes);
        mistakes
    }

    /// The bank made of everything that was read.
    pub(super) fn into_bank(self) -> Bank {
        let exercise_references = self.exercise_references();
        Bank::new(Content {
            topics: values(self.topics),
            questions: values(self.questions),
            prompts: values(self.prompts),
            sets: values(self.sets),
            misconceptions: values(self.misconceptions),
            exercise_references,
        })
    }

    /// Leaves out sets that name something that doesn't exist.
    fn check_sets(&mut self, mistakes: &mut Vec<Mistake>) {
        let mut found = Vec::new();
        let questions = self.questions.iter().map(|(id, (_, question))| (id, question)).collect();
        let prompts = self.prompts.iter().map(|(id, (_, prompt))| (id, prompt)).collect();
        for (slug, (path, set)) in &self.sets {
            for (line, message) in set_check::mistakes(set, &questions, &prompts) {
                found.push((slug.clone(), Mistake { path: path.clone(), line, message }));
            }
        }
        for (slug, mistake) in found {
            self.sets.remove(&slug);
            mistakes.push(mistake);
        }
    }

    /// Leaves out questions whose wrong choices name misconceptions that don't exist.
    fn check_misconceptions(&mut self, mistakes: &mut Vec<Mistake>) {
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
            mistakes.push(mistake);
        }
    }

    fn check_topics(&self, mistakes: &mut Vec<Mistake>) {
        for (path, topic) in self.topics.values() {
            for unknown in topic.prerequisites.iter().filter(|slug| !self.topics.contains_key(slug)) {
                let message = format!("the prerequisite `{unknown}` is not a topic here: remove it or add the topic");
                mistakes.push(Mistake::whole_file(path, message));
            }
        }
        for (path, misconception) in self.misconceptions.values() {
            if !self.topics.contains_key(&misconception.topic) {
                let message =
                    format!("`{}` belongs to `{}`, which is not a topic here", misconception.id, misconception.topic);
                mistakes.push(Mistake::whole_file(path, message));
            }
        }
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
        for misconception in
            self.misconceptions.values().map(|(_, known)| known).filter(|known| known.topic == topic.slug)
        {
            let taught = lesson.pitfalls().iter().any(|(_, id)| id == misconception.id.as_str());
            if !taught {
                let id = &misconception.id;
                let line = lesson.pitfalls_line();
                note(
                    line,
                    format!("no pitfall is about the misconception `{id}`: add a heading that ends in {{#{id}}}"),
                );
            }
        }
        for (line, link) in lesson.links().into_iter().filter(|(_, link)| !self.leads_somewhere(link)) {
            note(line, format!("the link {link} leads nowhere: mend it or remove it"));
        }
        mistakes
    }

    /// The places that name an exercise. Whether it exists isn't known here.
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
}

/// The things that were read, by name.
fn named<'k, K: Ord + std::str::FromStr, V>(kept: &'k BTreeMap<K, (PathBuf, V)>, name: &str) -> Option<&'k V> {
    kept.get(&name.parse().ok()?).map(|(_, value)| value)
}

fn values<K, V>(kept: BTreeMap<K, (PathBuf, V)>) -> Vec<V> {
    kept.into_values().map(|(_, value)| value).collect()
}

/// The number of the first line that contains a text.
fn line_of(source: &str, text: &str) -> usize {
    1 + source.lines().position(|line| line.contains(text)).unwrap_or(0)
}

//! The bank as a whole: everything in it, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::item::Kind;
use super::mistake::Mistake;
use super::prng::Prng;
use super::prompt::Prompt;
use super::question::{Question, Seed};
use super::set::{Pool, Set};
use super::slug::{QuestionId, Slug};
use super::topic::{Misconception, Topic};

/// Everything that is served, by name. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Bank {
    shelves: Arc<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    /// In the order of the curriculum.
    topics: Vec<Arc<Topic>>,
    questions: BTreeMap<QuestionId, Arc<Question>>,
    prompts: BTreeMap<QuestionId, Arc<Prompt>>,
    sets: BTreeMap<Slug, Arc<Set>>,
    misconceptions: BTreeMap<Slug, Arc<Misconception>>,
    exercise_references: Vec<(Slug, Mistake)>,
}

/// The content that a bank is made of.
pub(super) struct Content {
    pub(super) topics: Vec<Topic>,
    pub(super) questions: Vec<Question>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) sets: Vec<Set>,
    pub(super) misconceptions: Vec<Misconception>,
    /// What lessons and sets say of exercises: see [`Bank::exercise_references`].
    pub(super) exercise_references: Vec<(Slug, Mistake)>,
}

impl Bank {
    pub(super) fn new(content: Content) -> Self {
        let mut topics: Vec<_> = content.topics.into_iter().map(Arc::new).collect();
        topics.sort_by(|left, right| (left.order, &left.slug).cmp(&(right.order, &right.slug)));
        Self {
            shelves: Arc::new(Shelves {
                topics,
                questions: by_name(content.questions, |question| question.id().clone()),
                prompts: by_name(content.prompts, |prompt| prompt.id.clone()),
                sets: by_name(content.sets, |set| set.slug.clone()),
                misconceptions: by_name(content.misconceptions, |misconception| misconception.id.clone()),
                exercise_references: content.exercise_references,
            }),
        }
    }

    /// The same bank with other questions and prompts, and without its sets.
    pub(super) fn asking(
        &self,
        questions: impl Iterator<Item = Arc<Question>>,
        prompts: impl Iterator<Item = Arc<Prompt>>,
    ) -> Self {
        let shelves = Shelves {
            topics: self.shelves.topics.clone(),
            questions: questions.map(|question| (question.id().clone(), question)).collect(),
            prompts: prompts.map(|prompt| (prompt.id.clone(), prompt)).collect(),
            sets: BTreeMap::new(),
            misconceptions: self.shelves.misconceptions.clone(),
            exercise_references: Vec::new(),
        };
        Self { shelves: Arc::new(shelves) }
    }

    /// Topics in the order of the curriculum.
    pub fn topics(&self) -> &[Arc<Topic>] {
        &self.shelves.topics
    }

    /// The topic with this slug.
    pub fn topic(&self, slug: &Slug) -> Option<&Arc<Topic>> {
        self.shelves.topics.iter().find(|topic| topic.slug == *slug)
    }

    /// The questions that everybody may see, by id.
    pub fn questions(&self) -> impl Iterator<Item = &Arc<Question>> {
        self.with_exam_material().questions().filter(|question| !question.is_exam_only())
    }

    /// The question of that id in the version that is served now, if everybody may see it.
    pub fn question(&self, id: &QuestionId) -> Option<&Arc<Question>> {
        self.with_exam_material().question(id).filter(|question| !question.is_exam_only())
    }

    /// Questions that everybody may see and a filter admits, by id.
    pub fn find<'b>(&'b self, filter: &'b Filter) -> impl Iterator<Item = &'b Arc<Question>> {
        self.questions().filter(|question| filter.admits(question))
    }

    /// The questions of a topic that everybody may see, from the easiest to the hardest.
    #[must_use]
    pub fn practice_order(&self, topic: &Slug) -> Vec<Arc<Question>> {
        let mut questions: Vec<_> =
            self.questions().filter(|question| question.id().topic() == topic).map(Arc::clone).collect();
        questions.sort_by_key(|question| question.difficulty());
        questions
    }

    /// The prompts that everybody may see, by id.
    pub fn prompts(&self) -> impl Iterator<Item = &Arc<Prompt>> {
        self.with_exam_material().prompts().filter(|prompt| !prompt.exam_only)
    }

    /// The prompt of that id in the version that is served now, if everybody may see it.
    pub fn prompt(&self, id: &QuestionId) -> Option<&Arc<Prompt>> {
        self.with_exam_material().prompt(id).filter(|prompt| !prompt.exam_only)
    }

    /// The built-in sets, by slug. Exams are among them: what is kept back is what they ask, which only an attempt shows.
    pub fn sets(&self) -> impl Iterator<Item = &Arc<Set>> {
        self.shelves.sets.values()
    }

    /// The built-in set with this slug.
    pub fn set(&self, slug: &Slug) -> Option<&Arc<Set>> {
        self.shelves.sets.get(slug)
    }

    /// The same bank with what is kept for exams. It is for attempts, which show an item to the candidate who has to answer it, and for
    /// checks. Nothing that lists, links, counts or practises may ask here.
    pub fn with_exam_material(&self) -> WithExamMaterial<'_> {
        WithExamMaterial { shelves: &self.shelves }
    }

    /// Every misconception, by id.
    pub fn misconceptions(&self) -> impl Iterator<Item = &Arc<Misconception>> {
        self.shelves.misconceptions.values()
    }

    /// The misconception with this id.
    pub fn misconception(&self, id: &str) -> Option<&Arc<Misconception>> {
        self.shelves.misconceptions.get(&id.parse().ok()?)
    }

    /// Questions drawn from a pool, none twice, none of `taken`: the same ones for the same seed and bank. The pool of an exam-only set draws
    /// exam-only questions alone, and every other pool the rest alone.
    pub fn draw(&self, pool: &Pool, seed: Seed, taken: &[QuestionId]) -> Vec<Arc<Question>> {
        let questions = self.with_exam_material().questions();
        let mut matching: Vec<_> =
            questions.filter(|question| pool.may_draw(question) && !taken.contains(question.id())).cloned().collect();
        Prng::from_text(&format!("pool {}", seed.get())).shuffle(&mut matching);
        matching.truncate(pool.count);
        matching
    }

    /// Exercises that lessons and sets name, each with the mistake that it is should there be none.
    pub fn exercise_references(&self) -> &[(Slug, Mistake)] {
        &self.shelves.exercise_references
    }
}

fn by_name<K: Ord, V>(items: Vec<V>, name: impl Fn(&V) -> K) -> BTreeMap<K, Arc<V>> {
    items.into_iter().map(|item| (name(&item), Arc::new(item))).collect()
}

/// A bank with what is kept for exams: see [`Bank::with_exam_material`].
#[derive(Debug, Clone, Copy)]
pub struct WithExamMaterial<'b> {
    shelves: &'b Shelves,
}

impl<'b> WithExamMaterial<'b> {
    /// Every question, by id.
    pub fn questions(self) -> impl Iterator<Item = &'b Arc<Question>> {
        self.shelves.questions.values()
    }

    /// The question of that id, in the version that is served now.
    pub fn question(self, id: &QuestionId) -> Option<&'b Arc<Question>> {
        self.shelves.questions.get(id)
    }

    /// Every prompt, by id.
    pub fn prompts(self) -> impl Iterator<Item = &'b Arc<Prompt>> {
        self.shelves.prompts.values()
    }

    /// The prompt of that id, in the version that is served now.
    pub fn prompt(self, id: &QuestionId) -> Option<&'b Arc<Prompt>> {
        self.shelves.prompts.get(id)
    }
}

/// A filter for questions. By default it admits all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only questions of this topic.
    pub topic: Option<Slug>,
    /// Only questions of this kind.
    pub kind: Option<Kind>,
    /// The lowest and the highest difficulty.
    pub difficulty: Option<(u8, u8)>,
    /// Only questions with this tag.
    pub tag: Option<String>,
}

impl Filter {
    /// Whether the filter admits a question.
    pub fn admits(&self, question: &Question) -> bool {
        let topic = self.topic.as_ref().is_none_or(|topic| question.id().topic() == topic);
        let kind = self.kind.is_none_or(|kind| question.kind() == kind);
        let (low, high) = self.difficulty.unwrap_or((1, 5));
        let difficulty = (low..=high).contains(&question.difficulty());
        topic && kind && difficulty && self.tag.as_ref().is_none_or(|tag| question.tags().contains(tag))
    }
}

impl Pool {
    /// Whether this pool can draw a question.
    pub fn may_draw(&self, question: &Question) -> bool {
        let Self { topic, tag, kind, difficulty, .. } = self.clone();
        let filter = Filter { topic, kind, difficulty: Some(difficulty), tag };
        self.exam_only == question.is_exam_only() && filter.admits(question)
    }
}

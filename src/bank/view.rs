//! The bank as REST clients see it: what may be shown, and nothing else.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Bank, Criterion, Filter, Hint, Kind, Lesson, Markdown, Misconception, Points, Prompt, Question, QuestionId, Slug,
    Topic, Version,
};

/// A topic in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicSummary {
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name on pages.
    pub title: String,
    /// Its place in the curriculum.
    pub order: u32,
    /// What the topic is about, in one line.
    pub summary: String,
    /// Topics to know first.
    pub prerequisites: Vec<Slug>,
    /// How long its lesson takes to read; null when it has none.
    pub lesson_minutes: Option<u32>,
    /// How many questions it has.
    pub questions: usize,
    /// How many of them make another variant of every seed.
    pub parametric_questions: usize,
    /// How many design prompts it has.
    pub prompts: usize,
}

impl TopicSummary {
    pub(super) fn of(bank: &Bank, topic: &Topic) -> Self {
        let filter = Filter { topic: Some(topic.slug.clone()), ..Filter::default() };
        Self {
            slug: topic.slug.clone(),
            title: topic.title.clone(),
            order: topic.order,
            summary: topic.summary.clone(),
            prerequisites: topic.prerequisites.clone(),
            lesson_minutes: topic.lesson.as_ref().map(|lesson| lesson.minutes),
            questions: bank.find(&filter).count(),
            parametric_questions: bank.find(&filter).filter(|question| question.is_parametric()).count(),
            prompts: bank.prompts().filter(|prompt| *prompt.id.topic() == topic.slug).count(),
        }
    }
}

/// A topic with its lesson.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicDetail {
    /// As in the list.
    #[serde(flatten)]
    pub summary: TopicSummary,
    /// Its lesson, section by section.
    pub lesson: Option<LessonView>,
    /// What people believe about it and why it is wrong.
    pub misconceptions: Vec<MisconceptionView>,
}

impl TopicDetail {
    pub(super) fn of(bank: &Bank, topic: &Topic) -> Self {
        let own = bank.misconceptions().filter(|misconception| misconception.topic == topic.slug);
        Self {
            summary: TopicSummary::of(bank, topic),
            lesson: topic.lesson.as_ref().map(LessonView::of),
            misconceptions: own.map(|misconception| MisconceptionView::of(misconception)).collect(),
        }
    }
}

/// A lesson, section by section.
#[derive(Debug, Serialize, ToSchema)]
pub struct LessonView {
    /// The title of the lesson.
    pub title: String,
    /// How long it takes to read.
    pub minutes: u32,
    /// The eleven sections, in the order in which every lesson has them.
    pub sections: Vec<SectionView>,
}

/// A section of a lesson.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionView {
    /// Its id on a page.
    pub id: String,
    /// The heading of the section.
    pub title: String,
    /// The text in Markdown.
    pub markdown: String,
    /// The same as safe HTML.
    pub html: String,
}

impl LessonView {
    fn of(lesson: &Lesson) -> Self {
        let section = |section: &super::Section| SectionView {
            id: section.id.clone(),
            title: section.title.clone(),
            markdown: section.text.markdown().to_owned(),
            html: section.text.html().to_owned(),
        };
        Self {
            title: lesson.title.clone(),
            minutes: lesson.minutes,
            sections: lesson.sections.iter().map(section).collect(),
        }
    }
}

/// Something that people believe and that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MisconceptionView {
    /// What feedback calls it.
    pub id: Slug,
    /// What people believe, in Markdown.
    pub belief: String,
    /// Why it is wrong, in Markdown.
    pub correction: String,
    /// A publication that shows the belief to be wrong: author, title, year, section.
    pub source: String,
}

impl MisconceptionView {
    /// As it may be shown.
    pub fn of(misconception: &Misconception) -> Self {
        Self {
            id: misconception.id.clone(),
            belief: misconception.belief.markdown().to_owned(),
            correction: misconception.correction.markdown().to_owned(),
            source: misconception.source.clone(),
        }
    }
}

/// A question in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionSummary {
    /// The id of the question, `topic/slug`, which never changes.
    pub id: QuestionId,
    /// The version that is served now.
    pub version: Version,
    /// Its name on pages.
    pub title: String,
    /// What kind of answer it wants.
    pub kind: Kind,
    /// From 1 to 5.
    pub difficulty: u8,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether every seed makes another variant.
    pub parametric: bool,
    /// The points that a wholly right answer scores when no hint was taken.
    pub max_score: Points,
}

impl QuestionSummary {
    pub(super) fn of(question: &Question) -> Self {
        Self {
            id: question.id().clone(),
            version: question.version().clone(),
            title: question.title().to_owned(),
            kind: question.kind(),
            difficulty: question.difficulty(),
            tags: question.tags().to_vec(),
            parametric: question.is_parametric(),
            max_score: question.points(),
        }
    }
}

/// A hint of a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct HintView {
    /// Its place, from 1.
    pub number: usize,
    /// The text in Markdown.
    pub text: String,
    /// The same as safe HTML.
    pub html: String,
    /// What it takes off the score of an answer that says it was taken.
    pub cost: Points,
}

impl HintView {
    pub(super) fn of(number: usize, hint: &Hint) -> Self {
        Self { number, text: hint.text.markdown().to_owned(), html: hint.text.html().to_owned(), cost: hint.cost }
    }
}

/// A design prompt in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromptSummary {
    /// The id of the prompt, `topic/slug`, which never changes.
    pub id: QuestionId,
    /// The version that is served now.
    pub version: Version,
    /// Its name on pages.
    pub title: String,
    /// From 1 to 5.
    pub difficulty: u8,
    /// How long an answer should take.
    pub minutes: u32,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The points that an answer at the best level of every criterion scores.
    pub max_score: Points,
}

impl PromptSummary {
    pub(super) fn of(prompt: &Prompt) -> Self {
        Self {
            id: prompt.id.clone(),
            version: prompt.version.clone(),
            title: prompt.title.clone(),
            difficulty: prompt.difficulty,
            minutes: prompt.minutes,
            tags: prompt.tags.clone(),
            max_score: prompt.points(),
        }
    }
}

/// A design prompt as whoever answers it sees it: with the rubric's criteria, without the notes and examples of reviewers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromptDetail {
    /// As in the list.
    #[serde(flatten)]
    pub summary: PromptSummary,
    /// The story, and what is asked, in Markdown.
    pub brief: String,
    /// The same as safe HTML.
    pub brief_html: String,
    /// What the answer must live with, in Markdown.
    pub constraints: Vec<String>,
    /// What to hand in, in Markdown.
    pub hand_in: String,
    /// The same as safe HTML.
    pub hand_in_html: String,
    /// What is scored, and how.
    pub criteria: Vec<Criterion>,
    /// Where its facts come from.
    pub sources: Vec<String>,
}

impl PromptDetail {
    pub(super) fn of(prompt: &Prompt) -> Self {
        let markdown = |text: &Markdown| text.markdown().to_owned();
        Self {
            summary: PromptSummary::of(prompt),
            brief: markdown(&prompt.brief),
            brief_html: prompt.brief.html().to_owned(),
            constraints: prompt.constraints.iter().map(markdown).collect(),
            hand_in: markdown(&prompt.hand_in),
            hand_in_html: prompt.hand_in.html().to_owned(),
            criteria: prompt.criteria.clone(),
            sources: prompt.sources.clone(),
        }
    }
}

/// A prompt as a candidate sees it: on its own page and in an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PromptItem {
    /// The id of the prompt, `topic/slug`.
    pub id: String,
    /// The name of the prompt on pages.
    pub title: String,
    /// The story and what is asked, as safe HTML.
    pub brief_html: String,
    /// What the answer must live with, as safe HTML.
    pub constraints_html: Vec<String>,
    /// What to hand in, as safe HTML.
    pub hand_in_html: String,
    /// What is scored, with what is seen at each level.
    pub criteria: Vec<Criterion>,
}

impl PromptItem {
    /// The prompt as a candidate may see it.
    #[must_use]
    pub fn of(prompt: &Prompt) -> Self {
        Self {
            id: prompt.id.to_string(),
            title: prompt.title.clone(),
            brief_html: prompt.brief.html().to_owned(),
            constraints_html: prompt.constraints.iter().map(|text| text.inline_html().to_owned()).collect(),
            hand_in_html: prompt.hand_in.html().to_owned(),
            criteria: prompt.criteria.clone(),
        }
    }
}

//! The pages to read: topics, a topic's lesson, prompts.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use super::{AnswerForm, Bank, ESSAY_CHARS, Lesson, Misconception, Prompt, Question, QuestionId, Section, Slug, Topic};
use crate::app::App;
use crate::error::{Refusal, Result};
use crate::web::extract::{Path, Visitor};
use crate::web::page::{page, with_status};
use crate::web::prose::{Part, parts};

/// A topic in the list of all.
#[derive(Serialize)]
struct TopicLine<'b> {
    slug: &'b str,
    title: &'b str,
    summary: &'b str,
    minutes: Option<u32>,
    questions: usize,
    prompts: usize,
    exercises: usize,
}

/// `GET /topics`
pub async fn topics(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let topics: Vec<_> = app.bank.topics().iter().map(|topic| topic_line(&app.bank, topic)).collect();
    page(&app, &visitor, "topics", "Topics", topics)
}

fn topic_line<'b>(bank: &Bank, topic: &'b Topic) -> TopicLine<'b> {
    TopicLine {
        slug: topic.slug.as_str(),
        title: &topic.title,
        summary: &topic.summary,
        minutes: topic.lesson.as_ref().map(|lesson| lesson.minutes),
        questions: bank.questions().filter(|question| *question.id().topic() == topic.slug).count(),
        prompts: bank.prompts().filter(|prompt| *prompt.id.topic() == topic.slug).count(),
        exercises: exercises(topic).len(),
    }
}

/// The exercises that a lesson leads to, each once.
fn exercises(topic: &Topic) -> Vec<String> {
    let links = topic.lesson.iter().flat_map(Lesson::links);
    let mut slugs: Vec<_> = links.filter_map(|(_, link)| link.strip_prefix("/exercises/").map(str::to_owned)).collect();
    slugs.sort();
    slugs.dedup();
    slugs
}

/// A topic with its lesson.
#[derive(Serialize)]
struct TopicPage<'b> {
    title: &'b str,
    summary: &'b str,
    prerequisites: Vec<Link>,
    minutes: Option<u32>,
    sections: Vec<SectionView<'b>>,
    questions: Vec<QuestionLine>,
    prompts: Vec<PromptLine<'b>>,
    exercises: Vec<Link>,
    next: Option<Link>,
}

#[derive(Serialize)]
struct Link {
    href: String,
    title: String,
}

/// A section of a lesson. Where its headings are pitfalls or questions of an interview, it is cut at them.
#[derive(Serialize)]
struct SectionView<'b> {
    id: &'b str,
    title: &'b str,
    html: String,
    pitfalls: Vec<PitfallView>,
    interview: Vec<PartView>,
}

#[derive(Serialize)]
struct PartView {
    id: String,
    title: String,
    html: String,
}

#[derive(Serialize)]
struct PitfallView {
    part: PartView,
    belief: Option<String>,
    correction: Option<String>,
    source: Option<String>,
    /// Questions with an answer that stands for it.
    questions: Vec<QuestionLine>,
}

/// A question in a list.
#[derive(Debug, Clone, Serialize)]
pub struct QuestionLine {
    href: String,
    title: String,
    kind: &'static str,
    difficulty: u8,
    points: String,
}

impl QuestionLine {
    /// Its name.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Of a question.
    #[must_use]
    pub fn of(question: &Question) -> Self {
        Self {
            href: format!("/practice/{}", question.id()),
            title: title(question.id()),
            kind: kind(question),
            difficulty: question.difficulty(),
            points: question.points().to_string(),
        }
    }
}

/// A question's name on pages, made from its slug.
#[must_use]
pub fn title(id: &QuestionId) -> String {
    spoken(id.slug().as_str())
}

/// Words of slugs that are written in capitals.
const CAPITALS: [&str; 7] = ["abd", "cap", "crdt", "ntp", "pacelc", "pnuts", "ttl"];

/// A slug as words: `pick-two` becomes `Pick two`, and `pacelc-classes` `PACELC classes`.
#[must_use]
pub fn spoken(slug: &str) -> String {
    let words: Vec<_> = slug.split('-').enumerate().map(|(index, word)| spoken_word(word, index == 0)).collect();
    words.join(" ")
}

fn spoken_word(word: &str, first: bool) -> String {
    let mut letters = word.chars();
    match letters.next() {
        _ if CAPITALS.contains(&word) => word.to_uppercase(),
        Some(letter) if first => letter.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

/// A question's kind on pages.
#[must_use]
pub fn kind(question: &Question) -> &'static str {
    use super::Kind;
    match question.kind() {
        Kind::SingleChoice => "one choice",
        Kind::MultipleChoice => "several choices",
        Kind::TrueFalse => "true or false",
        Kind::Numeric => "number",
        Kind::ShortText => "short text",
        Kind::Matching => "matching",
        Kind::Ordering => "ordering",
        Kind::FillIn => "fill in",
        Kind::HistoryClassification => "history",
        Kind::Essay => "essay",
    }
}

/// Questions of a topic from the easiest to the hardest.
#[must_use]
pub fn practice_order(bank: &Bank, topic: &Slug) -> Vec<Arc<Question>> {
    let mut questions: Vec<_> =
        bank.questions().filter(|question| question.id().topic() == topic).map(Arc::clone).collect();
    questions.sort_by_key(|question| question.difficulty());
    questions
}

/// `GET /topics/{topic}`
pub async fn topic(app: web::Data<App>, visitor: Visitor, slug: Path<Slug>) -> Result<HttpResponse> {
    let bank = &app.bank;
    let topic = bank.topic(&slug.0).ok_or_else(|| Refusal::not_found("topic"))?;
    let questions = practice_order(bank, &topic.slug);
    let sections = topic.lesson.iter().flat_map(|lesson| &lesson.sections);
    let shown = TopicPage {
        title: &topic.title,
        summary: &topic.summary,
        prerequisites: topic.prerequisites.iter().filter_map(|slug| topic_link(bank.topic(slug)?)).collect(),
        minutes: topic.lesson.as_ref().map(|lesson| lesson.minutes),
        sections: sections.map(|section| section_view(section, bank, &questions)).collect(),
        questions: questions.iter().map(|question| QuestionLine::of(question)).collect(),
        prompts: bank.prompts().filter(|prompt| *prompt.id.topic() == topic.slug).map(|p| prompt_line(p)).collect(),
        exercises: exercises(topic).into_iter().map(exercise_link).collect(),
        next: bank.topics().iter().find(|other| other.order > topic.order).and_then(|next| topic_link(next)),
    };
    page(&app, &visitor, "topic", &topic.title, shown)
}

fn topic_link(topic: &Topic) -> Option<Link> {
    Some(Link { href: format!("/topics/{}", topic.slug), title: topic.title.clone() })
}

fn exercise_link(slug: String) -> Link {
    Link { href: format!("/exercises/{slug}"), title: spoken(&slug) }
}

fn section_view<'b>(section: &'b Section, bank: &Bank, questions: &[Arc<Question>]) -> SectionView<'b> {
    let mut view = SectionView {
        id: &section.id,
        title: &section.title,
        html: section.text.html().to_owned(),
        pitfalls: Vec::new(),
        interview: Vec::new(),
    };
    if !["Pitfalls", "Interview mastery"].contains(&section.title.as_str()) {
        return view;
    }
    let cut = parts(section.text.html());
    view.html = cut.intro;
    if section.title == "Pitfalls" {
        view.pitfalls = cut.parts.into_iter().map(|part| pitfall_view(part, bank, questions)).collect();
    } else {
        view.interview = cut.parts.into_iter().map(part_view).collect();
    }
    view
}

fn part_view(part: Part) -> PartView {
    PartView { id: part.id, title: part.title, html: part.body }
}

fn pitfall_view(part: Part, bank: &Bank, questions: &[Arc<Question>]) -> PitfallView {
    let named = bank.misconception(&part.id);
    let testing = questions.iter().filter(|question| question.misconceptions().contains(&part.id.as_str()));
    let text = |of: fn(&Misconception) -> &super::Text| named.map(|named| of(named).inline_html().to_owned());
    PitfallView {
        belief: text(|named| &named.belief),
        correction: text(|named| &named.correction),
        source: named.map(|named| named.source.clone()),
        questions: testing.map(|question| QuestionLine::of(question)).collect(),
        part: part_view(part),
    }
}

/// A prompt in a list.
#[derive(Serialize)]
struct PromptLine<'b> {
    href: String,
    title: &'b str,
    topic: String,
    minutes: u32,
    difficulty: u8,
    points: String,
}

fn prompt_line(prompt: &Prompt) -> PromptLine<'_> {
    PromptLine {
        href: format!("/prompts/{}", prompt.id),
        title: &prompt.title,
        topic: prompt.id.topic().to_string(),
        minutes: prompt.minutes,
        difficulty: prompt.difficulty,
        points: prompt.points().to_string(),
    }
}

/// `GET /prompts`
pub async fn prompts(app: web::Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let prompts: Vec<_> = app.bank.prompts().map(|prompt| prompt_line(prompt)).collect();
    page(&app, &visitor, "prompts", "Prompts", prompts)
}

/// A prompt with the field for a response.
#[derive(Serialize)]
struct PromptPage<'b> {
    line: PromptLine<'b>,
    topic_title: String,
    brief: &'b str,
    constraints: Vec<&'b str>,
    hand_in: &'b str,
    criteria: &'b [super::Criterion],
    sources: &'b [String],
    form: AnswerForm,
    /// Whether the response is kept now.
    kept: bool,
    /// Why it was not.
    wrong: Option<String>,
}

/// What became of a response to a prompt.
#[derive(Debug, Default)]
pub struct Response {
    /// What was written.
    pub text: String,
    /// Whether it is kept.
    pub kept: bool,
    /// Why not.
    pub wrong: Option<String>,
}

/// `GET /prompts/{topic}/{slug}`
pub async fn prompt(app: web::Data<App>, visitor: Visitor, name: Path<(Slug, Slug)>) -> Result<HttpResponse> {
    let (topic, slug) = name.0;
    prompt_page(&app, &visitor, &QuestionId::new(topic, slug), Response::default())
}

/// The page of a prompt, with a response.
///
/// # Errors
/// When there is no such prompt.
pub fn prompt_page(app: &App, visitor: &Visitor, id: &QuestionId, response: Response) -> Result<HttpResponse> {
    let prompt = app.bank.prompt(id).ok_or_else(|| Refusal::not_found("prompt"))?;
    let status = if response.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = PromptPage {
        line: prompt_line(prompt),
        topic_title: app.bank.topic(prompt.id.topic()).map(|topic| topic.title.clone()).unwrap_or_default(),
        brief: prompt.brief.html(),
        constraints: prompt.constraints.iter().map(|constraint| constraint.inline_html()).collect(),
        hand_in: prompt.hand_in.html(),
        criteria: &prompt.criteria,
        sources: &prompt.sources,
        form: AnswerForm::essay(ESSAY_CHARS, Some(&json!({ "text": response.text }))),
        kept: response.kept,
        wrong: response.wrong,
    };
    with_status(app, visitor, status, "prompt", &prompt.title, shown)
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn slugs_are_spoken() {
        assert_eq!(
            ["pick-two", "pacelc-classes", "write-all"].map(spoken),
            ["Pick two", "PACELC classes", "Write all"]
        );
    }
}

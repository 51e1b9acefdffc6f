//! The pages for reading: topics, a topic's lesson, and prompts.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::markdown::Part;
use super::{
    Bank, Lesson, MisconceptionBox, PromptLine, Question, QuestionLine, Section, Slug, Topic, title_from_slug,
};
use crate::error::{Refusal, Result};
use crate::http::params::Path;
use crate::http::shared::SharedPage;

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

/// Handles `GET /topics`: the page with every topic, in the order of the curriculum.
pub(crate) async fn topics(bank: web::Data<Bank>, page: SharedPage) -> Result<HttpResponse> {
    let topics = || bank.topics().iter().map(|topic| topic_line(&bank, topic)).collect::<Vec<_>>();
    page.of("topics", "", "Topics", topics)
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

/// The exercises that a lesson links to, each once.
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

/// A section of a lesson. Pitfalls and interview questions are split at their headings.
#[derive(Serialize)]
struct SectionView<'b> {
    id: &'b str,
    title: &'b str,
    html: &'b str,
    pitfalls: Vec<PitfallView<'b>>,
    interview: Vec<PartView<'b>>,
}

#[derive(Serialize)]
struct PartView<'b> {
    id: &'b str,
    title: &'b str,
    html: &'b str,
}

#[derive(Serialize)]
struct PitfallView<'b> {
    part: PartView<'b>,
    misconception: Option<MisconceptionBox>,
    /// Questions that test this misconception.
    questions: Vec<QuestionLine>,
}

/// Handles `GET /topics/{topic}`: a topic's page with its lesson, questions, prompts and exercises, or a 404.
pub(crate) async fn topic(bank: web::Data<Bank>, page: SharedPage, slug: Path<Slug>) -> Result<HttpResponse> {
    let topic = bank.topic(&slug.0).ok_or_else(|| Refusal::not_found("topic"))?;
    page.of("topic", topic.slug.as_str(), &topic.title, || topic_page(&bank, topic))
}

fn topic_page<'b>(bank: &'b Bank, topic: &'b Topic) -> TopicPage<'b> {
    let questions = bank.practice_order(&topic.slug);
    let sections = topic.lesson.iter().flat_map(|lesson| &lesson.sections);
    TopicPage {
        title: &topic.title,
        summary: &topic.summary,
        prerequisites: topic.prerequisites.iter().filter_map(|slug| topic_link(bank.topic(slug)?)).collect(),
        minutes: topic.lesson.as_ref().map(|lesson| lesson.minutes),
        sections: sections.map(|section| section_view(section, bank, &questions)).collect(),
        questions: questions.iter().map(|question| QuestionLine::of(question)).collect(),
        prompts: bank
            .prompts()
            .filter(|prompt| *prompt.id.topic() == topic.slug)
            .map(|prompt| PromptLine::of(prompt))
            .collect(),
        exercises: exercises(topic).into_iter().map(exercise_link).collect(),
        next: bank.topics().iter().find(|other| other.order > topic.order).and_then(|next| topic_link(next)),
    }
}

fn topic_link(topic: &Topic) -> Option<Link> {
    Some(Link { href: format!("/topics/{}", topic.slug), title: topic.title.clone() })
}

fn exercise_link(slug: String) -> Link {
    Link { href: format!("/exercises/{slug}"), title: title_from_slug(&slug) }
}

fn section_view<'b>(section: &'b Section, bank: &Bank, questions: &[Arc<Question>]) -> SectionView<'b> {
    let mut view = SectionView {
        id: &section.id,
        title: &section.title,
        html: section.text.html(),
        pitfalls: Vec::new(),
        interview: Vec::new(),
    };
    if !["Pitfalls", "Interview mastery"].contains(&section.title.as_str()) {
        return view;
    }
    let cut = section.text.parts();
    view.html = &cut.intro;
    if section.title == "Pitfalls" {
        view.pitfalls = cut.parts.iter().map(|part| pitfall_view(part, bank, questions)).collect();
    } else {
        view.interview = cut.parts.iter().map(part_view).collect();
    }
    view
}

fn part_view(part: &Part) -> PartView<'_> {
    PartView { id: &part.id, title: &part.title, html: &part.body }
}

fn pitfall_view<'b>(part: &'b Part, bank: &Bank, questions: &[Arc<Question>]) -> PitfallView<'b> {
    let named = bank.misconception(&part.id);
    let testing = questions.iter().filter(|question| question.misconceptions().contains(&part.id.as_str()));
    PitfallView {
        misconception: named.map(|named| MisconceptionBox::of(named)),
        questions: testing.map(|question| QuestionLine::of(question)).collect(),
        part: part_view(part),
    }
}

/// Handles `GET /prompts`: the page with the design prompts of every topic.
pub(crate) async fn prompts(bank: web::Data<Bank>, page: SharedPage) -> Result<HttpResponse> {
    page.of("prompts", "", "Prompts", || bank.prompts().map(|prompt| PromptLine::of(prompt)).collect::<Vec<_>>())
}

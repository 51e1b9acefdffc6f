//! Lessons: Markdown in eleven sections.

use std::path::Path;

use super::markdown::{Markdown, anchor};
use super::mistake::Mistake;
use super::reader::{self, Lint};

/// The sections of every lesson, in their order.
const SECTIONS: [&str; 11] = [
    "TL;DR",
    "Overview",
    "Deep dive",
    "Implementation lab",
    "Pro tips",
    "Pitfalls",
    "Interview mastery",
    "Real-world blueprint",
    "Hands-on labs",
    "Practice scenarios",
    "Sources",
];

/// The most characters that the Markdown of one section may have; a longer one is a mistake in the lesson.
const SECTION_CHARS: usize = 60_000;

/// The lesson of a topic, as its Markdown file gives it.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The title of the lesson.
    pub title: String,
    /// How long it takes to read, in minutes.
    pub minutes: u32,
    /// The eleven sections, in their order.
    pub sections: Vec<Section>,
}

/// A section of a lesson.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its id on a page: `tl-dr`, `deep-dive`.
    pub id: String,
    /// The heading of the section.
    pub title: String,
    /// The text under the heading.
    pub text: Markdown,
    /// The line of its heading, counted from 1.
    pub(super) line: usize,
}

impl Lesson {
    pub(super) fn read(path: &Path, source: &str) -> Result<Self, Vec<Mistake>> {
        let source = source.replace("\r\n", "\n");
        let Some((front, body)) = front_matter(&source) else {
            let message = "the lesson must begin with front matter: a line `+++`, title and minutes, a line `+++`";
            return Err(vec![Mistake::whole_file(path, message)]);
        };
        let head = reader::read(path, front, |root| {
            (root.string("title", 100), u32::try_from(root.integer("minutes", 1..=240)).unwrap_or_default())
        });
        let first_line = 1 + front.matches('\n').count();
        let sections = read_sections(path, &source, first_line, body);
        match (head, sections) {
            (Ok((title, minutes)), Ok(sections)) => Ok(Self { title, minutes, sections }),
            (head, sections) => Err(head.err().into_iter().chain(sections.err()).flatten().collect()),
        }
    }

    /// Ids that the headings of the pitfalls name, `{#cap-pick-two}`, each with its line.
    pub(super) fn pitfalls(&self) -> Vec<(usize, String)> {
        let pitfalls = self.sections.iter().filter(|section| section.title == "Pitfalls");
        pitfalls.flat_map(|section| headings(section).map(|(line, heading)| (line, heading_id(heading)))).collect()
    }

    /// The line of the heading of the pitfalls.
    pub(super) fn pitfalls_line(&self) -> usize {
        self.sections.iter().find(|section| section.title == "Pitfalls").map_or(1, |section| section.line)
    }

    /// Paths of this service that the lesson links, each with its line.
    pub(super) fn links(&self) -> Vec<(usize, String)> {
        let link = |(line, text): (usize, &str)| {
            let targets: Vec<_> = text.split("](/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
            targets.into_iter().map(|target| (line, format!("/{target}"))).collect::<Vec<_>>()
        };
        self.sections.iter().flat_map(|section| lines(section).flat_map(link)).collect()
    }
}

/// The front matter, with a blank line for its first `+++` so that lines keep their number, and the rest.
fn front_matter(source: &str) -> Option<(&str, &str)> {
    let (front, rest) = source.strip_prefix("+++")?.split_once("\n+++")?;
    let (_, body) = rest.split_once('\n')?;
    Some((front, body))
}

fn read_sections(path: &Path, source: &str, front_lines: usize, body: &str) -> Result<Vec<Section>, Vec<Mistake>> {
    let lint = Lint::new(path, source);
    let mut sections: Vec<(usize, String, String)> = Vec::new();
    let mut in_code = false;
    for (index, line) in body.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        match (line.strip_prefix("## "), sections.last_mut()) {
            (Some(title), _) if !in_code => {
                sections.push((front_lines + index + 1, title.trim().to_owned(), String::new()));
            }
            (_, Some((_, _, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (_, None) if line.trim().is_empty() => {}
            (_, None) => {
                lint.at_line(front_lines + index + 1, "text before the first section: move it under `## TL;DR`")
            }
        }
    }
    check_order(&lint, &sections);
    let sections = sections.into_iter().map(|(line, title, text)| read_section(&lint, line, title, text)).collect();
    lint.verdict(sections)
}

fn check_order(lint: &Lint, sections: &[(usize, String, String)]) {
    let mut wanted = SECTIONS.iter().peekable();
    for (line, title, _) in sections {
        if wanted.next_if(|wanted| *wanted == title).is_some() {
            continue;
        }
        let Some(next) = wanted.peek() else {
            lint.at_line(*line, format!("`## {title}` comes after the last section: remove it"));
            continue;
        };
        let known = SECTIONS.contains(&title.as_str());
        let problem = if known { "is out of order" } else { "is not a section of a lesson" };
        lint.at_line(*line, format!("`## {title}` {problem}: `## {next}` comes here"));
        // Go on behind it, so that one slip is one mistake.
        if known && wanted.clone().any(|wanted| wanted == title) {
            while wanted.next().is_some_and(|wanted| wanted != title) {}
        }
    }
    if let Some(missing) = wanted.next() {
        let last = sections.last().map_or(1, |(line, _, _)| *line);
        lint.at_line(last, format!("`## {missing}` is missing: add it, with text, and the sections after it"));
    }
}

fn read_section(lint: &Lint, line: usize, title: String, text: String) -> Section {
    if text.trim().is_empty() {
        lint.at_line(line, format!("`## {title}` is empty: write it"));
    }
    if text.chars().count() > SECTION_CHARS {
        lint.at_line(line, format!("`## {title}` is longer than {SECTION_CHARS} characters: shorten it"));
    }
    let text = Markdown::checked(text, |problem| lint.at_line(line, format!("in `## {title}`: {problem}")));
    let section = Section { id: anchor(&title), title, text, line };
    check_headings(lint, &section);
    section
}

/// Checks that pitfalls name misconceptions and that interview questions have answers.
fn check_headings(lint: &Lint, section: &Section) {
    let mut count = 0;
    for (line, heading) in headings(section) {
        count += 1;
        if section.title == "Pitfalls" && heading_id(heading).is_empty() {
            lint.at_line(line, "a pitfall names its misconception: end the heading with `{#<id>}`");
        }
    }
    if count == 0 && ["Pitfalls", "Interview mastery"].contains(&section.title.as_str()) {
        lint.at_line(section.line, format!("`## {}` needs a `### ` heading for each of its parts", section.title));
    }
}

/// Lines of a section outside code blocks, with their numbers in the file.
fn lines(section: &Section) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    let numbered = section.text.markdown().lines().enumerate();
    numbered.map(move |(index, line)| (section.line + index + 1, line)).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

fn headings(section: &Section) -> impl Iterator<Item = (usize, &str)> {
    lines(section).filter_map(|(line, text)| Some((line, text.strip_prefix("### ")?)))
}

fn heading_id(heading: &str) -> String {
    let id = heading.trim_end().strip_suffix('}').and_then(|heading| heading.rsplit_once("{#"));
    id.map(|(_, id)| id.to_owned()).unwrap_or_default()
}

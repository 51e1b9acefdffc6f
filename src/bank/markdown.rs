//! Markdown, and the safe HTML made from it.
//!
//! Raw HTML is dropped except inline SVG diagrams, of which only shapes, text and their geometry pass. The HTML of a [`Markdown`] may
//! go into a page as it is.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, OnceLock};

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use regex::Regex;

/// Markdown with its HTML, which is made once, when it is first wanted.
#[derive(Debug, Clone, Default)]
pub struct Markdown {
    markdown: String,
    html: OnceLock<String>,
    parts: OnceLock<Parts>,
}

/// A text cut at its third-level headings, as safe HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// What stands before the first of these headings.
    pub intro: String,
    /// Each of these headings with what stands under it, in their order.
    pub parts: Vec<Part>,
}

/// A third-level heading with what stands under it, as safe HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The id of the heading, which links can lead to.
    pub id: String,
    /// The words of the heading, for the inside of a line.
    pub title: String,
    /// The blocks under the heading.
    pub body: String,
}

impl PartialEq for Markdown {
    fn eq(&self, other: &Self) -> bool {
        self.markdown == other.markdown
    }
}

impl Eq for Markdown {}

impl Markdown {
    /// Markdown that anybody may have written.
    pub fn new(markdown: impl Into<String>) -> Self {
        Self { markdown: markdown.into(), ..Self::default() }
    }

    /// Markdown, after saying what in it will not be shown.
    pub(super) fn checked(markdown: String, problem: impl FnMut(String)) -> Self {
        raw_html_problems(&markdown).into_iter().for_each(problem);
        Self::new(markdown)
    }

    /// The text as it was written.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// Safe HTML, made of blocks.
    pub fn html(&self) -> &str {
        self.html.get_or_init(|| render(&self.markdown))
    }

    /// The text cut at its third-level headings. A heading inside of another block, such as a list, doesn't count.
    pub fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| cut(&self.markdown))
    }

    /// Safe HTML for the inside of a line: a text of one paragraph without its `<p>`.
    pub fn inline_html(&self) -> &str {
        let html = self.html();
        let inner = html.trim().strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
        inner.filter(|inner| !inner.contains("<p>")).unwrap_or(html)
    }

    /// The text without any markup, for places that cannot hold it, such as the options of a select.
    pub(super) fn plain(&self) -> String {
        let mut plain = String::new();
        for event in events(&self.markdown) {
            match event {
                Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => plain.push_str(&text),
                Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph) => plain.push(' '),
                _ => {}
            }
        }
        plain.trim_end().to_owned()
    }

    /// This text followed by another.
    pub(super) fn followed_by(&self, other: &Self) -> Self {
        Self::new(format!("{}\n\n{}", self.markdown.trim_end(), other.markdown))
    }
}

fn render(markdown: &str) -> String {
    let markdown = whole_diagrams(markdown);
    html_of(with_heading_ids(events(&markdown).map(as_text_unless_drawn).collect()))
}

fn html_of(events: Vec<Event<'_>>) -> String {
    let raw_html = events.iter().any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    // What the renderer makes of Markdown alone is safe: it escapes text, and `events` has checked the links.
    if raw_html { SANITIZER.clean(&html).to_string() } else { html }
}

/// The events of a text that stand before its first third-level heading, and those of each such heading and of what follows.
#[derive(Default)]
struct Cut<'e> {
    intro: Vec<Event<'e>>,
    parts: Vec<CutPart<'e>>,
}

#[derive(Default)]
struct CutPart<'e> {
    id: String,
    title: Vec<Event<'e>>,
    body: Vec<Event<'e>>,
}

fn cut(markdown: &str) -> Parts {
    let markdown = whole_diagrams(markdown);
    let mut cut = Cut::default();
    let (mut depth, mut in_heading) = (0_usize, false);
    for event in with_heading_ids(events(&markdown).map(as_text_unless_drawn).collect()) {
        depth = match &event {
            Event::Start(_) => depth + 1,
            Event::End(_) => depth.saturating_sub(1),
            _ => depth,
        };
        match (event, cut.parts.last_mut()) {
            (Event::Start(Tag::Heading { level: HeadingLevel::H3, id, .. }), _) if depth == 1 => {
                in_heading = true;
                let id = id.map(CowStr::into_string).unwrap_or_default();
                cut.parts.push(CutPart { id, ..CutPart::default() });
            }
            (Event::End(TagEnd::Heading(HeadingLevel::H3)), _) if depth == 0 => in_heading = false,
            (event, Some(part)) if in_heading => part.title.push(event),
            (event, Some(part)) => part.body.push(event),
            (event, None) => cut.intro.push(event),
        }
    }
    let part = |part: CutPart<'_>| {
        let body = html_of(part.body).trim().to_owned();
        Part { id: part.id, title: html_of(part.title), body }
    };
    Parts { intro: html_of(cut.intro), parts: cut.parts.into_iter().map(part).collect() }
}

/// HTML that is no part of a diagram is shown as it was written: `Vec<u8>` in prose is a type whose author forgot the code span,
/// and must not become `Vec`.
fn as_text_unless_drawn(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) if tags(&html).any(|(name, _)| !SVG_TAGS.contains(&name)) => {
            Event::Text(html.into_string().into())
        }
        other => other,
    }
}

/// The names of the tags in HTML, each with what follows the name in the tag.
fn tags(html: &str) -> impl Iterator<Item = (&str, &str)> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| constant(r"<\s*/?\s*([A-Za-z][\w:-]*)([^>]*)"));
    let part = |found: &regex::Captures<'_>, index| found.get(index).map_or(0..0, |part| part.range());
    TAG.captures_iter(html).map(move |found| {
        let (name, rest) = (part(&found, 1), part(&found, 2));
        (html.get(name).unwrap_or_default(), html.get(rest).unwrap_or_default())
    })
}

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_HEADING_ATTRIBUTES;
    Parser::new_ext(markdown, options).map(|event| match event {
        Event::Start(Tag::Link { dest_url, link_type, title, id }) => {
            Event::Start(Tag::Link { dest_url: safe_link(dest_url), link_type, title, id })
        }
        Event::Start(Tag::Image { dest_url, link_type, title, id }) => {
            Event::Start(Tag::Image { dest_url: own_image(dest_url), link_type, title, id })
        }
        other => other,
    })
}

/// Links lead to this service, to the web or to a mail program; anything else (`javascript:`) leads nowhere.
fn safe_link(url: CowStr<'_>) -> CowStr<'_> {
    let allowed = match url.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '#', '?']) => {
            ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        }
        _ => true,
    };
    if allowed { url } else { CowStr::Borrowed("#") }
}

/// No page loads anything from another host.
fn own_image(url: CowStr<'_>) -> CowStr<'_> {
    let own = url.starts_with('/') && !url.starts_with("//");
    if own { url } else { CowStr::Borrowed("") }
}

/// Gives every heading an id made from its words, unless it names one itself, so that links can lead to it.
fn with_heading_ids(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut titles = heading_titles(&events).into_iter();
    events
        .into_iter()
        .map(|event| match event {
            Event::Start(Tag::Heading { level, id, classes, .. }) => {
                let title = titles.next().unwrap_or_default();
                let id = id.unwrap_or_else(|| CowStr::from(anchor(&title)));
                Event::Start(Tag::Heading { level, id: Some(id), classes, attrs: Vec::new() })
            }
            other => other,
        })
        .collect()
}

fn heading_titles(events: &[Event<'_>]) -> Vec<String> {
    let mut titles = Vec::new();
    let mut inside = false;
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                inside = true;
                titles.push(String::new());
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text) | Event::Code(text) if inside => {
                if let Some(title) = titles.last_mut() {
                    title.push_str(text);
                }
            }
            _ => {}
        }
    }
    titles
}

/// A heading's words as an id: `TL;DR` becomes `tl-dr`.
pub(super) fn anchor(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// Joins each `<svg>` into one block that Markdown leaves alone: it ends at a blank line, and must begin with a whole tag.
fn whole_diagrams(markdown: &str) -> String {
    static DIAGRAM: LazyLock<Regex> = LazyLock::new(|| constant(r"(?s)(<svg\b[^>]*>)(.*?</svg>)"));
    if !markdown.contains("<svg") {
        return markdown.to_owned();
    }
    let joined = DIAGRAM.replace_all(markdown, |found: &regex::Captures<'_>| {
        let group = |index| found.get(index).map_or("", |group| group.as_str());
        let tag = group(1).split_whitespace().collect::<Vec<_>>().join(" ");
        let body: Vec<_> = group(2).lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        format!("{tag}\n{}\n\n", body.join("\n"))
    });
    joined.into_owned()
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and tests use each")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern is valid")
}

const SVG_TAGS: [&str; 18] = [
    "svg", "g", "defs", "marker", "title", "desc", "path", "line", "polyline", "polygon", "rect", "circle", "ellipse",
    "text", "tspan", "symbol", "use", "clipPath",
];

const SVG_ATTRIBUTES: [&str; 56] = [
    "viewBox",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "dx",
    "dy",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "d",
    "points",
    "transform",
    "class",
    "id",
    "role",
    "aria-label",
    "aria-labelledby",
    "aria-describedby",
    "aria-hidden",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "fill-opacity",
    "fill-rule",
    "opacity",
    "font-size",
    "font-weight",
    "font-style",
    "font-family",
    "text-anchor",
    "dominant-baseline",
    "marker-start",
    "marker-mid",
    "marker-end",
    "markerWidth",
    "markerHeight",
    "refX",
    "refY",
    "orient",
    "markerUnits",
    "preserveAspectRatio",
    "clip-path",
    "href",
    "letter-spacing",
    "xmlns",
];

static SANITIZER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    let per_tag: HashMap<&str, HashSet<&str>> = SVG_TAGS.map(|tag| (tag, SVG_ATTRIBUTES.into())).into();
    builder
        .rm_tags(["img"].iter().copied())
        .add_tags(SVG_TAGS)
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("a", ["class"])
        .add_generic_attributes(["id"])
        .link_rel(None)
        .url_schemes(["http", "https", "mailto"].into())
        .attribute_filter(|tag, attribute, value| {
            let svg = SVG_TAGS.contains(&tag);
            let local = value.starts_with('#') || value.starts_with("url(#");
            let refers = svg && (attribute == "href" || value.contains("url("));
            (!refers || local).then(|| value.into())
        });
    for (tag, attributes) in per_tag {
        builder.add_tag_attributes(tag, attributes);
    }
    builder
});

/// What of the raw HTML will be dropped: the author must not be surprised.
fn raw_html_problems(markdown: &str) -> Vec<String> {
    static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| constant(r"([A-Za-z_:][\w:.-]*)\s*="));
    let joined = whole_diagrams(markdown);
    let mut problems = Vec::new();
    for event in events(&joined) {
        let (Event::Html(html) | Event::InlineHtml(html)) = event else { continue };
        for (name, attributes) in tags(&html) {
            if !SVG_TAGS.contains(&name) {
                problems.push(format!(
                    "<{name}> is shown as text, since only inline <svg> is HTML here: write `<` as `&lt;` or use a code span"
                ));
                continue;
            }
            let unknown =
                ATTRIBUTE.captures_iter(attributes).filter_map(|found| found.get(1)).map(|name| name.as_str());
            for unknown in unknown.filter(|name| !SVG_ATTRIBUTES.contains(name)) {
                problems.push(format!(
                    "`{unknown}` on <{name}> is dropped: use the classes accent, muted, warn, ok and currentColor"
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        Markdown::new(markdown).html().to_owned()
    }

    #[test]
    fn generics_are_shown_as_they_were_written() {
        assert_eq!(html("A Vec<u8> of <T>."), "<p>A Vec&lt;u8&gt; of &lt;T&gt;.</p>\n");
        assert_eq!(Markdown::new("a Vec<u8>").plain(), "a Vec<u8>");
    }

    #[test]
    fn code_names_its_language_and_headings_have_ids() {
        assert_eq!(html("```rust\nlet x;\n```"), "<pre><code class=\"language-rust\">let x;\n</code></pre>\n");
        assert_eq!(html("### TL;DR `x`"), "<h3 id=\"tl-dr-x\">TL;DR <code>x</code></h3>\n");
        assert_eq!(html("### Pick two {#cap-pick-two}"), "<h3 id=\"cap-pick-two\">Pick two</h3>\n");
    }

    #[test]
    fn diagrams_pass_whole_even_with_blank_lines_and_markdown_inside() {
        let source = "Before\n\n<svg viewBox=\"0 0 10 10\"\n  role=\"img\">\n\n  <title>W*R* and _x_</title>\n\n    <path class=\"accent\" d=\"M0 0\"\n marker-end=\"url(#arrow)\"/>\n</svg>\n\nAfter *x*";
        let shown = html(source);
        assert!(shown.contains("<svg viewBox=\"0 0 10 10\" role=\"img\">"), "{shown}");
        assert!(shown.contains("<title>W*R* and _x_</title>"), "{shown}");
        assert!(shown.contains("marker-end=\"url(#arrow)\""), "{shown}");
        assert!(shown.ends_with("<p>After <em>x</em></p>\n"), "{shown}");
    }

    #[test]
    fn nothing_that_runs_or_loads_passes() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><script>alert(1)</script></svg>",
            "<svg><use href=\"https://evil.example/x.svg#a\"/></svg>",
            "<svg><foreignObject><iframe src=\"https://evil.example\"></iframe></foreignObject></svg>",
            "<svg><path style=\"fill:url(https://evil.example)\" fill=\"url(https://evil.example/#a)\"/></svg>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "<svg><title></title></svg> [x](data:text/html,boo)",
            "![x](https://evil.example/pixel.png)",
            "![x](//evil.example/pixel.png)",
        ];
        for source in hostile {
            // The tags: between them stands text, which does nothing.
            let shown = html(source).to_lowercase();
            let tags: Vec<_> = shown.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
            let shown = tags.join("\n");
            for banned in [
                "alert(1)",
                "script",
                "img src=x",
                "onerror",
                "onload",
                "evil.example",
                "javascript:",
                "data:",
                "iframe",
                "style",
            ] {
                assert!(!shown.contains(banned), "{source} became {shown}");
            }
        }
    }

    #[test]
    fn an_author_hears_what_is_dropped() {
        let problems = raw_html_problems("a <b>c</b>\n\n<svg style=\"x\"><rect onclick=\"y\"/></svg>");
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert!(raw_html_problems("1 < 2, `<b>`, <https://example.org>").is_empty());
    }

    #[test]
    fn a_text_is_cut_at_its_headings_and_not_at_what_looks_like_one() {
        let text = "a\n\n### X *y* {#x}\nb `<h3 id=\"no\">`\n\n> ### Quoted\n\n#### Deeper\n\n### Z\n";
        let body = "<p>b <code>&lt;h3 id=\"no\"&gt;</code></p>\n<blockquote>\n<h3 id=\"quoted\">Quoted</h3>\n\
                    </blockquote>\n<h4 id=\"deeper\">Deeper</h4>";
        let part = |id: &str, title: &str, body: &str| Part { id: id.into(), title: title.into(), body: body.into() };
        let parts = vec![part("x", "X <em>y</em>", body), part("z", "Z", "")];
        assert_eq!(*Markdown::new(text).parts(), Parts { intro: "<p>a</p>\n".into(), parts });
    }

    #[test]
    fn the_parts_of_every_lesson_are_the_whole_of_it() {
        let (bank, _) = crate::bank::load(&["questions".into()]);
        let sections: Vec<_> =
            bank.topics().iter().filter_map(|topic| topic.lesson.as_ref()).flat_map(|l| &l.sections).collect();
        assert!(sections.len() > 30);
        let words = |html: &str| html.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for section in sections.iter().filter(|section| !section.text.markdown().contains("<svg")) {
            let Parts { intro, parts } = section.text.parts();
            let parts =
                parts.iter().map(|part| format!("\n<h3 id=\"{}\">{}</h3>\n{}\n", part.id, part.title, part.body));
            let whole: String = std::iter::once(intro.clone()).chain(parts).collect();
            assert_eq!(words(&whole), words(section.text.html()), "{}", section.title);
        }
    }

    #[test]
    fn a_line_of_text_has_no_paragraph_around_it() {
        assert_eq!(Markdown::new("a *b*").inline_html(), "a <em>b</em>");
        assert_eq!(Markdown::new("a\n\nb").inline_html(), "<p>a</p>\n<p>b</p>\n");
    }
}

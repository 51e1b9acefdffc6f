//! What both kinds of plots are made of.

use std::fmt;

use crate::statistics::moments::count;

/// An SVG with a title and a description. Everything in it is escaped.
pub(super) struct Svg {
    /// What the ids of its title and description begin with. Ids are unique in a page.
    pub(super) id: String,
    pub(super) title: String,
    /// What it shows, in sentences.
    pub(super) description: String,
    pub(super) height_px: usize,
    pub(super) shapes: Vec<Shape>,
}

/// A part of an SVG.
pub(super) enum Shape {
    /// A bar that is filled.
    Bar(Area),
    /// A bar that is only outlined.
    Hollow(Area),
    /// A line across the whole width.
    Rule { y_px: usize },
    /// Text beside a place.
    Text { x: Percent, shift_px: usize, y_px: usize, anchor: Anchor, text: String },
}

/// A rectangle by its corner and size.
pub(super) struct Area {
    pub(super) x: Percent,
    pub(super) y_px: usize,
    pub(super) width: Percent,
    pub(super) height_px: usize,
}

/// On which part of a text its place is.
pub(super) enum Anchor {
    Start,
    Middle,
}

/// A part of the width.
#[derive(Clone, Copy)]
pub(super) struct Percent(f64);

impl Percent {
    pub(super) const ZERO: Self = Self(0.0);

    /// How much `part` is of `whole`.
    pub(super) fn of(part: usize, whole: usize) -> Self {
        Self(100.0 * count(part) / count(whole.max(1)))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}%", self.0)
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [id, title, description] = [&self.id, &self.title, &self.description].map(|text| escape(text));
        let height = self.height_px;
        writeln!(
            f,
            r#"<svg class="plot" width="100%" height="{height}" role="img" aria-labelledby="{id}-title" aria-describedby="{id}-description" font-size="13" fill="currentColor">"#
        )?;
        writeln!(f, r#"<title id="{id}-title">{title}</title>"#)?;
        writeln!(f, r#"<desc id="{id}-description">{description}</desc>"#)?;
        self.shapes.iter().try_for_each(|shape| writeln!(f, "{shape}"))?;
        f.write_str("</svg>")
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bar(area) => write!(f, r#"<rect class="accent" fill="currentColor" {area}/>"#),
            Self::Hollow(area) => write!(f, r#"<rect class="accent" fill="none" stroke="currentColor" {area}/>"#),
            Self::Rule { y_px } => {
                write!(f, r#"<line class="muted" stroke="currentColor" x1="0" x2="100%" y1="{y_px}" y2="{y_px}"/>"#)
            }
            Self::Text { x, shift_px, y_px, anchor, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                };
                let text = escape(text);
                write!(f, r#"<text x="{x}" dx="{shift_px}" y="{y_px}" text-anchor="{anchor}">{text}</text>"#)
            }
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { x, y_px, width, height_px } = self;
        write!(f, r#"x="{x}" y="{y_px}" width="{width}" height="{height_px}""#)
    }
}

fn escape(text: &str) -> String {
    handlebars::html_escape(text)
}

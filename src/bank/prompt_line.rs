//! A design prompt as lists of pages show it, in one line.

use serde::Serialize;

use super::prompt::Prompt;

/// A prompt in a list.
#[derive(Debug, Serialize)]
pub struct PromptLine<'b> {
    href: String,
    title: &'b str,
    topic: String,
    minutes: u32,
    difficulty: u8,
    points: String,
}

impl<'b> PromptLine<'b> {
    /// Creates the line of one prompt.
    #[must_use]
    pub fn of(prompt: &'b Prompt) -> Self {
        Self {
            href: format!("/prompts/{}", prompt.id),
            title: &prompt.title,
            topic: prompt.id.topic().to_string(),
            minutes: prompt.minutes,
            difficulty: prompt.difficulty,
            points: prompt.points().to_string(),
        }
    }
}

//! The pages' templates, embedded in the binary. A page is `templates/<name>.hbs` inside `templates/layout.hbs`.

use handlebars::{Handlebars, handlebars_helper};
use rust_embed::Embed;
use serde::Serialize;

use super::highlight::rust;
use super::prose::prose;
use crate::error::{Error, Result};

#[derive(Embed)]
#[folder = "src/web/templates"]
struct Files;

/// All templates of the pages, parsed.
pub(crate) struct Templates(Handlebars<'static>);

impl Templates {
    /// Parses what is embedded.
    ///
    /// # Errors
    /// 500 `internal` when a template has a mistake.
    pub(crate) fn embedded() -> Result<Self> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        handlebars_helper!(finish: |html: str| prose(html));
        handlebars_helper!(when: |moment: str| time_element(moment));
        handlebars_helper!(coloured: |code: str| rust(&handlebars::html_escape(code)));
        // `write_tests` is a word for machines.
        handlebars_helper!(spoken: |word: str| word.replace('_', " "));
        registry.register_helper("spoken", Box::new(spoken));
        registry.register_helper("prose", Box::new(finish));
        registry.register_helper("rust", Box::new(coloured));
        registry.register_helper("when", Box::new(when));
        for file in Files::iter() {
            let Some(name) = file.strip_suffix(".hbs") else { continue };
            let text = Files::get(&file).map(|file| file.data).unwrap_or_default();
            registry
                .register_template_string(name, String::from_utf8_lossy(&text))
                .map_err(|error| Error::internal("parse a template", error))?;
        }
        Ok(Self(registry))
    }

    /// The HTML of a page.
    ///
    /// # Errors
    /// 500 `internal` when the template wants what `data` doesn't have.
    pub(crate) fn render(&self, name: &str, data: &impl Serialize) -> Result<String> {
        self.0.render(name, data).map_err(|error| Error::internal("render a page", error))
    }
}

/// A moment in RFC 3339 as an element that reads well and that a script can show in the reader's own zone.
fn time_element(moment: &str) -> String {
    let moment = handlebars::html_escape(moment);
    let (day, rest) = moment.split_once('T').unwrap_or((&moment, ""));
    let minute = rest.get(..5).unwrap_or_default();
    format!("<time datetime=\"{moment}\">{day} {minute} UTC</time>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_well() {
        let shown = "<time datetime=\"2026-11-24T16:00:00.5Z\">2026-11-24 16:00 UTC</time>";
        assert_eq!(time_element("2026-11-24T16:00:00.5Z"), shown);
    }
}

//! Last touches on HTML that was made from Markdown: code that can be scrolled and is coloured, tables that fit a phone.
//!
//! It takes the safe HTML of [`crate::bank::Markdown`] and only ever wraps parts of it, at tags that the renderer itself
//! writes.

use super::highlight::rust;

const CODE: &str = "<pre><code";
const CODE_END: &str = "</code></pre>";

/// The HTML of a text as a page shows it.
#[must_use]
pub(crate) fn prose(html: &str) -> String {
    let html = html
        .replace("<table>", "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>")
        .replace("</table>", "</table></div>");
    code_blocks(&html)
}

/// Colours blocks of Rust, and lets the keyboard scroll every block.
fn code_blocks(html: &str) -> String {
    let mut shown = String::with_capacity(html.len() + 256);
    let mut rest = html;
    while let Some((before, block)) = rest.split_once(CODE) {
        shown.push_str(before);
        let Some(((attributes, code), after)) =
            block.split_once(CODE_END).and_then(|(block, after)| Some((block.split_once('>')?, after)))
        else {
            shown.push_str(CODE);
            rest = block;
            continue;
        };
        let code = if attributes.contains("language-rust") { rust(code) } else { code.to_owned() };
        shown.push_str(&format!("<pre tabindex=\"0\"><code{attributes}>{code}{CODE_END}"));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_coloured_only_when_it_is_rust() {
        let shown =
            prose("<p>a</p><pre><code class=\"language-rust\">let x;\n</code></pre>b<pre><code>let\n</code></pre>");
        assert_eq!(
            shown,
            "<p>a</p><pre tabindex=\"0\"><code class=\"language-rust\"><span class=\"k\">let</span> x;\n</code></pre>b\
             <pre tabindex=\"0\"><code>let\n</code></pre>"
        );
    }

    #[test]
    fn tables_scroll_by_themselves() {
        let shown = prose("<table><tr></tr></table>");
        assert!(
            shown.starts_with("<div class=\"scroll\" tabindex=\"0\"") && shown.ends_with("</table></div>"),
            "{shown}"
        );
    }
}

//! Places in a candidate's files that messages name, such as `src/lib.rs:3:5`, as links.

use crate::submissions::Files;

/// Most digits of a line's or a column's number.
const DIGITS_MAX: usize = 7;

/// Makes links of the places that a message's HTML names. A link leads to the file on the same page (`#file-0` is the first
/// one), and says the place in `data-` attributes, for a script that has an editor beside it.
pub(super) fn linked(html: &str, files: &Files) -> String {
    let mut linked = html.to_owned();
    for (index, path) in files.keys().enumerate() {
        linked = with_links(&linked, index, path);
    }
    linked
}

fn with_links(html: &str, index: usize, path: &str) -> String {
    let mut linked = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(path) {
        linked.push_str(before);
        // The end of a longer path is another file.
        let is_whole = !linked.ends_with(|last: char| last.is_alphanumeric() || "_-./".contains(last));
        match numbers(after).filter(|_| is_whole) {
            Some((line, column, end)) => {
                let (numbers, after) = after.split_at_checked(end).unwrap_or((after, ""));
                linked.push_str(&format!(
                    "<a class=\"place\" href=\"#file-{index}\" data-file=\"{path}\" data-line=\"{line}\" \
                     data-column=\"{column}\">{path}{numbers}</a>"
                ));
                rest = after;
            }
            None => {
                linked.push_str(path);
                rest = after;
            }
        }
    }
    linked.push_str(rest);
    linked
}

/// Line, column and length of what a text begins with, if that is `:3` or `:3:5`.
fn numbers(text: &str) -> Option<(&str, &str, usize)> {
    let line = number(text)?;
    let end = 1 + line.len();
    match text.get(end..).and_then(number) {
        Some(column) => Some((line, column, end + 1 + column.len())),
        None => Some((line, "1", end)),
    }
}

fn number(text: &str) -> Option<&str> {
    let text = text.strip_prefix(':')?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).filter(|digits| (1..=DIGITS_MAX).contains(&digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> String {
        let files = ["Cargo.toml", "src/a.rs", "src/b/src/a.rs", "src/lib.rs"];
        linked(html, &files.map(|path| (path.to_owned(), String::new())).into())
    }

    fn link(index: usize, file: &str, line: u32, column: u32, text: &str) -> String {
        format!(
            "<a class=\"place\" href=\"#file-{index}\" data-file=\"{file}\" data-line=\"{line}\" \
             data-column=\"{column}\">{text}</a>"
        )
    }

    #[test]
    fn a_place_in_a_file_is_a_link() {
        let shown = format!("<b>--&gt; </b>{}\n", link(3, "src/lib.rs", 12, 5, "src/lib.rs:12:5"));
        assert_eq!(of("<b>--&gt; </b>src/lib.rs:12:5\n"), shown);
        assert_eq!(of("src/lib.rs:7: too long"), format!("{}: too long", link(3, "src/lib.rs", 7, 1, "src/lib.rs:7")));
        let twice = [link(1, "src/a.rs", 1, 2, "src/a.rs:1:2"), link(3, "src/lib.rs", 3, 4, "src/lib.rs:3:4")];
        assert_eq!(of("at src/a.rs:1:2, src/lib.rs:3:4"), format!("at {}, {}", twice[0], twice[1]));
    }

    #[test]
    fn a_path_within_a_path_is_left_alone() {
        assert_eq!(of("src/b/src/a.rs:1:2"), link(2, "src/b/src/a.rs", 1, 2, "src/b/src/a.rs:1:2"));
    }

    #[test]
    fn other_files_and_other_numbers_are_no_links() {
        for text in
            ["tests/public.rs:3:5", "/rustc/library/src/lib.rs:3:5", "src/lib.rs", "src/lib.rs:", "src/lib.rs:12345678"]
        {
            assert_eq!(of(text), text);
        }
    }
}

//! What differs between two states of somebody's files, line by line, for a page to show.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, Instant};

use serde::Serialize;
use similar::{ChangeTag, DiffOp, DiffTag, InlineChange, TextDiff};

use super::Files;

/// Unchanged lines that are shown on each side of a change.
const CONTEXT_LINES: usize = 3;
/// Lines that are shown of all files together. A candidate who changed more than this looks at the files themselves.
const SHOWN_LINES_MAX: usize = 5_000;
/// Parts of one line of which some stand out. A line with more of them is shown as a whole.
const PIECES_MAX: usize = 100;
/// How long to look for the shortest list of changes. After that, a longer one will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// The changes from some files to others.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The files that differ, by path.
    files: Vec<FileChanges>,
    /// Whether there are more changes than are shown.
    is_cut: bool,
}

/// What happened to one file.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct FileChanges {
    path: String,
    /// `new file`, `removed`, or nothing.
    fate: &'static str,
    added: usize,
    removed: usize,
    hunks: Vec<Hunk>,
}

/// Lines that stand together: changed ones with their context.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Hunk {
    lines: Vec<Line>,
}

/// A line of one of the files, or of both.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    kind: LineKind,
    sign: &'static str,
    /// Its number before the change, from 1.
    before: Option<usize>,
    /// Its number after the change, from 1.
    after: Option<usize>,
    pieces: Vec<Piece>,
    /// Whether it is the last line, without a line break.
    is_unended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum LineKind {
    Same,
    Added,
    Removed,
}

/// A part of a line.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece {
    text: String,
    /// Whether this part makes the difference to a similar line.
    is_changed: bool,
}

impl Changes {
    /// The changes that make `after` of `before`.
    #[must_use]
    pub fn between(before: &Files, after: &Files) -> Self {
        let mut changes = Self::default();
        let mut room = SHOWN_LINES_MAX;
        let deadline = Instant::now() + PATIENCE;
        let removed = before.keys().filter(|path| !after.contains_key(*path));
        for path in after.keys().chain(removed) {
            let old = before.get(path).map(|text| with_plain_line_ends(text));
            let new = after.get(path).map(|text| with_plain_line_ends(text));
            if old == new {
                continue;
            }
            let file = FileChanges::of(path, old.as_deref(), new.as_deref(), deadline, &mut room);
            changes.is_cut |= file.shown_changes() < file.added + file.removed;
            changes.files.push(file);
        }
        changes.files.sort_by(|one, other| one.path.cmp(&other.path));
        changes
    }
}

/// A text as the editor sends it. An archive may have come with other line ends, which are no change that anybody made.
fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

impl FileChanges {
    /// The changes to one file, of which no more lines than `room` are shown; what is shown is taken off it.
    fn of(path: &str, old: Option<&str>, new: Option<&str>, deadline: Instant, room: &mut usize) -> Self {
        let fate = match (old, new) {
            (None, _) => "new file",
            (_, None) => "removed",
            _ => "",
        };
        let diff =
            TextDiff::configure().deadline(deadline).diff_lines(old.unwrap_or_default(), new.unwrap_or_default());
        let count = |side: fn(&DiffOp) -> Range<usize>| {
            diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal).map(|op| side(op).len()).sum()
        };
        let (added, removed) = (count(DiffOp::new_range), count(DiffOp::old_range));
        let mut hunks = Vec::new();
        for group in diff.grouped_ops(CONTEXT_LINES) {
            let lines: Vec<Line> = group
                .iter()
                .flat_map(|op| diff.iter_inline_changes_deadline(op, Some(deadline)))
                .take(*room)
                .map(Line::of)
                .collect();
            *room -= lines.len();
            if !lines.is_empty() {
                hunks.push(Hunk { lines });
            }
        }
        Self { path: path.to_owned(), fate, added, removed, hunks }
    }

    /// How many of its changed lines are shown.
    fn shown_changes(&self) -> usize {
        self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind != LineKind::Same).count()
    }
}

impl Line {
    fn of(change: InlineChange<'_, str>) -> Self {
        let (kind, sign) = match change.tag() {
            ChangeTag::Equal => (LineKind::Same, " "),
            ChangeTag::Insert => (LineKind::Added, "+"),
            ChangeTag::Delete => (LineKind::Removed, "-"),
        };
        let piece = |(is_changed, text): (bool, Cow<'_, str>)| Piece {
            text: text.trim_end_matches(['\n', '\r']).to_owned(),
            is_changed,
        };
        let mut pieces: Vec<Piece> =
            change.iter_strings_lossy().map(piece).filter(|piece| !piece.text.is_empty()).collect();
        // Where most of a line is new, it is another line, and no part of it stands out.
        let length = |changed: bool| -> usize {
            pieces.iter().filter(|piece| piece.is_changed == changed).map(|piece| piece.text.trim().len()).sum()
        };
        if length(true) > length(false) || pieces.len() > PIECES_MAX {
            let text = pieces.drain(..).map(|piece| piece.text).collect();
            pieces = vec![Piece { text, is_changed: false }];
        }
        Self {
            kind,
            sign,
            before: change.old_index().map(|index| index + 1),
            after: change.new_index().map(|index| index + 1),
            pieces,
            is_unended: change.missing_newline(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::sample::select;

    use super::*;

    fn files<const N: usize>(files: [(&str, &str); N]) -> Files {
        files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
    }

    /// Like a unified diff: a line for each file, then its lines with their signs.
    fn written(changes: &Changes) -> Vec<String> {
        let mut written = Vec::new();
        for file in &changes.files {
            written.push(format!("{} {}+{}-{}", file.path, file.fate, file.added, file.removed));
            for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
                let text: String = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
                written.push(format!("{}{text}", line.sign));
            }
        }
        written
    }

    #[test]
    fn files_that_are_equal_are_not_listed() {
        let same = files([("src/lib.rs", "a\n")]);
        assert_eq!(Changes::between(&same, &same), Changes::default());
    }

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let text = |middle: &str| format!("1\n2\n3\n4\n{middle}\n6\n7\n8\n9\n");
        let changes = Changes::between(&files([("a", &text("five"))]), &files([("a", &text("5"))]));
        assert_eq!(written(&changes), ["a +1-1", " 2", " 3", " 4", "-five", "+5", " 6", " 7", " 8"]);
        let numbers: Vec<_> = changes.files[0].hunks[0].lines.iter().map(|line| (line.before, line.after)).collect();
        assert_eq!(numbers[2..5], [(Some(4), Some(4)), (Some(5), None), (None, Some(5))]);
    }

    #[test]
    fn new_and_removed_files_are_named_as_such() {
        let changes = Changes::between(&files([("b", "1\n"), ("c", "1")]), &files([("a", "1\n"), ("c", "1\n")]));
        assert_eq!(written(&changes), ["a new file+1-0", "+1", "b removed+0-1", "-1", "c +1-1", "-1", "+1"]);
        let unended: Vec<_> = changes.files[2].hunks[0].lines.iter().map(|line| line.is_unended).collect();
        assert_eq!(unended, [true, false]);
    }

    #[test]
    fn the_part_that_differs_stands_out() {
        let changes = Changes::between(&files([("a", "let x = one;\n")]), &files([("a", "let x = two;\n")]));
        let changed: Vec<_> = changes.files[0].hunks[0]
            .lines
            .iter()
            .flat_map(|line| &line.pieces)
            .filter(|piece| piece.is_changed)
            .map(|piece| piece.text.as_str())
            .collect();
        assert_eq!(changed, ["one", "two"]);
    }

    #[test]
    fn another_line_and_a_line_of_many_parts_are_shown_as_a_whole() {
        let many = |word: &str| format!("{}\n", format!("same {word} ").repeat(PIECES_MAX));
        for (before, after) in [("let x = one;\n".to_owned(), "use std::fs;\n".to_owned()), (many("a"), many("b"))] {
            let changes = Changes::between(&files([("a", &before)]), &files([("a", &after)]));
            let lines = &changes.files[0].hunks[0].lines;
            assert!(lines.iter().all(|line| line.pieces.len() == 1 && !line.pieces[0].is_changed), "{after}");
        }
    }

    #[test]
    fn of_many_changes_the_first_are_shown() {
        let many = "x\n".repeat(2 * SHOWN_LINES_MAX);
        let changes = Changes::between(&files([("b", "old\n")]), &files([("a", &many), ("b", "new\n")]));
        assert!(changes.is_cut);
        assert_eq!(written(&changes).len(), SHOWN_LINES_MAX + 2);
        assert_eq!((changes.files[0].added, changes.files[1].added), (2 * SHOWN_LINES_MAX, 1));
    }

    /// Makes `after` of `before`, as somebody does who sees the changes. Lines that are not shown stay.
    fn applied(changes: &Changes, before: &[&str]) -> Vec<String> {
        let mut after = Vec::new();
        let mut rest = before.iter().map(|line| (*line).to_owned()).enumerate().peekable();
        for line in changes.files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines) {
            let is_before = |index: usize, built: usize| match (line.before, line.after) {
                (Some(number), _) => index + 1 < number,
                (None, number) => built + 1 < number.unwrap(),
            };
            while let Some((_, unchanged)) = rest.next_if(|(index, _)| is_before(*index, after.len())) {
                after.push(unchanged);
            }
            if line.before.is_some() {
                rest.next();
            }
            if line.after.is_some() {
                after.push(line.pieces.iter().map(|piece| piece.text.as_str()).collect());
            }
        }
        after.extend(rest.map(|(_, line)| line));
        after
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_makes_one_text_of_the_other(
            before in vec(select(vec!["a", "b", "c", ""]), 0..30), after in vec(select(vec!["a", "b", "c", ""]), 0..30),
        ) {
            let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            let changes = Changes::between(&files([("a", &text(&before))]), &files([("a", &text(&after))]));
            proptest::prop_assert_eq!(applied(&changes, &before), after);
        }
    }
}

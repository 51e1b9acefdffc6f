//! Doc comments say something: each is a sentence, and so is what stands under a heading such as `# Errors`.

use super::source::{Rule, Source, files};

/// A comment of so many words repeats the name below it.
const TOO_FEW_WORDS: usize = 3;

#[test]
fn a_doc_comment_is_a_sentence() {
    let mut rule = Rule::new("say what it is in a full sentence: with units, and which error comes when");
    for file in &files("src", &["rs"]) {
        for (line, text) in short_docs(file) {
            rule.breaks(format!("{}:{line}", file.path), text);
        }
    }
    rule.hold();
}

/// Paragraphs under one heading of one doc comment that are too short, each with the line that it ends in.
fn short_docs(file: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut section: Option<(Kind, String)> = None;
    for (number, line) in file.text.lines().chain([""]).enumerate() {
        let doc = doc(line);
        let goes_on =
            matches!((&section, &doc), (Some((kind, _)), Some((other, text))) if kind == other && !is_heading(text));
        if !goes_on {
            let ended = section.take().filter(|(_, text)| words(text) <= TOO_FEW_WORDS);
            found.extend(ended.map(|(_, text)| (number, text.trim().to_owned())));
        }
        match doc {
            Some((kind, text)) if is_heading(text) => section = Some((kind, String::new())),
            Some((kind, text)) => {
                let (_, so_far) = section.get_or_insert_with(|| (kind, String::new()));
                so_far.push_str(text);
                so_far.push(' ');
            }
            None => {}
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    OfModule,
    OfItem,
}

fn doc(line: &str) -> Option<(Kind, &str)> {
    let line = line.trim_start();
    let of_item = line.strip_prefix("///").filter(|rest| !rest.starts_with('/')).map(|text| (Kind::OfItem, text));
    of_item.or_else(|| line.strip_prefix("//!").map(|text| (Kind::OfModule, text)))
}

fn is_heading(text: &str) -> bool {
    text.trim_start().starts_with("# ")
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

#[test]
fn a_word_or_two_is_noticed_wherever_it_stands() {
    let short = |text: &str| {
        let file = Source { path: "src/made_up.rs".to_owned(), text: text.to_owned() };
        short_docs(&file).into_iter().map(|(line, text)| format!("{line} {text}")).collect::<Vec<_>>()
    };
    assert_eq!(short("//! Things.\n\nstruct S;\n"), ["1 Things."]);
    assert_eq!(short("/// Who asks for it.\nstruct S {\n    /// Whose.\n    field: u8,\n}"), ["3 Whose."]);
    let errors = "/// Asks the database for it.\n///\n/// # Errors\n/// Only ours.\nfn f() {}";
    assert_eq!(short(errors), ["4 Only ours."]);
    assert_eq!(short("/// # Errors\nfn f() {}"), ["1 "]);
    assert_eq!(short("/// What was\n/// handed in.\nfn f() {}\n// Later.\n//// -----"), [""; 0]);
}

//! What everybody was given, the starter of an exercise or the text of a prompt, and what a text is without it.

use std::collections::{BTreeSet, HashSet};

use super::code;
use super::document::{Document, Run, TooLarge};
use super::language::Language;
use super::share::Share;
use super::symbol::{self, Piece};

/// The ground of a comparison: its language, and what was given to all who wrote.
#[derive(Debug, Clone)]
pub struct Given {
    language: Language,
    /// The names of the starter's items.
    names: BTreeSet<String>,
    /// All that stands in what was given, as hashes of so many pieces in a row as [`Lengths::given`](super::language::Lengths) says.
    grams: HashSet<u64>,
}

impl Given {
    /// For Rust: the files of the starter, each as its path and text. Files that aren't Rust are left out.
    pub fn starter<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let texts: Vec<&str> = files.into_iter().filter(|(path, _)| is_rust(path)).map(|(_, text)| text).collect();
        Self::new(Language::Rust, &texts, code::item_names(&texts))
    }

    /// For prose: all texts that a writer saw, such as the brief of a prompt, its constraints, and what to hand in.
    pub fn prompt<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::new(Language::Prose, &texts.into_iter().collect::<Vec<_>>(), BTreeSet::new())
    }

    fn new(language: Language, texts: &[&str], names: BTreeSet<String>) -> Self {
        let length = language.lengths().given;
        let pieces = language.pieces(texts, &names);
        let grams = pieces.iter().flat_map(|pieces| pieces.windows(length)).map(hash).collect();
        Self { language, names, grams }
    }

    /// From which share on a pair is worth looking at, as far as is known without knowing the exercise or the prompt.
    #[must_use]
    pub const fn threshold(&self) -> Share {
        self.language.threshold()
    }

    /// What somebody handed in, as paths and texts, for comparison with what others did. Of code, files that aren't Rust are left out.
    /// An answer in prose is one text, whose path can be empty.
    ///
    /// # Errors
    /// [`TooLarge`] if there is more of it than is compared.
    pub fn document<'t>(&self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Document, TooLarge> {
        let (paths, texts): (Vec<&str>, Vec<&str>) =
            files.into_iter().filter(|(path, _)| self.language != Language::Rust || is_rust(path)).unzip();
        TooLarge::check(texts.iter().map(|text| text.len()).sum())?;
        let pieces = self.language.pieces(&texts, &self.names);
        let runs = pieces.into_iter().enumerate().flat_map(|(file, pieces)| self.own(file, pieces)).collect();
        Ok(Document::new(&paths, &texts, runs, self.language.lengths()))
    }

    /// What is left of a file when all that was given is taken away, in as many parts as that leaves.
    fn own(&self, file: usize, pieces: Vec<Piece>) -> Vec<Run> {
        let length = self.language.lengths().given;
        let found = |(at, gram): (usize, &[Piece])| self.grams.contains(&hash(gram)).then_some(at);
        let mut given = pieces.windows(length).enumerate().filter_map(found).peekable();
        let (mut runs, mut run, mut given_until) = (Vec::new(), Vec::new(), 0);
        for (at, piece) in pieces.iter().enumerate() {
            if given.next_if_eq(&at).is_some() {
                given_until = at + length;
            }
            if at >= given_until {
                run.push(piece.clone());
            } else if !run.is_empty() {
                runs.push(Run { file, pieces: std::mem::take(&mut run) });
            }
        }
        if !run.is_empty() {
            runs.push(Run { file, pieces: run });
        }
        runs
    }
}

fn hash(pieces: &[Piece]) -> u64 {
    symbol::gram(pieces.iter().map(|piece| &piece.symbol))
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a document's runs say, by their files.
    fn own(given: &Given, files: &[(&str, &str)]) -> Vec<String> {
        let document = given.document(files.iter().copied()).unwrap();
        let text = |run: &Run| {
            let bytes = run.pieces.first().unwrap().bytes.start..run.pieces.last().unwrap().bytes.end;
            files[run.file].1[bytes].to_owned()
        };
        document.runs.iter().map(text).collect()
    }

    #[test]
    fn a_body_is_what_is_left_of_a_starter_that_was_filled_in() {
        let starter =
            "pub fn count(node: &str) -> u64 { todo!() }\npub fn merge(left: u64, right: u64) -> u64 { todo!() }";
        let given = Given::starter([("src/lib.rs", starter), ("Cargo.toml", "a b c d e f g")]);
        let filled = "/// Counts.\npub fn count(n: &str) -> u64 {\n    n.len().min(7)\n}\npub fn merge(a: u64, b: u64) -> u64 { a.max(b) }";
        // What closes the first body stands in the starter as well, before the second signature.
        assert_eq!(own(&given, &[("src/lib.rs", filled)]), ["n.len().min(7", "a.max(b) }"]);
        assert_eq!(own(&given, &[("src/lib.rs", starter)]), [""; 0]);
    }

    #[test]
    fn a_prompt_that_is_quoted_is_nobodys_own() {
        let given = Given::prompt(["Requests are answered within 20 milliseconds today."]);
        let answer = "Since requests are answered within 20 milliseconds, servers count locally.";
        assert_eq!(own(&given, &[("", answer)]), ["Since", "servers count locally"]);
    }

    #[test]
    fn only_rust_is_code() {
        let given = Given::starter([]);
        assert_eq!(own(&given, &[("src/lib.rs", "fn f() {}")]), ["fn f() {}"]);
        assert_eq!(given.document([("README.md", "fn f() {}")]).unwrap().runs.len(), 0);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let (half, rest) = (" ".repeat(crate::similarity::DOCUMENT_BYTES_MAX / 2), "x");
        let given = Given::starter([]);
        assert!(given.document([("a.rs", half.as_str()), ("b.rs", half.as_str())]).is_ok());
        let refused = given.document([("a.rs", half.as_str()), ("b.rs", half.as_str()), ("c.rs", rest)]).unwrap_err();
        assert_eq!(refused.to_string(), "65537 bytes are more than the 65536 that are compared");
    }
}

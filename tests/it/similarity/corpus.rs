//! The texts that similarity is tried on: what people wrote by themselves, and disguised copies of some of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quorate::similarity::{Given, Pool};

/// Where the texts are that no package and no prompt brings.
const OWN: &str = "tests/similarity";

/// A sample that a package brings, and the text that it is a copy of: the author changed the layout alone.
const COPIED_SAMPLES: [(&str, &str, &str); 1] = [("lost-update-cart", "other-layout", "solution")];

/// A subject that several people wrote about, each by themselves, and copies of some of what they wrote.
pub struct Subject {
    pub name: String,
    pub given: Given,
    pub honest: Vec<Text>,
    pub copies: Vec<Copied>,
}

/// What one person handed in.
pub struct Text {
    pub name: String,
    pub files: Files,
}

/// A copy, with the place of its original among the honest texts, and how it's disguised.
pub struct Copied {
    pub original: usize,
    pub disguise: String,
    pub files: Files,
}

/// Texts by path.
pub type Files = BTreeMap<String, String>;

impl Subject {
    /// The honest texts, which take the same places, and behind them a copy if there is one.
    pub fn pool(&self, copy: Option<&Copied>) -> Pool {
        let texts = self.honest.iter().map(|text| &text.files).chain(copy.map(|copy| &copy.files));
        let documents = texts.map(|files| self.given.document(borrowed(files)).unwrap().fingerprints());
        Pool::new(&documents.collect::<Vec<_>>()).unwrap()
    }
}

/// Every exercise with the right solutions that its package brings, and those of `tests/similarity/`.
pub fn exercises() -> Vec<Subject> {
    folders(Path::new("graders")).iter().map(|package| exercise(package)).collect()
}

fn exercise(package: &Path) -> Subject {
    let name = name(package);
    // A candidate who writes tests hands in those, and one who writes a library hands in that.
    let handed_in = if package.join("solution/tests").exists() { "tests" } else { "src" };
    let starter = files(&package.join("starter").join(handed_in));
    let is_right =
        |sample: &&Path| fs::read_to_string(sample.join("expected.toml")).unwrap().contains("verdict = \"accepted\"");
    let samples = folders(&package.join("samples"));
    let samples = samples.iter().map(|sample| sample.as_path()).filter(is_right);
    let own = Path::new(OWN).join(&name);
    let text = |folder: &Path| Text { name: self::name(folder), files: files(&folder.join(handed_in)) };
    let mut honest = vec![text(&package.join("solution"))];
    honest.extend(samples.map(text));
    honest.extend(texts(&own.join("honest")));
    let mut copies = copies(&own.join("copies"), &honest);
    for (_, sample, original) in COPIED_SAMPLES.into_iter().filter(|(of, ..)| *of == name) {
        let copy = honest.remove(honest.iter().position(|text| text.name == sample).unwrap());
        let original = honest.iter().position(|text| text.name == original).unwrap();
        copies.push(Copied { original, disguise: copy.name, files: copy.files });
    }
    Subject { name, given: Given::starter(borrowed(&starter)), honest, copies }
}

/// The prompt of `tests/similarity/` with its answers, and every prompt of the bank with the answers that its file brings.
pub fn prompts() -> Vec<Subject> {
    let own = Path::new(OWN).join("prose");
    let honest = texts(&own.join("honest"));
    let copies = copies(&own.join("copies"), &honest);
    let prompt = fs::read_to_string(own.join("prompt.md")).unwrap();
    let mut prompts =
        vec![Subject { name: "limiter".to_owned(), given: Given::prompt([prompt.as_str()]), honest, copies }];
    for topic in folders(Path::new("questions")) {
        let of_topic = entries(&topic).into_iter().filter(|path| path.to_str().unwrap().ends_with(".prompt.toml"));
        prompts.extend(of_topic.map(|path| prompt_of_the_bank(&path)));
    }
    prompts
}

fn prompt_of_the_bank(path: &Path) -> Subject {
    let prompt: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let mut given = vec![text(&prompt["brief"]), text(&prompt["hand_in"])];
    given.extend(prompt["constraints"].as_array().unwrap().iter().map(text));
    let answer = |example: &toml::Value| Text {
        name: text(&example["title"]),
        files: BTreeMap::from([(String::new(), text(&example["text"]))]),
    };
    Subject {
        name: name(path).trim_end_matches(".prompt").to_owned(),
        given: Given::prompt(given.iter().map(String::as_str)),
        honest: prompt["examples"].as_array().unwrap().iter().map(answer).collect(),
        copies: Vec::new(),
    }
}

/// Each file of a folder as a text of its own.
fn texts(folder: &Path) -> Vec<Text> {
    let paths = if folder.exists() { entries(folder) } else { Vec::new() };
    paths.iter().map(|path| Text { name: name(path), files: single(path) }).collect()
}

/// A folder has a folder for each original, with its disguises.
fn copies(folder: &Path, honest: &[Text]) -> Vec<Copied> {
    let originals = if folder.exists() { folders(folder) } else { Vec::new() };
    let of_original = |folder: &PathBuf| -> Vec<Copied> {
        let original = honest.iter().position(|text| text.name == name(folder)).unwrap();
        let copied = |path: &PathBuf| Copied { original, disguise: name(path), files: single(path) };
        entries(folder).iter().map(copied).collect()
    };
    originals.iter().flat_map(of_original).collect()
}

fn single(path: &Path) -> Files {
    BTreeMap::from([(path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())])
}

/// All files below a folder.
fn files(folder: &Path) -> Files {
    let mut found = BTreeMap::new();
    for path in entries(folder) {
        if path.is_dir() {
            let below = name(&path);
            found.extend(files(&path).into_iter().map(|(path, text)| (format!("{below}/{path}"), text)));
        } else {
            found.extend(single(&path));
        }
    }
    found
}

pub fn borrowed(files: &Files) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
}

/// Without folder and extension.
fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir()).collect()
}

/// What a folder holds, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

//! Samples: submissions of the author's own, each with what must come back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use super::model::Package;
use super::table::{Mistake, Mistakes, Table};
use crate::grader::report::Verdict;

impl Package {
    /// Reads the package's samples, ordered by name. A package without a folder `samples` has none.
    ///
    /// # Errors
    /// Every mistake in a sample's `expected.toml`, or that the file is missing or can't be read.
    pub fn samples(&self) -> Result<Vec<Sample>, Vec<Mistake>> {
        samples(&self.folder.join("samples"))
    }
}

/// A submission whose outcome the author knows.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The sample's name, which is its folder's.
    pub name: String,
    /// The sample's folder, with the files that differ from the starter's.
    pub folder: PathBuf,
    /// What must come back when it is graded.
    pub expected: Expected,
}

/// What must come back for a sample.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The verdict that it must get.
    pub verdict: Verdict,
    /// What its writer believed wrongly.
    pub misconception: Option<String>,
    /// Exactly the tests that fail; `None` where the author does not say.
    pub fails: Option<BTreeSet<String>>,
}

fn samples(folder: &Path) -> Result<Vec<Sample>, Vec<Mistake>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    let mut found = Vec::new();
    let samples = folders.iter().filter_map(|folder| sample(folder).map_err(|mistakes| found.extend(mistakes)).ok());
    let samples = samples.collect();
    if found.is_empty() { Ok(samples) } else { Err(found) }
}

/// `fails` has whole names; `survivors` are wrong implementations that are not caught, `rejects` right ones on which a test
/// fails.
fn fails(fields: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<BTreeSet<String>> {
    let mut all: Option<BTreeSet<String>> = None;
    for (key, prefix) in [("fails", ""), ("survivors", "wrong::"), ("rejects", "right::")] {
        if let Some(names) = fields.texts(key, mistakes) {
            all.get_or_insert_default().extend(names.iter().map(|name| format!("{prefix}{name}")));
        }
    }
    all
}

fn sample(folder: &Path) -> Result<Sample, Vec<Mistake>> {
    let path = folder.join("expected.toml");
    let text = fs::read_to_string(&path).map_err(|error| vec![Mistake::in_file(&path, error.to_string())])?;
    let mut mistakes = Mistakes::new(&path, &text);
    let document: Spanned<DeTable<'_>> = mistakes.parse();
    let mut fields = Table::new(document.get_ref(), 0..0);
    let verdict = fields.parsed("verdict", &mut mistakes, |text| {
        Verdict::parse(text).ok_or_else(|| format!("`{text}` is no verdict of a submission"))
    });
    if verdict.is_none() {
        mistakes.add(&(0..0), "`verdict` is missing or wrong");
    }
    let expected = Expected {
        verdict: verdict.unwrap_or(Verdict::Accepted),
        misconception: fields.text("misconception", &mut mistakes),
        fails: fails(&mut fields, &mut mistakes),
    };
    fields.close(&mut mistakes);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if mistakes.found.is_empty() {
        Ok(Sample { name, folder: folder.to_owned(), expected })
    } else {
        Err(mistakes.found)
    }
}

//! The packages of several folders: the built-in ones and a team's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::model::Package;
use super::slug::Slug;
use super::table::Mistake;

/// A folder that looks like a package and is not one.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    /// The folder that holds a `grader.toml`.
    pub folder: PathBuf,
    /// Everything that keeps it from being a package.
    pub mistakes: Vec<Mistake>,
}

/// All packages of the configured folders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    packages: BTreeMap<Slug, Package>,
    /// What could not be read; breaks nothing else.
    pub broken: Vec<Broken>,
}

impl Registry {
    /// Reads every package in `folders`. A folder without a `grader.toml` is no package. Where two have the same slug, the
    /// one of the earlier folder stands and the other is broken, so that nobody replaces a known exercise unawares.
    #[must_use]
    pub(crate) fn read(folders: &[PathBuf]) -> Self {
        let mut registry = Self::default();
        for folder in folders {
            match package_folders(folder) {
                Ok(found) => found.iter().for_each(|folder| registry.add(folder)),
                Err(error) => registry.reject(folder, folder, &error.to_string()),
            }
        }
        registry
    }

    fn add(&mut self, folder: &Path) {
        match Package::read(folder) {
            Err(mistakes) => self.broken.push(Broken { folder: folder.to_owned(), mistakes }),
            Ok(package) => match self.packages.get(&package.slug) {
                Some(other) => {
                    let message = format!("`{}` is already taken by {}", package.slug, other.folder.display());
                    self.reject(folder, &folder.join("grader.toml"), &message);
                }
                None => {
                    self.packages.insert(package.slug.clone(), package);
                }
            },
        }
    }

    fn reject(&mut self, folder: &Path, file: &Path, message: &str) {
        self.broken.push(Broken { folder: folder.to_owned(), mistakes: vec![Mistake::in_file(file, message)] });
    }

    /// The package of a slug, if there is one that can be read.
    #[must_use]
    pub(crate) fn get(&self, slug: &str) -> Option<&Package> {
        Slug::parse(slug).and_then(|slug| self.packages.get(&slug))
    }

    /// All of them, by slug.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }
}

fn package_folders(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join("grader.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

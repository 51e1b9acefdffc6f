//! The compiler's caches for submissions of shapes that were handed in before: what is in them changes no verdict.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::served::Served;
use crate::support::{Backend, Network, Person};

/// Adds as the package's tests want it.
const RIGHT: &str = "left.saturating_add(right)";
/// Fails one of them.
const WRONG: &str = "left.wrapping_add(right)";

/// A crate of a shape that the package's solution has not, with some body for its function.
fn source(body: &str) -> String {
    format!(
        "pub struct Mine(pub u8);\n{}\nconst fn one() -> u64 {{ 1 }}\nfn own<T>(value: T) -> T {{ value }}\n\
         macro_rules! same {{ ($value:expr) => {{ $value }} }}\n\
         pub fn add(left: u64, right: u64) -> u64 {{ own(same!({body})) * one() }}\n",
        "impl Mine { pub async fn later(&self) -> u8 { self.0 } }",
    )
}

struct Candidate {
    served: Served,
    person: Person,
}

impl Candidate {
    async fn new() -> Self {
        let served = Served::with_packages(Backend::Sqlite, Path::new("tests/fixtures/packages"));
        let person = Person::register(&Network::new(served.url.clone()), "Ada").await;
        Self { served, person }
    }

    /// The verdict on a source.
    async fn verdict(&self, source: &str) -> Value {
        self.person.graded("adder", source).await["verdict"].clone()
    }

    /// The folders of shapes that are known.
    fn shapes(&self) -> Vec<PathBuf> {
        let prepared =
            fs::read_dir(self.served.data_dir().join("prepared")).unwrap().map(|entry| entry.unwrap().path());
        let adder = prepared.filter(|folder| folder.file_name().unwrap().to_string_lossy().starts_with("adder-"));
        let shapes = adder.flat_map(|folder| fs::read_dir(folder.join("shapes")).into_iter().flatten());
        let shapes = shapes.map(|entry| entry.unwrap().path());
        shapes.filter(|folder| !folder.file_name().unwrap().to_string_lossy().starts_with('.')).collect()
    }

    async fn until_known(&self, count: usize) -> Vec<PathBuf> {
        self.served.until("the shape is known", || self.shapes().len() == count).await;
        self.shapes()
    }
}

/// The files of a folder and those below, with what they hold.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![(path.clone(), fs::read(&path).unwrap())] })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn what_the_first_submission_of_a_shape_leaves_changes_no_verdict() {
    let ada = Candidate::new().await;
    assert_eq!(ada.verdict(&source(WRONG)).await, "partial");
    let [shape] = &ada.until_known(1).await[..] else { panic!("one shape") };
    let cache = files(&shape.join("cache"));
    assert!(!cache.is_empty());
    for (body, verdict) in [(RIGHT, "accepted"), (WRONG, "partial"), (RIGHT, "accepted")] {
        assert_eq!(ada.verdict(&source(body)).await, verdict);
    }
    // Other comments, another layout, and other private functions are the same shape. A submission adds nothing to what is there.
    let other = format!("// Mine.\n{}\nfn more() {{}}", source(RIGHT).replace("own", "mine"));
    assert_eq!(ada.verdict(&other).await, "accepted");
    assert_eq!(ada.shapes(), std::slice::from_ref(shape));
    assert!(files(&shape.join("cache")) == cache, "the cache has changed");
    // One constant more is another one.
    assert_eq!(ada.verdict(&format!("{}\npub const C: u8 = 1;", source(RIGHT))).await, "accepted");
    ada.until_known(2).await;
}

#[tokio::test]
async fn a_cache_that_is_spoilt_or_cannot_be_made_changes_no_verdict() {
    let ada = Candidate::new().await;
    // The skeleton lacks the implementation that the derived one needs, since it stands in a body.
    let nested = "#[derive(Copy)] pub struct Mine; fn _f() { impl Clone for Mine { fn clone(&self) -> Mine { Mine } } }\n\
        pub fn add(left: u64, right: u64) -> u64 { left.saturating_add(right) }";
    assert_eq!(ada.verdict(nested).await, "accepted");
    let [useless] = &ada.until_known(1).await[..] else { panic!("one shape") };
    assert!(useless.join("used").exists() && !useless.join("cache").exists());
    assert_eq!(ada.verdict(nested).await, "accepted");
    assert_eq!(ada.verdict(&source(RIGHT)).await, "accepted");
    let known = ada.until_known(2).await;
    let shape = known.iter().find(|shape| *shape != useless).unwrap();
    for spoil in [|_: &[u8]| Vec::new(), |bytes: &[u8]| bytes.iter().map(|byte| !byte).collect()] {
        files(&shape.join("cache")).iter().for_each(|(path, bytes)| fs::write(path, spoil(bytes)).unwrap());
        assert_eq!(ada.verdict(&source(RIGHT)).await, "accepted");
        assert_eq!(ada.verdict(&source(WRONG)).await, "partial");
    }
    // Files where the compiler wants folders: it refuses such a cache, instead of leaving it aside.
    for folder in fs::read_dir(shape.join("cache")).unwrap().map(|entry| entry.unwrap().path()) {
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "no folder").unwrap();
    }
    assert_eq!(ada.verdict(&source(RIGHT)).await, "accepted");
    assert_eq!(ada.verdict(&source(WRONG)).await, "partial");
}

//! Implementations that tests are measured by, where tests are handed in.

/// An implementation that tests are measured by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::grader) struct Variant {
    /// The implementation's name, which is its folder's.
    pub(in crate::grader) name: String,
    /// Whether it keeps to the specification.
    pub(in crate::grader) right: bool,
}

impl Variant {
    /// Its name in reports: `right::<name>` or `wrong::<name>`.
    pub(in crate::grader) fn full(&self) -> String {
        format!("{}::{}", self.group(), self.name)
    }

    /// Its sources in a package.
    pub(in crate::grader) fn folder(&self) -> String {
        format!("hidden/{}/{}/src", self.group(), self.name)
    }

    const fn group(&self) -> &'static str {
        if self.right { "right" } else { "wrong" }
    }
}

//! Generators of parametric questions: from parameters and random numbers to a stem, its choices and its key.
//!
//! A generator never changes what it makes: attempts that began with a variant must be marked by it for ever. Whoever wants another behaviour writes
//! another generator, or adds an `ask` to an old one. Each test pins a digest of what its generator makes.

use super::prng::Prng;
use super::question::{Item, Kind};
use super::reader::Table;

/// A generator with its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) enum Generator {}

impl Generator {
    /// The generator that `root` names, or nothing and a mistake.
    pub(super) fn read(root: &mut Table, _kind: Kind) -> Option<Self> {
        root.optional_word::<Self>("generator", &[])
    }

    /// The variant that these random numbers make.
    pub(super) fn generate(&self, _prng: &mut Prng) -> Item {
        match *self {}
    }

    /// Ids of the misconceptions that its wrong choices may name.
    pub(super) fn misconceptions(&self) -> Vec<&str> {
        match *self {}
    }
}

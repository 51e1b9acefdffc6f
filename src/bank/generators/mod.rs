//! Generators of parametric questions: they turn parameters and random numbers into a stem, choices and a key.
//!
//! From one seed a generator always makes the same numbers, choices and key, because attempts that began with a variant are marked by it. A different
//! behaviour needs a new `ask`. Wording can be improved, as long as it asks the same thing. The tests pin a digest of every ask's numbers, choices and
//! keys, and check every key against another, slower way to get it.

mod availability_math;
mod history;
mod history_classification;
mod quorum_overlap;
mod range;
#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
mod tests;
mod wording;

use super::item::{Item, Kind};
use super::prng::Prng;
use super::reader::Table;

/// A generator with its parameters.
#[derive(Debug, Clone)]
pub(super) enum Generator {
    QuorumOverlap(quorum_overlap::Parameters),
    HistoryClassification(history_classification::Parameters),
    AvailabilityMath(availability_math::Parameters),
}

#[derive(Clone, Copy)]
enum Name {
    QuorumOverlap,
    HistoryClassification,
    AvailabilityMath,
}

const NAMES: [(&str, Name); 3] = [
    ("quorum_overlap", Name::QuorumOverlap),
    ("history_classification", Name::HistoryClassification),
    ("availability_math", Name::AvailabilityMath),
];

impl Generator {
    /// Reads the generator that `root` names, with its parameters, or notes a mistake.
    pub(super) fn read(root: &mut Table, kind: Kind) -> Option<Self> {
        let name = root.word("generator", &NAMES)?;
        let Some(mut parameters) = root.table("parameters") else {
            root.mistake("[parameters] is missing: add it with `ask` and what the generator may vary");
            return None;
        };
        let generator = match name {
            Name::QuorumOverlap => Self::QuorumOverlap(quorum_overlap::Parameters::read(&mut parameters)?),
            Name::HistoryClassification => {
                Self::HistoryClassification(history_classification::Parameters::read(&mut parameters)?)
            }
            Name::AvailabilityMath => Self::AvailabilityMath(availability_math::Parameters::read(&mut parameters)?),
        };
        if generator.kind() != kind {
            root.mistake_at("kind", format!("`kind` must be {}: that is what this ask makes", generator.kind().name()));
        }
        Some(generator)
    }

    fn kind(&self) -> Kind {
        match self {
            Self::QuorumOverlap(parameters) => parameters.kind(),
            Self::HistoryClassification(parameters) => parameters.kind(),
            Self::AvailabilityMath(_) => Kind::Numeric,
        }
    }

    /// Makes the variant that these random numbers lead to.
    pub(super) fn generate(&self, prng: &mut Prng) -> Item {
        match self {
            Self::QuorumOverlap(parameters) => parameters.generate(prng),
            Self::HistoryClassification(parameters) => parameters.generate(prng),
            Self::AvailabilityMath(parameters) => parameters.generate(prng),
        }
    }

    /// The ids of the misconceptions that wrong choices of its variants may name.
    pub(super) fn misconceptions(&self) -> Vec<&str> {
        match self {
            Self::QuorumOverlap(parameters) => parameters.misconceptions().to_vec(),
            Self::HistoryClassification(_) => history_classification::MISCONCEPTIONS.to_vec(),
            Self::AvailabilityMath(parameters) => parameters.misconceptions().to_vec(),
        }
    }
}

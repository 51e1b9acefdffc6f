//! An exercise package: one folder that an author writes and `cargo test` understands.
//!
//! Hidden tests, the solution and the samples are only ever *paths* here: nothing that can be serialised holds their text.

mod gate;
mod incident;
mod kind;
mod model;
mod question;
mod read;
mod registry;
mod sample;
mod slug;
mod table;
mod variant;

pub(crate) use gate::{Gate, Rule};
pub(super) use kind::HandedIn;
pub(crate) use kind::Kind;
pub(crate) use model::{Dependency, Package, TestRule};
pub(crate) use question::{Asked, Question};
pub(super) use read::{BEHAVIOUR, FLAW};
pub(crate) use registry::{Broken, Registry};
pub(crate) use sample::Sample;
pub(crate) use table::Mistake;
pub(super) use variant::Variant;

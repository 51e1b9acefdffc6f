//! An exercise package: one folder that an author writes and `cargo test` understands.
//!
//! Hidden tests, the solution and the samples are only ever *paths* here: nothing that can be serialised holds their text.

mod gate;
mod kind;
mod model;
mod question;
mod read;
mod registry;
mod sample;
mod slug;
mod table;
mod variant;

pub use gate::{Gate, Rule};
pub(super) use kind::HandedIn;
pub use kind::Kind;
pub use model::{Dependency, Package, TestRule};
pub use question::{Alternative, Asked, Question};
pub(super) use read::{BEHAVIOUR, FLAW};
pub use registry::{Broken, Registry};
pub use sample::{Expected, Sample};
pub use slug::Slug;
pub use table::Mistake;
pub(super) use variant::Variant;

//! Whether this process can grade, for `/readyz`, for every report, and for those who ask why not.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use crate::db::text_enum;

text_enum! {
    /// What is known of this process's sandbox.
    #[derive(Default)]
    pub enum Sandbox {
        /// Grading is left to others.
        #[default]
        Unused = "unused",
        /// Every control is being tried.
        Probing = "probing",
        /// Every control holds, but for those that the operator accepts to be without.
        Holds = "holds",
        /// A control does not hold: nothing is graded.
        Refused = "refused",
    }
}

/// What the probe of the sandbox found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Probed {
    /// Whether it can be relied on.
    pub state: Sandbox,
    /// Controls that do not hold, each with what happened instead.
    pub missing: BTreeMap<String, String>,
    /// Those of them that the operator accepts to be without.
    pub accepted: Vec<String>,
    /// Why nothing is graded, or nothing for a while.
    pub reason: Option<String>,
}

/// The state of one process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<RwLock<Probed>>);

impl Status {
    /// As it is now.
    #[must_use]
    pub fn get(&self) -> Probed {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says from now on why nothing is graded, or that there is no such reason.
    pub(super) fn set_reason(&self, reason: Option<String>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).reason = reason;
    }

    /// As it is from now on.
    pub fn set(&self, probed: Probed) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = probed;
    }
}

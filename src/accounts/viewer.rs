//! On whose behalf something is looked at.

use crate::id::UserId;

/// The one who asks to see something. A service decides by it what may be shown, and a store which rows there are.
///
/// Only a person looks at their own things so far. What a member may do in a team is looked up by `teams::authorize`. When
/// candidates without an account and clients with scopes come, they become further variants, and the compiler names every place that has
/// to decide about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A person with an account, who sees what is theirs.
    Person(UserId),
}

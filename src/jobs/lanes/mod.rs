//! Which lanes are served: workers say now and then which work they can do, or are about to be able to do.
//!
//! A job in a lane that no worker serves waits until there is one. Meanwhile it doesn't delay other jobs (see
//! [`place`](super::store::place)), and after [`ABANDONED_AFTER`] it is given up.

mod grace;
pub mod store;

use std::time::Duration;

pub use grace::{GRACE_AT_START, Grace};

/// How often a worker says which lanes it serves, if they stay the same.
pub const SAID_EVERY: Duration = Duration::from_secs(60);
/// How long a lane counts as served after a worker last said so.
pub const SERVED_FOR: Duration = Duration::from_secs(180);
/// How many hours a job waits in a lane that no worker has served for as long. A weekend is not enough to lose one.
pub const ABANDONED_AFTER_HOURS: u64 = 72;
/// The same as [`ABANDONED_AFTER_HOURS`], as a duration.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(ABANDONED_AFTER_HOURS * 3600);

//! What a package lets a grading use.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::quantity::millis;

/// Limits of one grading. The defaults stand here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Real time of the whole grading, however busy the machine is.
    #[serde(rename = "grading_wall_ms", serialize_with = "as_millis", deserialize_with = "from_millis")]
    #[serde(default = "grading_wall")]
    #[schema(value_type = u64)]
    pub grading_wall: Duration,
    /// Real time of the build, and again of the link.
    #[serde(rename = "build_wall_ms", serialize_with = "as_millis", deserialize_with = "from_millis")]
    #[schema(value_type = u64)]
    pub build_wall: Duration,
    /// Memory of the build, in bytes.
    pub build_memory_bytes: u64,
    /// Real time of one test.
    #[serde(rename = "test_wall_ms", serialize_with = "as_millis", deserialize_with = "from_millis")]
    #[schema(value_type = u64)]
    pub test_wall: Duration,
    /// CPU time of one test, all its threads together.
    #[serde(rename = "test_cpu_ms", serialize_with = "as_millis", deserialize_with = "from_millis")]
    #[schema(value_type = u64)]
    pub test_cpu: Duration,
    /// Memory of one test, in bytes.
    pub memory_bytes: u64,
    /// Threads of one test that may be alive at once.
    pub processes: u32,
    /// Output of one test on each stream, in bytes.
    pub output_bytes: u64,
    /// What one test may write under `/tmp`, in bytes.
    pub disk_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            grading_wall: grading_wall(),
            build_wall: Duration::from_secs(60),
            build_memory_bytes: 2 << 30,
            test_wall: Duration::from_secs(10),
            test_cpu: Duration::from_secs(5),
            memory_bytes: 512 << 20,
            processes: 64,
            output_bytes: 64 << 10,
            disk_bytes: 64 << 20,
        }
    }
}

/// What is allowed where nothing else is said, as in reports from before there was this limit.
const fn grading_wall() -> Duration {
    Duration::from_secs(2 * 3600)
}

/// A duration as whole milliseconds, as all of the API has it.
fn as_millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(millis(*duration))
}

fn from_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

//! Whether the machine has the memory that gradings may need at the same time.
//!
//! A run that is within its own limit, and is killed because the machine or a group around the worker has no more memory, has to be
//! graded again. That can't be told from a machine in trouble, so an operator is told beforehand where it may happen.

use crate::quantity::size;
use crate::sandbox::available_memory_bytes;

/// Warns when as many gradings as this worker does at once, each of which may need so much, may need more than there is.
pub(super) fn warn_if_short(at_once: usize, each_bytes: u64) {
    if let Some(warning) = available_memory_bytes().and_then(|has| shortage(at_once, each_bytes, has)) {
        tracing::warn!("{warning}");
    }
}

/// What there is to say when gradings may need more memory than the worker has.
fn shortage(at_once: usize, each_bytes: u64, has_bytes: u64) -> Option<String> {
    let all_bytes = each_bytes.saturating_mul(u64::try_from(at_once).unwrap_or(u64::MAX));
    if all_bytes <= has_bytes {
        return None;
    }
    let fit = has_bytes.checked_div(each_bytes).unwrap_or_default();
    let remedy = match fit {
        0 => {
            "not even one fits for certain: give the worker more memory, or lower the limits of the packages".to_owned()
        }
        fit => format!("start it with --workers {fit}, or give it more memory"),
    };
    Some(format!(
        "{at_once} gradings at once may need up to {} of memory, and this worker has {}. Where it runs out, a grading fails and \
         is begun again. To be safe, {remedy}",
        size(all_bytes),
        size(has_bytes)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_fit_is_told_with_the_setting_that_mends_it() {
        let gib = 1 << 30;
        assert_eq!(shortage(2, 4 * gib, 8 * gib), None);
        let told = shortage(4, 4 * gib, 10 * gib).unwrap();
        assert!(told.contains("up to 16 GiB") && told.contains("has 10 GiB"), "{told}");
        assert!(told.contains("--workers 2,"), "{told}");
        assert!(shortage(1, 4 * gib, 2 * gib).unwrap().contains("not even one fits"));
    }
}

//! The ranges that generators draw their numbers from.

use crate::bank::prng::Prng;
use crate::bank::reader::Table;

/// Reads `key = [from, to]`, with both ends from `low` to `high`, or notes a mistake.
pub(super) fn read_range(table: &mut Table, key: &str, low: i64, high: i64) -> Option<(usize, usize)> {
    let numbers = table.integers(key, low..=high);
    let size = |number: i64| usize::try_from(number).unwrap_or_default();
    match numbers.as_slice() {
        [from, to] if from <= to => Some((size(*from), size(*to))),
        // What isn't a number or is out of bounds has already been noted.
        [] if table.has(key) => None,
        _ => {
            let message = format!(
                "`{key}` must be two whole numbers from {low} to {high}, the smaller first, such as [{low}, {high}]"
            );
            table.mistake_at(key, message);
            None
        }
    }
}

/// A random number of a range, both ends included.
pub(super) fn draw(prng: &mut Prng, (low, high): (usize, usize)) -> usize {
    low + prng.index(high.saturating_sub(low) + 1)
}

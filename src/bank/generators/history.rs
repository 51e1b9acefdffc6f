//! Histories of one register, and the class of consistency that each belongs to.
//!
//! A history is *linearizable* (Herlihy and Wing, *Linearizability: A Correctness Condition for Concurrent Objects*, TOPLAS 12(3), 1990) if its operations
//! can be put in one order that a single register could have produced, in which every operation that returned before another was called comes
//! before it. It is *sequentially consistent* (Lamport, *How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs*, IEEE Transactions on Computers C-28(9), 1979) if
//! the order only has to keep each process's own order.
//!
//! The search is that of Wing and Gong (*Testing and Verifying Concurrent Objects*, JPDC 17(1–2), 1993): take any operation that no remaining one must precede, apply it
//! to the register and continue; backtrack where a read does not fit. States that led nowhere (the operations done and the value then) are
//! remembered (Lowe, *Testing for linearizability*, 2017).

use std::collections::BTreeSet;

/// The value of a register before anything is written.
pub(super) const INITIAL: u8 = 0;

/// What an operation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Write(u8),
    Read(u8),
}

/// A completed operation. Its times are of one clock that all processes agree on, and no two are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) process: usize,
    pub(super) effect: Effect,
    pub(super) called: usize,
    pub(super) returned: usize,
}

/// Which order an explanation must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// An operation that returned before another was called comes first: linearizability.
    RealTime,
    /// Each process's own order: sequential consistency.
    ProcessOrder,
}

impl Keep {
    /// Whether `first` must come before `second`.
    pub(super) fn before(self, first: &Operation, second: &Operation) -> bool {
        match self {
            Self::RealTime => first.returned < second.called,
            Self::ProcessOrder => first.process == second.process && first.called < second.called,
        }
    }
}

/// The strongest class that a history belongs to. Every linearizable history is sequentially consistent as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Linearizable,
    SequentiallyConsistent,
    Neither,
}

/// The strongest class that `history` belongs to.
pub(super) fn classify(history: &[Operation]) -> Class {
    if explain(history, Keep::RealTime).is_some() {
        Class::Linearizable
    } else if explain(history, Keep::ProcessOrder).is_some() {
        Class::SequentiallyConsistent
    } else {
        Class::Neither
    }
}

/// An order, as indices of the history, that keeps what `keep` says and that a single register could have produced.
pub(super) fn explain(history: &[Operation], keep: Keep) -> Option<Vec<usize>> {
    let mut search = Search { history, keep, order: Vec::new(), hopeless: BTreeSet::new() };
    search.go_on(0, INITIAL).then_some(search.order)
}

struct Search<'h> {
    history: &'h [Operation],
    keep: Keep,
    order: Vec<usize>,
    /// Dead ends: the operations done, one bit each, and the value of the register then.
    hopeless: BTreeSet<(u32, u8)>,
}

impl Search<'_> {
    fn go_on(&mut self, done: u32, value: u8) -> bool {
        if self.order.len() == self.history.len() {
            return true;
        }
        if self.hopeless.contains(&(done, value)) {
            return false;
        }
        for (index, operation) in self.history.iter().enumerate() {
            if done >> index & 1 == 1 || !self.may_be_next(done, operation) {
                continue;
            }
            let after = match operation.effect {
                Effect::Write(written) => written,
                Effect::Read(read) if read == value => value,
                Effect::Read(_) => continue,
            };
            self.order.push(index);
            if self.go_on(done | 1 << index, after) {
                return true;
            }
            self.order.pop();
        }
        self.hopeless.insert((done, value));
        false
    }

    /// Whether no remaining operation must come before this one.
    fn may_be_next(&self, done: u32, operation: &Operation) -> bool {
        let left = self.history.iter().enumerate().filter(|(index, _)| done >> index & 1 == 0);
        left.into_iter().all(|(_, other)| !self.keep.before(other, operation))
    }
}

#[cfg(test)]
#[expect(clippy::as_conversions, reason = "small numbers of a test")]
pub(super) mod tests {
    use super::*;
    use crate::bank::prng::Prng;

    /// By the definition: some permutation of all keeps the order and reads what was last written.
    pub(in crate::bank::generators) fn brute_force(history: &[Operation]) -> Class {
        let mut class = Class::Neither;
        permutations(&mut (0..history.len()).collect(), 0, &mut |order| {
            let ordered: Vec<_> = order.iter().map(|index| history[*index]).collect();
            if !is_legal(&ordered) {
                return;
            }
            let keeps = |keep: Keep| {
                (0..ordered.len()).all(|late| (0..late).all(|early| !keep.before(&ordered[late], &ordered[early])))
            };
            if keeps(Keep::RealTime) {
                class = class.min(Class::Linearizable);
            }
            if keeps(Keep::ProcessOrder) {
                class = class.min(Class::SequentiallyConsistent);
            }
        });
        class
    }

    fn is_legal(order: &[Operation]) -> bool {
        let mut value = INITIAL;
        order.iter().all(|operation| match operation.effect {
            Effect::Write(written) => {
                value = written;
                true
            }
            Effect::Read(read) => read == value,
        })
    }

    fn permutations(items: &mut Vec<usize>, fixed: usize, visit: &mut impl FnMut(&[usize])) {
        if fixed == items.len() {
            return visit(items);
        }
        for index in fixed..items.len() {
            items.swap(fixed, index);
            permutations(items, fixed + 1, visit);
            items.swap(fixed, index);
        }
    }

    /// Not only histories as the generator draws them: any intervals, any values, repeated writes of a value.
    fn any_history(prng: &mut Prng) -> Vec<Operation> {
        let mut times: Vec<usize> = (0..12).collect();
        prng.shuffle(&mut times);
        let length = 1 + prng.index(5);
        let mut history: Vec<Operation> = times
            .chunks(2)
            .take(length)
            .map(|pair| {
                let value = prng.below(3) as u8;
                let effect = if prng.one_in(2) { Effect::Write(value) } else { Effect::Read(value) };
                Operation { process: 0, effect, called: pair[0].min(pair[1]), returned: pair[0].max(pair[1]) }
            })
            .collect();
        // Each goes to the first process that is idle then.
        history.sort_by_key(|operation| operation.called);
        let mut free_at = [0; 6];
        for operation in &mut history {
            operation.process = (0..6).find(|process| free_at[*process] <= operation.called).unwrap();
            free_at[operation.process] = operation.returned;
        }
        history
    }

    #[test]
    fn the_search_agrees_with_all_permutations() {
        let mut seen = [0; 3];
        for seed in 0..10_000 {
            let history = any_history(&mut Prng::from_text(&format!("any history {seed}")));
            let class = classify(&history);
            assert_eq!(class, brute_force(&history), "{history:#?}");
            seen[class as usize] += 1;
        }
        assert!(seen.iter().all(|count| *count > 150), "{seen:?}");
    }

    fn operation(process: usize, effect: Effect, called: usize, returned: usize) -> Operation {
        Operation { process, effect, called, returned }
    }

    /// Figures of the literature.
    #[test]
    fn known_histories_are_what_they_are_known_to_be() {
        use Effect::{Read, Write};
        // A read that overlaps a write may return the old value or the new one.
        for value in [0, 1] {
            let overlap = [operation(0, Write(1), 1, 4), operation(1, Read(value), 2, 3)];
            assert_eq!(classify(&overlap), Class::Linearizable);
        }
        // A stale read of another process: an order exists, but not in real time.
        let stale = [operation(0, Write(1), 1, 2), operation(1, Read(0), 3, 4)];
        assert_eq!(classify(&stale), Class::SequentiallyConsistent);
        // New-old inversion by one reader: no order at all.
        let inversion = [operation(0, Write(1), 1, 6), operation(1, Read(1), 2, 3), operation(1, Read(0), 4, 5)];
        assert_eq!(classify(&inversion), Class::Neither);
        // The same by two readers: each alone is fine.
        let two = [operation(0, Write(1), 1, 6), operation(1, Read(1), 2, 3), operation(2, Read(0), 4, 5)];
        assert_eq!(classify(&two), Class::SequentiallyConsistent);
    }
}

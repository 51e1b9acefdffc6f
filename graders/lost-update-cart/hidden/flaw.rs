//! What goes wrong when others write between the read and the write. Every test fails on the starter.

mod common;

use common::{ATTEMPTS, Call, Entries, KEY, Operation, Shop, by_the_rules};

mod adding {
    use super::*;

    #[test]
    fn counts_what_was_added_meanwhile() {
        let shop = Shop::holding("open 17x2");
        shop.before_writes(["open 17x3"]);
        assert_eq!(shop.add(17, 4), Ok(7));
        assert_eq!(shop.stored().as_deref(), Some("open 17x7"));
    }

    #[test]
    fn leaves_other_products_as_they_became() {
        let shop = Shop::holding("open 17x2 40x1 50x5");
        shop.before_writes(["open 17x2 50x6 60x1"]);
        assert_eq!(shop.add(17, 4), Ok(6));
        assert_eq!(shop.stored().as_deref(), Some("open 17x6 50x6 60x1"));
    }

    #[test]
    fn begins_anew_where_the_product_was_removed() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 40x1"]);
        assert_eq!(shop.add(17, 4), Ok(4));
        assert_eq!(shop.stored().as_deref(), Some("open 17x4 40x1"));
    }

    #[test]
    fn is_safe_in_a_new_cart() {
        let shop = Shop::new();
        shop.before_writes(["open 17x3"]);
        assert_eq!(shop.add(17, 4), Ok(7));
        assert_eq!(shop.stored().as_deref(), Some("open 17x7"));
    }

    #[test]
    fn keeps_to_the_limits_as_things_stand_now() {
        let shop = Shop::holding("open 17x2");
        shop.before_writes(["open 17x7"]);
        assert_eq!(shop.add(17, 4), Err("too many"));
        assert_eq!(shop.stored().as_deref(), Some("open 17x7"));

        let shop = Shop::holding("open 1x1 2x1 3x1 4x1 5x1 6x1 7x1");
        shop.before_writes(["open 1x1 2x1 3x1 4x1 5x1 6x1 7x1 8x1"]);
        assert_eq!(shop.add(17, 4), Err("full"));
        assert_eq!(shop.stored().as_deref(), Some("open 1x1 2x1 3x1 4x1 5x1 6x1 7x1 8x1"));
    }

    #[test]
    fn leaves_an_order_alone() {
        let shop = Shop::holding("open 17x2");
        shop.before_writes(["ordered 17x2"]);
        assert_eq!(shop.add(17, 4), Err("checked out"));
        assert_eq!(shop.stored().as_deref(), Some("ordered 17x2"));
    }
}

mod changing {
    use super::*;

    #[test]
    fn answers_what_it_replaced() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 17x5 40x2"]);
        assert_eq!(shop.change(17, 1), Ok(5));
        assert_eq!(shop.stored().as_deref(), Some("open 17x1 40x2"));
    }

    #[test]
    fn does_not_bring_a_product_back() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 40x1"]);
        assert_eq!(shop.change(17, 1), Err("not in cart"));
        assert_eq!(shop.stored().as_deref(), Some("open 40x1"));
    }
}

mod removing {
    use super::*;

    #[test]
    fn answers_how_many_there_are_now() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 17x5 60x1"]);
        assert_eq!(shop.remove(17), Ok(5));
        assert_eq!(shop.stored().as_deref(), Some("open 60x1"));
    }

    #[test]
    fn happens_once() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 40x1"]);
        assert_eq!(shop.remove(17), Err("not in cart"));
        assert_eq!(shop.stored().as_deref(), Some("open 40x1"));
    }
}

mod checking_out {
    use super::*;

    #[test]
    fn orders_what_is_in_the_cart_now() {
        let shop = Shop::holding("open 17x2 40x1");
        shop.before_writes(["open 17x5 60x1"]);
        assert_eq!(shop.check_out(), Ok(vec![(17, 5), (60, 1)]));
        assert_eq!(shop.stored().as_deref(), Some("ordered 17x5 60x1"));
    }

    #[test]
    fn happens_once() {
        let shop = Shop::holding("open 17x2");
        shop.before_writes(["ordered 17x2"]);
        assert_eq!(shop.check_out(), Err("checked out"));
        assert_eq!(shop.stored().as_deref(), Some("ordered 17x2"));
    }

    #[test]
    fn orders_nothing_from_a_cart_that_became_empty() {
        let shop = Shop::holding("open 17x2");
        shop.before_writes(["open"]);
        assert_eq!(shop.check_out(), Err("empty"));
        assert_eq!(shop.stored().as_deref(), Some("open"));
    }
}

mod reading {
    use super::*;

    /// Another process writes this once, right after the first read of the service.
    fn after_the_first_read(shop: &Shop, text: &'static str) {
        shop.meanwhile(move |call, entries| {
            if call.number == 2 {
                entries.write(KEY, text);
            }
        });
    }

    #[test]
    fn gets_contents_and_version_at_once() {
        let shop = Shop::holding("open 17x2");
        after_the_first_read(&shop, "open 17x3 40x1");
        assert_eq!(shop.add(17, 4), Ok(7));
        assert_eq!(shop.stored().as_deref(), Some("open 17x7 40x1"));

        let shop = Shop::holding("open 17x2");
        after_the_first_read(&shop, "open 17x5 40x1");
        assert_eq!(shop.check_out(), Ok(vec![(17, 5), (40, 1)]));
        assert_eq!(shop.stored().as_deref(), Some("ordered 17x5 40x1"));
    }
}

mod retrying {
    use super::*;

    const CHANGES: [Operation; 4] =
        [Operation::Add(17, 4), Operation::Change(17, 1), Operation::Remove(17), Operation::CheckOut];

    /// A shop in which another process adds a 40 before every write of the service, so that none of them can succeed.
    fn busy() -> Shop {
        let shop = Shop::holding("open 17x2 40x1");
        let mut others = 1;
        shop.meanwhile(move |call, entries| {
            if call.writes {
                others += 1;
                entries.write(KEY, &format!("open 17x2 40x{others}"));
            }
        });
        shop
    }

    #[test]
    fn goes_on_up_to_the_last_attempt() {
        let shop = Shop::holding("open 17x1");
        shop.before_writes(["open 17x1 40x1", "open 17x1 40x2", "open 17x1 40x3"]);
        assert_eq!(shop.add(17, 1), Ok(2));
        assert_eq!(shop.stored().as_deref(), Some("open 17x2 40x3"));
    }

    #[test]
    fn reads_again_each_time() {
        let shop = Shop::holding("open 17x1");
        shop.before_writes(["open 17x3", "open 17x5", "open 17x4 40x1"]);
        assert_eq!(shop.add(17, 1), Ok(5));
        assert_eq!(shop.stored().as_deref(), Some("open 17x5 40x1"));

        let shop = Shop::holding("open 17x1");
        shop.before_writes(["open 17x3", "open 17x5", "ordered 17x4"]);
        assert_eq!(shop.add(17, 1), Err("checked out"));
        assert_eq!(shop.stored().as_deref(), Some("ordered 17x4"));
    }

    #[test]
    fn ends() {
        for operation in CHANGES {
            let shop = busy();
            shop.run(operation);
            assert_eq!(shop.attempts(), ATTEMPTS, "{operation:?}");
        }
    }

    #[test]
    fn admits_that_it_gave_up() {
        for operation in CHANGES {
            let outcome = busy().run(operation);
            assert_eq!(outcome, common::Outcome::Refused("contended"), "{operation:?}");
        }
    }

    #[test]
    fn leaves_nothing_behind_when_it_gives_up() {
        for operation in CHANGES {
            let shop = busy();
            shop.run(operation);
            let theirs = format!("open 17x2 40x{}", 1 + shop.attempts());
            assert_eq!(shop.stored(), Some(theirs), "{operation:?}");
        }
    }

    #[test]
    fn begins_anew_with_each_operation() {
        let shop = Shop::holding("open 17x1 40x1");
        let mut theirs = 0;
        for ours in 2..=9 {
            theirs += 1;
            let text = format!("open 17x{} 40x{theirs}", ours - 1);
            let mut before = Some(text);
            shop.meanwhile(move |call, entries| {
                if call.writes
                    && let Some(text) = before.take()
                {
                    entries.write(KEY, &text);
                }
            });
            assert_eq!(shop.add(17, 1), Ok(ours));
            assert_eq!(shop.stored(), Some(format!("open 17x{ours} 40x{theirs}")));
        }
    }
}

mod exhaustive {
    use super::*;
    use common::Outcome;
    use std::cell::RefCell;
    use std::rc::Rc;

    const STARTS: [Option<&str>; 6] = [
        None,
        Some("open"),
        Some("open 1x2"),
        Some("open 1x6 2x1"),
        Some("open 2x1 3x1 4x1 5x1 6x1 7x1 8x1"),
        Some("ordered 1x2"),
    ];

    const OPERATIONS: [Operation; 7] = [
        Operation::Add(1, 2),
        Operation::Add(1, 4),
        Operation::Add(9, 1),
        Operation::Change(1, 3),
        Operation::Remove(1),
        Operation::Remove(2),
        Operation::CheckOut,
    ];

    /// What can be seen from outside: what came of each operation, ours first, and what is stored in the end.
    #[derive(Debug, Clone, PartialEq)]
    struct History {
        ours: Outcome,
        theirs: Vec<Outcome>,
        stored: Option<String>,
    }

    /// What happens when our operation comes after so many of theirs, and nobody comes in between.
    fn in_order(start: Option<&str>, ours: Operation, theirs: &[Operation], before: usize) -> History {
        let mut stored = start.map(String::from);
        let mut run = |operation| {
            let (outcome, now) = by_the_rules(operation, stored.as_deref());
            stored = now;
            outcome
        };
        let mut outcomes: Vec<_> = theirs[..before].iter().map(|operation| run(*operation)).collect();
        let ours = run(ours);
        outcomes.extend(theirs[before..].iter().map(|operation| run(*operation)));
        History { ours, theirs: outcomes, stored }
    }

    /// What happens when each of theirs comes right before that call of ours; `None` if we do not make so many.
    fn interleaved(start: Option<&str>, ours: Operation, theirs: &[(usize, Operation)]) -> Option<History> {
        let shop = start.map_or_else(Shop::new, Shop::holding);
        let outcomes = Rc::new(RefCell::new(Vec::new()));
        let (log, plan) = (Rc::clone(&outcomes), theirs.to_vec());
        shop.meanwhile(move |call: Call, entries: &Entries| {
            for (_, operation) in plan.iter().filter(|(number, _)| *number == call.number) {
                let (outcome, stored) = by_the_rules(*operation, entries.text(KEY).as_deref());
                if let (Some(text), Outcome::Quantity(_) | Outcome::Order(_)) = (stored, &outcome) {
                    entries.write(KEY, &text);
                }
                log.borrow_mut().push(outcome);
            }
        });
        let ours = shop.run(ours);
        let outcomes = outcomes.take();
        (outcomes.len() == theirs.len()).then(|| History { ours, theirs: outcomes, stored: shop.stored() })
    }

    /// What happened must be what can happen when operations come one after the other.
    fn check(start: Option<&str>, ours: Operation, theirs: &[(usize, Operation)]) {
        let Some(history) = interleaved(start, ours, theirs) else { return };
        let operations: Vec<_> = theirs.iter().map(|(_, operation)| *operation).collect();
        let possible = (0..=theirs.len()).any(|before| in_order(start, ours, &operations, before) == history);
        assert!(possible, "{ours:?} of {start:?} with {theirs:?} meanwhile: {history:?}");
    }

    #[test]
    fn one_other_writer() {
        for start in STARTS {
            for (ours, theirs) in pairs() {
                for call in 1..=6 {
                    check(start, ours, &[(call, theirs)]);
                }
            }
        }
    }

    #[test]
    fn two_other_writers() {
        for start in STARTS {
            for (ours, first) in pairs() {
                for second in OPERATIONS {
                    for (one, other) in (1..=6).flat_map(|one| (one..=6).map(move |other| (one, other))) {
                        check(start, ours, &[(one, first), (other, second)]);
                    }
                }
            }
        }
    }

    fn pairs() -> impl Iterator<Item = (Operation, Operation)> {
        OPERATIONS.into_iter().flat_map(|one| OPERATIONS.into_iter().map(move |other| (one, other)))
    }
}

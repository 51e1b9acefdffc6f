//! What the service did before and must still do. Every test passes on the starter.

mod common;

use common::{KEY, Operation, Shop, by_the_rules};

const FULL: &str = "open 1x1 2x1 3x1 4x1 5x1 6x1 7x1 8x10";

mod adding {
    use super::*;

    #[test]
    fn counts_up() {
        let shop = Shop::new();
        assert_eq!(shop.add(17, 2), Ok(2));
        assert_eq!(shop.add(40, 1), Ok(1));
        assert_eq!(shop.add(17, 3), Ok(5));
        assert_eq!(shop.contents(), Ok(vec![(17, 5), (40, 1)]));
    }

    #[test]
    fn needs_a_quantity() {
        let shop = Shop::holding("open 17x2");
        assert_eq!(shop.add(17, 0), Err("no quantity"));
        assert_eq!(shop.add(40, 0), Err("no quantity"));
        assert_eq!(shop.contents(), Ok(vec![(17, 2)]));
    }

    #[test]
    fn keeps_to_the_limit_of_one_product() {
        let shop = Shop::new();
        assert_eq!(shop.add(17, 11), Err("too many"));
        assert_eq!(shop.add(17, 8), Ok(8));
        assert_eq!(shop.add(17, 3), Err("too many"));
        assert_eq!(shop.add(17, u32::MAX), Err("too many"));
        assert_eq!(shop.add(17, 2), Ok(10));
        assert_eq!(shop.add(17, 1), Err("too many"));
        assert_eq!(shop.contents(), Ok(vec![(17, 10)]));
    }

    #[test]
    fn keeps_to_the_limit_of_products() {
        let shop = Shop::new();
        for product in 1..=8 {
            assert_eq!(shop.add(product, 1), Ok(1));
        }
        assert_eq!(shop.add(9, 1), Err("full"));
        assert_eq!(shop.add(8, 2), Ok(3));
        assert_eq!(shop.remove(1), Ok(1));
        assert_eq!(shop.add(9, 1), Ok(1));
        assert_eq!(shop.contents().map(|lines| lines.len()), Ok(8));
    }
}

mod changing {
    use super::*;

    #[test]
    fn replaces_the_quantity() {
        let shop = Shop::holding("open 17x2 40x1");
        assert_eq!(shop.change(17, 10), Ok(2));
        assert_eq!(shop.change(17, 1), Ok(10));
        assert_eq!(shop.change(17, 1), Ok(1));
        assert_eq!(shop.contents(), Ok(vec![(17, 1), (40, 1)]));
    }

    #[test]
    fn to_zero_takes_the_product_out() {
        let shop = Shop::holding("open 17x2 40x1");
        assert_eq!(shop.change(17, 0), Ok(2));
        assert_eq!(shop.contents(), Ok(vec![(40, 1)]));
        assert_eq!(shop.change(17, 0), Err("not in cart"));
    }

    #[test]
    fn keeps_to_the_rules() {
        let shop = Shop::holding("open 17x2");
        assert_eq!(shop.change(40, 1), Err("not in cart"));
        assert_eq!(shop.change(17, 11), Err("too many"));
        assert_eq!(shop.change(17, u32::MAX), Err("too many"));
        assert_eq!(shop.contents(), Ok(vec![(17, 2)]));
    }
}

mod removing {
    use super::*;

    #[test]
    fn answers_how_many_there_were() {
        let shop = Shop::holding("open 17x2 40x1");
        assert_eq!(shop.remove(17), Ok(2));
        assert_eq!(shop.contents(), Ok(vec![(40, 1)]));
        assert_eq!(shop.remove(40), Ok(1));
        assert_eq!(shop.contents(), Ok(vec![]));
    }

    #[test]
    fn needs_the_product() {
        let shop = Shop::new();
        assert_eq!(shop.remove(17), Err("not in cart"));
        assert_eq!(shop.add(17, 2), Ok(2));
        assert_eq!(shop.remove(40), Err("not in cart"));
        assert_eq!(shop.remove(17), Ok(2));
        assert_eq!(shop.remove(17), Err("not in cart"));
    }
}

mod checking_out {
    use super::*;

    #[test]
    fn answers_the_order() {
        let shop = Shop::holding("open 17x2 40x1");
        assert_eq!(shop.check_out(), Ok(vec![(17, 2), (40, 1)]));
        assert_eq!(shop.contents(), Ok(vec![(17, 2), (40, 1)]));
    }

    #[test]
    fn needs_something_to_order() {
        let shop = Shop::new();
        assert_eq!(shop.check_out(), Err("empty"));
        assert_eq!(shop.add(17, 2), Ok(2));
        assert_eq!(shop.remove(17), Ok(2));
        assert_eq!(shop.check_out(), Err("empty"));
        assert_eq!(shop.add(17, 1), Ok(1));
    }

    #[test]
    fn is_the_end_of_all_changes() {
        let shop = Shop::holding("open 17x2");
        assert_eq!(shop.check_out(), Ok(vec![(17, 2)]));
        assert_eq!(shop.check_out(), Err("checked out"));
        assert_eq!(shop.add(40, 1), Err("checked out"));
        assert_eq!(shop.change(17, 1), Err("checked out"));
        assert_eq!(shop.remove(17), Err("checked out"));
        assert_eq!(shop.contents(), Ok(vec![(17, 2)]));
    }
}

mod errors {
    use super::*;

    #[test]
    fn come_in_their_order() {
        let broken = Shop::holding("broken");
        assert_eq!(broken.add(17, 0), Err("no quantity"));
        assert_eq!(broken.add(17, 11), Err("unreadable"));

        let ordered = Shop::holding("ordered 17x2");
        assert_eq!(ordered.add(17, 0), Err("no quantity"));
        assert_eq!(ordered.add(17, 11), Err("checked out"));
        assert_eq!(ordered.change(40, 11), Err("checked out"));
        assert_eq!(Shop::holding("ordered").check_out(), Err("checked out"));

        let full = Shop::holding(FULL);
        assert_eq!(full.add(9, 11), Err("too many"));
        assert_eq!(full.change(9, 11), Err("not in cart"));
    }

    #[test]
    fn write_nothing() {
        for (text, operations) in [
            (FULL, vec![Operation::Add(9, 1), Operation::Add(8, 1), Operation::Add(1, 0), Operation::Change(1, 11)]),
            ("open", vec![Operation::Remove(1), Operation::Change(1, 0), Operation::CheckOut]),
            ("ordered 1x1", vec![Operation::Add(1, 1), Operation::Remove(1), Operation::CheckOut]),
            ("broken", vec![Operation::Add(1, 1), Operation::Remove(1), Operation::CheckOut]),
        ] {
            let shop = Shop::holding(text);
            let version = shop.entries().version(KEY);
            for operation in operations {
                shop.run(operation);
                assert_eq!(shop.entries().version(KEY), version, "{operation:?} of {text:?}");
            }
        }
        let shop = Shop::new();
        for operation in [Operation::Add(1, 11), Operation::Remove(1), Operation::CheckOut] {
            shop.run(operation);
            assert_eq!(shop.stored(), None, "{operation:?} of a cart that was never written");
        }
    }
}

mod stored {
    use super::*;

    #[test]
    fn text_stays_as_it_is() {
        let shop = Shop::new();
        assert_eq!(shop.add(40, 1), Ok(1));
        assert_eq!(shop.stored().as_deref(), Some("open 40x1"));
        assert_eq!(shop.add(u64::MAX, 10), Ok(10));
        assert_eq!(shop.add(9, 2), Ok(2));
        assert_eq!(shop.stored().as_deref(), Some("open 9x2 40x1 18446744073709551615x10"));
        assert_eq!(shop.remove(40), Ok(1));
        assert_eq!(shop.remove(u64::MAX), Ok(10));
        assert_eq!(shop.check_out(), Ok(vec![(9, 2)]));
        assert_eq!(shop.stored().as_deref(), Some("ordered 9x2"));

        let emptied = Shop::holding("open 9x2");
        assert_eq!(emptied.remove(9), Ok(2));
        assert_eq!(emptied.stored().as_deref(), Some("open"));
    }

    #[test]
    fn text_of_others_is_read_at_once() {
        let shop = Shop::holding("open 17x2");
        assert_eq!(shop.add(17, 8), Ok(10));
        shop.entries().write(KEY, "open 40x9");
        assert_eq!(shop.contents(), Ok(vec![(40, 9)]));
        assert_eq!(shop.add(17, 1), Ok(1));
        shop.entries().write(KEY, "open 40x9 50x2");
        assert_eq!(shop.remove(50), Ok(2));
        assert_eq!(shop.remove(17), Err("not in cart"));
        shop.entries().write(KEY, "ordered 40x9");
        assert_eq!(shop.add(17, 1), Err("checked out"));
        assert_eq!(shop.check_out(), Err("checked out"));
    }

    #[test]
    fn text_that_is_no_cart_is_left_alone() {
        for text in ["", "opened 17x2", "open 17", "open 17x", "open 17x-1", "open  17x2", "open 17x2,40x1", "{}"] {
            let shop = Shop::holding(text);
            assert_eq!(shop.add(17, 1), Err("unreadable"), "{text:?}");
            assert_eq!(shop.change(17, 1), Err("unreadable"), "{text:?}");
            assert_eq!(shop.remove(17), Err("unreadable"), "{text:?}");
            assert_eq!(shop.check_out(), Err("unreadable"), "{text:?}");
            assert_eq!(shop.contents(), Err("unreadable"), "{text:?}");
            assert_eq!(shop.stored().as_deref(), Some(text));
        }
    }

    #[test]
    fn carts_do_not_touch_each_other() {
        let shop = Shop::new();
        for cart in [7, 77, 0, u64::MAX] {
            assert_eq!(shop.contents_of(cart), Ok(vec![]));
            assert_eq!(shop.add_to(cart, cart, 1), Ok(1));
        }
        assert_eq!(shop.check_out(), Ok(vec![(7, 1)]));
        assert_eq!(shop.add_to(77, 77, 1), Ok(2));
        assert_eq!(shop.contents_of(u64::MAX), Ok(vec![(u64::MAX, 1)]));
        let text = |key: &str| shop.entries().text(key);
        assert_eq!(text("cart/7").as_deref(), Some("ordered 7x1"));
        assert_eq!(text("cart/77").as_deref(), Some("open 77x2"));
        assert_eq!(text("cart/0").as_deref(), Some("open 0x1"));
    }
}

mod reading {
    use super::*;

    #[test]
    fn writes_nothing() {
        let shop = Shop::new();
        assert_eq!(shop.contents(), Ok(vec![]));
        assert_eq!(shop.stored(), None);
        for text in ["open 17x2", "ordered 17x2"] {
            let shop = Shop::holding(text);
            shop.meanwhile(|call, _| assert!(!call.writes, "a read that writes"));
            assert_eq!(shop.contents(), Ok(vec![(17, 2)]));
        }
    }
}

mod exhaustive {
    use super::*;

    const OPERATIONS: [Operation; 10] = [
        Operation::Add(1, 1),
        Operation::Add(1, 6),
        Operation::Add(2, 10),
        Operation::Add(9, 0),
        Operation::Change(1, 3),
        Operation::Change(2, 0),
        Operation::Change(2, 11),
        Operation::Remove(1),
        Operation::Remove(8),
        Operation::CheckOut,
    ];

    #[test]
    fn every_sequence_of_four_follows_the_rules() {
        for start in [None, Some("open 1x4 8x1"), Some("open 2x1 3x1 4x1 5x1 6x1 7x1 8x1")] {
            for sequence in 0..OPERATIONS.len().pow(4) {
                let shop = start.map_or_else(Shop::new, Shop::holding);
                let mut expected = start.map(String::from);
                for place in 0..4 {
                    let operation = OPERATIONS[sequence / OPERATIONS.len().pow(place) % OPERATIONS.len()];
                    let (outcome, stored) = by_the_rules(operation, expected.as_deref());
                    assert_eq!(shop.run(operation), outcome, "{operation:?} of {expected:?}");
                    assert_eq!(shop.stored(), stored, "after {operation:?} of {expected:?}");
                    expected = stored;
                }
            }
        }
    }
}

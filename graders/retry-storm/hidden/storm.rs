//! The shop as a whole, in virtual time: what it does in quiet times, while something is wrong, and afterwards.

#[allow(dead_code, reason = "candidates get the same file and use more of it")]
mod sim;

use sim::{Change, GATEWAYS, History, Millis, PATIENCE, Record, Scenario, Sender};

const SEEDS: [u64; 2] = [7, 4242];

/// When the triggers begin and end, and when they are to be forgotten.
const TRIGGER: (Millis, Millis) = (10_000, 20_000);
const RECOVERED: Millis = TRIGGER.1 + 20_000;
const LENGTH: Millis = RECOVERED + 10_000;

/// What the incident began with: look-ups take five times as long.
fn slow_down() -> Vec<(Millis, Change)> {
    vec![(TRIGGER.0, Change::Slowness(500)), (TRIGGER.1, Change::Slowness(100))]
}

/// The network swallows every look-up.
fn outage() -> Vec<(Millis, Change)> {
    vec![(TRIGGER.0, Change::SwallowLookups(true)), (TRIGGER.1, Change::SwallowLookups(false))]
}

/// Three times as many users.
fn burst() -> Vec<(Millis, Change)> {
    vec![(TRIGGER.0, Change::Load(3 * sim::LOAD)), (TRIGGER.1, Change::Load(sim::LOAD))]
}

fn play(seed: u64, length: Millis, changes: Vec<(Millis, Change)>) -> History {
    sim::run(&Scenario { seed, length, changes })
}

/// Plays the changes with every seed.
fn histories(length: Millis, changes: Vec<(Millis, Change)>) -> impl Iterator<Item = History> {
    SEEDS.into_iter().map(move |seed| play(seed, length, changes.clone()))
}

mod recovery {
    use super::*;

    /// Twenty seconds after the trigger has gone, nearly all users of each gateway are served.
    fn is_complete(changes: Vec<(Millis, Change)>) {
        for history in histories(LENGTH, changes) {
            for gateway in 0..GATEWAYS {
                let served = history.served_percent((RECOVERED, LENGTH - PATIENCE), Some(gateway));
                assert!(served >= 97.0, "gateway {gateway} serves {served:.1} % of its users");
            }
        }
    }

    #[test]
    fn after_a_slow_down() {
        is_complete(slow_down());
    }

    #[test]
    fn after_an_outage() {
        is_complete(outage());
    }

    #[test]
    fn after_a_burst_of_users() {
        is_complete(burst());
    }
}

mod overload {
    use super::*;

    #[test]
    fn what_can_be_served_is_served() {
        // A healthy worker serves 20 look-ups per second, one that is slowed down 4. Half of that is asked for.
        for (changes, per_second) in [(slow_down(), 40), (burst(), 200)] {
            for history in histories(TRIGGER.1, changes) {
                let goodput = history.goodput((TRIGGER.1 - 5_000, TRIGGER.1));
                assert!(2 * goodput >= 5 * per_second, "{goodput} users served in five seconds");
            }
        }
    }

    #[test]
    fn lookups_stay_near_the_users() {
        for changes in [slow_down(), outage(), burst()] {
            for history in histories(TRIGGER.1 + 10_000, changes) {
                for from in (0..=TRIGGER.1).step_by(1_000) {
                    let span = (from, from + 10_000);
                    let (lookups, users) = (history.lookups(span), history.users(span));
                    assert!(10 * lookups <= 16 * users, "{lookups} look-ups for {users} users");
                }
            }
        }
    }

    #[test]
    fn those_who_have_left_are_not_served() {
        for changes in [slow_down(), burst()] {
            for history in histories(TRIGGER.1 + 5_000, changes) {
                let all = history.count(|record| matches!(record, Record::Started { .. }));
                let in_vain = history.count(|record| matches!(record, Record::Started { in_vain: true, .. }));
                assert!(100 * in_vain <= all, "{in_vain} of {all} look-ups were served in vain");
            }
        }
    }

    #[test]
    fn the_queue_is_bounded() {
        for changes in [slow_down(), burst()] {
            for history in histories(TRIGGER.1 + 5_000, changes) {
                assert!(history.most_waiting <= 1_000, "{} requests waited", history.most_waiting);
            }
        }
    }
}

mod deadlines {
    use super::*;

    #[test]
    fn every_user_is_answered_in_time() {
        for changes in [slow_down(), outage(), burst()] {
            for history in histories(TRIGGER.1 + 5_000, changes) {
                let left = history.count(|record| matches!(record, Record::Left { .. }));
                assert_eq!(left, 0, "so many users left without any answer");
            }
        }
    }

    /// How many attempts of checkouts, or of gateways, were sent for somebody who no longer waited.
    fn sent_in_vain(history: &History, checkouts: bool) -> usize {
        history.count(|record| match *record {
            Record::Sent { from, in_vain, .. } => in_vain && matches!(from, Sender::Checkout { .. }) == checkouts,
            _ => false,
        })
    }

    #[test]
    fn a_gateway_sends_nothing_for_users_who_have_left() {
        for changes in [slow_down(), outage(), burst()] {
            for history in histories(TRIGGER.1 + 5_000, changes) {
                assert_eq!(sent_in_vain(&history, false), 0);
            }
        }
    }

    #[test]
    fn a_checkout_sends_nothing_for_gateways_that_have_gone() {
        for changes in [slow_down(), outage(), burst()] {
            for history in histories(TRIGGER.1 + 5_000, changes) {
                assert_eq!(sent_in_vain(&history, true), 0);
            }
        }
    }
}

mod quiet {
    use super::*;

    /// One request in a hundred breaks, on either way.
    fn odd_failures(from: Millis) -> Vec<(Millis, Change)> {
        vec![(from, Change::BreakToCheckout(10)), (from, Change::BreakToInventory(10))]
    }

    #[test]
    fn an_ordinary_day_loses_nobody() {
        for history in histories(40_000, vec![]) {
            let served = history.served_percent((0, 40_000 - PATIENCE), None);
            assert!(served >= 99.9, "{served:.2} % of the users served");
            let (lookups, users) = (history.lookups((0, 40_000)), history.users((0, 40_000)));
            assert!(100 * lookups <= 102 * users, "{lookups} look-ups for {users} users");
        }
    }

    #[test]
    fn a_busy_day_loses_few() {
        for history in histories(40_000, vec![(0, Change::Load(180))]) {
            let served = history.served_percent((0, 40_000 - PATIENCE), None);
            assert!(served >= 98.0, "{served:.2} % of the users served");
        }
    }

    #[test]
    fn odd_failures_are_hidden_from_users() {
        for history in histories(60_000, odd_failures(0)) {
            let served = history.served_percent((0, 60_000 - PATIENCE), None);
            assert!(served >= 99.5, "{served:.2} % of the users served");
        }
    }

    #[test]
    fn odd_failures_are_hidden_again_after_an_outage() {
        let mut changes = outage();
        changes.extend(odd_failures(RECOVERED));
        for history in histories(RECOVERED + 40_000, changes) {
            let served = history.served_percent((RECOVERED, RECOVERED + 40_000 - PATIENCE), None);
            assert!(served >= 99.5, "{served:.2} % of the users served");
        }
    }
}

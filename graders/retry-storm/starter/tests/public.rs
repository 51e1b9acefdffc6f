//! The public tests: a beginning. The hidden ones look closer, with the same simulation.

#[allow(dead_code, reason = "there is more in it than these tests need")]
mod sim;

use retry_storm::client::Client;
use retry_storm::{Failure, Layer, Step};
use sim::{Change, History, Millis, PATIENCE, Record, Scenario};

fn play(length: Millis, changes: Vec<(Millis, Change)>) -> History {
    sim::run(&Scenario { seed: 1, length, changes })
}

/// The incident, shortened: look-ups take five times as long from second 10 to second 20.
fn incident() -> History {
    play(50_000, vec![(10_000, Change::Slowness(500)), (20_000, Change::Slowness(100))])
}

#[test]
fn an_ordinary_day_loses_nobody() {
    let history = play(30_000, vec![]);
    assert!(history.served_percent((0, 30_000 - PATIENCE), None) >= 99.9);
}

#[test]
fn the_shop_recovers_from_a_slow_down() {
    let history = incident();
    for second in (0..50).step_by(2) {
        let span = (second * 1_000, second * 1_000 + 2_000);
        let (users, lookups, goodput) = (history.users(span), history.lookups(span), history.goodput(span));
        println!("second {second:2}: {users:4} users, {lookups:5} look-ups, {goodput:4} served in time");
    }
    let served = history.served_percent((40_000, 50_000 - PATIENCE), None);
    assert!(served >= 97.0, "{served:.1} % of the users served, twenty seconds after the slow-down");
}

#[test]
fn those_who_have_left_are_not_served() {
    let history = incident();
    let all = history.count(|record| matches!(record, Record::Started { .. }));
    let in_vain = history.count(|record| matches!(record, Record::Started { in_vain: true, .. }));
    assert!(100 * in_vain <= all, "{in_vain} of {all} look-ups were served in vain");
}

#[test]
fn retries_have_a_budget() {
    let mut client = Client::new(Layer::Checkout, 1);
    let mut retries = 0;
    for number in 0..500 {
        // One call every 20 ms; each fails at once, as often as it is tried.
        let now = number * 20;
        let (mut call, mut step) = client.start(now, Some(now + 1_000));
        while let Step::Send(attempt) = step {
            step = client.failed(&mut call, attempt.at, Failure::Broken);
            retries += u64::from(step != Step::GiveUp);
        }
    }
    assert!(retries <= 10 + 500 / 5, "{retries} retries for 500 calls in ten seconds");
}

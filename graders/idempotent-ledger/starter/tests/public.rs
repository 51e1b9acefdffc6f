//! The public tests are a start. The hidden tests check more.

use idempotent_ledger::{Ledger, Op, Reply};

const CHECKING: u32 = 1;
const SAVINGS: u32 = 2;

fn deposit(account: u32, cents: u64) -> Op {
    Op::Deposit { account, cents }
}

#[test]
fn a_deposit_is_answered_with_the_balance() {
    let mut ledger = Ledger::new(8);
    let reply = ledger.apply(1, 1, deposit(CHECKING, 500));
    assert_eq!(reply, Reply::Done { balance: 500 });
    assert_eq!(ledger.balance(CHECKING), 500);
}

#[test]
fn a_retry_is_applied_once() {
    let mut ledger = Ledger::new(8);
    let first = ledger.apply(1, 1, deposit(CHECKING, 500));
    let retry = ledger.apply(1, 1, deposit(CHECKING, 500));
    assert_eq!(retry, first);
    assert_eq!(ledger.balance(CHECKING), 500);
}

#[test]
fn a_transfer_needs_cover() {
    let mut ledger = Ledger::new(8);
    ledger.apply(1, 1, deposit(CHECKING, 500));
    let op = Op::Transfer {
        from: CHECKING,
        to: SAVINGS,
        cents: 600,
    };
    assert_eq!(ledger.apply(1, 2, op), Reply::Refused);
    assert_eq!(ledger.balance(CHECKING), 500);
    assert_eq!(ledger.balance(SAVINGS), 0);
}

#[test]
fn what_left_the_window_is_not_applied_again() {
    let mut ledger = Ledger::new(2);
    for seq in 1..=3 {
        ledger.apply(1, seq, deposit(CHECKING, 100));
    }
    let late = ledger.apply(1, 1, deposit(CHECKING, 100));
    assert_eq!(late, Reply::Expired);
    assert_eq!(ledger.balance(CHECKING), 300);
}

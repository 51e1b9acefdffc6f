//! What an idempotent ledger must do. Replies are taken apart by pattern, and the helpers name standard types, so that no
//! type of the candidate's is ever compared.

use idempotent_ledger::{Ledger, Op, Reply};

/// A reply in standard types: the balance, or the reason why there is none.
type Answer = Result<u64, &'static str>;

const REFUSED: Answer = Err("refused");
const CLOSED: Answer = Err("closed");
const MISMATCH: Answer = Err("mismatch");
const EXPIRED: Answer = Err("expired");

fn send(ledger: &mut Ledger, client: u64, seq: u64, op: Op) -> Answer {
    match ledger.apply(client, seq, op) {
        Reply::Done { balance } => Ok(balance),
        Reply::Refused => REFUSED,
        Reply::Closed => CLOSED,
        Reply::Mismatch => MISMATCH,
        Reply::Expired => EXPIRED,
    }
}

fn balance(ledger: &Ledger, account: u32) -> u64 {
    ledger.balance(account)
}

fn remembered(ledger: &Ledger) -> usize {
    ledger.remembered()
}

fn deposit(account: u32, cents: u64) -> Op {
    Op::Deposit { account, cents }
}

fn withdraw(account: u32, cents: u64) -> Op {
    Op::Withdraw { account, cents }
}

fn transfer(from: u32, to: u32, cents: u64) -> Op {
    Op::Transfer { from, to, cents }
}

/// A ledger in which account 1 holds `cents`, paid in by client 0.
fn funded(window: u64, cents: u64) -> Ledger {
    let mut ledger = Ledger::new(window);
    assert_eq!(send(&mut ledger, 0, 1, deposit(1, cents)), Ok(cents));
    ledger
}

mod operations {
    use super::*;

    #[test]
    fn move_money() {
        let mut ledger = Ledger::new(8);
        assert_eq!(balance(&ledger, 1), 0);
        assert_eq!(send(&mut ledger, 9, 1, deposit(1, 500)), Ok(500));
        assert_eq!(send(&mut ledger, 9, 2, withdraw(1, 120)), Ok(380));
        assert_eq!(send(&mut ledger, 9, 3, transfer(1, 2, 80)), Ok(300));
        assert_eq!(send(&mut ledger, 9, 4, withdraw(1, 300)), Ok(0));
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (0, 80));
    }

    #[test]
    fn need_cover() {
        let mut ledger = funded(8, 100);
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 101)), REFUSED);
        assert_eq!(send(&mut ledger, 1, 2, transfer(1, 2, 101)), REFUSED);
        assert_eq!(send(&mut ledger, 1, 3, withdraw(2, 1)), REFUSED);
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (100, 0));
    }

    #[test]
    fn are_all_or_nothing() {
        let mut ledger = funded(8, 100);
        assert_eq!(
            send(&mut ledger, 1, 1, deposit(2, u64::MAX - 5)),
            Ok(u64::MAX - 5)
        );
        assert_eq!(send(&mut ledger, 1, 2, transfer(1, 2, 6)), REFUSED);
        assert_eq!(send(&mut ledger, 1, 3, deposit(2, 6)), REFUSED);
        assert_eq!(
            (balance(&ledger, 1), balance(&ledger, 2)),
            (100, u64::MAX - 5)
        );
        assert_eq!(send(&mut ledger, 1, 4, transfer(1, 2, 5)), Ok(95));
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (95, u64::MAX));
    }

    #[test]
    fn transfer_to_the_same_account() {
        let mut ledger = funded(8, u64::MAX);
        assert_eq!(send(&mut ledger, 1, 1, transfer(1, 1, 100)), Ok(u64::MAX));
        assert_eq!(send(&mut ledger, 1, 2, transfer(2, 2, 1)), REFUSED);
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (u64::MAX, 0));
    }
}

mod repeating {
    use super::*;

    #[test]
    fn changes_nothing() {
        let mut ledger = funded(8, 1000);
        for (seq, op) in [
            (1, deposit(1, 10)),
            (2, withdraw(1, 20)),
            (3, transfer(1, 2, 30)),
        ] {
            let first = send(&mut ledger, 1, seq, op.clone());
            let balances = (balance(&ledger, 1), balance(&ledger, 2));
            for _ in 0..3 {
                assert_eq!(send(&mut ledger, 1, seq, op.clone()), first);
                assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), balances);
            }
        }
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (960, 30));
    }

    #[test]
    fn gets_the_reply_of_the_first_time() {
        let mut ledger = funded(8, 1000);
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 100)), Ok(900));
        assert_eq!(send(&mut ledger, 2, 1, withdraw(1, 500)), Ok(400));
        assert_eq!(send(&mut ledger, 1, 2, transfer(1, 2, 400)), Ok(0));
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 100)), Ok(900));
        assert_eq!(send(&mut ledger, 2, 1, withdraw(1, 500)), Ok(400));
    }

    #[test]
    fn gets_a_refusal_again() {
        let mut ledger = Ledger::new(8);
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 100)), REFUSED);
        assert_eq!(send(&mut ledger, 2, 1, deposit(1, 500)), Ok(500));
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 100)), REFUSED);
        assert_eq!(balance(&ledger, 1), 500);
        assert_eq!(send(&mut ledger, 1, 2, withdraw(1, 100)), Ok(400));
    }

    #[test]
    fn is_told_by_client_and_number() {
        let mut ledger = Ledger::new(8);
        for client in [1, 2, u64::MAX] {
            for seq in 1..=3 {
                send(&mut ledger, client, seq, deposit(1, 10)).unwrap();
            }
        }
        assert_eq!(balance(&ledger, 1), 90);
    }

    #[test]
    fn with_another_operation_is_a_mismatch() {
        let mut ledger = funded(8, 1000);
        assert_eq!(send(&mut ledger, 1, 1, transfer(1, 2, 10)), Ok(990));
        for other in [
            transfer(1, 2, 11),
            transfer(1, 3, 10),
            transfer(2, 1, 10),
            withdraw(1, 10),
            deposit(2, 10),
        ] {
            assert_eq!(send(&mut ledger, 1, 1, other), MISMATCH);
        }
        assert_eq!(send(&mut ledger, 1, 1, transfer(1, 2, 10)), Ok(990));
        assert_eq!((balance(&ledger, 1), balance(&ledger, 2)), (990, 10));
    }
}

mod ordering {
    use super::*;

    /// All orders in which the requests may arrive.
    fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
        if items.is_empty() {
            return vec![vec![]];
        }
        let mut all = Vec::new();
        for (index, first) in items.iter().enumerate() {
            let mut rest = items.to_vec();
            rest.remove(index);
            for mut tail in permutations(&rest) {
                tail.insert(0, first.clone());
                all.push(tail);
            }
        }
        all
    }

    #[test]
    fn every_order_applies_everything_once() {
        let requests = [1, 2, 3, 4].map(|seq| (seq, deposit(1, 10u64.pow(seq as u32))));
        for order in permutations(&requests) {
            let mut ledger = Ledger::new(4);
            for (seq, op) in order.iter().chain(&order) {
                send(&mut ledger, 1, *seq, op.clone()).unwrap();
            }
            assert_eq!(balance(&ledger, 1), 11_110, "{order:?}");
        }
    }

    #[test]
    fn clients_start_anywhere_and_may_skip() {
        let mut ledger = Ledger::new(4);
        assert_eq!(send(&mut ledger, 1, 1000, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut ledger, 1, 997, deposit(1, 2)), Ok(3));
        assert_eq!(send(&mut ledger, 1, 1002, deposit(1, 4)), Ok(7));
        assert_eq!(send(&mut ledger, 1, 999, deposit(1, 8)), Ok(15));
        assert_eq!(send(&mut ledger, 1, 1000, deposit(1, 1)), Ok(1));
    }
}

mod window {
    use super::*;

    #[test]
    fn ends_where_it_should() {
        let mut ledger = Ledger::new(3);
        for seq in 1..=5 {
            send(&mut ledger, 1, seq, deposit(1, seq)).unwrap();
        }
        let replies = [1, 2, 3, 4, 5].map(|seq| send(&mut ledger, 1, seq, deposit(1, seq)));
        assert_eq!(replies, [EXPIRED, EXPIRED, Ok(6), Ok(10), Ok(15)]);
        assert_eq!(balance(&ledger, 1), 15);
    }

    #[test]
    fn expires_what_was_never_seen() {
        let mut ledger = Ledger::new(2);
        assert_eq!(send(&mut ledger, 1, 10, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut ledger, 1, 8, deposit(1, 2)), EXPIRED);
        assert_eq!(send(&mut ledger, 1, 9, deposit(1, 4)), Ok(5));
        assert_eq!(balance(&ledger, 1), 5);
    }

    #[test]
    fn bounds_what_is_remembered() {
        let mut ledger = Ledger::new(3);
        for seq in 1..=500 {
            for client in 1..=4 {
                send(&mut ledger, client, seq, deposit(1, 1)).unwrap();
            }
            assert_eq!(remembered(&ledger) as u64, 4 * seq.min(3));
        }
        send(&mut ledger, 1, 1000, deposit(1, 1)).unwrap();
        assert_eq!(
            remembered(&ledger),
            10,
            "a jump forgets all that it leaves behind"
        );
        send(&mut ledger, 1, 998, withdraw(2, 1)).unwrap_err();
        assert_eq!(remembered(&ledger), 11, "a refusal is remembered as well");
    }

    #[test]
    fn is_one_for_each_client() {
        let mut ledger = Ledger::new(2);
        assert_eq!(send(&mut ledger, 1, 1, deposit(1, 1)), Ok(1));
        for seq in 1..=50 {
            send(&mut ledger, 2, seq, deposit(2, 1)).unwrap();
        }
        assert_eq!(send(&mut ledger, 1, 1, deposit(1, 1)), Ok(1));
        assert_eq!(balance(&ledger, 1), 1);
        assert_eq!(send(&mut ledger, 3, 1, deposit(1, 1)), Ok(2));
    }

    #[test]
    fn holds_at_the_ends_of_the_numbers() {
        let mut ledger = Ledger::new(2);
        assert_eq!(send(&mut ledger, 1, 0, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut ledger, 1, 0, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut ledger, 1, u64::MAX, deposit(1, 1)), Ok(2));
        assert_eq!(send(&mut ledger, 1, u64::MAX - 1, deposit(1, 1)), Ok(3));
        assert_eq!(send(&mut ledger, 1, u64::MAX - 2, deposit(1, 1)), EXPIRED);

        let mut endless = Ledger::new(u64::MAX);
        assert_eq!(send(&mut endless, 1, u64::MAX, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut endless, 1, 1, deposit(1, 1)), Ok(2));
        assert_eq!(send(&mut endless, 1, 0, deposit(1, 1)), EXPIRED);
    }
}

mod closed {
    use super::*;

    #[test]
    fn decides_nothing() {
        let mut ledger = funded(8, 100);
        ledger.close();
        for op in [withdraw(1, 40), withdraw(1, 400), withdraw(1, 40)] {
            assert_eq!(send(&mut ledger, 1, 1, op), CLOSED);
        }
        assert_eq!((balance(&ledger, 1), remembered(&ledger)), (100, 1));
        ledger.open();
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 40)), Ok(60));
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 40)), Ok(60));
        assert_eq!(balance(&ledger, 1), 60);
    }

    #[test]
    fn does_not_move_the_window() {
        let mut ledger = Ledger::new(2);
        assert_eq!(send(&mut ledger, 1, 1, deposit(1, 1)), Ok(1));
        ledger.close();
        assert_eq!(send(&mut ledger, 1, 9, deposit(1, 1)), CLOSED);
        ledger.open();
        assert_eq!(send(&mut ledger, 1, 1, deposit(1, 1)), Ok(1));
        assert_eq!(send(&mut ledger, 1, 2, deposit(1, 1)), Ok(2));
    }

    #[test]
    fn still_answers_what_is_known() {
        let mut ledger = funded(2, 100);
        for (seq, cents) in [(1, 1), (2, 2), (3, 500)] {
            let _ = send(&mut ledger, 1, seq, withdraw(1, cents));
        }
        ledger.close();
        assert_eq!(send(&mut ledger, 1, 1, withdraw(1, 1)), EXPIRED);
        assert_eq!(send(&mut ledger, 1, 2, withdraw(1, 2)), Ok(97));
        assert_eq!(send(&mut ledger, 1, 3, withdraw(1, 500)), REFUSED);
        assert_eq!(send(&mut ledger, 1, 3, withdraw(1, 1)), MISMATCH);
        assert_eq!(send(&mut ledger, 1, 4, withdraw(1, 1)), CLOSED);
    }
}

mod exhaustive {
    use super::*;

    /// The requests that may arrive, each any number of times. No number is used for two operations.
    fn requests() -> [(u64, u64, Op); 6] {
        [
            (1, 1, deposit(1, 100)),
            (1, 2, withdraw(1, 30)),
            (1, 3, transfer(1, 2, 50)),
            (2, 1, deposit(1, 7)),
            (2, 2, transfer(2, 1, 20)),
            (2, 9, withdraw(2, 40)),
        ]
    }

    /// What the operation adds to the money in accounts 1 and 2.
    fn effect(op: &Op) -> [i64; 2] {
        let signed =
            |account: u32, cents: i64| [1, 2].map(|other| if other == account { cents } else { 0 });
        match *op {
            Op::Deposit { account, cents } => signed(account, cents as i64),
            Op::Withdraw { account, cents } => signed(account, -(cents as i64)),
            Op::Transfer { from, to, cents } => {
                let (paid, received) = (signed(from, -(cents as i64)), signed(to, cents as i64));
                [paid[0] + received[0], paid[1] + received[1]]
            }
        }
    }

    /// Plays the requests with these indices and checks that each had its effect once if it was ever done.
    fn play(arrivals: &[usize]) {
        let requests = requests();
        let mut ledger = Ledger::new(2);
        let mut first: [Option<Answer>; 6] = [None; 6];
        let mut expired = [false; 6];
        for &index in arrivals {
            let (client, seq, op) = requests[index].clone();
            match send(&mut ledger, client, seq, op) {
                EXPIRED => expired[index] = true,
                answer => {
                    assert!(
                        !expired[index],
                        "an expired request came back to life: {arrivals:?}"
                    );
                    assert_eq!(*first[index].get_or_insert(answer), answer, "{arrivals:?}");
                }
            }
        }
        let done = first
            .iter()
            .zip(&requests)
            .filter(|(answer, _)| matches!(answer, Some(Ok(_))));
        let expected = done
            .map(|(_, (_, _, op))| effect(op))
            .fold([0, 0], |sum, effect| {
                [sum[0] + effect[0], sum[1] + effect[1]]
            });
        assert_eq!(
            [1, 2].map(|account| balance(&ledger, account) as i64),
            expected,
            "{arrivals:?}"
        );
    }

    #[test]
    fn money_is_neither_lost_nor_made() {
        const LENGTH: u32 = 4;
        for code in 0..6_usize.pow(LENGTH) {
            let arrivals: Vec<usize> = (0..LENGTH)
                .map(|place| code / 6_usize.pow(place) % 6)
                .collect();
            play(&arrivals);
        }
    }
}

//! What a receiver of `traceparent` must accept, refuse and send on. Contexts are taken apart into standard types, so that
//! no type of the candidate's is ever compared.

use traceparent::{TraceParent, extract, inject};

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SPAN: &str = "53995c3f42cd8ad8";
const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const TRACE_BYTES: [u8; 16] = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
const PARENT_BYTES: [u8; 8] = 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes();
const SPAN_BYTES: [u8; 8] = 0x5399_5c3f_42cd_8ad8_u64.to_be_bytes();

/// All that a context tells.
#[derive(Debug, PartialEq)]
struct Seen {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    flags: u8,
    sampled: bool,
    header: String,
}

fn seen(context: &TraceParent) -> Seen {
    Seen {
        trace_id: context.trace_id(),
        parent_id: context.parent_id(),
        flags: context.flags(),
        sampled: context.is_sampled(),
        header: context.to_header(),
    }
}

/// What is read from a value; `None` if it is refused.
fn read(value: &str) -> Option<Seen> {
    let context: Option<TraceParent> = TraceParent::parse(value);
    context.as_ref().map(seen)
}

fn read_valid(value: &str) -> Seen {
    read(value).unwrap_or_else(|| panic!("{value:?} is valid"))
}

fn assert_refused(value: &str) {
    assert_eq!(read(value), None, "{value:?} should be refused");
}

fn made(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Seen> {
    let context: Option<TraceParent> = TraceParent::new(trace_id, parent_id, flags);
    context.as_ref().map(seen)
}

fn context(value: &str) -> TraceParent {
    TraceParent::parse(value).unwrap_or_else(|| panic!("{value:?} is valid"))
}

fn child(parent: &TraceParent, span_id: [u8; 8], sampled: bool) -> TraceParent {
    let child: Option<TraceParent> = parent.child(span_id, sampled);
    child.unwrap_or_else(|| panic!("{span_id:?} is an id"))
}

fn with_flags(flags: u8) -> String {
    format!("00-{TRACE}-{PARENT}-{flags:02x}")
}

/// `VALID` with one of its characters replaced.
fn with_char_at(position: usize, replacement: &str) -> String {
    format!("{}{replacement}{}", &VALID[..position], &VALID[position + 1..])
}

fn zeros(length: usize) -> String {
    "0".repeat(length)
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    pairs.iter().map(owned).collect()
}

/// The value of the context that is found in headers.
fn found(pairs: &[(&str, &str)]) -> Option<String> {
    let context: Option<TraceParent> = extract(&headers(pairs));
    context.map(|context| context.to_header())
}

mod parse {
    use super::*;

    #[test]
    fn reads_and_writes_every_field() {
        let typical = read_valid(VALID);
        assert_eq!(typical.trace_id, TRACE_BYTES);
        assert_eq!(typical.parent_id, PARENT_BYTES);
        assert_eq!(typical.flags, SAMPLED);
        assert!(typical.sampled);
        assert_eq!(typical.header, VALID);

        let small = "00-00000000000000000000000000000001-0000000000000a00-00";
        let read_small = read_valid(small);
        assert_eq!(read_small.trace_id, 1_u128.to_be_bytes());
        assert_eq!(read_small.parent_id, 0xa00_u64.to_be_bytes());
        assert_eq!(read_small.header, small);

        let left = "00-80000000000000000000000000000000-8000000000000000-00";
        assert_eq!(read_valid(left).header, left);
    }

    #[test]
    fn refuses_zero_ids() {
        assert_refused(&format!("00-{}-{PARENT}-01", zeros(32)));
        assert_refused(&format!("00-{TRACE}-{}-01", zeros(16)));
        assert_refused(&format!("00-{}-{}-00", zeros(32), zeros(16)));
    }

    #[test]
    fn refuses_upper_case() {
        assert_refused(&VALID.to_uppercase());
        assert_refused(&format!("00-{}-{PARENT}-01", TRACE.to_uppercase()));
        assert_refused(&format!("00-{TRACE}-{}-01", PARENT.to_uppercase()));
        assert_refused(&format!("00-{TRACE}-{PARENT}-0B"));
        assert_refused(&format!("0A-{TRACE}-{PARENT}-01"));
        assert_refused(&format!("CC-{TRACE}-{PARENT}-01"));
    }

    #[test]
    fn refuses_any_other_character() {
        for position in 0..VALID.len() {
            for other in "+-. /:`gx_\0\t\n".chars() {
                let value = with_char_at(position, &other.to_string());
                if value != VALID {
                    assert_refused(&value);
                }
            }
        }
        for dash in [2, 35, 52] {
            assert_refused(&with_char_at(dash, "0"));
        }
    }

    #[test]
    fn refuses_wrong_lengths() {
        for length in 0..VALID.len() {
            assert_refused(&VALID[..length]);
            assert_refused(&VALID[VALID.len() - length..]);
        }
        for more in ["-", "0", "-00", "-more", ".", " ", "\n"] {
            assert_refused(&format!("{VALID}{more}"));
            assert_refused(&format!("{more}{VALID}"));
        }
        // 55 characters in all, with a field that borrows from its neighbour.
        assert_refused(&format!("00-{TRACE}0-{}-01", &PARENT[1..]));
        assert_refused(&format!("00-{}-0{PARENT}-01", &TRACE[1..]));
        assert_refused(&format!("00-{TRACE}-{PARENT}0-1"));
        assert_refused(&format!("0-{TRACE}-{PARENT}-001"));
    }

    #[test]
    fn refuses_what_is_not_ascii() {
        // Characters of two to four bytes, some of them digits elsewhere. In place of one character, the value has 55
        // characters and more bytes; in place of as many as it has bytes, 55 bytes and fewer characters.
        for other in ["é", "٣", "１", "€", "🦀"] {
            for position in 0..VALID.len() {
                assert_refused(&with_char_at(position, other));
                if let Some(rest) = VALID.get(position + other.len()..) {
                    assert_refused(&format!("{}{other}{rest}", &VALID[..position]));
                }
            }
            assert_refused(&other.repeat(55));
            assert_refused(&format!("{VALID}{other}"));
        }
    }
}

mod version {
    use super::*;

    const LATER: [&str; 6] = ["01", "02", "0a", "99", "cc", "fe"];

    #[test]
    fn ff_is_refused() {
        assert_refused(&format!("ff-{TRACE}-{PARENT}-01"));
        assert_refused(&format!("ff-{TRACE}-{PARENT}-00-more"));
    }

    #[test]
    fn later_is_read() {
        for later in LATER {
            let read = read_valid(&format!("{later}-{TRACE}-{PARENT}-01"));
            assert_eq!(read.trace_id, TRACE_BYTES);
            assert_eq!(read.parent_id, PARENT_BYTES);
            assert!(read.sampled);
        }
    }

    #[test]
    fn later_may_go_on_after_a_dash() {
        for later in LATER {
            for more in ["-", "--", "-00", "-what-comes-then", "-NOT hex, é"] {
                let read = read_valid(&format!("{later}-{TRACE}-{PARENT}-00{more}"));
                assert_eq!(read.trace_id, TRACE_BYTES);
                assert!(!read.sampled);
            }
        }
    }

    #[test]
    fn later_goes_on_only_after_a_dash() {
        for later in LATER {
            for more in ["0", "1-more", ".", ".what-comes-then", " ", "é"] {
                assert_refused(&format!("{later}-{TRACE}-{PARENT}-01{more}"));
            }
        }
    }

    #[test]
    fn later_is_checked_as_well() {
        for later in LATER {
            assert_refused(&format!("{later}-{}-{PARENT}-01", zeros(32)));
            assert_refused(&format!("{later}-{TRACE}-{}-01-more", zeros(16)));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0-more"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0x-more"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}"));
            assert_refused(&format!("{later}-{TRACE}.{PARENT}-01"));
            assert_refused(&format!("{later}-g{}-{PARENT}-01-more", &TRACE[1..]));
        }
    }

    #[test]
    fn later_tells_only_whether_it_is_sampled() {
        for later in LATER {
            for flags in 0..=u8::MAX {
                let read = read_valid(&format!("{later}-{TRACE}-{PARENT}-{flags:02x}"));
                assert_eq!(read.flags, flags & SAMPLED, "version {later}, flags {flags:02x}");
            }
        }
    }

    #[test]
    fn later_is_not_passed_on() {
        let later = context(&format!("cc-{TRACE}-{PARENT}-01-more"));
        assert_eq!(seen(&later).header, VALID);
        let below = child(&later, SPAN_BYTES, true);
        assert_eq!(seen(&below).header, format!("00-{TRACE}-{SPAN}-01"));
    }
}

mod flags {
    use super::*;

    #[test]
    fn sampled_is_one_bit() {
        for flags in 0..=u8::MAX {
            let value = with_flags(flags);
            assert_eq!(read_valid(&value).sampled, flags % 2 == 1, "{value}");
        }
    }

    #[test]
    fn unknown_ones_are_cleared() {
        for flags in 0..=u8::MAX {
            let known = flags & (SAMPLED | RANDOM);
            let parsed = read(&with_flags(flags));
            let built = made(TRACE_BYTES, PARENT_BYTES, flags);
            for context in [parsed, built] {
                let context = context.expect("any flags are valid");
                assert_eq!(context.flags, known);
                assert_eq!(context.header, with_flags(known));
            }
        }
    }
}

mod children {
    use super::*;

    #[test]
    fn stay_in_the_trace() {
        let first = child(&context(VALID), SPAN_BYTES, true);
        assert_eq!(seen(&first).trace_id, TRACE_BYTES);
        assert_eq!(seen(&first).parent_id, SPAN_BYTES);
        let second = child(&first, [7; 8], true);
        assert_eq!(seen(&second).header, format!("00-{TRACE}-0707070707070707-01"));
    }

    #[test]
    fn carry_the_decision_and_keep_random() {
        for flags in [0, SAMPLED, RANDOM, SAMPLED | RANDOM] {
            let parent = context(&with_flags(flags));
            for sampled in [false, true] {
                let child = seen(&child(&parent, SPAN_BYTES, sampled));
                assert_eq!(child.sampled, sampled);
                assert_eq!(child.flags, flags & RANDOM | u8::from(sampled));
            }
            assert_eq!(seen(&parent).flags, flags, "the parent stays as it was");
        }
    }

    #[test]
    fn need_ids_like_any_context() {
        let refused: Option<TraceParent> = context(VALID).child([0; 8], true);
        assert_eq!(refused.as_ref().map(seen), None);
        assert_eq!(made([0; 16], PARENT_BYTES, 0), None);
        assert_eq!(made(TRACE_BYTES, [0; 8], 0), None);
        let smallest = made(1_u128.to_be_bytes(), 1_u64.to_be_bytes(), 0).expect("ids with one bit");
        assert_eq!(smallest.header, "00-00000000000000000000000000000001-0000000000000001-00");
    }
}

mod requests {
    use super::*;

    #[test]
    fn name_the_header_in_any_case() {
        for name in ["traceparent", "TraceParent", "TRACEPARENT", "tRACEpARENT"] {
            let found = found(&[("host", "a"), (name, VALID), ("accept", "*/*")]);
            assert_eq!(found.as_deref(), Some(VALID), "{name}");
        }
        for name in ["trace-parent", "x-traceparent", "tracestate", "traceparent2", ""] {
            assert_eq!(found(&[(name, VALID)]), None, "{name:?} is another header");
        }
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("traceparent", "broken")]), None);
    }

    #[test]
    fn with_two_contexts_have_none() {
        let other = format!("00-{TRACE}-{SPAN}-00");
        assert_eq!(found(&[("traceparent", VALID), ("traceparent", &other)]), None);
        assert_eq!(found(&[("traceparent", VALID), ("host", "a"), ("Traceparent", VALID)]), None);
        assert_eq!(found(&[("traceparent", VALID), ("traceparent", "broken")]), None);
        assert_eq!(found(&[("traceparent", "broken"), ("traceparent", VALID)]), None);
    }

    #[test]
    fn carry_exactly_what_was_injected() {
        let below = child(&context(VALID), SPAN_BYTES, false);
        let before = [
            ("TraceParent", VALID),
            ("host", "b"),
            ("tracestate", "rojo=1"),
            ("traceparent", "broken"),
            ("Accept", "*/*"),
        ];
        let mut outgoing = headers(&before);
        for _ in 0..2 {
            inject(&below, &mut outgoing);
            let is_mine = |(name, _): &(String, String)| name.eq_ignore_ascii_case("traceparent");
            let (mine, others): (Vec<_>, Vec<_>) = outgoing.iter().cloned().partition(is_mine);
            assert_eq!(mine, headers(&[("traceparent", &format!("00-{TRACE}-{SPAN}-00"))]));
            assert_eq!(others, headers(&[("host", "b"), ("tracestate", "rojo=1"), ("Accept", "*/*")]));
        }
    }
}

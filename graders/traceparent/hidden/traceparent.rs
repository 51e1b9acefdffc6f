//! What a receiver of `traceparent` must accept, refuse and send on.

use traceparent::{TraceParent, extract, inject};

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE_BYTES: [u8; 16] = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
const PARENT_BYTES: [u8; 8] = 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes();
const SPAN_BYTES: [u8; 8] = 0x5399_5c3f_42cd_8ad8_u64.to_be_bytes();

/// What a receiver would write if it passed the context on unchanged; `None` if it refuses the value.
fn reread(value: &str) -> Option<String> {
    TraceParent::parse(value).map(|context| context.to_header())
}

fn assert_refused(value: &str) {
    assert_eq!(reread(value), None, "{value:?} should be refused");
}

fn valid() -> TraceParent {
    TraceParent::parse(VALID).expect("a valid header")
}

fn with_flags(flags: u8) -> String {
    format!("00-{TRACE}-{PARENT}-{flags:02x}")
}

/// `VALID` with one of its characters replaced.
fn with_char_at(position: usize, replacement: &str) -> String {
    format!(
        "{}{replacement}{}",
        &VALID[..position],
        &VALID[position + 1..]
    )
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

mod parse {
    use super::*;

    #[test]
    fn reads_and_writes_every_field() {
        let context = valid();
        assert_eq!(context.trace_id(), TRACE_BYTES);
        assert_eq!(context.parent_id(), PARENT_BYTES);
        assert_eq!(context.flags(), SAMPLED);
        assert_eq!(context.to_header(), VALID);

        let small = "00-00000000000000000000000000000001-0000000000000a00-00";
        let context = TraceParent::parse(small).expect("ids with leading zeros");
        assert_eq!(context.trace_id(), 1_u128.to_be_bytes());
        assert_eq!(context.parent_id(), 0xa00_u64.to_be_bytes());
        assert_eq!(context.to_header(), small);

        let left = "00-80000000000000000000000000000000-8000000000000000-00";
        assert_eq!(reread(left).as_deref(), Some(left));
    }

    #[test]
    fn refuses_zero_ids() {
        let (no_trace, no_parent) = ("0".repeat(32), "0".repeat(16));
        assert_refused(&format!("00-{no_trace}-{PARENT}-01"));
        assert_refused(&format!("00-{TRACE}-{no_parent}-01"));
        assert_refused(&format!("00-{no_trace}-{no_parent}-00"));
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
        // Characters of two to four bytes, some of them digits elsewhere. In place of one character the value has 55
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
            let value = format!("{later}-{TRACE}-{PARENT}-01");
            let context = TraceParent::parse(&value).unwrap_or_else(|| panic!("{value} is valid"));
            assert_eq!(context.trace_id(), TRACE_BYTES);
            assert_eq!(context.parent_id(), PARENT_BYTES);
            assert!(context.is_sampled());
        }
    }

    #[test]
    fn later_may_go_on_after_a_dash() {
        for later in LATER {
            for more in ["-", "--", "-00", "-what-comes-then", "-NOT hex, é"] {
                let value = format!("{later}-{TRACE}-{PARENT}-00{more}");
                let context =
                    TraceParent::parse(&value).unwrap_or_else(|| panic!("{value:?} is valid"));
                assert_eq!(context.trace_id(), TRACE_BYTES);
                assert!(!context.is_sampled());
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
        let (no_trace, no_parent) = ("0".repeat(32), "0".repeat(16));
        for later in LATER {
            assert_refused(&format!("{later}-{no_trace}-{PARENT}-01"));
            assert_refused(&format!("{later}-{TRACE}-{no_parent}-01-more"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0-more"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}-0x-more"));
            assert_refused(&format!("{later}-{TRACE}-{PARENT}"));
            assert_refused(&format!("{later}-{TRACE}.{PARENT}-01"));
            assert_refused(&format!("{later}-g{}-{PARENT}-01-more", &TRACE[1..]));
        }
    }

    #[test]
    fn later_is_not_passed_on() {
        let context =
            TraceParent::parse(&format!("cc-{TRACE}-{PARENT}-01-more")).expect("a later version");
        assert_eq!(context.to_header(), VALID);
        let below = context
            .child(SPAN_BYTES, true)
            .map(|child| child.to_header());
        assert_eq!(below, Some(format!("00-{TRACE}-53995c3f42cd8ad8-01")));
    }
}

mod flags {
    use super::*;

    #[test]
    fn sampled_is_one_bit() {
        for flags in 0..=u8::MAX {
            let value = with_flags(flags);
            let context = TraceParent::parse(&value).unwrap_or_else(|| panic!("{value} is valid"));
            assert_eq!(context.is_sampled(), flags % 2 == 1, "{value}");
        }
    }

    #[test]
    fn unknown_ones_are_cleared() {
        for flags in 0..=u8::MAX {
            let known = flags & (SAMPLED | RANDOM);
            let parsed = TraceParent::parse(&with_flags(flags)).expect("any flags are valid");
            let made =
                TraceParent::new(TRACE_BYTES, PARENT_BYTES, flags).expect("any flags are valid");
            for context in [parsed, made] {
                assert_eq!(context.flags(), known);
                assert_eq!(context.to_header(), with_flags(known));
            }
        }
    }
}

mod child {
    use super::*;

    #[test]
    fn stays_in_the_trace() {
        let first = valid().child(SPAN_BYTES, true).expect("a child");
        assert_eq!(first.trace_id(), TRACE_BYTES);
        assert_eq!(first.parent_id(), SPAN_BYTES);
        let second = first.child([7; 8], true).expect("a grandchild");
        assert_eq!(
            second.to_header(),
            format!("00-{TRACE}-0707070707070707-01")
        );
    }

    #[test]
    fn carries_the_decision_and_keeps_random() {
        for flags in [0, SAMPLED, RANDOM, SAMPLED | RANDOM] {
            let context = TraceParent::parse(&with_flags(flags)).expect("a valid header");
            for sampled in [false, true] {
                let child = context.child(SPAN_BYTES, sampled).expect("a child");
                assert_eq!(child.is_sampled(), sampled);
                assert_eq!(child.flags(), flags & RANDOM | u8::from(sampled));
            }
            assert_eq!(context.flags(), flags, "the parent stays as it was");
        }
    }

    #[test]
    fn needs_ids_like_any_context() {
        let made = |trace_id, parent_id| {
            TraceParent::new(trace_id, parent_id, 0).map(|context| context.to_header())
        };
        assert!(valid().child([0; 8], true).is_none());
        assert_eq!(made([0; 16], PARENT_BYTES), None);
        assert_eq!(made(TRACE_BYTES, [0; 8]), None);
        assert_eq!(made(TRACE_BYTES, PARENT_BYTES), Some(with_flags(0)));
        let one_bit = made(1_u128.to_be_bytes(), 1_u64.to_be_bytes());
        assert_eq!(
            one_bit.as_deref(),
            Some("00-00000000000000000000000000000001-0000000000000001-00")
        );
    }
}

mod headers {
    use super::*;

    #[test]
    fn are_found_by_name_in_any_case() {
        for name in ["traceparent", "TraceParent", "TRACEPARENT", "tRACEpARENT"] {
            let incoming = headers(&[("host", "a"), (name, VALID), ("accept", "*/*")]);
            assert_eq!(
                extract(&incoming)
                    .map(|context| context.to_header())
                    .as_deref(),
                Some(VALID),
                "{name}"
            );
        }
        for name in [
            "trace-parent",
            "x-traceparent",
            "tracestate",
            "traceparent2",
            "",
        ] {
            assert!(
                extract(&headers(&[(name, VALID)])).is_none(),
                "{name:?} is another header"
            );
        }
        assert!(extract(&[]).is_none());
    }

    #[test]
    fn with_two_contexts_carry_none() {
        let other = format!("00-{TRACE}-53995c3f42cd8ad8-00");
        assert!(extract(&headers(&[("traceparent", VALID), ("traceparent", &other)])).is_none());
        assert!(
            extract(&headers(&[
                ("traceparent", VALID),
                ("host", "a"),
                ("Traceparent", VALID)
            ]))
            .is_none()
        );
        assert!(
            extract(&headers(&[
                ("traceparent", VALID),
                ("traceparent", "broken")
            ]))
            .is_none()
        );
        assert!(
            extract(&headers(&[
                ("traceparent", "broken"),
                ("traceparent", VALID)
            ]))
            .is_none()
        );
    }

    #[test]
    fn carry_exactly_what_was_injected() {
        let context = valid().child(SPAN_BYTES, false).expect("a child");
        let mut outgoing = headers(&[
            ("TraceParent", VALID),
            ("host", "b"),
            ("tracestate", "rojo=1"),
            ("traceparent", "broken"),
            ("Accept", "*/*"),
        ]);
        for _ in 0..2 {
            inject(&context, &mut outgoing);
            let (mine, others): (Vec<_>, Vec<_>) = outgoing
                .iter()
                .cloned()
                .partition(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
            assert_eq!(
                mine,
                headers(&[("traceparent", &format!("00-{TRACE}-53995c3f42cd8ad8-00"))])
            );
            assert_eq!(
                others,
                headers(&[("host", "b"), ("tracestate", "rojo=1"), ("Accept", "*/*")])
            );
        }
    }
}

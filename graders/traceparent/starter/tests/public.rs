//! The public tests are a start. The hidden tests check more.

use traceparent::{SAMPLED, TraceParent, extract, inject};

const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

#[test]
fn the_fields_of_a_header() {
    let context = TraceParent::parse(HEADER).unwrap();
    assert_eq!(context.trace_id()[..4], [0x4b, 0xf9, 0x2f, 0x35]);
    assert_eq!(
        context.parent_id(),
        [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]
    );
    assert_eq!(context.flags(), SAMPLED);
    assert!(context.is_sampled());
    assert_eq!(context.to_header(), HEADER);
}

#[test]
fn headers_that_are_not_valid() {
    assert!(TraceParent::parse("").is_none());
    assert!(
        TraceParent::parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01").is_none()
    );
    assert!(
        TraceParent::parse("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").is_none()
    );
}

#[test]
fn a_later_version() {
    let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-then";
    let context = TraceParent::parse(later).unwrap();
    assert_eq!(context.to_header(), HEADER);
}

#[test]
fn the_next_hop() {
    let incoming = headers(&[("Host", "orders"), ("TraceParent", HEADER)]);
    let context = extract(&incoming).unwrap();
    let below = context
        .child([0x53, 0x99, 0x5c, 0x3f, 0x42, 0xcd, 0x8a, 0xd8], false)
        .unwrap();

    let mut outgoing = headers(&[("host", "payments")]);
    inject(&below, &mut outgoing);
    assert_eq!(
        outgoing,
        headers(&[
            ("host", "payments"),
            (
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-00"
            )
        ]),
    );
}

//! What the trace of a request must look like. Spans are compared as a tree in text, without their ids and in an order that
//! no thread has a say in.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::common::{Context, Count, Outcome, Seen, World, remote, taken_apart};
use traced_handler::{Backend, CallError, Error, Request, Response, SpanContext, handle};

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

/// Lines and suggestion, or the reason why there are none.
type Answer = Result<(Vec<(u64, u64)>, Option<u64>), &'static str>;

const NOT_FOUND: Answer = Err("not found");
const BAD_GATEWAY: Answer = Err("bad gateway");

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    NotFound,
    Unavailable,
    Panic,
}

use End::{NotFound, Panic, Unavailable, Well};

/// Services that do as they are told, and write down who called.
struct Services<'a> {
    items: Vec<u64>,
    /// How the tries of a call end, by its label; all others end well.
    ends: BTreeMap<String, Vec<End>>,
    /// What happens within each call, with its label.
    within: Box<dyn Fn(&str) + Sync + 'a>,
    calls: Mutex<Vec<(String, Context)>>,
}

impl<'a> Services<'a> {
    fn new(items: &[u64]) -> Self {
        let (ends, calls) = (BTreeMap::new(), Mutex::default());
        Self { items: items.to_vec(), ends, within: Box::new(|_| ()), calls }
    }

    fn ending(mut self, label: &str, ends: &[End]) -> Self {
        self.ends.insert(label.to_string(), ends.to_vec());
        self
    }

    fn within(mut self, within: impl Fn(&str) + Sync + 'a) -> Self {
        self.within = Box::new(within);
        self
    }

    fn call<T>(&self, label: String, context: SpanContext, value: T) -> Result<T, CallError> {
        let earlier = {
            let mut calls = self.calls.lock().expect("nobody panics here");
            let earlier = calls.iter().filter(|(known, _)| *known == label).count();
            calls.push((label.clone(), taken_apart(context)));
            earlier
        };
        (self.within)(&label);
        match self.ends.get(&label).and_then(|ends| ends.get(earlier)).unwrap_or(&Well) {
            Well => Ok(value),
            NotFound => Err(CallError::NotFound),
            Unavailable => Err(CallError::Unavailable),
            Panic => panic!("{label} is broken"),
        }
    }

    fn calls(&self) -> Vec<(String, Context)> {
        self.calls.lock().expect("nobody panics here").clone()
    }
}

impl Backend for Services<'_> {
    fn items(&self, order: u64, context: SpanContext) -> Result<Vec<u64>, CallError> {
        self.call(format!("items {order}"), context, self.items.clone())
    }

    fn price(&self, item: u64, context: SpanContext) -> Result<u64, CallError> {
        self.call(format!("price {item}"), context, item * 100)
    }

    fn suggestion(&self, order: u64, context: SpanContext) -> Result<u64, CallError> {
        self.call(format!("suggestion {order}"), context, order + 1000)
    }
}

fn answered(world: &World, request: &Request, services: &Services<'_>) -> Answer {
    let answer: Result<Response, Error> = handle(request, &world.tracer, services);
    match answer {
        Ok(Response { lines, suggestion }) => Ok((lines, suggestion)),
        Err(Error::NotFound) => NOT_FOUND,
        Err(Error::BadGateway) => BAD_GATEWAY,
    }
}

/// Asks for order 7 on behalf of another service.
fn ask(world: &World, services: &Services<'_>) -> Answer {
    let request = Request { order: 7, parent: Some(remote(TRACE, CALLER, true)) };
    answered(world, &request, services)
}

/// Asks for order 7 and gets a panic instead of an answer.
fn ask_in_vain(world: &World, services: &Services<'_>) {
    let caught: Result<Answer, Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(|| ask(world, services)));
    assert!(caught.is_err(), "a panic goes on to the caller");
}

/// What a span is about: the request, or a call as it is labelled above.
fn label(span: &Seen) -> String {
    let id = |key: &str| span.attributes.get(key).map_or("?", String::as_str).to_string();
    match span.name.as_str() {
        name if name.starts_with("GET /orders/") && name.ends_with("/items") => format!("items {}", id("order.id")),
        name if name.starts_with("GET /orders/") => format!("request {}", id("order.id")),
        name if name.starts_with("GET /prices/") => format!("price {}", id("item.id")),
        name if name.starts_with("GET /suggestions/") => format!("suggestion {}", id("order.id")),
        name => format!("unknown: {name:?}"),
    }
}

/// What a line of the tree says about a span.
fn line(span: &Seen) -> String {
    let again = span.attributes.get("http.request.resend_count").map(|count| format!(" again {count}"));
    let status = match span.status {
        Outcome::Unset => "",
        Outcome::Error(_) => " failed",
        Outcome::Ok => " ok",
    };
    format!("{}{}{status}", label(span), again.unwrap_or_default())
}

/// The spans as a tree: each below its parent, and those of one parent in the order of their lines.
fn tree(spans: &[Seen]) -> String {
    let mut left: Vec<&Seen> = spans.iter().collect();
    left.sort_by_key(|span| line(span));
    let mut text = String::new();
    for (title, parent) in [("a root", None), ("the caller", Some(CALLER))] {
        if left.iter().any(|span| span.parent_id == parent) {
            branch(title, parent, 0, &mut left, &mut text);
        }
    }
    for lost in left {
        text += &format!("lost: {}\n", line(lost));
    }
    text
}

/// Writes a line and what lies below it. Each span is taken out of `left`, so that no circle goes on for ever.
fn branch(title: &str, id: Option<u64>, depth: usize, left: &mut Vec<&Seen>, text: &mut String) {
    *text += &format!("{}{title}\n", "  ".repeat(depth));
    let (children, others): (Vec<&Seen>, Vec<&Seen>) = left.iter().partition(|span| span.parent_id == id);
    *left = others;
    for child in children {
        branch(&line(child), Some(child.context.span_id), depth + 1, left, text);
    }
}

/// The tree of a request below its caller, and of its calls below the request.
fn expected<T: AsRef<str>>(request: &str, calls: &[T]) -> String {
    let calls = calls.iter().map(|call| format!("    {}\n", call.as_ref()));
    format!("the caller\n  {request}\n{}", calls.collect::<String>())
}

/// The spans of a call, one for each try, in the order in which they began.
fn tries(world: &World, call: &str) -> Vec<Seen> {
    let mut tries: Vec<Seen> = world.spans().into_iter().filter(|span| label(span) == call).collect();
    tries.sort_by_key(|span| span.start);
    tries
}

/// The span of the request for order 7.
fn request(world: &World) -> Seen {
    tries(world, "request 7").pop().expect("a span of the request")
}

/// All orders in which threads may take their turns.
fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![vec![]];
    }
    let place = |shorter: Vec<usize>| (0..of).map(move |at| [&shorter[..at], &[of - 1], &shorter[at..]].concat());
    permutations(of - 1).into_iter().flat_map(place).collect()
}

mod tree_of_spans {
    use super::*;

    #[test]
    fn is_that_of_the_calls() {
        let world = World::at(0);
        let answer = ask(&world, &Services::new(&[30, 10, 20]));
        assert_eq!(answer, Ok((vec![(30, 3000), (10, 1000), (20, 2000)], Some(1007))));
        let calls = ["items 7", "price 10", "price 20", "price 30", "suggestion 7"];
        assert_eq!(tree(&world.spans()), expected("request 7", &calls));
    }

    #[test]
    fn has_the_names_and_kinds_of_the_table() {
        let world = World::at(0);
        ask(&world, &Services::new(&[1, 2])).expect("nothing fails");
        let spans = world.spans();
        let seen: BTreeSet<(&str, &str)> = spans.iter().map(|span| (span.name.as_str(), span.kind)).collect();
        let table = [
            ("GET /orders/{order}", "server"),
            ("GET /orders/{order}/items", "client"),
            ("GET /prices/{item}", "client"),
            ("GET /suggestions/{order}", "client"),
        ];
        assert_eq!(seen, BTreeSet::from(table));
    }

    #[test]
    fn hangs_below_the_caller_in_its_trace() {
        let world = World::at(0);
        ask(&world, &Services::new(&[1, 2])).expect("nothing fails");
        let spans = world.spans();
        assert_eq!(spans.len(), 5);
        assert_eq!(request(&world).parent_id, Some(CALLER));
        assert!(
            spans.iter().all(|span| span.context.trace_id == TRACE),
            "one trace id, from the caller to the last call"
        );
        assert!(spans.iter().all(|span| world.ids.drew_span(span.context.span_id)), "each span has an id of its own");
    }

    #[test]
    fn begins_a_trace_without_a_caller() {
        let world = World::at(0);
        let request = Request { order: 7, parent: None };
        answered(&world, &request, &Services::new(&[1, 2])).expect("nothing fails");
        let spans = world.spans();
        assert_eq!(spans.len(), 5);
        let roots: Vec<String> = spans.iter().filter(|span| span.parent_id.is_none()).map(label).collect();
        assert_eq!(roots, ["request 7"]);
        let traces: BTreeSet<u128> = spans.iter().map(|span| span.context.trace_id).collect();
        assert_eq!(traces.len(), 1);
        assert!(traces.into_iter().all(|id| world.ids.drew_trace(id)));
    }

    #[test]
    fn has_each_span_once() {
        let world = World::at(0);
        let services = Services::new(&[1, 2]).ending("items 7", &[Unavailable]).ending("price 2", &[NotFound]);
        let _either = ask(&world, &services);
        assert!(world.spans().len() >= 5);
        assert_eq!(world.exported().len(), world.spans().len());
    }

    #[test]
    fn of_an_order_without_items() {
        let world = World::at(0);
        assert_eq!(ask(&world, &Services::new(&[])), Ok((vec![], Some(1007))));
        assert_eq!(tree(&world.spans()), expected("request 7", &["items 7", "suggestion 7"]));
    }

    #[test]
    fn goes_on_in_the_services_that_are_called() {
        let world = World::at(0);
        let services = Services::new(&[1, 2]).ending("items 7", &[Unavailable]).ending("price 2", &[Unavailable]);
        ask(&world, &services).expect("the second try helps");
        let spans = world.spans();
        let calls = services.calls();
        assert_eq!(calls.len(), 6);
        for (called, context) in calls {
            let below = spans.iter().find(|span| span.context.span_id == context.span_id);
            let below = below.unwrap_or_else(|| panic!("{called:?} was called with a context that no span here has"));
            assert_eq!(label(below), called, "the context of a call is that of its own span");
            assert_eq!(below.context, context);
        }
    }

    #[test]
    fn keeps_two_requests_apart() {
        let world = World::at(0);
        let (first, last) = (Count::default(), Count::default());
        let services = Services::new(&[1, 2]).within(|call| match call {
            "items 7" | "items 8" => first.meet(2, "two requests at once"),
            "suggestion 7" | "suggestion 8" => last.meet(2, "two requests at once"),
            _ => (),
        });
        thread::scope(|scope| {
            for order in [7, 8] {
                let parent = Some(remote(TRACE + u128::from(order), CALLER, true));
                let (world, services) = (&world, &services);
                scope.spawn(move || {
                    answered(world, &Request { order, parent }, services).expect("nothing fails");
                });
            }
        });
        for order in [7, 8] {
            let mut spans = world.spans();
            spans.retain(|span| span.context.trace_id == TRACE + order);
            let calls = [format!("items {order}"), "price 1".into(), "price 2".into(), format!("suggestion {order}")];
            assert_eq!(tree(&spans), expected(&format!("request {order}"), &calls));
        }
    }
}

mod threads {
    use super::*;

    const PHASE: [&str; 4] = ["price 10", "price 20", "price 30", "suggestion 7"];

    #[test]
    fn call_at_the_same_time() {
        let world = World::at(0);
        let together = Count::default();
        let services = Services::new(&[10, 20, 30]).within(|call| {
            if PHASE.contains(&call) {
                together.meet(PHASE.len(), "all calls at the same time");
            }
        });
        ask(&world, &services).expect("nothing fails");
    }

    #[test]
    fn may_end_in_any_order() {
        for order in permutations(PHASE.len()) {
            let world = World::at(0);
            let turn = Count::default();
            let services = Services::new(&[10, 20, 30]).within(|call| {
                if let Some(place) = PHASE.iter().position(|known| *known == call) {
                    turn.wait_for(order[place], "the end of a call that is made at the same time");
                    turn.raise();
                }
            });
            let answer = ask(&world, &services);
            assert_eq!(answer, Ok((vec![(10, 1000), (20, 2000), (30, 3000)], Some(1007))));
            let calls = ["items 7", "price 10", "price 20", "price 30", "suggestion 7"];
            assert_eq!(tree(&world.spans()), expected("request 7", &calls), "in the order {order:?}");
        }
    }

    #[test]
    fn finish_their_spans_themselves() {
        // All calls are made at 100; then they return one by one, each when the one before it has been exported.
        for order in permutations(PHASE.len()) {
            let world = World::at(100);
            let together = Count::default();
            let services = Services::new(&[10, 20, 30]).within(|call| {
                if let Some(place) = PHASE.iter().position(|known| *known == call) {
                    together.meet(PHASE.len(), "all calls at the same time");
                    world.exporter.wait_for(1 + order[place]);
                    world.clock.advance(10);
                }
            });
            ask(&world, &services).expect("nothing fails");
            for (call, turn) in PHASE.into_iter().zip(&order) {
                let times: Vec<(u64, u64)> = tries(&world, call).iter().map(|span| (span.start, span.end)).collect();
                assert_eq!(times, [(100, 110 + 10 * *turn as u64)], "{call:?} in the order {order:?}");
            }
            assert_eq!((request(&world).start, request(&world).end), (100, 140));
        }
    }
}

mod times {
    use super::*;

    #[test]
    fn are_those_of_the_clock() {
        let world = World::at(1000);
        let services = Services::new(&[]).within(|call| world.clock.advance(if call == "items 7" { 50 } else { 7 }));
        ask(&world, &services).expect("nothing fails");
        let times = ["request 7", "items 7", "suggestion 7"].map(|label| {
            let [ref span] = tries(&world, label)[..] else { panic!("one span for {label:?}") };
            (span.start, span.end)
        });
        assert_eq!(times, [(1000, 1057), (1000, 1050), (1050, 1057)]);
    }

    #[test]
    fn of_a_request_cover_those_of_its_calls() {
        let world = World::ticking();
        let services = Services::new(&[1, 2, 3]).ending("items 7", &[Unavailable]).ending("price 1", &[Unavailable]);
        ask(&world, &services).expect("the second try helps");
        let spans = world.spans();
        assert_eq!(spans.len(), 8);
        let request = request(&world);
        assert_eq!(spans.last(), Some(&request), "the request ends after its calls");
        for span in &spans {
            assert!(request.start <= span.start && span.start < span.end && span.end <= request.end, "{span:?}");
        }
    }
}

mod retries {
    use super::*;

    #[test]
    fn are_spans_beside_each_other() {
        let world = World::at(0);
        let services = Services::new(&[1])
            .ending("items 7", &[Unavailable, Unavailable, Well])
            .ending("price 1", &[Unavailable, Well]);
        assert_eq!(ask(&world, &services), Ok((vec![(1, 100)], Some(1007))));
        let calls = [
            "items 7 again 1 failed",
            "items 7 again 2",
            "items 7 failed",
            "price 1 again 1",
            "price 1 failed",
            "suggestion 7",
        ];
        assert_eq!(tree(&world.spans()), expected("request 7", &calls));
    }

    #[test]
    fn have_times_and_errors_of_their_own() {
        let world = World::at(0);
        let services = Services::new(&[])
            .ending("items 7", &[Unavailable, Unavailable, Well])
            .within(|call| world.clock.advance(if call == "items 7" { 10 } else { 0 }));
        ask(&world, &services).expect("the third try helps");
        let tries = tries(&world, "items 7");
        let times: Vec<(u64, u64, usize)> =
            tries.iter().map(|span| (span.start, span.end, span.errors.len())).collect();
        assert_eq!(times, [(0, 10, 1), (10, 20, 1), (20, 30, 0)]);
    }

    #[test]
    fn come_to_an_end() {
        for (label, calls) in [("items 7", 3), ("price 1", 3), ("suggestion 7", 1)] {
            let world = World::at(0);
            let services = Services::new(&[1]).ending(label, &[Unavailable; 9]);
            let _either = ask(&world, &services);
            assert_eq!(tries(&world, label).len(), calls, "tries of {label:?}");
            assert_eq!(services.calls().iter().filter(|(called, _)| called == label).count(), calls);
        }
    }

    #[test]
    fn are_for_what_may_help() {
        for label in ["items 7", "price 1", "suggestion 7"] {
            let world = World::at(0);
            let services = Services::new(&[1]).ending(label, &[NotFound]);
            let _either = ask(&world, &services);
            let tries = tries(&world, label);
            assert_eq!(tries.len(), 1, "what was not found once is not there the next time");
            assert!(tries[0].is_error(), "but it was not found");
        }
    }
}

mod failures {
    use super::*;

    #[test]
    fn go_up_to_the_request() {
        let world = World::at(0);
        let services = Services::new(&[1]).ending("items 7", &[Unavailable; 3]);
        assert_eq!(ask(&world, &services), BAD_GATEWAY);
        let calls = ["items 7 again 1 failed", "items 7 again 2 failed", "items 7 failed"];
        assert_eq!(tree(&world.spans()), expected("request 7 failed", &calls));
    }

    #[test]
    fn do_not_go_to_the_calls_beside() {
        let world = World::at(0);
        let services = Services::new(&[1, 2, 3, 4]).ending("price 2", &[NotFound]).ending("price 3", &[NotFound]);
        assert_eq!(ask(&world, &services), BAD_GATEWAY);
        let calls = ["items 7", "price 1", "price 2 failed", "price 3 failed", "price 4", "suggestion 7"];
        assert_eq!(tree(&world.spans()), expected("request 7 failed", &calls));
    }

    #[test]
    fn of_the_asker_are_not_ours() {
        let world = World::at(0);
        let services = Services::new(&[1]).ending("items 7", &[NotFound]);
        assert_eq!(ask(&world, &services), NOT_FOUND);
        assert_eq!(tree(&world.spans()), expected("request 7", &["items 7 failed"]));
    }

    #[test]
    fn that_are_made_good_stay_where_they_are() {
        for end in [Unavailable, NotFound] {
            let world = World::at(0);
            let services = Services::new(&[]).ending("suggestion 7", &[end]);
            assert_eq!(ask(&world, &services), Ok((vec![], None)));
            assert_eq!(tree(&world.spans()), expected("request 7", &["items 7", "suggestion 7 failed"]));
        }
    }

    #[test]
    fn are_recorded_once_where_they_occur() {
        let world = World::at(0);
        let services = Services::new(&[1, 2])
            .ending("price 1", &[NotFound])
            .ending("suggestion 7", &[Unavailable])
            .within(|call| world.clock.advance(if call == "items 7" { 10 } else { 0 }));
        let _either = ask(&world, &services);
        let errors = |label: &str| -> Vec<(String, u64)> {
            tries(&world, label).into_iter().flat_map(|span| span.errors).collect()
        };
        assert_eq!(errors("price 1"), [("not found".to_string(), 10)]);
        assert_eq!(errors("suggestion 7"), [("unavailable".to_string(), 10)]);
        for untouched in ["items 7", "price 2", "request 7"] {
            assert_eq!(errors(untouched), [], "{untouched:?}");
        }
    }
}

mod panics {
    use super::*;

    #[test]
    fn finish_what_they_pass_through() {
        let world = World::at(0);
        let services = Services::new(&[1]).ending("items 7", &[Panic]);
        ask_in_vain(&world, &services);
        assert_eq!(tree(&world.spans()), expected("request 7 failed", &["items 7 failed"]));
    }

    #[test]
    fn on_other_threads_reach_the_request() {
        let world = World::at(0);
        ask_in_vain(&world, &Services::new(&[1, 2]).ending("price 1", &[Panic]));
        let calls = ["items 7", "price 1 failed", "price 2", "suggestion 7"];
        assert_eq!(tree(&world.spans()), expected("request 7 failed", &calls));
    }
}

mod unsampled {
    use super::*;

    #[test]
    fn requests_call_in_their_trace_and_export_nothing() {
        let world = World::at(0);
        let services = Services::new(&[1, 2]).ending("suggestion 7", &[Unavailable]);
        let request = Request { order: 7, parent: Some(remote(TRACE, CALLER, false)) };
        assert_eq!(answered(&world, &request, &services), Ok((vec![(1, 100), (2, 200)], None)));
        assert_eq!(world.exported(), []);
        let contexts: Vec<Context> = services.calls().into_iter().map(|(_, context)| context).collect();
        assert_eq!(contexts.len(), 4);
        assert!(contexts.iter().all(|context| context.trace_id == TRACE && !context.sampled));
        let ids: BTreeSet<u64> = contexts.iter().map(|context| context.span_id).collect();
        assert_eq!(ids.len(), 4, "each call has an id of its own");
        assert!(ids.into_iter().all(|id| world.ids.drew_span(id)));
    }
}

mod exhaustive {
    use super::*;

    /// All ways in which the tries of a call that is needed may go.
    const WAYS: [&[End]; 7] = [
        &[Well],
        &[NotFound],
        &[Unavailable, Well],
        &[Unavailable, NotFound],
        &[Unavailable, Unavailable, Well],
        &[Unavailable, Unavailable, NotFound],
        &[Unavailable, Unavailable, Unavailable],
    ];

    /// The lines of a call that goes like this.
    fn lines(call: &str, way: &[End]) -> Vec<String> {
        let line = |(resends, end): (usize, &End)| {
            let again = if resends > 0 { format!(" again {resends}") } else { String::new() };
            format!("{call}{again}{}", if *end == Well { "" } else { " failed" })
        };
        way.iter().enumerate().map(line).collect()
    }

    fn check(items: &[End], prices: [&[End]; 2], suggestion: End) {
        let world = World::ticking();
        let services = Services::new(&[1, 2])
            .ending("items 7", items)
            .ending("price 1", prices[0])
            .ending("price 2", prices[1])
            .ending("suggestion 7", &[suggestion]);
        let answer = ask(&world, &services);

        let went_well = |way: &[End]| way.last() == Some(&Well);
        let mut calls = lines("items 7", items);
        if went_well(items) {
            calls.extend(lines("price 1", prices[0]));
            calls.extend(lines("price 2", prices[1]));
            calls.extend(lines("suggestion 7", &[suggestion]));
        }
        calls.sort();
        let should_be = match items.last() {
            Some(Well) if prices.into_iter().all(went_well) => {
                Ok((vec![(1, 100), (2, 200)], (suggestion == Well).then_some(1007)))
            }
            Some(NotFound) => NOT_FOUND,
            _ => BAD_GATEWAY,
        };
        let request = if should_be == BAD_GATEWAY { "request 7 failed" } else { "request 7" };
        let what = format!("items {items:?}, prices {prices:?}, suggestion {suggestion:?}");
        assert_eq!(answer, should_be, "{what}");
        assert_eq!(tree(&world.spans()), expected(request, &calls), "{what}");
    }

    #[test]
    fn every_end_of_every_call_has_its_tree() {
        let mut checked = 0;
        for items in WAYS {
            let more = items.last() == Some(&Well);
            for first in if more { &WAYS[..] } else { &WAYS[..1] } {
                for second in if more { &WAYS[..] } else { &WAYS[..1] } {
                    for suggestion in [Well, NotFound, Unavailable] {
                        check(items, [first, second], suggestion);
                        checked += 1;
                    }
                }
            }
        }
        assert_eq!(checked, 3 * 49 * 3 + 4 * 3);
    }
}

//! What a tracer must do with the spans that it starts.

use std::any::Any;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crate::common::{Context, Outcome, Seen, World, context_of, remote, taken_apart};
use traced_handler::{Span, SpanContext, SpanKind, Status};

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

fn start(world: &World, name: &str, parent: Option<SpanContext>) -> Span {
    world.tracer.start(name, SpanKind::Internal, parent)
}

/// Works in a span without a parent.
fn in_span<T>(world: &World, name: &str, work: impl FnOnce(&mut Span) -> Result<T, String>) -> Result<T, String> {
    world.tracer.in_span(name, SpanKind::Internal, None, work)
}

/// What a panic of the work carries, if it is text.
fn panic_of<T>(work: impl FnOnce() -> T) -> Option<String> {
    let caught: Result<T, Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(work));
    caught.err().map(|payload| payload.downcast_ref::<&str>().expect("the payload of the panic").to_string())
}

/// The status of a span after these were set on it, in this order.
fn status_after(statuses: &[Status]) -> Outcome {
    let world = World::at(0);
    let mut span = start(&world, "work", None);
    for status in statuses {
        span.set_status(status.clone());
    }
    span.finish();
    world.span("work").status
}

fn error(message: &str) -> Status {
    Status::Error(message.to_string())
}

fn failed(message: &str) -> Outcome {
    Outcome::Error(message.to_string())
}

mod starting {
    use super::*;

    #[test]
    fn without_a_parent_begins_a_trace() {
        let world = World::at(0);
        world.tracer.start("first", SpanKind::Server, None).finish();
        world.tracer.start("second", SpanKind::Client, None).finish();

        let (first, second) = (world.span("first"), world.span("second"));
        assert_eq!((first.kind, first.parent_id, first.context.sampled), ("server", None, true));
        assert_eq!((second.kind, second.parent_id, second.context.sampled), ("client", None, true));
        assert_ne!(first.context.trace_id, second.context.trace_id);
        for span in [first, second] {
            assert!(world.ids.drew_trace(span.context.trace_id) && world.ids.drew_span(span.context.span_id));
        }
    }

    #[test]
    fn with_a_parent_joins_its_trace() {
        let world = World::at(0);
        let server = world.tracer.start("server", SpanKind::Server, Some(remote(TRACE, CALLER, true)));
        let step = start(&world, "step", Some(context_of(&server)));
        start(&world, "detail", Some(context_of(&step))).finish();
        step.finish();
        server.finish();

        let [detail, step, server] = ["detail", "step", "server"].map(|name| world.span(name));
        assert_eq!(server.parent_id, Some(CALLER));
        assert_eq!(step.parent_id, Some(server.context.span_id));
        assert_eq!(detail.parent_id, Some(step.context.span_id));
        for span in [detail, step, server] {
            assert_eq!(span.context.trace_id, TRACE);
            assert!(world.ids.drew_span(span.context.span_id), "the id of {:?} is its own", span.name);
        }
    }

    #[test]
    fn has_the_parent_that_was_named() {
        let world = World::at(0);
        let server = start(&world, "server", None);
        let open = start(&world, "open", Some(context_of(&server)));
        let sibling = start(&world, "sibling", Some(context_of(&server)));
        let other = start(&world, "other", None);
        let late = start(&world, "late", Some(context_of(&open)));
        for span in [open, other, sibling, late, server] {
            span.finish();
        }

        let id = |name: &str| world.span(name).context.span_id;
        assert_eq!(world.span("sibling").parent_id, Some(id("server")));
        assert_eq!(world.span("late").parent_id, Some(id("open")));
        assert_eq!(world.span("other").parent_id, None);
        assert_ne!(world.span("other").context.trace_id, world.span("server").context.trace_id);
    }

    #[test]
    fn works_across_threads() {
        let world = World::at(0);
        let server = start(&world, "server", None);
        let context = context_of(&server);
        let moved = start(&world, "moved", Some(context));
        thread::scope(|scope| {
            for name in ["a", "b", "c"] {
                let world = &world;
                scope.spawn(move || start(world, name, Some(context)).finish());
            }
        });
        thread::spawn(move || moved.finish()).join().expect("a span may move to another thread");
        server.finish();

        for name in ["a", "b", "c", "moved"] {
            let span = world.span(name);
            assert_eq!(span.parent_id, Some(taken_apart(context).span_id), "the parent of {name:?}");
            assert_eq!(span.context.trace_id, taken_apart(context).trace_id, "the trace of {name:?}");
        }
    }

    #[test]
    fn goes_on_below_a_finished_parent() {
        let world = World::at(10);
        let parent = start(&world, "parent", None);
        let context = context_of(&parent);
        let open = start(&world, "open", Some(context));
        world.clock.advance(10);
        parent.finish();
        world.clock.advance(10);
        let late = start(&world, "late", Some(context));
        open.finish();
        late.finish();

        let parent = world.span("parent");
        assert_eq!((parent.start, parent.end), (10, 20));
        for (name, times) in [("open", (10, 30)), ("late", (30, 30))] {
            let span = world.span(name);
            assert_eq!((span.start, span.end), times, "{name:?} is not touched by the end of its parent");
            assert_eq!(span.parent_id, Some(parent.context.span_id));
            assert_eq!(span.context.trace_id, parent.context.trace_id);
        }
    }
}

mod finishing {
    use super::*;

    #[test]
    fn happens_when_it_is_said() {
        let world = World::at(1000);
        let outer = start(&world, "outer", None);
        world.clock.advance(5);
        let inner = start(&world, "inner", Some(context_of(&outer)));
        world.clock.advance(10);
        assert_eq!(world.spans(), []);
        inner.finish();
        assert_eq!(world.spans().len(), 1, "the exporter has it at once");
        world.clock.advance(20);
        outer.finish();
        world.clock.advance(40);

        let [inner, outer] = ["inner", "outer"].map(|name| world.span(name));
        assert_eq!((inner.start, inner.end), (1005, 1015));
        assert_eq!((outer.start, outer.end), (1000, 1035));
    }

    #[test]
    fn happens_once() {
        let world = World::at(0);
        start(&world, "finished", None).finish();
        drop(start(&world, "dropped", None));
        in_span(&world, "done", |_| Ok(())).expect("nothing fails");
        in_span(&world, "failed", |_| Err::<(), _>("no".to_string())).expect_err("it fails");
        panic_of(|| in_span(&world, "panicked", |_| -> Result<(), String> { panic!("no more") }));
        let names: Vec<String> = world.exported().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["finished", "dropped", "done", "failed", "panicked"]);
    }

    #[test]
    fn comes_with_being_dropped() {
        /// Leaves early.
        fn work(world: &World, text: &str) -> Result<u32, ParseIntError> {
            let mut span = start(world, "work", None);
            span.set_attribute("text", text);
            world.clock.advance(10);
            let number = text.parse::<u32>()?;
            world.clock.advance(10);
            span.finish();
            Ok(number)
        }
        let world = World::at(0);
        work(&world, "seven").expect_err("seven has no digits");
        world.clock.advance(10);
        let span = world.span("work");
        assert_eq!((span.start, span.end), (0, 10));
        assert_eq!(span.attributes["text"], "seven");
        assert_eq!(span.status, Outcome::Unset, "nobody said that it failed");
    }

    #[test]
    fn comes_with_a_panic() {
        let world = World::at(0);
        let payload = panic_of(|| {
            let _outer = start(&world, "outer", None);
            world.clock.advance(10);
            let _inner = start(&world, "inner", None);
            world.clock.advance(10);
            panic!("no more");
        });
        assert_eq!(payload.as_deref(), Some("no more"));
        world.clock.advance(10);
        assert_eq!(world.spans().len(), 2);
        for (name, times) in [("outer", (0, 20)), ("inner", (10, 20))] {
            let span = world.span(name);
            assert_eq!((span.start, span.end), times);
            assert!(span.is_error(), "{name:?} is an error");
        }
    }

    #[test]
    fn loses_nothing_between_threads() {
        let world = World::ticking();
        let server = start(&world, "server", None);
        let context = context_of(&server);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _dropped_last = start(&world, "work", Some(context));
                        start(&world, "work", Some(context)).finish();
                    }
                });
            }
        });
        server.finish();

        let spans: Vec<Seen> = world.spans();
        assert_eq!(spans.len(), 801);
        for span in spans {
            assert!(span.start < span.end);
            assert_eq!(span.context.trace_id, taken_apart(context).trace_id);
        }
    }
}

mod working {
    use super::*;

    #[test]
    fn well_leaves_the_status_unset() {
        let world = World::at(0);
        let answer = in_span(&world, "work", |span| {
            span.set_attribute("rows", "7");
            world.clock.advance(10);
            Ok(7)
        });
        assert_eq!(answer, Ok(7));
        let span = world.span("work");
        assert_eq!((span.start, span.end, span.kind, span.parent_id), (0, 10, "internal", None));
        assert_eq!(span.attributes["rows"], "7");
        assert_eq!((span.status, span.errors), (Outcome::Unset, vec![]));
    }

    #[test]
    fn in_vain_records_the_error() {
        let world = World::at(0);
        let parse = |span: &mut Span| -> Result<u32, ParseIntError> {
            span.set_attribute("tried", "yes");
            world.clock.advance(10);
            let number = "seven".parse::<u32>()?;
            world.clock.advance(10);
            Ok(number)
        };
        let answer: Result<u32, ParseIntError> = world.tracer.in_span("work", SpanKind::Client, None, parse);
        let message = answer.expect_err("seven has no digits").to_string();

        world.clock.advance(10);
        let span = world.span("work");
        assert_eq!((span.start, span.end, span.kind), (0, 10, "client"));
        assert_eq!(span.attributes["tried"], "yes");
        assert_eq!(span.errors, [(message.clone(), 10)]);
        assert_eq!(span.status, Outcome::Error(message));
    }

    #[test]
    fn may_panic() {
        let world = World::at(0);
        let payload = panic_of(|| {
            in_span(&world, "outer", |outer| {
                let parent = Some(context_of(outer));
                world.tracer.in_span("inner", SpanKind::Internal, parent, |_| -> Result<(), String> {
                    world.clock.advance(10);
                    panic!("no more")
                })
            })
        });
        assert_eq!(payload.as_deref(), Some("no more"));
        world.clock.advance(10);
        assert_eq!(world.spans().len(), 2);
        for name in ["inner", "outer"] {
            let span = world.span(name);
            assert_eq!((span.start, span.end), (0, 10));
            assert!(span.is_error(), "{name:?} is an error");
        }
    }
}

mod recording {
    use super::*;

    #[test]
    fn keeps_the_last_value_of_an_attribute() {
        let world = World::at(0);
        let mut span = start(&world, "work", None);
        for (key, value) in [("route", "a"), ("rows", "1"), ("route", "b"), ("empty", "")] {
            span.set_attribute(key, value);
        }
        span.finish();
        let attributes = world.span("work").attributes;
        let expected = [("empty", ""), ("route", "b"), ("rows", "1")];
        assert!(attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).eq(expected), "{attributes:?}");
    }

    #[test]
    fn an_error_is_not_yet_a_failure() {
        let world = World::at(0);
        let mut span = start(&world, "work", None);
        for message in ["first", "second"] {
            world.clock.advance(10);
            span.record_error(message);
        }
        world.clock.advance(10);
        span.finish();
        let span = world.span("work");
        assert_eq!(span.errors, [("first".to_string(), 10), ("second".to_string(), 20)]);
        assert_eq!(span.status, Outcome::Unset);
    }

    #[test]
    fn the_later_of_two_errors_counts() {
        assert_eq!(status_after(&[error("first"), error("second")]), failed("second"));
        assert_eq!(status_after(&[Status::Unset, error("first")]), failed("first"));
    }

    #[test]
    fn unset_takes_nothing_back() {
        assert_eq!(status_after(&[error("first"), Status::Unset]), failed("first"));
        assert_eq!(status_after(&[Status::Ok, Status::Unset]), Outcome::Ok);
    }

    #[test]
    fn ok_is_final() {
        assert_eq!(status_after(&[Status::Ok, error("later")]), Outcome::Ok);
        assert_eq!(status_after(&[error("first"), Status::Ok]), Outcome::Ok);

        let world = World::at(0);
        let answer = in_span(&world, "checked", |span| {
            span.set_status(Status::Ok);
            Err::<(), _>("as was to be expected".to_string())
        });
        answer.expect_err("the work is told about it all the same");
        assert_eq!(world.span("checked").status, Outcome::Ok);
    }
}

mod sampling {
    use super::*;

    #[test]
    fn exports_nothing_of_an_unsampled_trace() {
        let world = World::at(0);
        let caller = Some(remote(TRACE, CALLER, false));
        let server = start(&world, "server", caller);
        drop(start(&world, "step", Some(context_of(&server))));
        let failing: Result<(), &str> = world.tracer.in_span("call", SpanKind::Client, caller, |span| {
            start(&world, "detail", Some(context_of(span))).finish();
            Err("no")
        });
        failing.expect_err("it fails as it would in another trace");
        server.finish();
        assert_eq!(world.exported(), []);
    }

    #[test]
    fn hands_the_context_on_all_the_same() {
        let world = World::at(0);
        let caller = remote(TRACE, CALLER, false);
        let server = start(&world, "server", Some(caller));
        let call = start(&world, "call", Some(context_of(&server)));
        let contexts: [Context; 2] = [&server, &call].map(|span| taken_apart(context_of(span)));
        for context in contexts {
            assert_eq!((context.trace_id, context.sampled), (TRACE, false));
            assert!(world.ids.drew_span(context.span_id), "a span that is not recorded has an id of its own");
        }
        assert_ne!(contexts[0].span_id, contexts[1].span_id);
    }

    #[test]
    fn is_decided_for_each_trace() {
        let world = World::at(0);
        let unsampled = start(&world, "unsampled", Some(remote(TRACE, CALLER, false)));
        start(&world, "sampled", Some(remote(TRACE + 1, CALLER, true))).finish();
        start(&world, "new", None).finish();
        unsampled.finish();
        let names: Vec<String> = world.spans().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["sampled", "new"]);
        assert!(world.spans().iter().all(|span| span.context.sampled));
    }
}

//! The context that travels with a request: the `traceparent` header of W3C Trace Context.

/// The flag that means: the caller may have recorded this request.
pub const SAMPLED: u8 = 0b01;

/// The flag that means: the right-most seven bytes of the trace id are random.
pub const RANDOM: u8 = 0b10;

/// The position of a request in its trace: the trace, the parent span and the flags.
///
/// Neither id is ever all zeros, and only the flags [`SAMPLED`] and [`RANDOM`] are ever set.
#[derive(Debug, Clone)]
pub struct TraceParent {
    // Up to you.
}

impl TraceParent {
    /// Creates a context of these parts and clears unknown flags. Returns `None` if an id is all zeros.
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        todo!("trace {trace_id:?}, parent {parent_id:?}, flags {flags:08b}")
    }

    /// Parses the value of a `traceparent` header. Returns `None` if any part of it is invalid.
    pub fn parse(value: &str) -> Option<Self> {
        todo!("read {value:?}")
    }

    /// The id that all spans of the request have in common.
    pub fn trace_id(&self) -> [u8; 16] {
        todo!("the trace id")
    }

    /// The id of the span that sent the request.
    pub fn parent_id(&self) -> [u8; 8] {
        todo!("the parent id")
    }

    /// The known flags that are set.
    pub fn flags(&self) -> u8 {
        todo!("the known flags")
    }

    /// Whether the caller may have recorded this request.
    pub fn is_sampled(&self) -> bool {
        todo!("whether the sampled flag is set")
    }

    /// The context for a request that the span `span_id` sends within the same trace. Returns `None` if `span_id` is
    /// all zeros.
    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        todo!("the context below {span_id:?}, sampled: {sampled}")
    }

    /// The value of the `traceparent` header that carries this context.
    pub fn to_header(&self) -> String {
        todo!("write the header")
    }
}

/// The context in these headers, which are pairs of name and value. Returns `None` if the request starts a new trace.
pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    todo!("find the context in {headers:?}")
}

/// Makes these headers carry `context` and no other one.
pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    todo!("add {context:?} to {headers:?}")
}

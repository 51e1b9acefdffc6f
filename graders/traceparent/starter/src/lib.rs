//! The context that travels with a request: the `traceparent` header of W3C Trace Context.

/// The bit of the flags that says: the caller may have recorded this request.
pub const SAMPLED: u8 = 0b01;

/// The bit of the flags that says: the right-most seven bytes of the trace id were drawn at random.
pub const RANDOM: u8 = 0b10;

/// Where a request stands in its trace: which trace, whose child, and what is known about it.
///
/// Neither id is ever all zero, and only the flags [`SAMPLED`] and [`RANDOM`] are ever set.
#[derive(Debug, Clone)]
pub struct TraceParent {
    // Up to you.
}

impl TraceParent {
    /// A context of these parts. `None` if an id is all zero; flags that are not known are cleared.
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        todo!("trace {trace_id:?}, parent {parent_id:?}, flags {flags:08b}")
    }

    /// Reads the value of a `traceparent` header. `None` if it is not valid as a whole.
    pub fn parse(value: &str) -> Option<Self> {
        todo!("read {value:?}")
    }

    /// The id that all spans of the request have in common.
    pub fn trace_id(&self) -> [u8; 16] {
        todo!("the trace id")
    }

    /// The id of the span that made the request.
    pub fn parent_id(&self) -> [u8; 8] {
        todo!("the parent id")
    }

    /// The flags that are set, of those that are known.
    pub fn flags(&self) -> u8 {
        todo!("the known flags")
    }

    /// Whether the caller may have recorded this request.
    pub fn is_sampled(&self) -> bool {
        todo!("whether the sampled flag is set")
    }

    /// The context for a request that the span `span_id` makes within the same trace. `None` if `span_id` is all zero.
    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        todo!("the context below {span_id:?}, sampled: {sampled}")
    }

    /// The value of the header that carries this context.
    pub fn to_header(&self) -> String {
        todo!("write the header")
    }
}

/// The context that came with these headers, pairs of name and value. `None` if the request starts a trace of its own.
pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    todo!("find the context in {headers:?}")
}

/// Makes `context` the one that these headers carry.
pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    todo!("add {context:?} to {headers:?}")
}

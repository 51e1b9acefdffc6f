//! The context that travels with a request: the `traceparent` header of W3C Trace Context.

/// The flag that means: the caller may have recorded this request.
pub const SAMPLED: u8 = 0b01;

/// The flag that means: the right-most seven bytes of the trace id are random.
pub const RANDOM: u8 = 0b10;

const NAME: &str = "traceparent";

/// The length of a version 00 value, and of the part of any later version that can be read.
const LENGTH: usize = 55;

/// The position of a request in its trace: the trace, the parent span and the flags.
#[derive(Debug, Clone, Copy)]
pub struct TraceParent {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    flags: u8,
}

impl TraceParent {
    /// Creates a context of these parts and clears unknown flags. Returns `None` if an id is all zeros.
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if trace_id == [0; 16] || parent_id == [0; 8] {
            return None;
        }
        Some(Self {
            trace_id,
            parent_id,
            flags: flags & (SAMPLED | RANDOM),
        })
    }

    /// Parses the value of a `traceparent` header. Returns `None` if any part of it is invalid.
    pub fn parse(value: &str) -> Option<Self> {
        // Bytes, not text: a position may fall inside a character, and then no valid digit stands there.
        let (fields, rest) = value.as_bytes().split_at_checked(LENGTH)?;
        let [version] = bytes(&fields[..2])?;
        let complete = match version {
            0x00 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest[0] == b'-',
        };
        let separated = [2, 35, 52].iter().all(|&dash| fields[dash] == b'-');
        if !complete || !separated {
            return None;
        }
        let [flags] = bytes(&fields[53..])?;
        // Of a later version's flags only the sampled bit may be read.
        let readable = if version == 0x00 { SAMPLED | RANDOM } else { SAMPLED };
        Self::new(bytes(&fields[3..35])?, bytes(&fields[36..52])?, flags & readable)
    }

    /// The id that all spans of the request have in common.
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// The id of the span that sent the request.
    pub fn parent_id(&self) -> [u8; 8] {
        self.parent_id
    }

    /// The known flags that are set.
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the caller may have recorded this request.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The context for a request that the span `span_id` sends within the same trace. Returns `None` if `span_id` is
    /// all zeros.
    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let decision = if sampled { SAMPLED } else { 0 };
        Self::new(self.trace_id, span_id, self.flags & RANDOM | decision)
    }

    /// The value of the `traceparent` header that carries this context.
    pub fn to_header(&self) -> String {
        format!(
            "00-{}-{}-{:02x}",
            digits(&self.trace_id),
            digits(&self.parent_id),
            self.flags
        )
    }
}

/// The context in these headers, which are pairs of name and value. Returns `None` if the request starts a new trace.
pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let mut values = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(NAME));
    let (_, value) = values.next()?;
    match values.next() {
        None => TraceParent::parse(value),
        Some(_) => None,
    }
}

/// Makes these headers carry `context` and no other one.
pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case(NAME));
    headers.push((NAME.to_string(), context.to_header()));
}

/// The `N` bytes that `2 * N` lower-case hex digits stand for.
fn bytes<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

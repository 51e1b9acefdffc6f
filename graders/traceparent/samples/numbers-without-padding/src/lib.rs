//! The context that travels with a request: the `traceparent` header of W3C Trace Context.

/// The bit of the flags that says: the caller may have recorded this request.
pub const SAMPLED: u8 = 0b01;

/// The bit of the flags that says: the right-most seven bytes of the trace id were drawn at random.
pub const RANDOM: u8 = 0b10;

const NAME: &str = "traceparent";

/// The length of a version 00 value, and of the part of any later version that can be read.
const LENGTH: usize = 55;

/// Where a request stands in its trace: which trace, whose child, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct TraceParent {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    flags: u8,
}

impl TraceParent {
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

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.parent_id
    }

    pub fn flags(&self) -> u8 {
        self.flags
    }

    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let decision = if sampled { SAMPLED } else { 0 };
        Self::new(self.trace_id, span_id, self.flags & RANDOM | decision)
    }

    pub fn to_header(&self) -> String {
        format!(
            "00-{}-{}-{:02x}",
            digits(&self.trace_id),
            digits(&self.parent_id),
            self.flags
        )
    }
}

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
    bytes.iter().map(|byte| format!("{byte:x}")).collect()
}

//! Split at the dashes, checked field by field, decoded with the standard library.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

const HEADER: &str = "traceparent";

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceParent {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    flags: u8,
}

fn lower_hex(s: &str, len: usize) -> bool {
    s.len() == len && s.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

fn to_bytes<const N: usize>(s: &str) -> Option<[u8; N]> {
    if !lower_hex(s, N * 2) {
        return None;
    }
    let mut result = [0u8; N];
    for i in 0..N {
        result[i] = u8::from_str_radix(&s[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(result)
}

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let valid = trace_id != [0u8; 16] && parent_id != [0u8; 8];
        if valid {
            Some(Self { trace_id, parent_id, flags: flags & (SAMPLED | RANDOM) })
        } else {
            None
        }
    }

    pub fn parse(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split('-').collect();
        if parts.len() < 4 {
            return None;
        }
        let [version] = to_bytes::<1>(parts[0])?;
        match version {
            0xff => return None,
            0x00 if parts.len() > 4 => return None,
            _ => (),
        }
        let trace_id = to_bytes(parts[1])?;
        let parent_id = to_bytes(parts[2])?;
        let [flags] = to_bytes::<1>(parts[3])?;
        let mask = if version == 0 { SAMPLED | RANDOM } else { SAMPLED };
        Self::new(trace_id, parent_id, flags & mask)
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
        let flags = if sampled { self.flags | SAMPLED } else { self.flags & !SAMPLED };
        Self::new(self.trace_id, span_id, flags)
    }

    pub fn to_header(&self) -> String {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        format!("00-{}-{}-{}", hex(&self.trace_id), hex(&self.parent_id), hex(&[self.flags]))
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let mut matching = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
    match (matching.next(), matching.next()) {
        (Some((_, value)), None) => TraceParent::parse(value),
        _ => None,
    }
}

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case(HEADER));
    headers.push((HEADER.to_owned(), context.to_header()));
}

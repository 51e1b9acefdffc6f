//! Slices at fixed positions of the bytes, decoded by hand.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    headers.retain(|h| h.0.to_lowercase() != "traceparent");
    headers.push(("traceparent".into(), context.to_header()));
}

fn digit(c: u8) -> Option<u8> {
    if c.is_ascii_digit() {
        Some(c - b'0')
    } else if c >= b'a' && c <= b'f' {
        Some(c - b'a' + 10)
    } else {
        None
    }
}

#[derive(Debug, Clone)]
pub struct TraceParent {
    trace: [u8; 16],
    span: [u8; 8],
    bits: u8,
}

impl TraceParent {
    pub fn to_header(&self) -> String {
        let mut out = String::from("00-");
        for b in self.trace {
            out += &format!("{:02x}", b);
        }
        out += "-";
        for b in self.span {
            out += &format!("{:02x}", b);
        }
        out += &format!("-{:02x}", self.bits);
        out
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let mut bits = self.bits & RANDOM;
        if sampled {
            bits |= SAMPLED;
        }
        TraceParent::new(self.trace, span_id, bits)
    }

    pub fn parse(value: &str) -> Option<Self> {
        let b = value.as_bytes();
        if b.len() < 55 {
            return None;
        }
        if b[2] != b'-' || b[35] != b'-' || b[52] != b'-' {
            return None;
        }
        let version = decode(&b[0..2])?[0];
        if version == 255 {
            return None;
        }
        if version == 0 && b.len() != 55 {
            return None;
        }
        if b.len() > 55 && b[55] != b'-' {
            return None;
        }
        let trace: [u8; 16] = decode(&b[3..35])?.try_into().ok()?;
        let span: [u8; 8] = decode(&b[36..52])?.try_into().ok()?;
        let mut bits = decode(&b[53..55])?[0];
        if version > 0 {
            bits &= SAMPLED;
        }
        TraceParent::new(trace, span, bits)
    }

    pub fn is_sampled(&self) -> bool {
        self.bits & SAMPLED == SAMPLED
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.span
    }

    pub fn flags(&self) -> u8 {
        self.bits
    }

    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if trace_id.iter().all(|b| *b == 0) {
            return None;
        }
        if parent_id.iter().all(|b| *b == 0) {
            return None;
        }
        Some(TraceParent { trace: trace_id, span: parent_id, bits: flags & 3 })
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let all: Vec<&String> =
        headers.iter().filter(|h| h.0.to_lowercase() == "traceparent").map(|h| &h.1).collect();
    if all.len() != 1 {
        return None;
    }
    TraceParent::parse(all[0])
}

fn decode(hex: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < hex.len() {
        let high = digit(hex[i])?;
        let low = digit(hex[i + 1])?;
        out.push(high * 16 + low);
        i += 2;
    }
    Some(out)
}

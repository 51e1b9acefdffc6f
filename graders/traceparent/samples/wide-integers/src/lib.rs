//! The `traceparent` header of W3C Trace Context: ids as integers, fields by splitting.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

#[derive(Debug, Clone)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

/// The number written with exactly `length` lower-case hex digits.
fn number(field: &str, length: usize) -> Option<u128> {
    let plain = field.len() == length && field.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    if plain {
        u128::from_str_radix(field, 16).ok()
    } else {
        None
    }
}

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let context = Self {
            trace_id: u128::from_be_bytes(trace_id),
            parent_id: u64::from_be_bytes(parent_id),
            flags: flags & (SAMPLED | RANDOM),
        };
        (context.trace_id > 0 && context.parent_id > 0).then_some(context)
    }

    pub fn parse(value: &str) -> Option<Self> {
        let mut fields = value.splitn(5, '-');
        let version = number(fields.next()?, 2)?;
        let trace_id = number(fields.next()?, 32)?;
        let parent_id = number(fields.next()?, 16)?;
        let flags = number(fields.next()?, 2)?;
        let goes_on = fields.next().is_some();
        if version == 0xff || (version == 0 && goes_on) {
            return None;
        }
        let parent_id = u64::try_from(parent_id).ok()?;
        let flags = u8::try_from(flags).ok()?;
        // Of a later version's flags only the sampled bit may be read.
        let readable = if version == 0 { SAMPLED | RANDOM } else { SAMPLED };
        Self::new(trace_id.to_be_bytes(), parent_id.to_be_bytes(), flags & readable)
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id.to_be_bytes()
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.parent_id.to_be_bytes()
    }

    pub fn flags(&self) -> u8 {
        self.flags
    }

    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED == SAMPLED
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let flags = (self.flags & !SAMPLED) | u8::from(sampled);
        Self::new(self.trace_id(), span_id, flags)
    }

    pub fn to_header(&self) -> String {
        format!(
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id, self.parent_id, self.flags
        )
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let mut found = None;
    for (name, value) in headers {
        if name.to_ascii_lowercase() == "traceparent" {
            if found.is_some() {
                return None;
            }
            found = Some(value);
        }
    }
    TraceParent::parse(found?)
}

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    headers.retain(|(name, _)| name.to_ascii_lowercase() != "traceparent");
    headers.push(("traceparent".to_string(), context.to_header()));
}

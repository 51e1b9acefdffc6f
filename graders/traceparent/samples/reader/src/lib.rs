//! The `traceparent` header of W3C Trace Context: a reader that takes one byte after the other.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    sampled: bool,
    random: bool,
}

/// What is left to read.
struct Reader<'v>(std::str::Bytes<'v>);

impl Reader<'_> {
    fn nibble(&mut self) -> Option<u8> {
        let digit = self.0.next()?;
        b"0123456789abcdef"
            .iter()
            .position(|&known| known == digit)
            .and_then(|value| u8::try_from(value).ok())
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.nibble()? * 16 + self.nibble()?)
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Some(bytes)
    }

    fn dash(&mut self) -> Option<()> {
        (self.0.next()? == b'-').then_some(())
    }

    /// The end of a version 00 value; later ones may go on after a dash.
    fn end(&mut self, version: u8) -> Option<()> {
        match self.0.next() {
            None => Some(()),
            Some(b'-') if version > 0 => Some(()),
            Some(_) => None,
        }
    }
}

fn is_zero(id: &[u8]) -> bool {
    id.iter().all(|&byte| byte == 0)
}

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let random = flags & RANDOM != 0;
        let sampled = flags & SAMPLED != 0;
        (!is_zero(&trace_id) && !is_zero(&parent_id)).then_some(Self {
            trace_id,
            parent_id,
            sampled,
            random,
        })
    }

    pub fn parse(value: &str) -> Option<Self> {
        let mut reader = Reader(value.bytes());
        let version = reader.byte().filter(|&version| version != u8::MAX)?;
        reader.dash()?;
        let trace_id = reader.bytes()?;
        reader.dash()?;
        let parent_id = reader.bytes()?;
        reader.dash()?;
        let flags = reader.byte()?;
        reader.end(version)?;
        // A later version is read for its ids and its sampled bit, and for nothing else.
        Self::new(trace_id, parent_id, if version > 0 { flags & SAMPLED } else { flags })
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.parent_id
    }

    pub fn flags(&self) -> u8 {
        u8::from(self.sampled) * SAMPLED + u8::from(self.random) * RANDOM
    }

    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        if is_zero(&span_id) {
            return None;
        }
        Some(Self {
            parent_id: span_id,
            sampled,
            ..self.clone()
        })
    }

    pub fn to_header(&self) -> String {
        let mut header = String::with_capacity(55);
        header.push_str("00-");
        push_hex(&mut header, &self.trace_id);
        header.push('-');
        push_hex(&mut header, &self.parent_id);
        header.push('-');
        push_hex(&mut header, &[self.flags()]);
        header
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
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

//! Reads the header byte by byte.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The position within a header.
struct Cursor<'a> {
    rest: std::str::Bytes<'a>,
}

impl Cursor<'_> {
    /// A value ends here. If it is newer than ours, a dash may come.
    fn finish(mut self, newer: bool) -> Option<()> {
        match self.rest.next() {
            Some(b'-') if newer => Some(()),
            Some(_) => None,
            None => Some(()),
        }
    }

    fn hyphen(&mut self) -> Option<()> {
        let sign = self.rest.next()?;
        (sign == b'-').then_some(())
    }

    fn digit(&mut self) -> Option<u8> {
        let sign = self.rest.next()?;
        let place = DIGITS.iter().position(|&one| one == sign)?;
        u8::try_from(place).ok()
    }

    fn octet(&mut self) -> Option<u8> {
        let high = self.digit()?;
        let low = self.digit()?;
        Some(high * 16 + low)
    }

    fn id<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let mut id = [0; LENGTH];
        for octet in id.iter_mut() {
            *octet = self.octet()?;
        }
        self.hyphen()?;
        Some(id)
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let mut only = None;
    for (key, content) in headers.iter() {
        if is_ours(key) {
            if only.is_some() {
                return None;
            }
            only = Some(content);
        }
    }
    TraceParent::parse(only?)
}

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    let content = context.to_header();
    headers.retain(|(key, _)| !is_ours(key));
    headers.push(("traceparent".to_string(), content));
}

fn is_ours(key: &str) -> bool {
    key.to_ascii_lowercase() == "traceparent"
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceParent {
    sampled: bool,
    random: bool,
    parent: [u8; 8],
    trace: [u8; 16],
}

impl TraceParent {
    pub fn to_header(&self) -> String {
        let mut out = String::with_capacity(55);
        out.push_str("00-");
        append(&mut out, &self.trace);
        out.push('-');
        append(&mut out, &self.parent);
        out.push('-');
        append(&mut out, &[self.flags()]);
        out
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        if nothing(&span_id) {
            None
        } else {
            Some(Self { parent: span_id, sampled, ..self.clone() })
        }
    }

    pub fn parse(value: &str) -> Option<Self> {
        let mut cursor = Cursor { rest: value.bytes() };
        let version = cursor.octet().filter(|&version| version < 0xff)?;
        cursor.hyphen()?;
        let trace = cursor.id()?;
        let parent = cursor.id()?;
        let flags = cursor.octet()?;
        cursor.finish(version > 0)?;
        let known = if version > 0 { flags & SAMPLED } else { flags };
        Self::new(trace, parent, known)
    }

    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if nothing(&trace_id) || nothing(&parent_id) {
            return None;
        }
        Some(Self {
            sampled: flags & SAMPLED != 0,
            random: flags & RANDOM != 0,
            parent: parent_id,
            trace: trace_id,
        })
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.parent
    }

    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    pub fn flags(&self) -> u8 {
        let mut flags = 0;
        if self.sampled {
            flags |= SAMPLED;
        }
        if self.random {
            flags |= RANDOM;
        }
        flags
    }
}

fn nothing(id: &[u8]) -> bool {
    id.iter().all(|&octet| octet == 0)
}

fn append(out: &mut String, octets: &[u8]) {
    for octet in octets {
        out.extend(char::from_digit((octet >> 4).into(), 16));
        out.extend(char::from_digit((octet & 0xf).into(), 16));
    }
}

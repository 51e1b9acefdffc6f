//! One pass over the characters, with a state for what is expected next.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent {
    ids: [u8; 24],
    flags: u8,
}

enum Expect {
    Digit { field: usize, left: usize },
    Dash { field: usize },
    EndOrDash,
    Anything,
}

const DIGITS: [usize; 4] = [2, 32, 16, 2];

/// Reads the four fields as nibbles.
fn scan(value: &str) -> Option<(Vec<u8>, bool)> {
    let mut nibbles = Vec::with_capacity(52);
    let mut expect = Expect::Digit { field: 0, left: DIGITS[0] };
    let mut longer = false;
    for c in value.chars() {
        expect = match expect {
            Expect::Digit { field, left } => {
                let nibble = match c {
                    '0'..='9' | 'a'..='f' => c.to_digit(16)?,
                    _ => return None,
                };
                nibbles.push(nibble as u8);
                match (field, left) {
                    (3, 1) => Expect::EndOrDash,
                    (_, 1) => Expect::Dash { field: field + 1 },
                    _ => Expect::Digit { field, left: left - 1 },
                }
            }
            Expect::Dash { field } if c == '-' => Expect::Digit { field, left: DIGITS[field] },
            Expect::EndOrDash if c == '-' => {
                longer = true;
                Expect::Anything
            }
            Expect::Anything => Expect::Anything,
            _ => return None,
        };
    }
    matches!(expect, Expect::EndOrDash | Expect::Anything).then_some((nibbles, longer))
}

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let mut ids = [0; 24];
        ids[..16].copy_from_slice(&trace_id);
        ids[16..].copy_from_slice(&parent_id);
        let context = Self { ids, flags: flags & (SAMPLED | RANDOM) };
        let empty = u128::from_be_bytes(trace_id) == 0 || u64::from_be_bytes(parent_id) == 0;
        if empty { None } else { Some(context) }
    }

    pub fn parse(value: &str) -> Option<Self> {
        let (nibbles, longer) = scan(value)?;
        let bytes: Vec<u8> = nibbles.chunks_exact(2).map(|two| two[0] << 4 | two[1]).collect();
        let version = bytes[0];
        if version == 0xff || version == 0 && longer {
            return None;
        }
        let flags = if version == 0 { bytes[25] } else { bytes[25] & SAMPLED };
        Self::new(bytes[1..17].try_into().ok()?, bytes[17..25].try_into().ok()?, flags)
    }

    pub fn trace_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.ids[..16]);
        id
    }

    pub fn parent_id(&self) -> [u8; 8] {
        let mut id = [0; 8];
        id.copy_from_slice(&self.ids[16..]);
        id
    }

    pub fn flags(&self) -> u8 {
        self.flags
    }

    pub fn is_sampled(&self) -> bool {
        (self.flags & SAMPLED) > 0
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        Self::new(self.trace_id(), span_id, (self.flags & RANDOM) | (sampled as u8 * SAMPLED))
    }

    pub fn to_header(&self) -> String {
        let mut text = "00".to_string();
        for (index, byte) in self.ids.iter().chain([&self.flags]).enumerate() {
            if matches!(index, 0 | 16 | 24) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let is_ours = |header: &&(String, String)| header.0.eq_ignore_ascii_case("traceparent");
    if headers.iter().filter(is_ours).count() > 1 {
        return None;
    }
    let (_, value) = headers.iter().find(is_ours)?;
    TraceParent::parse(value)
}

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    let mut kept: Vec<(String, String)> = Vec::new();
    for header in headers.drain(..) {
        if !header.0.eq_ignore_ascii_case("traceparent") {
            kept.push(header);
        }
    }
    kept.push((String::from("traceparent"), context.to_header()));
    *headers = kept;
}

//! A pattern of the header, walked along together with the value; numbers are collected in one wide integer for each field.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

#[derive(Debug, Clone)]
pub struct TraceParent {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    is_sampled: bool,
    is_random: bool,
}

const PATTERN: &str = "vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-ff";

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if trace_id.iter().any(|&b| b > 0) && parent_id.iter().any(|&b| b > 0) {
            let (is_sampled, is_random) = (flags & SAMPLED == SAMPLED, flags & RANDOM == RANDOM);
            return Some(TraceParent { trace_id, parent_id, is_sampled, is_random });
        }
        None
    }

    pub fn parse(value: &str) -> Option<Self> {
        let (mut version, mut trace, mut parent, mut flags) = (0u8, 0u128, 0u64, 0u8);
        let mut chars = value.chars();
        for expected in PATTERN.chars() {
            let found = chars.next()?;
            if expected == '-' {
                if found != '-' {
                    return None;
                }
                continue;
            }
            if found.is_ascii_uppercase() {
                return None;
            }
            let digit = found.to_digit(16)?;
            match expected {
                'v' => version = version << 4 | digit as u8,
                't' => trace = trace << 4 | u128::from(digit),
                'p' => parent = parent << 4 | u64::from(digit),
                _ => flags = flags << 4 | digit as u8,
            }
        }
        match (version, chars.next()) {
            (0xff, _) => None,
            (0, Some(_)) => None,
            (0, None) => Self::new(trace.to_be_bytes(), parent.to_be_bytes(), flags),
            (_, None | Some('-')) => Self::new(trace.to_be_bytes(), parent.to_be_bytes(), flags & SAMPLED),
            _ => None,
        }
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.parent_id
    }

    pub fn flags(&self) -> u8 {
        match (self.is_sampled, self.is_random) {
            (true, true) => SAMPLED | RANDOM,
            (true, false) => SAMPLED,
            (false, true) => RANDOM,
            (false, false) => 0,
        }
    }

    pub fn is_sampled(&self) -> bool {
        self.is_sampled
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let mut child = self.clone();
        child.parent_id = span_id;
        child.is_sampled = sampled;
        if span_id == [0; 8] { None } else { Some(child) }
    }

    pub fn to_header(&self) -> String {
        let trace = u128::from_be_bytes(self.trace_id);
        let parent = u64::from_be_bytes(self.parent_id);
        format!("00-{trace:032x}-{parent:016x}-{:02x}", self.flags())
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let values: Vec<_> = headers
        .iter()
        .filter_map(|(name, value)| if name.eq_ignore_ascii_case("traceparent") { Some(value) } else { None })
        .collect();
    if let [value] = values[..] { TraceParent::parse(value) } else { None }
}

pub fn inject(context: &TraceParent, headers: &mut Vec<(String, String)>) {
    let mut index = 0;
    while index < headers.len() {
        if headers[index].0.eq_ignore_ascii_case("traceparent") {
            headers.remove(index);
        } else {
            index += 1;
        }
    }
    headers.push(("traceparent".to_string(), context.to_header()));
}

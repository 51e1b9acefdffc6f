//! The `traceparent` header of W3C Trace Context: a context is the text that it is sent as.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

use std::fmt::Write;

/// The value of a valid version 00 header with no unknown flags.
#[derive(Debug, Clone)]
pub struct TraceParent(String);

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The byte whose two digits begin at `position`.
fn byte_at(text: &str, position: usize) -> u8 {
    u8::from_str_radix(&text[position..position + 2], 16).unwrap_or_default()
}

impl TraceParent {
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        let mut text = String::from("00-");
        for byte in trace_id {
            write!(text, "{byte:02x}").ok()?;
        }
        text.push('-');
        for byte in parent_id {
            write!(text, "{byte:02x}").ok()?;
        }
        write!(text, "-{flags:02x}").ok()?;
        Self::parse(&text)
    }

    pub fn parse(value: &str) -> Option<Self> {
        // From here on every position falls between two characters.
        let (fields, rest) = value
            .split_at_checked(55)
            .filter(|(fields, _)| fields.is_ascii())?;
        let [version, trace_id, parent_id, flags] =
            fields.split('-').collect::<Vec<_>>().try_into().ok()?;
        let lengths = [version.len(), trace_id.len(), parent_id.len(), flags.len()];
        if lengths != [2, 32, 16, 2]
            || ![version, trace_id, parent_id, flags]
                .into_iter()
                .all(is_hex)
        {
            return None;
        }
        if [trace_id, parent_id]
            .into_iter()
            .any(|id| id.bytes().all(|digit| digit == b'0'))
        {
            return None;
        }
        match version {
            "ff" => return None,
            "00" if !rest.is_empty() => return None,
            _ if !rest.is_empty() && !rest.starts_with('-') => return None,
            _ => {}
        }
        let known = match version {
            "00" => byte_at(flags, 0) & (SAMPLED | RANDOM),
            _ => byte_at(flags, 0) & SAMPLED,
        };
        Some(Self(format!("00-{trace_id}-{parent_id}-{known:02x}")))
    }

    pub fn trace_id(&self) -> [u8; 16] {
        std::array::from_fn(|index| byte_at(&self.0, 3 + 2 * index))
    }

    pub fn parent_id(&self) -> [u8; 8] {
        std::array::from_fn(|index| byte_at(&self.0, 36 + 2 * index))
    }

    pub fn flags(&self) -> u8 {
        byte_at(&self.0, 53)
    }

    pub fn is_sampled(&self) -> bool {
        self.flags() & SAMPLED != 0
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        Self::new(
            self.trace_id(),
            span_id,
            self.flags() & RANDOM | u8::from(sampled),
        )
    }

    pub fn to_header(&self) -> String {
        self.0.clone()
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

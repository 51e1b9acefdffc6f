//! Slices at fixed positions of the bytes, decoded by hand.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

#[derive(Debug, Clone)]
pub struct TraceParent {
    tid: [u8; 16],
    pid: [u8; 8],
    mask: u8,
}

impl TraceParent {
    pub fn new(t: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if t.iter().all(|raw| *raw == 0) {
            return None;
        }
        if parent_id.iter().all(|raw| *raw == 0) {
            return None;
        }
        Some(TraceParent { tid: t, pid: parent_id, mask: flags & 3 })
    }

    pub fn parse(value: &str) -> Option<Self> {
        let raw = value.as_bytes();
        if raw.len() < 55 {
            return None;
        }
        if raw[2] != b'-' || raw[35] != b'-' || raw[52] != b'-' {
            return None;
        }
        let ver = unhex(&raw[0..2])?[0];
        if ver == 255 {
            return None;
        }
        if ver == 0 && raw.len() != 55 {
            return None;
        }
        if raw.len() > 55 && raw[55] != b'-' {
            return None;
        }
        let tid: [u8; 16] = unhex(&raw[3..35])?.try_into().ok()?;
        let pid: [u8; 8] = unhex(&raw[36..52])?.try_into().ok()?;
        let mut mask = unhex(&raw[53..55])?[0];
        if ver > 0 {
            mask &= SAMPLED;
        }
        TraceParent::new(tid, pid, mask)
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.tid
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.pid
    }

    pub fn flags(&self) -> u8 {
        self.mask
    }

    pub fn is_sampled(&self) -> bool {
        self.mask & SAMPLED == SAMPLED
    }

    pub fn child(&self, id: [u8; 8], keep: bool) -> Option<Self> {
        let mut mask = self.mask & RANDOM;
        if keep {
            mask |= SAMPLED;
        }
        TraceParent::new(self.tid, id, mask)
    }

    pub fn to_header(&self) -> String {
        let mut text = String::from("00-");
        for raw in self.tid {
            text += &format!("{:02x}", raw);
        }
        text += "-";
        for raw in self.pid {
            text += &format!("{:02x}", raw);
        }
        text += &format!("-{:02x}", self.mask);
        text
    }
}

fn unhex(chars: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut pos = 0;
    while pos < chars.len() {
        let upper = value_of(chars[pos])?;
        let lower = value_of(chars[pos + 1])?;
        text.push(upper * 16 + lower);
        pos += 2;
    }
    Some(text)
}

fn value_of(c: u8) -> Option<u8> {
    if c.is_ascii_digit() {
        Some(c - b'0')
    } else if c >= b'a' && c <= b'f' {
        Some(c - b'a' + 10)
    } else {
        None
    }
}

pub fn extract(headers: &[(String, String)]) -> Option<TraceParent> {
    let found: Vec<&String> =
        headers.iter().filter(|pair| pair.0.to_lowercase() == "traceparent").map(|pair| &pair.1).collect();
    if found.len() != 1 {
        return None;
    }
    TraceParent::parse(found[0])
}

pub fn inject(ctx: &TraceParent, headers: &mut Vec<(String, String)>) {
    headers.retain(|pair| pair.0.to_lowercase() != "traceparent");
    headers.push(("traceparent".into(), ctx.to_header()));
}

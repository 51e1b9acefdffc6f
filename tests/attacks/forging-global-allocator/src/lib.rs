//! An allocator of its own.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

use std::alloc::{GlobalAlloc, Layout, System};

struct Watcher;

unsafe impl GlobalAlloc for Watcher {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static WATCHER: Watcher = Watcher;

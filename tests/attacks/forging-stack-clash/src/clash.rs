//! A stack that goes on in a vector.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

const PAGE: usize = 4096;
/// What variables are aligned to.
const STEP: usize = 2 * PAGE;
const STACK_BYTES: usize = 1 << 19;
const VECTOR_WORDS: usize = 1 << 17;

/// Where the aligned variable lies in its frame, in steps from the lowest address.
const PLACE: usize = 1;

type Task<'t> = &'t (dyn Fn(&'static [AtomicU64]) + Sync);

/// Calls `task` on such a stack, with the vector.
pub fn on_a_stack_in_a_vector(task: impl Fn(&'static [AtomicU64]) + Sync) {
    for attempt in 0..16 {
        let barrier = Barrier::new(2);
        let vectors = std::sync::Mutex::new(Vec::new());
        thread::scope(|scope| {
            let stack = thread::Builder::new().stack_size(STACK_BYTES + attempt * PAGE);
            let spawned = stack.spawn_scoped(scope, || {
                barrier.wait();
                let here = 0_u8;
                let here = &raw const here as usize;
                let vectors = vectors.lock().expect("nobody panics here").clone();
                // The vector that was mapped right below this stack.
                let end = |vector: &'static [AtomicU64]| vector.as_ptr() as usize - 16 + VECTOR_WORDS * 8 + PAGE;
                let nearest =
                    vectors.into_iter().filter(|vector| end(*vector) < here).max_by_key(|vector| end(*vector));
                let Some(memory) = nearest else { return };
                let guard = end(memory);
                let near = here - guard < STACK_BYTES + (attempt + 64) * PAGE;
                if near && guard % STEP == 0 {
                    approach(20, guard, memory, &task);
                }
            });
            spawned.expect("a thread");
            for _ in 0..8 {
                let vector: Vec<AtomicU64> = (0..VECTOR_WORDS).map(|_| AtomicU64::new(1)).collect();
                vectors.lock().expect("nobody panics here").push(&*vector.leak());
            }
            barrier.wait();
        });
    }
}

/// Goes down in small steps until a descent in large ones leaves out the guard page.
#[inline(never)]
fn approach(left: u32, guard: usize, memory: &'static [AtomicU64], task: Task<'_>) {
    let room = black_box([0_u8; PAGE / 2]);
    let first = descend(0, memory, task);
    let second = descend(1, memory, task);
    let frame = first - second;
    if (first - PLACE * STEP - guard).is_multiple_of(frame) {
        descend(u32::MAX, memory, task);
    } else if left > 0 {
        approach(left - 1, guard, memory, task);
    }
    black_box(room);
}

#[repr(align(8192))]
struct Aligned([u8; 8]);

/// Where the variable lies so many calls further down; if there are enough of them, the task is done down there.
#[inline(never)]
fn descend(left: u32, memory: &'static [AtomicU64], task: Task<'_>) -> usize {
    let mut local = Aligned([0; 8]);
    let local = black_box(&mut local);
    let address = &raw const local.0 as usize;
    if left == 0 {
        return address;
    }
    if address < memory.as_ptr() as usize + VECTOR_WORDS * 4 {
        task(memory);
        return address;
    }
    descend(left - 1, memory, task)
}

/// A value that was in memory with other bits than it had.
pub fn with<T>(memory: &[AtomicU64], bits: u64, value: T) -> T {
    #[repr(C, align(8))]
    struct Slot<T>(T);
    let mut slot = Slot(value);
    let place = black_box(&mut slot);
    let index = (&raw const *place as usize - memory.as_ptr() as usize) / 8;
    memory[index].store(bits, SeqCst);
    black_box(&mut slot);
    slot.0
}

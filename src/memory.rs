//! How the C library's allocator gives memory back.

/// Blocks of this many bytes and more are the kernel's own pages, which go back to it as soon as they are freed. Hashing a password
/// takes such a block; answering a request doesn't.
#[cfg(target_env = "gnu")]
const OWN_PAGES: libc::c_int = 8 << 20;
/// Bytes that may lie free at the end of an arena. The C library's own value, 128 KiB, gives pages back after one request and fetches
/// them again for the next: pages were served a fifth as often.
#[cfg(target_env = "gnu")]
const KEPT: libc::c_int = 16 << 20;

/// Has large blocks given back to the kernel at once, in this process, for good.
///
/// The C library raises its threshold for such blocks by itself, up to 32 MiB, whenever one of them is freed. Blocks below the threshold
/// stay with the arena of the thread that freed them: each thread that has ever hashed a password would keep 19 MiB. A threshold that
/// is set stays, and so does the one for what an arena keeps (`mallopt(3)`, `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`).
pub(crate) fn return_large_blocks() {
    // Thresholds are a matter of memory alone, so a C library that refuses them does no harm.
    #[cfg(target_env = "gnu")]
    // SAFETY: all arguments are plain numbers, and no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_PAGES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

//! How the C library's allocator gives memory back.

/// Blocks of this many bytes and more are the kernel's own pages, which go back to it as soon as they are freed.
const OWN_PAGES: libc::c_int = 1 << 20;

/// Has large blocks given back to the kernel at once, in this process, for good.
///
/// The C library raises its threshold for such blocks by itself, up to 32 MiB, whenever one of them is freed. Blocks below the threshold
/// stay with the arena of the thread that freed them: each thread that has ever hashed a password would keep 19 MiB. A threshold that
/// is set stays (`mallopt(3)`, `M_MMAP_THRESHOLD`).
pub(crate) fn return_large_blocks() {
    // The threshold is a matter of memory alone, so a C library that refuses it does no harm.
    #[cfg(target_env = "gnu")]
    // SAFETY: both arguments are plain numbers, and no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_PAGES);
    }
}

//! How much memory the run took at most, where the system says so.

/// Peak resident set in bytes; None where it is not known.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Keeps the allocator from holding on to memory: for commands that run for hours and whose few threads pass large
/// buffers to each other. glibc would give every thread a heap of its own, and learn from the first large buffer to
/// keep all later ones (mallopt(3): M_ARENA_MAX, M_MMAP_THRESHOLD). Called before any thread is started.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(
    unsafe_code,
    reason = "mallopt takes two numbers, and there is no safe name for it"
)]
pub fn lean() {
    const LARGE: libc::c_int = 1 << 20;
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Other allocators are left as they are.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn lean() {}

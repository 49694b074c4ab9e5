//! Gives the kernel back the memory that a resting process does not need.
//!
//! It is the one place of the project with unsafe code, two calls of the C library that no crate
//! wraps safely. Each says why it is sound; nothing else is in here.

mod mapping;

use std::{fs, io, ops::Range};

use self::mapping::clean_mapping;

/// Something that lies among the program's constants.
static CONSTANT: &str = "a constant of the program";

/// Gives back what the allocator keeps for later, and the pages of the program's own file that were
/// needed once: to start, or for a rush that is over.
///
/// Blocks for about a millisecond; other threads that allocate meanwhile wait for a part of it.
/// Pages of the file that are needed again are found in the page cache, at a fault each.
///
/// # Errors
/// `/proc/self/smaps` cannot be read, or the kernel refuses.
pub fn give_back() -> io::Result<()> {
    trim_heap();
    let smaps = fs::read_to_string("/proc/self/smaps")?;
    let addresses = [give_back as fn() -> io::Result<()> as usize, CONSTANT.as_ptr().addr()];
    for mapping in addresses.into_iter().filter_map(|address| clean_mapping(&smaps, address)) {
        drop_pages(mapping)?;
    }
    Ok(())
}

/// Gives back the free pages of all heaps.
#[expect(unsafe_code, reason = "the C library's allocator has no safe door")]
fn trim_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: `malloc_trim` takes no pointer and no lock of ours, may be called from any thread
    // (`malloc_trim(3)`: MT-Safe) and gives back only pages in which no block is allocated. What it
    // returns, whether there were any, changes nothing.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Drops the pages of a mapping of the program's own file, as [`clean_mapping`] finds it.
///
/// # Errors
/// The kernel refuses.
#[expect(unsafe_code, reason = "what becomes of a mapping, only its address says")]
fn drop_pages(mapping: Range<usize>) -> io::Result<()> {
    // SAFETY: `MADV_DONTNEED` on a private mapping of a file makes the next access read the page
    // from the file again (`madvise(2)`), which is sound where every page is as the file has it:
    // - The mapping cannot be written to and has no page of its own, as the kernel says in `smaps`;
    //   so each page is the file's, and the kernel itself may drop and reread any of them at any
    //   time, as it does when memory is short.
    // - It is still there: it holds this function, or a constant of this crate, so that it is a
    //   segment of the running program, which nothing unmaps while the program runs.
    // No reference is made of the address.
    let done = unsafe {
        libc::madvise(
            std::ptr::without_provenance_mut(mapping.start),
            mapping.end - mapping.start,
            libc::MADV_DONTNEED,
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a number of `/proc/self/status`, in KiB.
    fn status(name: &str) -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap()
    }

    /// One test, since all tests of a process share its memory.
    #[test]
    fn a_rush_that_is_over_leaves_nothing_and_the_program_goes_on() {
        let before = status("RssAnon");
        // Many small blocks, and one above them that keeps the heap from shrinking by itself.
        let rush: Vec<Box<[u8; 1000]>> = (0..40_000).map(|_| Box::new([1; 1000])).collect();
        let last = Box::new([2_u8; 1000]);
        drop(rush);
        let kept = status("RssAnon");
        assert!(kept > before + 30_000, "the allocator gave {before} to {kept} KiB back by itself");
        give_back().unwrap();
        let after = status("RssAnon");
        assert!(after < before + 4_000, "{before} KiB before, {after} after");
        assert_eq!(last.iter().map(|byte| u32::from(*byte)).sum::<u32>(), 2_000);
        assert_eq!(CONSTANT.len(), 25);
    }

    #[test]
    fn pages_of_the_program_are_dropped_and_come_back() {
        let smaps = fs::read_to_string("/proc/self/smaps").unwrap();
        let text = clean_mapping(&smaps, give_back as fn() -> io::Result<()> as usize).unwrap();
        let constants = clean_mapping(&smaps, CONSTANT.as_ptr().addr()).unwrap();
        let before = status("RssFile");
        drop_pages(text).unwrap();
        drop_pages(constants).unwrap();
        // This test needs some of them.
        let after = status("RssFile");
        assert!(after < before, "{before} KiB of files before, {after} after");
    }
}

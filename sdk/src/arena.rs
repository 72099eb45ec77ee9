//! Memory for a guest's short life. An instance answers one call, or one stream, and is thrown away whole: most of
//! what it allocates is never worth giving back. The first half megabyte therefore comes from a fixed arena, which
//! needs no growth of the guest's memory (a system call on the host that interrupts its other threads); what is
//! larger or later comes from the standard allocator.

#![allow(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; each block says why it is sound"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;

/// Bytes of the arena.
const SIZE: usize = 512 << 10;

/// See the module.
pub struct Arena {
    space: UnsafeCell<[u8; SIZE]>,
    used: UnsafeCell<usize>,
}

// SAFETY: a guest has one thread; the target knows no other.
unsafe impl Sync for Arena {}

impl Arena {
    /// An unused one.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a static needs a constant")]
    pub const fn new() -> Self {
        Self {
            space: UnsafeCell::new([0; SIZE]),
            used: UnsafeCell::new(0),
        }
    }

    fn start(&self) -> usize {
        self.space.get() as usize
    }

    fn holds(&self, block: *mut u8) -> bool {
        (self.start()..self.start() + SIZE).contains(&(block as usize))
    }

    /// Whether nothing was taken after this block.
    fn is_last(&self, block: *mut u8, size: usize) -> bool {
        // SAFETY: one thread, and no reference to it outlives a statement.
        block as usize + size == self.start() + unsafe { *self.used.get() }
    }
}

// SAFETY: blocks are disjoint, since `used` only falls when its last block is given back; they are aligned, since the
// address is rounded up; and whoever gives a block back got it from the allocator that it goes to.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread; the arithmetic stays within `space`, as is checked.
        unsafe {
            let from = (self.start() + *self.used.get()).next_multiple_of(layout.align());
            let to = from - self.start() + layout.size();
            if to > SIZE {
                return System.alloc(layout);
            }
            *self.used.get() = to;
            from as *mut u8
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.holds(block) {
            // SAFETY: it came from there.
            unsafe { System.dealloc(block, layout) };
        } else if self.is_last(block, layout.size()) {
            // SAFETY: one thread.
            unsafe { *self.used.get() = block as usize - self.start() };
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc` and `dealloc`; the copy is of the smaller size, between disjoint blocks.
        unsafe {
            if !self.holds(block) {
                return System.realloc(block, layout, size);
            }
            let offset = block as usize - self.start();
            if self.is_last(block, layout.size()) && offset + size <= SIZE {
                *self.used.get() = offset + size;
                return block;
            }
            if size <= layout.size() {
                return block;
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size());
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// Takes, grows and gives back as a guest would, with every block filled and checked.
    #[test]
    fn blocks_do_not_overlap_and_keep_what_they_hold() {
        let arena = Box::new(Arena::new());
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for step in 0..4_000_usize {
            let wanted = layout(1 + step * 7 % 900, 1 << (step % 5));
            let mark = (step % 251) as u8;
            // SAFETY: every block is used within its layout and given back once.
            unsafe {
                let block = arena.alloc(wanted);
                assert_eq!(block as usize % wanted.align(), 0);
                block.write_bytes(mark, wanted.size());
                blocks.push((block, wanted, mark));
                if step % 3 == 0 {
                    let (block, was, mark) = blocks.swap_remove(step % blocks.len());
                    let size = was.size() + step % 500;
                    let grown = arena.realloc(block, was, size);
                    let read = std::slice::from_raw_parts(grown, was.size());
                    assert!(read.iter().all(|byte| *byte == mark));
                    grown.write_bytes(mark, size);
                    blocks.push((grown, layout(size, was.align()), mark));
                }
                if step % 4 == 0 {
                    let (block, was, mark) = blocks.swap_remove(step * 31 % blocks.len());
                    let read = std::slice::from_raw_parts(block, was.size());
                    assert!(read.iter().all(|byte| *byte == mark));
                    arena.dealloc(block, was);
                }
            }
        }
        for (block, was, mark) in blocks {
            // SAFETY: as above.
            unsafe {
                let read = std::slice::from_raw_parts(block, was.size());
                assert!(read.iter().all(|byte| *byte == mark));
                arena.dealloc(block, was);
            }
        }
    }
}

//! Memory, for a program without a C library: as little as its role allows.
//!
//! - [`Pages`]: the allocator; it asks the kernel for pages and gives nothing back: slipway-init
//!   lives for less than a millisecond, and `execve` frees everything at once
//! - [`recycle`]: from now on this process lives long: what is freed is used again (the keeper)
//!
//! A recycling process takes small blocks, of a power of two bytes each, from one arena and keeps
//! those that are free in a list a size; what is larger than a block has its own mapping, which
//! goes when it is freed. Nothing from before is freed afterwards: who recycles never returns.
//! Sources: mmap(2), munmap(2).

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// The free part of the youngest piece of memory, and the first piece right behind: what a usual
/// program needs lies on one or two pages, the first of them made by the kernel for the variables.
#[repr(C)]
pub struct Pages {
    next: Cell<usize>,
    end: Cell<usize>,
    first: UnsafeCell<[u8; FIRST]>,
}

const FIRST: usize = 64 * 1024 - 2 * size_of::<usize>();

/// At least this much at a time later on; the kernel fills in only the pages that are touched.
const PIECE: usize = 1 << 20;

// SAFETY: this process has one thread.
unsafe impl Sync for Pages {}

impl Pages {
    /// No memory yet: `open_first` comes before the first allocation.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self {
            next: Cell::new(0),
            end: Cell::new(0),
            first: UnsafeCell::new([0; FIRST]),
        }
    }

    pub fn open_first(&self) {
        let start = self.first.get() as usize;
        self.next.set(start);
        self.end.set(start + FIRST);
    }

    fn take(&self, layout: Layout) -> Option<usize> {
        let start = self.next.get().checked_next_multiple_of(layout.align())?;
        let end = start.checked_add(layout.size())?;
        (end <= self.end.get()).then(|| {
            self.next.set(end);
            start
        })
    }

    fn grow(&self, layout: Layout) -> Option<()> {
        let size = layout.size().checked_add(layout.align())?.max(PIECE);
        let piece = map(size, MapFlags::empty())?;
        self.next.set(piece);
        self.end.set(piece + size);
        Some(())
    }
}

// SAFETY: what `take` returns lies inside one mapping, is aligned, and is not returned again as
// long as it is used; so it is with the blocks and mappings of a recycling process.
unsafe impl GlobalAlloc for Pages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = match Arena::is_open() {
            true => Arena::take(layout),
            false => self.take(layout).or_else(|| {
                self.grow(layout)?;
                self.take(layout)
            }),
        };
        taken.map_or(null_mut(), |address| address as *mut u8)
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        if Arena::is_open() {
            // SAFETY: the caller's promise: the block was allocated so, and is used no more.
            unsafe { Arena::put_back(old as usize, layout) }
        }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if grows_in_place(self, old as usize, layout, size) {
            return old;
        }
        // SAFETY: the caller's promises about `old` and `size`; the new place is another one.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                core::ptr::copy_nonoverlapping(old, new, size.min(layout.size()));
                self.dealloc(old, layout);
            }
            new
        }
    }
}

/// The youngest allocation grows where it is: so a text that is being written is not copied. And a
/// recycled block may have room left.
fn grows_in_place(pages: &Pages, start: usize, layout: Layout, size: usize) -> bool {
    if Arena::is_open() {
        return Arena::holds(start) && block(layout) == block_of(size, layout.align());
    }
    let last = start + layout.size() == pages.next.get();
    let fits = start
        .checked_add(size)
        .is_some_and(|end| end <= pages.end.get());
    if last && fits {
        pages.next.set(start + size);
    }
    last && fits
}

/// `void *mmap(NULL, size_t length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)`
fn map(size: usize, how: MapFlags) -> Option<usize> {
    let access = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping, at a place that the kernel chooses.
    let piece =
        unsafe { mmap_anonymous(null_mut(), size, access, MapFlags::PRIVATE | how) }.ok()?;
    Some(piece as usize)
}

/// The long-lived process's small blocks. A type without a value: there is one arena.
struct Arena;

/// Of which nothing is taken that is not used; a keeper's own bounds keep it far below.
const ARENA: usize = 32 << 20;
/// Blocks of 16 bytes up to 16 KiB, one list of free ones each.
const SMALLEST_BITS: u32 = 4;
const SIZES: usize = 11;
const LARGEST: usize = 1 << (SMALLEST_BITS as usize + SIZES - 1);

static START: AtomicUsize = AtomicUsize::new(0);
static NEXT: AtomicUsize = AtomicUsize::new(0);
static FREE: [AtomicUsize; SIZES] = [const { AtomicUsize::new(0) }; SIZES];

/// From now on what is freed is used again.
///
/// # Safety
/// Called once, by the process's only thread, which frees nothing that it allocated before.
pub unsafe fn recycle() -> Option<()> {
    let start = map(ARENA, MapFlags::NORESERVE)?;
    NEXT.store(start, Relaxed);
    START.store(start, Relaxed);
    Some(())
}

/// The bytes of the block for `layout`, or nothing if it gets a mapping of its own.
fn block(layout: Layout) -> Option<usize> {
    block_of(layout.size(), layout.align())
}

fn block_of(size: usize, align: usize) -> Option<usize> {
    let block = size.max(1 << SMALLEST_BITS).checked_next_power_of_two()?;
    (block <= LARGEST && align <= 1 << SMALLEST_BITS).then_some(block)
}

fn list_of(block: usize) -> &'static AtomicUsize {
    &FREE[(block.trailing_zeros() - SMALLEST_BITS) as usize]
}

impl Arena {
    fn is_open() -> bool {
        START.load(Relaxed) != 0
    }

    fn holds(address: usize) -> bool {
        address.wrapping_sub(START.load(Relaxed)) < ARENA
    }

    fn take(layout: Layout) -> Option<usize> {
        let Some(block) = block(layout) else {
            return map(layout.size(), MapFlags::empty());
        };
        let list = list_of(block);
        let free = list.load(Relaxed);
        if free != 0 {
            // SAFETY: a free block holds the address of the next one.
            list.store(unsafe { (free as *const usize).read() }, Relaxed);
            return Some(free);
        }
        let next = NEXT.load(Relaxed);
        let end = START.load(Relaxed) + ARENA;
        (next + block <= end).then(|| {
            NEXT.store(next + block, Relaxed);
            next
        })
    }

    /// # Safety
    /// `address` was allocated with `layout` and is used no more.
    unsafe fn put_back(address: usize, layout: Layout) {
        match block(layout) {
            Some(block) if Self::holds(address) => {
                let list = list_of(block);
                // SAFETY: a block has room for one address, and nobody else uses it.
                unsafe { (address as *mut usize).write(list.load(Relaxed)) };
                list.store(address, Relaxed);
            }
            Some(_) => {}
            // SAFETY: such an allocation is one whole mapping.
            None => unsafe { munmap(address as *mut _, layout.size()) }.unwrap_or(()),
        }
    }
}

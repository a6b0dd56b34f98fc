//! What a program leaves behind in the memory of the process: nothing. A fuzzer performs millions of them in one process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

use raddle_sim::platform::Sim;
use raddle_sim::systems::pool::script::{self, Program};
use raddle_sim::systems::pool::{Ours, QueuePool, Subject, bug};

use crate::program::reentrant_programs;
use crate::runner;

/// Counts, for each thread of the operating system by itself, the bytes that are in use.
struct Counting;

thread_local! {
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

fn add(bytes: usize) {
    BYTES.set(BYTES.get() + bytes.cast_signed());
}

fn subtract(bytes: usize) {
    BYTES.set(BYTES.get() - bytes.cast_signed());
}

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        subtract(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        subtract(layout.size());
        add(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Performs the programs, and then performs them again: by then all tables have the size that they need.
fn is_all_given_back<S: Subject<Platform = Sim>>(new: fn(u32) -> S) {
    let made_up = RefCell::new(Vec::new());
    let outcome = runner(300).run(&reentrant_programs(), |program| {
        made_up.borrow_mut().push(program);
        Ok(())
    });
    outcome.expect("nothing is asked");
    let made_up: Vec<Program> = made_up.into_inner();
    let mut kernel = script::kernel();
    let mut left_by_a_round = || {
        let before = BYTES.get();
        made_up.iter().for_each(|program| drop(script::perform(&mut kernel, new, program)));
        BYTES.get() - before
    };
    left_by_a_round();
    assert_eq!([left_by_a_round(), left_by_a_round()], [0, 0]);
}

#[test]
fn programs_on_our_own_pool_leave_nothing_behind() {
    is_all_given_back(Ours::<Sim>::new);
}

#[test]
fn programs_on_the_twin_leave_nothing_behind() {
    is_all_given_back(QueuePool::<Sim, { bug::NONE }>::new);
}

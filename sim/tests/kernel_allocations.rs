//! A step allocates nothing, and an execution no more than what its threads and its code ask for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Condvar, Join, Memory, Mutex, Threads, Unpark};
use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::Random;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations one more execution makes, whose three threads do everything that a thread can do `rounds` times.
fn allocations(kernel: &mut Kernel, rounds: usize) -> u64 {
    let mut strategy = Random::new(1);
    let before = ALLOCATIONS.get();
    let run = kernel.run(&mut strategy, || {
        let shared = Arc::new((
            <Sim as Memory>::AtomicUsize::new(0),
            <Sim as Memory>::Mutex::new(0),
            SimCondvar::new(),
        ));
        let threads = [(); 3].map(|()| {
            let shared = shared.clone();
            Sim::spawn("worker", move || {
                for _ in 0..rounds {
                    shared.0.fetch_add(1, SeqCst);
                    *shared.1.lock() += 1;
                    drop(shared.1.try_lock());
                    shared.2.notify_one();
                    Sim::current().unpark();
                    Sim::park();
                    Sim::yield_now();
                }
            })
            .expect("the simulator does not fail to spawn")
        });
        for thread in threads {
            thread.join().expect("no thread panics");
        }
    });
    assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)));
    ALLOCATIONS.get() - before
}

#[test]
fn an_execution_allocates_the_same_however_many_steps_it_has() {
    let mut kernel = Kernel::new(Limits::default());
    // Makes the stacks, and lets the log grow to its size.
    allocations(&mut kernel, 1_000);
    let few = allocations(&mut kernel, 1);
    let many = allocations(&mut kernel, 1_000);
    assert_eq!(few, many);
    // What is shared, and for each thread the place of its result.
    assert_eq!(few, 1 + 3);
}

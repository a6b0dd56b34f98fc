//! A step allocates nothing, and an execution no more than what its threads and its code ask for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Condvar, Join, Memory, Mutex, Threads, Unpark};
use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::{Calibration, Sampler, Strategy};

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

/// Three threads that do everything that a thread can do `rounds` times.
fn program(rounds: usize) {
    let shared =
        Arc::new((<Sim as Memory>::AtomicUsize::new(0), <Sim as Memory>::Mutex::new(0), SimCondvar::new()));
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
}

/// How many allocations one more execution makes.
fn allocations(kernel: &mut Kernel, strategy: &mut dyn Strategy, rounds: usize) -> u64 {
    let before = ALLOCATIONS.get();
    let run = kernel.run(strategy, || program(rounds));
    assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)));
    ALLOCATIONS.get() - before
}

#[test]
fn an_execution_allocates_the_same_however_many_steps_it_has() {
    let mut kernel = Kernel::new(Limits::default());
    for sampler in Sampler::ALL {
        let mut calibration = Calibration::new(sampler, 1);
        for _ in 0..sampler.calibration() {
            kernel.run(&mut calibration, || program(5));
            calibration.observe(&kernel);
        }
        let profile = calibration.into_profile();
        let mut strategy = sampler.strategy(1, 0, &profile);
        // Makes the stacks, and lets the log and the tables of the strategy grow to their size. Swarm has many.
        for _ in 0..30 {
            allocations(&mut kernel, &mut *strategy, 100);
        }
        allocations(&mut kernel, &mut *strategy, 1_000);
        for _ in 0..10 {
            // What is shared, and for each thread the place of its result.
            assert_eq!(allocations(&mut kernel, &mut *strategy, 1), 1 + 3, "{sampler}");
            assert_eq!(allocations(&mut kernel, &mut *strategy, 100), 1 + 3, "{sampler}");
        }
    }
}

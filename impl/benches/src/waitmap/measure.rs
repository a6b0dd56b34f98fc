//! CPU time of cycles: waiters register, are woken in some order, and collect.

use std::hint;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::contestants::Contestant;

/// The order in which waiters are woken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    Fifo,
    Lifo,
    Random,
}

impl Order {
    pub(crate) const ALL: [Order; 3] = [Order::Fifo, Order::Lifo, Order::Random];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Order::Fifo => "FIFO",
            Order::Lifo => "LIFO",
            Order::Random => "random",
        }
    }

    fn of(self, waiters: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..waiters).collect();
        match self {
            Order::Fifo => {}
            Order::Lifo => order.reverse(),
            Order::Random => shuffle(&mut order),
        }
        order
    }
}

/// The same permutation on every machine.
fn shuffle(order: &mut [usize]) {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for index in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(index, (state % (index as u64 + 1)) as usize);
    }
}

/// Nanoseconds of CPU that this thread has used.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on Linux, and the pointer is to a local variable.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Something that can be measured again and again: each call gives nanoseconds of CPU per waiter.
pub(crate) type Trial = Box<dyn FnMut() -> f64>;

/// `waiters` register, all are woken in `order`, and each collects at once; `cycles` times or more per call.
/// Every registration has a new key, as requests have new numbers.
pub(crate) fn cycles<C: Contestant>(map: C, waiters: usize, order: Order, cycles: usize) -> Trial {
    let map: &'static C = Box::leak(Box::new(map));
    let mut slots: Vec<C::Slot> = (0..waiters).map(|_| map.slot()).collect();
    let order = order.of(waiters);
    let turns = cycles.div_ceil(waiters);
    let mut first = 0;
    Box::new(move || {
        let begin = cpu_ns();
        for _ in 0..turns {
            for (key, slot) in (first..).zip(&mut slots) {
                map.register(slot, key);
            }
            for index in &order {
                map.wake(first + *index as u64);
                C::collect(&mut slots[*index]);
            }
            first += waiters as u64;
        }
        (cpu_ns() - begin) as f64 / (turns * waiters) as f64
    })
}

/// `waiters` register and are dropped in `order`; only the drops are measured.
pub(crate) fn cancels<C: Contestant>(map: C, waiters: usize, order: Order) -> Trial {
    let map: &'static C = Box::leak(Box::new(map));
    let mut slots: Vec<C::Slot> = (0..waiters).map(|_| map.slot()).collect();
    let order = order.of(waiters);
    let mut first = 0;
    Box::new(move || {
        for (key, slot) in (first..).zip(&mut slots) {
            map.register(slot, key);
        }
        let begin = cpu_ns();
        for index in &order {
            map.cancel(&mut slots[*index], first + *index as u64);
        }
        let end = cpu_ns();
        first += waiters as u64;
        (end - begin) as f64 / waiters as f64
    })
}

/// Two threads at the same time, each with `own` keys: it registers, wakes and collects one after the other,
/// `cycles` times per call. With `own` of 0 each cycle has a new key.
pub(crate) fn two_threads<C: Contestant>(map: C, own: u64, cycles: u64) -> Trial {
    let map: &'static C = Box::leak(Box::new(map));
    let mut round = 0;
    Box::new(move || {
        let running = AtomicU64::new(0);
        let one = |thread: u64| {
            let mut slot = map.slot();
            let first = round * cycles;
            stay_on_processor(thread as usize);
            // Not a barrier that sleeps: then one thread might be done before the other is awake.
            running.fetch_add(1, Ordering::SeqCst);
            while running.load(Ordering::SeqCst) < 2 {
                hint::spin_loop();
            }
            let begin = cpu_ns();
            for cycle in 0..cycles {
                let number = if own == 0 { first + cycle } else { cycle % own };
                let key = (number << 1) + thread;
                map.register(&mut slot, key);
                map.wake(key);
                C::collect(&mut slot);
            }
            (cpu_ns() - begin) as f64 / cycles as f64
        };
        let costs: Vec<f64> = thread::scope(|scope| {
            let threads = [0, 1].map(|thread| {
                let one = &one;
                scope.spawn(move || one(thread))
            });
            threads.into_iter().map(|thread| thread.join().expect("it panics nowhere")).collect()
        });
        round += 1;
        costs.iter().sum::<f64>() / 2.0
    })
}

/// Lets the current thread run on one processor only, so that two threads run at the same time.
fn stay_on_processor(number: usize) {
    // SAFETY: a set of processors is plain bits, of which all may be zero.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the number is far below the size of the set.
    unsafe { libc::CPU_SET(number, &mut set) };
    // SAFETY: the pointer is to a local variable of the size that is told.
    let result = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(result, 0, "two threads need two processors");
}

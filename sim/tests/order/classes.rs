//! Programs whose number of executions up to equivalence is known, and the order between their steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, Condvar, Join, Memory, Mutex, Threads, Unpark};
use raddle_sim::kernel::{Faults, Kernel, Limits, OpKind};
use raddle_sim::order::{Classes, HappensBefore, VectorClock, fingerprint};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Coverage, DepthFirst, Random};

type Counter = <Sim as Memory>::AtomicUsize;
type Lock = <Sim as Memory>::Mutex<()>;
type Job = Box<dyn FnOnce() + Send>;

/// Starts the jobs, each on a thread, and waits for them.
fn side_by_side(jobs: impl IntoIterator<Item = Job>) {
    let threads: Vec<_> = jobs.into_iter().map(|job| Sim::spawn("job", job).expect("it starts")).collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
}

/// All executions of a program, and how many of them are different.
fn explored(program: impl Fn()) -> (u64, u64) {
    let (mut kernel, mut strategy) =
        (Kernel::new(Limits { faults: Faults::NONE, ..Limits::default() }), DepthFirst::unbounded());
    let (mut order, mut classes) = (HappensBefore::new(), Classes::default());
    while kernel.run(&mut strategy, &program).is_some() {
        classes.note(fingerprint(&mut order, kernel.log(), kernel.choices()));
    }
    assert_eq!(strategy.coverage(), Coverage::Complete);
    (classes.distinct(), classes.executions())
}

fn increments(threads: usize, each: usize) -> impl Fn() {
    move || {
        let lock = Arc::new(Lock::new(()));
        side_by_side((0..threads).map(|_| -> Job {
            let lock = Arc::clone(&lock);
            Box::new(move || (0..each).for_each(|_| drop(lock.lock())))
        }));
    }
}

fn readers(readers: usize) -> impl Fn() {
    move || {
        let flag = Arc::new(Counter::new(0));
        let writer = Arc::clone(&flag);
        let write: Job = Box::new(move || writer.store(1, SeqCst));
        side_by_side(std::iter::once(write).chain((0..readers).map(|_| -> Job {
            let flag = Arc::clone(&flag);
            Box::new(move || assert!(flag.load(SeqCst) < 2))
        })));
    }
}

fn private_stores(threads: usize) -> impl Fn() {
    move || {
        side_by_side((0..threads).map(|_| -> Job {
            let own = Counter::new(0);
            Box::new(move || own.store(1, SeqCst))
        }));
    }
}

#[test]
fn critical_sections_come_in_every_order() {
    for (threads, each, expected) in [(2, 1, 2), (2, 2, 6), (3, 1, 6)] {
        let (distinct, executions) = explored(increments(threads, each));
        assert_eq!(distinct, expected, "{threads} threads, {each} each");
        assert!(executions > 3 * distinct, "{executions}");
    }
}

/// Too many executions to go through them all: random walks see each of the orders, and no other.
#[test]
fn random_walks_see_all_orders_of_larger_programs_and_no_more() {
    assert_eq!(seen(increments(2, 3), 2_000), 20);
    assert_eq!(seen(increments(3, 2), 20_000), 90);
    assert_eq!(seen(readers(3), 2_000), 8);
}

fn seen(program: impl Fn(), schedules: u64) -> u64 {
    let (mut kernel, mut strategy) =
        (Kernel::new(Limits { faults: Faults::NONE, ..Limits::default() }), Random::new(1));
    let (mut order, mut classes) = (HappensBefore::new(), Classes::default());
    for _ in 0..schedules {
        kernel.run(&mut strategy, &program);
        classes.note(fingerprint(&mut order, kernel.log(), kernel.choices()));
    }
    classes.distinct()
}

#[test]
fn each_reader_comes_before_the_writer_or_after_it() {
    for (count, expected) in [(1, 2), (2, 4)] {
        assert_eq!(explored(readers(count)).0, expected, "{count} readers");
    }
}

#[test]
fn what_touches_nothing_in_common_is_one_execution() {
    for threads in 1..=3 {
        let (distinct, executions) = explored(private_stores(threads));
        assert_eq!(distinct, 1, "{threads} threads, {executions} executions");
    }
}

#[test]
fn two_unparks_and_a_park_come_in_three_orders() {
    let program = |unparkers: usize| {
        move || {
            let main = Sim::current();
            let jobs = (0..unparkers).map(|_| {
                let main = main.clone();
                Sim::spawn("unparker", move || main.unpark()).expect("it starts")
            });
            let jobs: Vec<_> = jobs.collect();
            Sim::park();
            jobs.into_iter().for_each(|job| job.join().expect("it ends"));
        }
    };
    assert_eq!(explored(program(1)).0, 1);
    assert_eq!(explored(program(2)).0, 3);
}

#[test]
fn two_failed_attempts_to_lock_do_not_depend_on_each_other() {
    let attempts = || {
        let lock = Arc::new(Lock::new(()));
        let guard = lock.lock();
        side_by_side((0..2).map(|_| -> Job {
            let lock = Arc::clone(&lock);
            Box::new(move || assert!(lock.try_lock().is_none()))
        }));
        drop(guard);
    };
    assert_eq!(explored(attempts).0, 1);
}

/// For each kind of step, the clocks of the steps of that kind.
fn clocks_by_kind(program: impl Fn()) -> BTreeMap<String, Vec<(usize, VectorClock)>> {
    let mut kernel = Kernel::new(Limits { faults: Faults::NONE, ..Limits::default() });
    kernel.run(&mut DepthFirst::unbounded(), &program);
    let clocks = HappensBefore::clocks(kernel.log());
    let mut by_kind: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (step, clock) in kernel.log().iter().zip(clocks) {
        by_kind.entry(step.op.kind.to_string()).or_default().push((step.thread as usize, clock));
    }
    by_kind
}

#[test]
fn a_notification_comes_before_what_it_lets_go_on() {
    let clocks = clocks_by_kind(|| {
        let shared = Arc::new((<Sim as Memory>::Mutex::new(false), <Sim as Threads>::Condvar::default()));
        let other = Arc::clone(&shared);
        let waiter = Sim::spawn("waiter", move || {
            let mut told = other.0.lock();
            while !*told {
                told = other.1.wait(told);
            }
        });
        // Lets the waiter go first, so that it has to wait.
        Sim::yield_now();
        *shared.0.lock() = true;
        shared.1.notify_one();
        waiter.expect("it starts").join().expect("it ends");
    });
    let kind = |kind: OpKind| &clocks[&kind.to_string()][0];
    let (notify, relock) = (kind(OpKind::NotifyOne), kind(OpKind::Relock));
    assert!(notify.1 < relock.1 && relock.1 < kind(OpKind::Join).1);
    assert!(kind(OpKind::Wait).1 < notify.1, "the waiter was there before");
    let starts = &clocks[&OpKind::Start.to_string()];
    assert!(kind(OpKind::Spawn).1 < starts[1].1 && starts[0].1 < kind(OpKind::Spawn).1);
}

#[test]
fn every_step_of_a_thread_comes_after_its_last_one_and_counts_itself() {
    let program = increments(3, 2);
    let (mut kernel, mut strategy) =
        (Kernel::new(Limits { faults: Faults::NONE, ..Limits::default() }), Random::new(7));
    for _ in 0..200 {
        kernel.run(&mut strategy, &program);
        let clocks = HappensBefore::clocks(kernel.log());
        let mut last: BTreeMap<u32, VectorClock> = BTreeMap::new();
        for (step, clock) in kernel.log().iter().zip(&clocks) {
            let before = last.insert(step.thread, clock.clone()).unwrap_or_default();
            let thread = step.thread as usize;
            assert!(before < *clock && clock.get(thread) == before.get(thread) + 1);
        }
        // The log is one of the orders that the clocks allow: nothing comes before what it depends on.
        let is_in_order = |at: usize| {
            clocks[..at].iter().all(|before| clocks[at].partial_cmp(before) != Some(std::cmp::Ordering::Less))
        };
        assert!((0..clocks.len()).all(is_in_order));
        assert_eq!(
            clocks.iter().map(|clock| format!("{clock:?}")).collect::<BTreeSet<_>>().len(),
            clocks.len()
        );
    }
}

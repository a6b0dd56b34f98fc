//! Faults: for each kind a program that is wrong only because of it, beside one that copes.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use raddle::platform::{Atomic, Clock, Condvar, Join, Mutex, Threads, TimedCondvar, Unpark};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{
    End, Faults, InjectedPanic, Kernel, Limits, OpKind, ThreadState, choose, fault, may_panic, spared,
};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::{Coverage, DepthFirst, Random, Replay, Strategy};

use crate::{Count, LIMITS, Lock, spawn};

/// A program that only one kind of fault breaks, and the same done right.
struct Canary {
    kind: Kind,
    broken: fn(),
    clean: fn(),
}

const CANARIES: [Canary; 9] = [
    Canary { kind: Kind::Wakeup, broken: || waits(false), clean: || waits(true) },
    Canary { kind: Kind::Unpark, broken: || parks(false), clean: || parks(true) },
    Canary { kind: Kind::Exchange, broken: || exchanges(false), clean: || exchanges(true) },
    Canary { kind: Kind::Spawn, broken: || starts(false), clean: || starts(true) },
    Canary { kind: Kind::Tie, broken: || measures(false), clean: || measures(true) },
    Canary { kind: Kind::Panic, broken: || updates(false), clean: || updates(true) },
    Canary { kind: Kind::Body, broken: || counts_down(false), clean: || counts_down(true) },
    Canary { kind: Kind::Cancel, broken: || receives(false), clean: || receives(true) },
    Canary { kind: Kind::Reentry, broken: || calls_back(false), clean: || calls_back(true) },
];

/// Waits for a flag on a condition variable: in a loop, or only once.
fn waits(in_a_loop: bool) {
    let shared = Arc::new((Lock::new(false), SimCondvar::new()));
    let theirs = shared.clone();
    let other = spared(|| {
        spawn(move || {
            *theirs.0.lock() = true;
            theirs.1.notify_one();
        })
    });
    let mut flag = shared.0.lock();
    if in_a_loop {
        while !*flag {
            flag = shared.1.wait(flag);
        }
    } else if !*flag {
        flag = shared.1.wait(flag);
    }
    assert!(*flag, "woken without a reason");
    drop(flag);
    other.join().unwrap();
}

/// A thread of the mirror counts down when it is done: by a guard, or as its last statement.
fn counts_down(by_a_guard: bool) {
    struct Guard(Arc<Count>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.store(0, SeqCst);
        }
    }
    let running = Arc::new(Count::new(1));
    let guard = by_a_guard.then(|| Guard(running.clone()));
    let theirs = running.clone();
    let thread = raddle_sim::thread::Builder::new().spawn(move || {
        theirs.store(0, SeqCst);
        drop(guard);
    });
    match thread {
        Ok(thread) => drop(thread.join()),
        Err(_) => running.store(0, SeqCst),
    }
    assert_eq!(running.load(SeqCst), 0, "its thread has ended");
}

/// Parks until a flag is set: in a loop, or only once.
fn parks(in_a_loop: bool) {
    let flag = Arc::new(Count::new(0));
    let (theirs, thread) = (flag.clone(), Sim::current());
    let other = spared(|| {
        spawn(move || {
            theirs.store(1, SeqCst);
            thread.unpark();
        })
    });
    Sim::park();
    while in_a_loop && flag.load(SeqCst) == 0 {
        Sim::park();
    }
    assert_eq!(flag.load(SeqCst), 1, "unparked without a reason");
    other.join().unwrap();
}

/// Takes a free place by a weak exchange: in a loop, or only once.
fn exchanges(in_a_loop: bool) {
    let place = Count::new(0);
    while let Err(found) = place.compare_exchange_weak(0, 1, SeqCst, SeqCst) {
        assert_eq!(found, 0, "what was found is what was expected");
        assert!(in_a_loop, "the place was free");
    }
}

/// Starts a helper, and does its work itself if it cannot, or does not think of that.
fn starts(has_a_way_out: bool) {
    let done = Arc::new(Count::new(0));
    let theirs = done.clone();
    match Sim::spawn("helper", move || theirs.store(1, SeqCst)) {
        Ok(helper) => helper.join().unwrap(),
        Err(_) if has_a_way_out => done.store(1, SeqCst),
        Err(error) => panic!("{error}"),
    }
    assert_eq!(done.load(SeqCst), 1);
}

/// Divides by the time that has passed, or sees to it that some has.
fn measures(is_careful: bool) {
    let start = Sim::now();
    let nanos = Sim::now().since_start().as_nanos() - start.since_start().as_nanos();
    let nanos = if is_careful { nanos.max(1) } else { nanos };
    assert!(1_000_000_000_u128.checked_div(nanos).is_some(), "no time has passed");
}

/// Two numbers are always equal, unless user code panics while one of them is ahead.
fn updates(is_careful: bool) {
    let pair = Arc::new(Lock::new((0, 0)));
    let theirs = pair.clone();
    let updater = spared(|| {
        spawn(move || {
            let mut pair = theirs.lock();
            if is_careful {
                may_panic();
            }
            pair.0 += 1;
            if !is_careful {
                may_panic();
            }
            pair.1 += 1;
        })
    });
    if let Err(payload) = updater.join() {
        assert!(payload.is::<InjectedPanic>());
    }
    let pair = pair.lock();
    assert_eq!(pair.0, pair.1);
}

/// Takes an item and hands it on after a point at which it may be cancelled, or before.
fn receives(is_careful: bool) {
    let (mut queue, mut received) = (vec![1], Vec::new());
    let mut receive = || {
        let item = queue.pop();
        if !is_careful && choose(Kind::Cancel, 2) == 1 {
            return;
        }
        received.extend(item);
        if is_careful {
            // Nothing is left to lose.
            choose(Kind::Cancel, 2);
        }
    };
    receive();
    assert_eq!(queue.len() + received.len(), 1, "the item was lost");
}

/// Calls user code, which may call back, under a lock or not.
fn calls_back(is_careful: bool) {
    let lock = Lock::new(0);
    let user_code = || {
        if fault(Kind::Reentry) {
            *lock.lock() += 1;
        }
    };
    let guard = lock.lock();
    if is_careful {
        drop(guard);
        user_code();
    } else {
        user_code();
        drop(guard);
    }
}

fn kernel(faults: Faults) -> Kernel {
    Kernel::new(Limits { faults, ..LIMITS })
}

/// Whether a run of `body` goes wrong, among all or the first 300 of a strategy.
fn goes_wrong(kernel: &mut Kernel, strategy: &mut dyn Strategy, body: fn()) -> bool {
    for _ in 0..300 {
        let Some(run) = kernel.run(strategy, body) else { return false };
        let threads = kernel.threads();
        let has_panicked = |state: &ThreadState| matches!(state, ThreadState::Panicked(_));
        if run.end != End::Finished || has_panicked(&threads[0].state) {
            return true;
        }
    }
    false
}

#[test]
fn each_fault_is_what_reveals_its_canary_and_nothing_else_is() {
    for Canary { kind, broken, clean } in CANARIES {
        let strategies =
            || -> [Box<dyn Strategy>; 2] { [Box::new(DepthFirst::bounded(1)), Box::new(Random::new(1))] };
        for mut strategy in strategies() {
            assert!(goes_wrong(&mut kernel(Faults::NONE.with(kind)), &mut strategy, broken), "{kind}");
        }
        for mut strategy in strategies() {
            assert!(!goes_wrong(&mut kernel(Faults::ALL.without(kind)), &mut strategy, broken), "{kind}");
        }
        for mut strategy in strategies() {
            assert!(!goes_wrong(&mut kernel(Faults::ALL), &mut strategy, clean), "{kind}, done right");
        }
    }
}

#[test]
fn faults_are_counted_and_replayed() {
    for Canary { kind, broken, .. } in CANARIES {
        let mut kernel = kernel(Faults::NONE.with(kind));
        let mut strategy = Random::new(2);
        let mut happened = 0;
        for _ in 0..100 {
            let run = kernel.run(&mut strategy, broken).unwrap();
            let taken = kernel.choices().iter().filter(|choice| choice.kind == kind && choice.taken != 0);
            assert_eq!(run.faults[kind], taken.count() as u64);
            assert_eq!(run.faults.total(), run.faults[kind]);
            happened += run.faults[kind];
            let (choices, log) = (kernel.choices().to_vec(), kernel.log().to_vec());
            let mut replay = Replay::of(&choices);
            assert_eq!(kernel.run(&mut replay, broken).as_ref(), Some(&run));
            assert!(replay.was_exact());
            assert_eq!(kernel.log(), log);
        }
        assert!(happened > 0, "{kind}");
    }
}

#[test]
fn without_faults_nothing_is_asked() {
    for Canary { kind, broken, .. } in CANARIES {
        let mut kernel = kernel(Faults::NONE);
        let run = kernel.run(&mut Random::new(1), broken).unwrap();
        assert_eq!((run.end, run.faults.total()), (End::Finished, 0));
        assert!(kernel.choices().iter().all(|choice| choice.kind != kind));
    }
}

#[test]
fn the_dullest_run_has_no_fault() {
    for Canary { broken, .. } in CANARIES {
        let run = kernel(Faults::ALL).run(&mut Replay::new(Vec::new()), broken).unwrap();
        assert_eq!((run.end, run.panics, run.faults.total()), (End::Finished, 0, 0));
    }
}

#[test]
fn depth_first_search_bounds_the_faults_of_an_execution() {
    let body = || {
        let place = Count::new(0);
        while place.compare_exchange_weak(0, 1, SeqCst, SeqCst).is_err() {}
    };
    for bound in 0..4 {
        let mut strategy = DepthFirst::unbounded().faults(bound);
        let mut kernel = kernel(Faults::ALL);
        let mut counts = Vec::new();
        while let Some(run) = kernel.run(&mut strategy, body) {
            counts.push(run.faults[Kind::Exchange]);
        }
        assert_eq!(counts, (0..=bound).collect::<Vec<_>>());
        assert_eq!(strategy.coverage(), Coverage::WithinBound);
    }
    let mut strategy = DepthFirst::unbounded();
    while kernel(Faults::NONE).run(&mut strategy, body).is_some() {}
    assert_eq!(strategy.coverage(), Coverage::Complete);
}

#[test]
fn a_spurious_wakeup_takes_no_notification_and_a_spurious_unpark_no_unpark() {
    // Whoever is woken without a reason waits again, and is then woken with one, whatever the order.
    let body = || {
        let thread = Sim::current();
        let other = spawn(move || thread.unpark());
        Sim::park();
        other.join().unwrap();
        // The unpark that was not used up by the spurious one, or none is left: both ways must not hang.
        Sim::park_timeout(Duration::from_millis(1));
    };
    let mut seen = [0, 0];
    let mut strategy = DepthFirst::unbounded();
    let mut kernel = kernel(Faults::NONE.with(Kind::Unpark));
    while let Some(run) = kernel.run(&mut strategy, body) {
        assert_eq!(run.end, End::Finished);
        let elapsed = kernel.log().iter().any(|step| step.op.kind == OpKind::Elapse);
        seen[usize::from(elapsed)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn a_timed_wait_may_be_woken_without_a_reason_and_is_then_not_timed_out() {
    let mut strategy = DepthFirst::unbounded();
    let mut kernel = kernel(Faults::NONE.with(Kind::Wakeup));
    let mut outcomes = Vec::new();
    let body = || {
        let lock = Lock::new(());
        let (_guard, has_timed_out) = SimCondvar::new().wait_timeout(lock.lock(), Duration::from_secs(1));
        outcomes.push(has_timed_out);
    };
    let mut body = body;
    while kernel.run(&mut strategy, &mut body).is_some() {}
    assert_eq!(outcomes, [true, false]);
}

#[test]
fn an_injected_panic_ends_a_thread_as_any_other_does_but_is_not_raised_in_one_that_unwinds() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            may_panic();
        }
    }
    let mut strategy = DepthFirst::unbounded().faults(2);
    let mut kernel = kernel(Faults::NONE.with(Kind::Panic));
    let mut panics = Vec::new();
    while let Some(run) = kernel.run(&mut strategy, || {
        let _panics = Panics;
        may_panic();
    }) {
        assert_eq!(run.end, End::Finished);
        let state = kernel.threads()[0].state.clone();
        let expected = ThreadState::Panicked("an injected panic".to_owned());
        assert_eq!(state, if run.panics == 1 { expected } else { ThreadState::Finished });
        panics.push((run.panics, run.faults[Kind::Panic]));
    }
    assert_eq!(panics, [(0, 0), (1, 1), (1, 1)]);
}

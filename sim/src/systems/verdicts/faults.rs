//! Programs that go wrong when the machine does what it may do and seldom does.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use raddle::platform::{Clock, Join, Threads};

use super::{Form, Program, named};
use crate::campaign::Class;
use crate::choice::Kind;
use crate::kernel::spared;
use crate::platform::Sim;
use crate::sync::atomic::{AtomicBool, AtomicUsize};
use crate::sync::{Condvar, Mutex};
use crate::thread;

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "spurious-wakeup",
        about: "waits for a notification with `if` in place of `while`",
        class: Class::Panic,
        fault: Some(Kind::Wakeup),
        body: spurious_wakeup,
    },
    Program {
        name: "spurious-unpark",
        about: "parks once, and does not look whether there was a reason to go on",
        class: Class::Panic,
        fault: Some(Kind::Unpark),
        body: spurious_unpark,
    },
    Program {
        name: "weak-exchange",
        about: "takes a weak compare-and-exchange that fails to mean that somebody else was first",
        class: Class::Panic,
        fault: Some(Kind::Exchange),
        body: weak_exchange,
    },
    Program {
        name: "failing-spawn",
        about: "waits for a thread that could not be started",
        class: Class::Deadlock,
        fault: Some(Kind::Spawn),
        body: failing_spawn,
    },
    Program {
        name: "equal-clock",
        about: "divides by the time between two readings of the clock",
        class: Class::Panic,
        fault: Some(Kind::Tie),
        body: equal_clock,
    },
];

fn spurious_wakeup(form: Form) {
    let shared = Arc::new((Mutex::new(None), Condvar::new()));
    let theirs = shared.clone();
    let sender = spared(|| {
        named("sender").spawn(move || {
            *theirs.0.lock().unwrap() = Some(7);
            theirs.1.notify_one();
        })
    });
    let (letter, arrived) = &*shared;
    let mut letter = letter.lock().unwrap();
    if form == Form::Twin {
        while letter.is_none() {
            letter = arrived.wait(letter).unwrap();
        }
    } else if letter.is_none() {
        letter = arrived.wait(letter).unwrap();
    }
    assert_eq!(letter.take(), Some(7), "woken, so the letter is there");
    drop(letter);
    sender.expect("it was spared").join().unwrap();
}

fn spurious_unpark(form: Form) {
    let is_done = Arc::new(AtomicBool::new(false));
    let (theirs, waiter) = (is_done.clone(), thread::current());
    let worker = spared(|| {
        named("worker").spawn(move || {
            theirs.store(true, SeqCst);
            waiter.unpark();
        })
    });
    thread::park();
    while form == Form::Twin && !is_done.load(SeqCst) {
        thread::park();
    }
    assert!(is_done.load(SeqCst), "unparked, so the work is done");
    worker.expect("it was spared").join().unwrap();
}

fn weak_exchange(form: Form) {
    let seat = AtomicUsize::new(0);
    let take = || seat.compare_exchange_weak(0, 1, SeqCst, Relaxed);
    let mut taken = take();
    while form == Form::Twin && taken == Err(0) {
        taken = take();
    }
    assert_eq!(taken, Ok(0), "nobody else wants the seat");
}

fn failing_spawn(form: Form) {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let work = |shared: &(Mutex<bool>, Condvar)| {
        *shared.0.lock().unwrap() = true;
        shared.1.notify_one();
    };
    let theirs = shared.clone();
    // By the platform, whose threads do not panic by themselves: only that they cannot be started is the matter here.
    let helper = Sim::spawn("helper", move || work(&theirs));
    if form == Form::Twin && helper.is_err() {
        work(&shared);
    }
    let (is_done, changed) = &*shared;
    drop(changed.wait_while(is_done.lock().unwrap(), |is_done| !*is_done).unwrap());
    if let Ok(helper) = helper {
        helper.join().unwrap();
    }
}

fn equal_clock(form: Form) {
    let start = Sim::now();
    let nanos = Sim::now().since_start().as_nanos() - start.since_start().as_nanos();
    let nanos = if form == Form::Twin { nanos.max(1) } else { nanos };
    assert!(1_000_000_000_u128.checked_div(nanos).is_some(), "some time has passed");
}

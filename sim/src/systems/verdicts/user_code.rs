//! Programs that go wrong when the code that they call does: it panics, is cancelled, or calls back.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Waker};

use super::{Form, Program, named};
use crate::campaign::Class;
use crate::choice::Kind;
use crate::kernel::{InjectedPanic, fault, may_panic, spared};
use crate::sync::atomic::AtomicUsize;
use crate::sync::{Condvar, Mutex, PoisonError};

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "panic-halfway",
        about: "user code panics between two halves of an update, and the poison is ignored",
        class: Class::Panic,
        fault: Some(Kind::Panic),
        body: panic_halfway,
    },
    Program {
        name: "busy-for-ever",
        about: "a worker says at its end that it is busy no more, and panics before",
        class: Class::Panic,
        fault: Some(Kind::Body),
        body: busy_for_ever,
    },
    Program {
        name: "cancelled-holder",
        about: "a future that holds a permit is dropped while it is pending, and the permit is lost",
        class: Class::Deadlock,
        fault: Some(Kind::Cancel),
        body: cancelled_holder,
    },
    Program {
        name: "callback-under-lock",
        about: "calls user code while it holds a lock, and user code calls back",
        class: Class::Deadlock,
        fault: Some(Kind::Reentry),
        body: callback_under_lock,
    },
];

fn panic_halfway(form: Form) {
    let totals = Arc::new(Mutex::new((0, 0)));
    let theirs = totals.clone();
    let updater = spared(|| {
        named("updater").spawn(move || {
            let mut totals = theirs.lock().unwrap();
            totals.0 += 1;
            may_panic();
            totals.1 += 1;
        })
    });
    if let Err(payload) = updater.expect("it was spared").join() {
        assert!(payload.is::<InjectedPanic>(), "it panicked for another reason");
    }
    let is_poisoned = totals.is_poisoned();
    let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
    if form == Form::Twin && is_poisoned {
        totals.1 = totals.0;
    }
    assert_eq!(totals.0, totals.1, "both totals are the same");
}

/// Says that somebody is busy no more, however that comes.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn busy_for_ever(form: Form) {
    let busy = Arc::new(AtomicUsize::new(1));
    let theirs = busy.clone();
    let worker = match form {
        Form::Canary => named("worker").spawn(move || {
            theirs.fetch_sub(1, SeqCst);
        }),
        Form::Twin => {
            let guard = Busy(theirs);
            named("worker").spawn(move || drop(guard))
        }
    };
    match worker {
        Ok(worker) => drop(worker.join()),
        Err(_) if form == Form::Canary => {
            busy.fetch_sub(1, SeqCst);
        }
        Err(_) => {}
    }
    assert_eq!(busy.load(SeqCst), 0, "the worker has ended, so nobody is busy");
}

/// So many may go on at a time.
struct Permits {
    left: Mutex<u32>,
    returned: Condvar,
}

impl Permits {
    fn take(&self) {
        let left = self.returned.wait_while(self.left.lock().unwrap(), |left| *left == 0);
        *left.unwrap() -= 1;
    }

    fn give_back(&self) {
        *self.left.lock().unwrap() += 1;
        self.returned.notify_one();
    }
}

/// Gives a permit back, however its holder ends.
struct Held<'a>(&'a Permits);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// Polls `future` to its end, unless it is cancelled at a point where it is pending.
fn poll_or_cancel(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {
        if fault(Kind::Cancel) {
            return;
        }
    }
}

/// Is pending once.
async fn pause() {
    let mut is_over = false;
    poll_fn(|_| if std::mem::replace(&mut is_over, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

fn cancelled_holder(form: Form) {
    let permits = Arc::new(Permits { left: Mutex::new(1), returned: Condvar::new() });
    let theirs = permits.clone();
    let other = spared(|| {
        named("other").spawn(move || {
            theirs.take();
            theirs.give_back();
        })
    });
    poll_or_cancel(async {
        permits.take();
        if form == Form::Twin {
            let _held = Held(&permits);
            pause().await;
        } else {
            pause().await;
            permits.give_back();
        }
    });
    other.expect("it was spared").join().unwrap();
}

fn callback_under_lock(form: Form) {
    let count = Mutex::new(0);
    let user_code = || {
        if fault(Kind::Reentry) {
            *count.lock().unwrap() += 1;
        }
    };
    let mut held = count.lock().unwrap();
    *held += 1;
    if form == Form::Twin {
        drop(held);
        user_code();
    } else {
        user_code();
        drop(held);
    }
}

//! Programs that do not end, or leave something behind, or are not the same twice.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Waker};

use super::{Form, Program, named};
use crate::campaign::Class;
use crate::kernel::spared;
use crate::sync::atomic::{AtomicBool, AtomicUsize};
use crate::sync::mpsc::{self, Receiver, Sender};
use crate::sync::{Arc, Condvar, Mutex, Weak};
use crate::{future, hint, thread};

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "unwanted-answer",
        about: "spins for an answer that is only given if the question was seen in time",
        class: Class::Livelock,
        fault: None,
        body: unwanted_answer,
    },
    Program {
        name: "circle-of-counts",
        about: "a child counts its parent, which counts the child",
        class: Class::Leak,
        fault: None,
        body: circle_of_counts,
    },
    Program {
        name: "unread-message",
        about: "a message is left in a channel that the message itself keeps alive",
        class: Class::Leak,
        fault: None,
        body: unread_message,
    },
    Program {
        name: "endless-worker",
        about: "a worker that had not begun when `main` ended is never told to stop",
        class: Class::Leak,
        fault: None,
        body: endless_worker,
    },
    Program {
        name: "unwoken-future",
        about: "a future looks for its event, which happens, and then says whom to wake",
        class: Class::Leak,
        fault: None,
        body: unwoken_future,
    },
    Program {
        name: "old-thread-local",
        about: "a thread-local value of `std` outlives the run and decides what the next one does",
        class: Class::Nondeterminism,
        fault: None,
        body: old_thread_local,
    },
];

fn unwanted_answer(form: Form) {
    let asked = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicBool::new(false));
    let (theirs_asked, theirs_answered) = (asked.clone(), answered.clone());
    let answerer = spared(|| {
        named("answerer").spawn(move || {
            if form == Form::Twin || theirs_asked.load(SeqCst) {
                theirs_answered.store(true, SeqCst);
            }
        })
    });
    asked.store(true, SeqCst);
    while !answered.load(SeqCst) {
        hint::spin_loop();
    }
    answerer.expect("it was spared").join().unwrap();
}

/// How a child knows its parent.
enum Up {
    Counted(Arc<Parent>),
    Weak(Weak<Parent>),
}

struct Parent {
    child: Mutex<Option<Arc<Up>>>,
}

fn circle_of_counts(form: Form) {
    let parent = Arc::new(Parent { child: Mutex::new(None) });
    let up = match form {
        Form::Canary => Up::Counted(parent.clone()),
        Form::Twin => Up::Weak(Arc::downgrade(&parent)),
    };
    let child = Arc::new(up);
    *parent.child.lock().unwrap() = Some(child.clone());
    let its_parent = match &*child {
        Up::Counted(parent) => Some(parent.clone()),
        Up::Weak(parent) => parent.upgrade(),
    };
    assert!(its_parent.is_some_and(|found| Arc::ptr_eq(&found, &parent)));
}

/// What is sent around: a place that receives such places.
struct Mailbox {
    sender: Sender<Arc<Mailbox>>,
    receiver: Mutex<Receiver<Arc<Mailbox>>>,
}

impl Mailbox {
    fn empty(&self) {
        // One at a time: what is received may be the last count of this mailbox.
        loop {
            let received = self.receiver.lock().unwrap().try_recv();
            if received.is_err() {
                break;
            }
        }
    }
}

fn unread_message(form: Form) {
    let (sender, receiver) = mpsc::channel();
    let mailbox = Arc::new(Mailbox { sender, receiver: Mutex::new(receiver) });
    let theirs = mailbox.clone();
    let poster = spared(|| {
        named("poster").spawn(move || {
            let message = theirs.clone();
            theirs.sender.send(message).expect("the mailbox is there");
        })
    });
    let poster = poster.expect("it was spared");
    if form == Form::Twin {
        poster.join().unwrap();
        mailbox.empty();
    } else {
        mailbox.empty();
        poster.join().unwrap();
    }
}

fn endless_worker(form: Form) {
    /// What the worker is told, and what it tells.
    #[derive(Default)]
    struct State {
        has_begun: bool,
        is_over: bool,
    }
    let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
    let theirs = shared.clone();
    let worker = spared(|| {
        named("worker").spawn(move || {
            let mut state = theirs.0.lock().unwrap();
            state.has_begun = true;
            drop(theirs.1.wait_while(state, |state| !state.is_over).unwrap());
        })
    });
    drop(worker.expect("it was spared"));
    let mut state = shared.0.lock().unwrap();
    if form == Form::Twin || state.has_begun {
        state.is_over = true;
        shared.1.notify_all();
    }
}

fn unwoken_future(form: Form) {
    let event = Arc::new((AtomicBool::new(false), Mutex::new(None::<Waker>)));
    let theirs = event.clone();
    let waits = poll_fn(move |context| {
        let (has_happened, waker) = &*theirs;
        if form == Form::Canary && has_happened.load(SeqCst) {
            return Poll::Ready(());
        }
        *waker.lock().unwrap() = Some(context.waker().clone());
        if form == Form::Twin && has_happened.load(SeqCst) {
            return Poll::Ready(());
        }
        Poll::Pending
    });
    drop(spared(|| future::spawn(waits)));
    let (has_happened, waker) = &*event;
    has_happened.store(true, SeqCst);
    let waker = waker.lock().unwrap().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

std::thread_local! {
    /// Of the OS thread that runs the executions.
    static OF_STD: Cell<bool> = const { Cell::new(false) };
}

crate::thread_local! {
    /// Of a simulated thread, so each run has its own.
    static SIMULATED: Cell<bool> = const { Cell::new(false) };
}

fn old_thread_local(form: Form) {
    let was_here = match form {
        Form::Canary => OF_STD.replace(!OF_STD.get()),
        Form::Twin => SIMULATED.with(|was_here| was_here.replace(!was_here.get())),
    };
    let visits = AtomicUsize::new(0);
    if was_here {
        visits.load(SeqCst);
    } else {
        visits.store(1, SeqCst);
    }
    thread::yield_now();
}

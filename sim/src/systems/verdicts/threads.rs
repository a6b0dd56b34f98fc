//! Programs that go wrong by the order of their steps alone.

use std::sync::Arc;

use super::{Form, Program, named};
use crate::campaign::Class;
use crate::kernel::spared;
use crate::sync::{Condvar, Mutex};

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "crossed-locks",
        about: "two threads take two locks in opposite orders",
        class: Class::Deadlock,
        fault: None,
        body: crossed_locks,
    },
    Program {
        name: "lost-notification",
        about: "a notification comes after the look at the flag and before the wait",
        class: Class::Deadlock,
        fault: None,
        body: lost_notification,
    },
    Program {
        name: "check-then-act",
        about: "two threads look whether an item is left, and then both take it",
        class: Class::Panic,
        fault: None,
        body: check_then_act,
    },
];

fn crossed_locks(form: Form) {
    let from = Arc::new(Mutex::new(10));
    let to = Arc::new(Mutex::new(0));
    let (theirs_from, theirs_to) = (from.clone(), to.clone());
    let back = spared(|| {
        named("back").spawn(move || {
            let (mut from, mut to);
            if form == Form::Twin {
                from = theirs_from.lock().unwrap();
                to = theirs_to.lock().unwrap();
            } else {
                to = theirs_to.lock().unwrap();
                from = theirs_from.lock().unwrap();
            }
            *to -= 1;
            *from += 1;
        })
    });
    {
        let mut from = from.lock().unwrap();
        let mut to = to.lock().unwrap();
        *from -= 1;
        *to += 1;
    }
    back.expect("it was spared").join().unwrap();
}

fn lost_notification(form: Form) {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = shared.clone();
    let setter = spared(|| {
        named("setter").spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        })
    });
    let (flag, changed) = &*shared;
    if form == Form::Twin {
        let is_set = changed.wait_while(flag.lock().unwrap(), |is_set| !*is_set).unwrap();
        drop(is_set);
    } else {
        // Unlocked between the look and the wait: what is said in between is said to nobody.
        while !{ *flag.lock().unwrap() } {
            drop(changed.wait(flag.lock().unwrap()).unwrap());
        }
    }
    setter.expect("it was spared").join().unwrap();
}

fn check_then_act(form: Form) {
    let items = Arc::new(Mutex::new(vec!["the only one"]));
    let take = move |items: &Mutex<Vec<&str>>| {
        if form == Form::Twin {
            let mut items = items.lock().unwrap();
            if !items.is_empty() {
                items.pop().expect("an item is left");
            }
        } else if !{ items.lock().unwrap().is_empty() } {
            let item = items.lock().unwrap().pop();
            item.expect("an item is left");
        }
    };
    let theirs = items.clone();
    let other = spared(|| named("other").spawn(move || take(&theirs))).expect("it was spared");
    take(&items);
    other.join().expect("the other thread found the item that it had seen");
}

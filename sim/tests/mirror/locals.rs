//! Thread-local values: when they are made and destroyed.

use std::cell::{Cell, RefCell};

use raddle_sim::kernel::{End, Kernel};
use raddle_sim::strategy::Random;
use raddle_sim::sync::mpsc::{Sender, channel};
use raddle_sim::thread;

use crate::{LIMITS, outcomes, returned, run_once};

raddle_sim::thread_local! {
    /// Where a value says that it is destroyed.
    static LOG: RefCell<Option<Sender<&'static str>>> = const { RefCell::new(None) };
    static FIRST: Says = const { Says("first") };
    static SECOND: Says = const { Says("second") };
}

struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        let _ = LOG.try_with(|log| log.borrow().as_ref().map(|log| log.send(self.0)));
    }
}

#[test]
fn values_are_destroyed_when_their_thread_ends_the_youngest_first() {
    let all = outcomes(|| {
        let (sender, receiver) = channel();
        let thread = thread::spawn(move || {
            LOG.set(Some(sender));
            FIRST.with(|_| ());
            SECOND.with(|_| ());
        });
        thread.join().unwrap();
        receiver.iter().collect::<Vec<_>>()
    });
    assert_eq!(all, returned([vec!["second", "first"]]));
}

#[test]
fn each_execution_begins_with_new_values() {
    raddle_sim::thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    let mut kernel = Kernel::new(LIMITS);
    for _ in 0..3 {
        let run = kernel.run(&mut Random::new(1), || {
            assert_eq!(COUNT.get(), 0);
            COUNT.set(COUNT.get() + 1);
            let theirs = thread::spawn(|| COUNT.replace(5));
            assert_eq!((theirs.join().unwrap(), COUNT.get()), (0, 1));
        });
        assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)), "{}", kernel.threads()[0]);
    }
    assert_eq!(COUNT.get(), 0, "the outside has a value of its own");
}

#[test]
fn values_are_destroyed_in_a_teardown_as_well() {
    let (sender, receiver) = channel();
    let (run, _) = run_once(move || {
        thread::spawn(move || {
            LOG.set(Some(sender));
            FIRST.with(|_| ());
            thread::park();
        });
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    assert_eq!(receiver.iter().collect::<Vec<_>>(), ["first"]);
}

#[test]
fn a_value_can_be_used_while_another_is_made() {
    raddle_sim::thread_local! {
        static INNER: Cell<u32> = const { Cell::new(4) };
        static OUTER: u32 = INNER.get() + 1;
    }
    let (run, kernel) = run_once(|| {
        INNER.with(|inner| {
            assert_eq!(OUTER.with(|outer| *outer), 5);
            inner.set(6);
        });
        assert_eq!(INNER.get(), 6);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
}

#[test]
fn a_panic_of_a_destructor_is_a_panic_of_the_thread() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    raddle_sim::thread_local!(static PANICS: Panics = const { Panics });
    let (run, kernel) = run_once(|| drop(thread::spawn(|| PANICS.with(|_| ())).join()));
    assert_eq!((run.end, run.panics), (End::Finished, 1));
    assert!(kernel.threads()[1].to_string().contains("on purpose"), "{}", kernel.threads()[1]);
}

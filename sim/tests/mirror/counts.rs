//! Reference counts, in all schedules.

use raddle_sim::kernel::{End, ObjectKind, OpKind};
use raddle_sim::sync::{Arc, Mutex};
use raddle_sim::{thread, unsize_arc};

use crate::{outcomes, returned, run_all, run_once};

#[test]
fn one_of_two_gets_the_value() {
    let all = outcomes(|| {
        let one = Arc::new(Mutex::new(1));
        let two = one.clone();
        let other = thread::spawn(move || Arc::into_inner(two).is_some());
        let mine = Arc::into_inner(one).is_some();
        (mine, other.join().unwrap())
    });
    assert_eq!(all, returned([(true, false), (false, true)]));
}

#[test]
fn unwrapping_fails_for_both_when_they_overlap() {
    let all = outcomes(|| {
        let one = Arc::new(1);
        let two = one.clone();
        let other = thread::spawn(move || Arc::try_unwrap(two).is_ok());
        let mine = Arc::try_unwrap(one).is_ok();
        (mine, other.join().unwrap())
    });
    assert_eq!(all, returned([(true, false), (false, true), (false, false)]));
}

#[test]
fn a_weak_reference_finds_the_value_or_not() {
    let all = outcomes(|| {
        let strong = Arc::new(5);
        let weak = Arc::downgrade(&strong);
        let other = thread::spawn(move || weak.upgrade().map(|value| *value));
        drop(strong);
        other.join().unwrap()
    });
    assert_eq!(all, returned([None, Some(5)]));
}

#[test]
fn giving_up_and_asking_are_steps_and_cloning_is_none() {
    let (_, kernel) = run_once(|| {
        let one = Arc::new(5);
        let two = one.clone();
        let weak = Arc::downgrade(&two);
        drop(one);
        drop(weak.upgrade());
        drop(weak);
    });
    let counts = kernel.log().iter().filter(|step| step.op.kind == OpKind::Count).count();
    assert_eq!(counts, 4, "two references, one that a weak one turned into, and the turning");
    assert_eq!(kernel.objects()[0].kind, ObjectKind::Arc);
}

#[test]
fn a_trait_object_can_be_shared() {
    trait Answers: Send + Sync {
        fn answer(&self) -> i32;
    }
    impl Answers for i32 {
        fn answer(&self) -> i32 {
            *self + 1
        }
    }
    run_all(
        || {
            let number = Arc::new(41);
            let object: Arc<dyn Answers> = unsize_arc!(number.clone() => dyn Answers);
            let theirs = object.clone();
            assert_eq!(thread::spawn(move || theirs.answer()).join().unwrap(), 42);
            drop(object);
            let slice: Arc<[i32]> = unsize_arc!(Arc::new([1, 2, 3]) => [i32]);
            assert_eq!(slice.len(), 3);
            assert_eq!(Arc::try_unwrap(number), Ok(41));
        },
        |run, kernel| assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]),
    );
}

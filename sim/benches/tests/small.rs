//! Depth-first search reaches exactly the outcomes that the small programs have.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use raddle_sim::kernel::{End, Faults, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Coverage, DepthFirst};
use raddle_sim_benches::small;

/// What comes out of all interleavings of `program`.
fn outcomes<T: Ord + Send>(program: impl Fn() -> T) -> BTreeSet<T> {
    let outcomes = Mutex::new(BTreeSet::new());
    let collect = |outcome| {
        outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
    };
    // The search tries a bounded number of faults, so with them it would not be complete.
    let mut kernel = Kernel::new(Limits { faults: Faults::NONE, ..Limits::default() });
    let mut strategy = DepthFirst::unbounded();
    while let Some(run) = kernel.run(&mut strategy, || collect(program())) {
        assert_eq!((run.end, run.panics), (End::Finished, 0));
    }
    assert_eq!(strategy.coverage(), Coverage::Complete);
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn independent_threads_have_one_outcome() {
    assert_eq!(outcomes(|| small::independent::<Sim>(2)), BTreeSet::from([2]));
}

#[test]
fn locked_increments_come_in_every_order() {
    assert_eq!(outcomes(|| small::locked_increments::<Sim>(2, 2)).len(), 6);
}

#[test]
fn each_reader_sees_the_store_or_does_not() {
    assert_eq!(outcomes(|| small::readers::<Sim>(1)).len(), 2);
}

#[test]
fn messages_arrive_in_every_order() {
    assert_eq!(outcomes(|| small::senders::<Sim>(2)).len(), 2);
}

#[test]
fn a_redundant_load_hides_no_outcome() {
    let with_load = outcomes(|| small::redundant_load::<Sim>(true));
    assert!(with_load.contains(&(1, 0)));
    assert_eq!(with_load, outcomes(|| small::redundant_load::<Sim>(false)));
}

//! Laws of vector clocks.

use std::cmp::Ordering;

use quickcheck::{Arbitrary, Gen, quickcheck};
use raddle_sim::order::VectorClock;

/// A clock of up to four threads: small numbers, so that many are comparable.
#[derive(Clone, Debug, PartialEq)]
struct Clock(VectorClock);

impl Arbitrary for Clock {
    fn arbitrary(g: &mut Gen) -> Self {
        let threads = usize::arbitrary(g) % 5;
        Clock((0..threads).map(|thread| (thread, u32::arbitrary(g) % 3)).collect())
    }
}

fn joined(left: &VectorClock, right: &VectorClock) -> VectorClock {
    let mut joined = left.clone();
    joined.join(right);
    joined
}

quickcheck! {
    fn joining_is_commutative(a: Clock, b: Clock) -> bool {
        joined(&a.0, &b.0) == joined(&b.0, &a.0)
    }

    fn joining_is_associative(a: Clock, b: Clock, c: Clock) -> bool {
        joined(&joined(&a.0, &b.0), &c.0) == joined(&a.0, &joined(&b.0, &c.0))
    }

    fn joining_twice_is_joining_once(a: Clock, b: Clock) -> bool {
        joined(&a.0, &a.0) == a.0 && joined(&joined(&a.0, &b.0), &b.0) == joined(&a.0, &b.0)
    }

    fn nothing_is_the_least_clock(a: Clock) -> bool {
        joined(&a.0, &VectorClock::new()) == a.0 && VectorClock::new() <= a.0
    }

    fn the_join_is_the_least_upper_bound(a: Clock, b: Clock, other: Clock) -> bool {
        let join = joined(&a.0, &b.0);
        let is_bound = a.0 <= join && b.0 <= join;
        is_bound && (join <= other.0) == (a.0 <= other.0 && b.0 <= other.0)
    }

    fn the_order_is_a_partial_order(a: Clock, b: Clock, c: Clock) -> bool {
        let antisymmetric = !(a.0 <= b.0 && b.0 <= a.0) || a.0 == b.0;
        let transitive = !(a.0 <= b.0 && b.0 <= c.0) || a.0 <= c.0;
        let mirrored = a.0.partial_cmp(&b.0) == b.0.partial_cmp(&a.0).map(Ordering::reverse);
        a.0 <= a.0.clone() && antisymmetric && transitive && mirrored
    }

    fn the_order_is_that_of_every_thread(a: Clock, b: Clock) -> bool {
        (a.0 <= b.0) == (0..6).all(|thread| a.0.get(thread) <= b.0.get(thread))
    }

    fn a_tick_makes_greater_by_one_step(a: Clock, thread: u8) -> bool {
        let thread = usize::from(thread % 6);
        let mut later = a.0.clone();
        let steps = later.tick(thread);
        let others = (0..6).filter(|other| *other != thread).all(|other| later.get(other) == a.0.get(other));
        a.0 < later && others && steps == a.0.get(thread) + 1 && later.get(thread) == steps
    }

    fn a_clock_is_its_steps(a: Clock) -> bool {
        a.0.steps().collect::<VectorClock>() == a.0 && a.0.steps().all(|(_, steps)| steps > 0)
    }

    fn a_copy_is_the_same(a: Clock, b: Clock) -> bool {
        let mut copy = a.0.clone();
        copy.copy_from(&b.0);
        let is_same = copy == b.0;
        copy.clear();
        is_same && copy == VectorClock::new()
    }
}

//! What may cross threads and what may move, checked when this file is compiled.

use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use raddle::platform::{Native, Spin};
use raddle::waitmap::{Find, Hashed, Linear};
use raddle::{HashedWaitMap, Subscribe, Wait, WaitError, WaitMap, WaitOwned, WakeOutcome};

use crate::support::Repeatable;

/// Fails to compile unless the type has all the traits.
macro_rules! assert_implements {
    ($type:ty: $($trait:path),+) => {
        const _: fn() = || {
            fn require<T: ?Sized $(+ $trait)+>() {}
            require::<$type>();
        };
    };
}

/// Fails to compile if the type has the trait: then there are two candidates for the parameter of `Either`.
macro_rules! assert_does_not_implement {
    ($type:ty: $trait:path) => {
        const _: fn() = || {
            trait Either<Which> {
                fn which() {}
            }
            struct Implemented;
            impl<T: ?Sized> Either<()> for T {}
            impl<T: ?Sized + $trait> Either<Implemented> for T {}
            let _ = <$type as Either<_>>::which;
        };
    };
}

/// `Send`, but not `Sync`.
type Local = Cell<u32>;
/// `Sync` by reference only, hence not `Send`.
type Pinned = std::sync::MutexGuard<'static, u32>;
/// Neither.
type Counted = Rc<u32>;

assert_implements!(WaitMap<Local, Local>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_implements!(WaitMap<Local, Local, Spin>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_does_not_implement!(WaitMap<Counted, u32>: Send);
assert_does_not_implement!(WaitMap<Counted, u32>: Sync);
assert_does_not_implement!(WaitMap<u32, Counted>: Send);
assert_does_not_implement!(WaitMap<u32, Counted>: Sync);
assert_does_not_implement!(WaitMap<Pinned, u32>: Sync);
assert_does_not_implement!(WaitMap<u32, Pinned>: Sync);

/// The hashed index of these tests.
type Index = Hashed<Repeatable>;

assert_implements!(HashedWaitMap<Local, Local, Repeatable>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
assert_implements!(HashedWaitMap<Local, Local, Repeatable, Spin>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_does_not_implement!(HashedWaitMap<Counted, u32, Repeatable>: Send);
assert_does_not_implement!(HashedWaitMap<Counted, u32, Repeatable>: Sync);
assert_does_not_implement!(HashedWaitMap<u32, Counted, Repeatable>: Send);
assert_does_not_implement!(HashedWaitMap<u32, Counted, Repeatable>: Sync);
assert_implements!(Wait<'static, Local, Local, Native, Index>: Send, Sync);
assert_does_not_implement!(Wait<'static, u32, u32, Native, Index>: Unpin);
assert_does_not_implement!(Wait<'static, Counted, u32, Native, Index>: Send);
assert_does_not_implement!(Wait<'static, u32, Counted, Native, Index>: Sync);
assert_implements!(WaitOwned<Local, Local, Native, Index>: Send, Sync);
assert_does_not_implement!(WaitOwned<u32, u32, Native, Index>: Unpin);
assert_implements!(Subscribe<'static, 'static, Local, Local, Native, Index>: Send, Sync, Unpin);

assert_implements!(Linear: Find<f64>, Find<Local>);
assert_implements!(Index: Find<u32>, Find<Counted>);
assert_does_not_implement!(Index: Find<f64>);
assert_does_not_implement!(Index: Find<Local>);

assert_implements!(Wait<'static, Local, Local>: Send, Sync);
assert_does_not_implement!(Wait<'static, u32, u32>: Unpin);
assert_does_not_implement!(Wait<'static, u32, u32, Spin>: Unpin);
assert_does_not_implement!(Wait<'static, Counted, u32>: Send);
assert_does_not_implement!(Wait<'static, Counted, u32>: Sync);
assert_does_not_implement!(Wait<'static, u32, Counted>: Send);
assert_does_not_implement!(Wait<'static, u32, Counted>: Sync);

assert_implements!(WaitOwned<Local, Local>: Send, Sync);
assert_does_not_implement!(WaitOwned<u32, u32>: Unpin);

assert_implements!(Subscribe<'static, 'static, Local, Local>: Send, Sync, Unpin);
assert_does_not_implement!(Subscribe<'static, 'static, Counted, u32>: Send);
assert_does_not_implement!(Subscribe<'static, 'static, u32, Counted>: Send);

assert_implements!(WaitError: Copy, Eq, Send, Sync, std::error::Error);
assert_implements!(WakeOutcome<u32>: Eq, Send, Sync, std::fmt::Debug);
assert_does_not_implement!(WakeOutcome<Counted>: Send);

#[test]
fn waiting_for_a_condition_may_cross_threads_if_the_condition_may() {
    fn require_send(_: impl Send) {}
    let map = WaitMap::<Local, Local>::new();
    require_send(map.wait_for(Cell::new(1), || true));
    require_send(map.wait_for_value(Cell::new(1), || Some(1)));
}

#[test]
fn keys_and_values_need_not_cross_threads_on_one_thread() {
    let map = WaitMap::<Counted, Counted>::new();
    let task = crate::support::Task::new();
    let mut wait = crate::support::registered(&map, Rc::new(1), &task);
    assert_eq!(map.wake(&Rc::new(1), Rc::new(2)), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), std::task::Poll::Ready(Ok(Rc::new(2))));
}

//! Loom's atomics.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use raddle::platform::{Atomic, AtomicInt};

use super::asleep::{self, Access, step};
use super::threads::current_number;

/// An atomic of loom, together with a value that was written by exclusive access.
///
/// Loom keeps the value of an atomic in the execution, where no reference can point to it. So exclusive
/// access gives a reference to a copy, and the next shared access begins by storing it.
struct Edited<A, T> {
    shared: A,
    readers: Readers,
    /// Present between an exclusive access and the next shared one. Never locked across an operation of loom.
    copy: Mutex<Option<T>>,
}

impl<A, T: Copy> Edited<A, T> {
    fn new(shared: A) -> Self {
        Edited { shared, readers: Readers::default(), copy: Mutex::new(None) }
    }

    /// The atomic, after `store` put a copy back if there was one.
    fn settled(&self, store: impl FnOnce(&A, T)) -> &A {
        let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(value) = copy {
            store(&self.shared, value);
        }
        &self.shared
    }

    fn get_mut(&mut self, load: impl FnOnce(&A) -> T) -> &mut T {
        let copy = self.copy.get_mut().unwrap_or_else(PoisonError::into_inner);
        copy.get_or_insert_with(|| load(&self.shared))
    }
}

/// Who has loaded an atomic since it was last written.
///
/// Loom remembers the last access to an atomic only. If a thread loads, after another has, and then writes, loom sees its own load, and
/// does not look for the order in which the write comes before the load of the other. That it finds many of these
/// all the same is owed to executions that are [pruned](asleep) here. So where that happens, the search begins again, with a mark for each
/// thread that loads: each load touches it before, and whoever writes touches the marks of the loads that loom has forgotten.
#[derive(Default)]
struct Readers(Mutex<State>);

#[derive(Default)]
struct State {
    /// Of all threads that have ever loaded it.
    marks: Vec<(u64, Mark)>,
    /// The threads that have loaded it since the last write, the last one last.
    recent: Vec<u64>,
}

/// A condition variable for which nobody waits: to notify it depends on other notifications, and makes nothing happen before them.
type Mark = Arc<loom::sync::Condvar>;

impl Readers {
    /// Never locked across an operation of loom.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load<A, R>(&self, atomic: &A, operation: impl FnOnce() -> R) -> R {
        if !asleep::is_pruning() {
            return step(atomic, Access::Load, operation);
        }
        let thread = current_number();
        if asleep::is_marking() {
            let mark = self.state().mark_of(thread);
            // It is a part of the load: a write in between wakes its thread.
            step(atomic, Access::Load, || mark.notify_one());
        }
        let result = step(atomic, Access::Load, operation);
        let recent = &mut self.state().recent;
        recent.retain(|reader| *reader != thread);
        recent.push(thread);
        result
    }

    fn write<A, R>(&self, atomic: &A, operation: impl FnOnce() -> R) -> R {
        if !asleep::is_pruning() {
            return step(atomic, Access::Other, operation);
        }
        let writer = current_number();
        if asleep::is_marking() {
            let marks = self.state().forgotten_marks(writer);
            marks.iter().for_each(|mark| step(atomic, Access::Other, || mark.notify_one()));
        } else if self.state().forgotten(writer).next().is_some() {
            asleep::forget_load();
        }
        let result = step(atomic, Access::Other, operation);
        self.state().recent.clear();
        result
    }
}

impl State {
    fn mark_of(&mut self, thread: u64) -> Mark {
        if let Some((_, mark)) = self.marks.iter().find(|(reader, _)| *reader == thread) {
            return Arc::clone(mark);
        }
        let mark = Mark::default();
        self.marks.push((thread, Arc::clone(&mark)));
        mark
    }

    /// Whose loads were followed by another's, but not that of `writer`.
    fn forgotten(&self, writer: u64) -> impl Iterator<Item = u64> {
        let earlier = self.recent.split_last().map_or(&[][..], |(_, earlier)| earlier);
        earlier.iter().copied().filter(move |reader| *reader != writer)
    }

    fn forgotten_marks(&self, writer: u64) -> Vec<Mark> {
        let of = |reader| self.marks.iter().find(|(other, _)| *other == reader);
        self.forgotten(writer).filter_map(of).map(|(_, mark)| Arc::clone(mark)).collect()
    }
}

macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $shared:ty, $value:ty) => {
        $(#[$doc])*
        pub struct $name$(<$generic>)?(Edited<$shared, $value>);

        impl$(<$generic>)? $name$(<$generic>)? {
            fn shared(&self) -> &$shared {
                // Relaxed: whoever had exclusive access handed it on by other means.
                self.0.settled(|shared, value| {
                    step(self, Access::Other, || shared.store(value, Ordering::Relaxed));
                })
            }

            fn change<R>(&self, operation: impl FnOnce(&$shared) -> R) -> R {
                self.change_as(self, operation)
            }

            /// A step that may write, and counts as one of `object` to others that may be [asleep](asleep).
            pub(super) fn change_as<B, R>(&self, object: &B, operation: impl FnOnce(&$shared) -> R) -> R {
                let shared = self.shared();
                self.0.readers.write(object, || operation(shared))
            }

            /// The same for a load.
            pub(super) fn load_as<B>(&self, object: &B, order: Ordering) -> $value {
                let shared = self.shared();
                self.0.readers.load(object, || shared.load(order))
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl$(<$generic>)? Atomic<$value> for $name$(<$generic>)? {
            #[track_caller]
            fn new(value: $value) -> Self {
                $name(Edited::new(<$shared>::new(value)))
            }
            #[track_caller]
            fn load(&self, order: Ordering) -> $value {
                self.load_as(self, order)
            }
            #[track_caller]
            fn store(&self, value: $value, order: Ordering) {
                self.change(|shared| shared.store(value, order));
            }
            #[track_caller]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.change(|shared| shared.swap(value, order))
            }
            #[track_caller]
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.change(|shared| shared.compare_exchange(current, new, success, failure))
            }
            #[track_caller]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                // Loom does not let it fail without a reason.
                self.change(|shared| shared.compare_exchange_weak(current, new, success, failure))
            }
            #[track_caller]
            fn get_mut(&mut self) -> &mut $value {
                // Relaxed: with exclusive access there is only one value to see.
                self.0.get_mut(|shared| shared.load(Ordering::Relaxed))
            }
        }
    };
}

macro_rules! atomic_int {
    ($(#[$doc:meta])* $name:ident, $shared:ty, $value:ty) => {
        atomic!($(#[$doc])* $name, $shared, $value);

        impl AtomicInt<$value> for $name {
            #[track_caller]
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.change(|shared| shared.fetch_add(value, order))
            }
            #[track_caller]
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.change(|shared| shared.fetch_sub(value, order))
            }
            #[track_caller]
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.change(|shared| shared.fetch_and(value, order))
            }
            #[track_caller]
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.change(|shared| shared.fetch_or(value, order))
            }
        }
    };
}

atomic!(
    /// Loom's `AtomicBool`.
    LoomBool, loom::sync::atomic::AtomicBool, bool
);
atomic!(
    /// Loom's `AtomicPtr`.
    LoomPtr<T>, loom::sync::atomic::AtomicPtr<T>, *mut T
);
atomic_int!(
    /// Loom's `AtomicUsize`.
    LoomUsize, loom::sync::atomic::AtomicUsize, usize
);
atomic_int!(
    /// Loom's `AtomicU64`.
    LoomU64, loom::sync::atomic::AtomicU64, u64
);

// SAFETY: the pointer is a plain value here; who follows it vouches for that. As `core`'s `AtomicPtr`.
unsafe impl<T> Send for LoomPtr<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for LoomPtr<T> {}

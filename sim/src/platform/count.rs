//! Shared reference counts.
//!
//! Cloning is no step: whoever clones holds a reference already, so nobody can tell when the count went up, but by asking
//! for the count. Giving a reference up is one, because it may be the last.

use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::sync::Arc;

use raddle::platform::Shared;

use crate::kernel::{self, ObjectId, ObjectKind, OpKind};

/// A shared reference count of the simulator.
pub struct SimArc<T> {
    counted: ManuallyDrop<Arc<Counted<T>>>,
}

struct Counted<T> {
    id: ObjectId,
    value: T,
}

impl<T> SimArc<T> {
    #[inline]
    fn announce(&self) {
        if let Some(execution) = kernel::current() {
            let index = self.counted.id.index(execution, ObjectKind::Arc);
            execution.step(OpKind::Count, index);
        }
    }
}

impl<T: Send + Sync + 'static> Shared<T> for SimArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        let counted = Counted { id: ObjectId::new(), value };
        SimArc { counted: ManuallyDrop::new(Arc::new(counted)) }
    }

    fn ptr_eq(this: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&this.counted, &other.counted)
    }

    fn strong_count(this: &Self) -> usize {
        this.announce();
        Arc::strong_count(&this.counted)
    }

    fn into_inner(mut this: Self) -> Option<T> {
        this.announce();
        // SAFETY: `this` is forgotten, so nobody takes it twice.
        let counted = unsafe { ManuallyDrop::take(&mut this.counted) };
        mem::forget(this);
        Arc::into_inner(counted).map(|counted| counted.value)
    }
}

impl<T> Clone for SimArc<T> {
    fn clone(&self) -> Self {
        SimArc { counted: self.counted.clone() }
    }
}

impl<T> Deref for SimArc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted.value
    }
}

impl<T: fmt::Debug> fmt::Debug for SimArc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counted.value.fmt(formatter)
    }
}

/// Drops the reference even if announcing it unwinds.
struct Release<'a, T>(&'a mut SimArc<T>);

impl<T> Drop for Release<'_, T> {
    fn drop(&mut self) {
        // SAFETY: made by `SimArc::drop` alone, which runs once.
        unsafe { ManuallyDrop::drop(&mut self.0.counted) };
    }
}

impl<T> Drop for SimArc<T> {
    fn drop(&mut self) {
        let release = Release(self);
        release.0.announce();
    }
}

//! Shared reference counts: those of the [mirror](crate::sync::Arc), with the methods of the platform's trait.

use std::fmt;
use std::ops::Deref;

use raddle::platform::Shared;

use crate::mirror::sync::Arc;

/// A shared reference count of the simulator.
pub struct SimArc<T>(Arc<T>);

impl<T: Send + Sync + 'static> Shared<T> for SimArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        SimArc(Arc::new(value))
    }

    fn ptr_eq(this: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&this.0, &other.0)
    }

    fn strong_count(this: &Self) -> usize {
        Arc::strong_count(&this.0)
    }

    fn into_inner(this: Self) -> Option<T> {
        Arc::into_inner(this.0)
    }
}

impl<T> Clone for SimArc<T> {
    fn clone(&self) -> Self {
        SimArc(self.0.clone())
    }
}

impl<T> Deref for SimArc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for SimArc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

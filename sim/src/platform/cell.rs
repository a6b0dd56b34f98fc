//! Cells. Their accesses are no steps: code that uses them correctly orders them by other means.

use std::cell::UnsafeCell;
use std::fmt;

use raddle::platform::Cell;

/// Memory of the simulator without synchronisation of its own.
#[repr(transparent)]
pub struct SimCell<T>(UnsafeCell<T>);

impl<T> SimCell<T> {
    /// A new cell.
    pub const fn new(value: T) -> Self {
        SimCell(UnsafeCell::new(value))
    }
}

impl<T> fmt::Debug for SimCell<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimCell").finish_non_exhaustive()
    }
}

impl<T> Cell<T> for SimCell<T> {
    fn new(value: T) -> Self {
        SimCell::new(value)
    }
    #[inline]
    fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get().cast_const())
    }
    #[inline]
    fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
    #[inline]
    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

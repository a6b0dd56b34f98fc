//! Values that are made when they are first used.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::once_lock::OnceLock;

/// A value that is made when it is first used: [`std::sync::LazyLock`] on the simulator.
///
/// Each execution makes it afresh, for a static as well. So the function that makes it has to be one that can be called again;
/// `std`'s is called once.
///
/// ```
/// use raddle_sim::sync::{LazyLock, Mutex};
///
/// static NAMES: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| Mutex::new(vec!["warp".to_owned()]));
/// assert_eq!(NAMES.lock().unwrap().len(), 1);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    make: F,
}

impl<T, F: Fn() -> T> LazyLock<T, F> {
    /// A value that `make` makes when it is first used.
    #[track_caller]
    pub const fn new(make: F) -> Self {
        LazyLock { value: OnceLock::new(), make }
    }

    /// The value; made now, if it was not. Blocks while another thread makes it.
    ///
    /// # Panics
    ///
    /// If making it has panicked, now or before.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_poison(&this.make)
    }

    /// The value; made now, if it was not.
    ///
    /// # Panics
    ///
    /// If making it has panicked, now or before.
    #[track_caller]
    pub fn force_mut(this: &mut Self) -> &mut T {
        LazyLock::force(this);
        this.value.get_mut().expect("it was made")
    }
}

impl<T, F> LazyLock<T, F> {
    /// The value, if it was made.
    pub fn get(this: &Self) -> Option<&T> {
        this.value.get()
    }

    /// The value, if it was made; nobody else can touch it now. No step.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.value.get_mut()
    }
}

impl<T, F: Fn() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F: Fn() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> Self {
        LazyLock::new(T::default)
    }
}

/// Shows the value, if it was made, without a step.
impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_tuple("LazyLock");
        match self.value.peek() {
            Some(value) => shape.field(value),
            None => shape.field(&format_args!("<uninit>")),
        };
        shape.finish()
    }
}

//! Shared reference counts.
//!
//! Cloning is no step: whoever clones holds a reference already, so nobody can tell when the count went up, but by asking
//! for the count. Giving a reference up is one, because it may be the last; so is asking, and so is turning a weak reference
//! into a strong one.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::pin::Pin;
use std::ptr;
use std::sync as real;

use crate::kernel::{self, Birth, ObjectId, ObjectKind, OpKind, ValueKind};

/// A shared reference count: [`std::sync::Arc`] on the simulator.
///
/// The language lets `std`'s own count alone coerce to one of a trait object or a slice; here
/// [`unsize_arc!`](crate::unsize_arc) says it.
///
/// ```
/// use raddle_sim::sync::Arc;
///
/// let one = Arc::new(5);
/// let two = Arc::clone(&one);
/// assert_eq!(*two, 5);
/// assert_eq!(Arc::try_unwrap(one), Err(two.clone()));
/// ```
///
/// Without the macro it does not compile:
///
/// ```compile_fail,E0308
/// use raddle_sim::sync::Arc;
///
/// let shown: Arc<dyn std::fmt::Display> = Arc::new(5);
/// ```
///
/// ```compile_fail,E0308
/// use raddle_sim::sync::Arc;
///
/// let slice: Arc<[u32]> = Arc::new([1, 2, 3]);
/// ```
///
/// Nor is it a receiver:
///
/// ```compile_fail,E0307
/// use raddle_sim::sync::Arc;
///
/// struct Task;
/// impl Task {
///     fn wake(self: Arc<Self>) {}
/// }
/// ```
pub struct Arc<T: ?Sized> {
    counted: ManuallyDrop<real::Arc<Counted<T>>>,
}

/// A reference that does not keep the value: [`std::sync::Weak`] on the simulator.
pub struct Weak<T: ?Sized> {
    counted: real::Weak<Counted<T>>,
    /// Whether there was no value yet when it was made.
    is_early: bool,
}

/// A value with the identity of its count.
#[doc(hidden)]
pub struct Counted<T: ?Sized> {
    id: ObjectId,
    /// Ends with the value.
    _birth: Birth,
    value: T,
}

impl<T: ?Sized> fmt::Debug for Counted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Counted").finish_non_exhaustive()
    }
}

/// Turns an [`Arc`](crate::sync::Arc) into one of a type that its value coerces to, a trait object for example.
///
/// ```
/// use raddle_sim::sync::Arc;
///
/// let number = Arc::new(5);
/// let shown = raddle_sim::unsize_arc!(number => dyn std::fmt::Display);
/// assert_eq!(shown.to_string(), "5");
/// ```
#[macro_export]
macro_rules! unsize_arc {
    ($arc:expr => $target:ty) => {{
        let counted = $crate::sync::Arc::into_counted($arc);
        let counted: ::std::sync::Arc<$crate::sync::Counted<$target>> = counted;
        $crate::sync::Arc::from_counted(counted)
    }};
}

#[inline]
fn announce(id: &ObjectId) {
    if let Some(execution) = kernel::current() {
        let index = id.index(execution, ObjectKind::Arc);
        execution.step(OpKind::Count, index);
    }
}

impl<T> Arc<T> {
    /// A new value with one reference.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let (id, birth) = (ObjectId::new(), Birth::new(ValueKind::Arc));
        Arc::from_counted(real::Arc::new(Counted { id, _birth: birth, value }))
    }

    /// A new value that never moves.
    #[track_caller]
    pub fn pin(value: T) -> Pin<Self> {
        // SAFETY: a count owns its value on the heap and never gives it to be moved while it is pinned.
        unsafe { Pin::new_unchecked(Arc::new(value)) }
    }

    /// A new value, made with a weak reference to itself.
    #[track_caller]
    pub fn new_cyclic<F: FnOnce(&Weak<T>) -> T>(make: F) -> Self {
        let (id, birth) = (ObjectId::new(), Birth::new(ValueKind::Arc));
        let counted = real::Arc::new_cyclic(|counted| {
            let weak = Weak { counted: counted.clone(), is_early: true };
            Counted { id, _birth: birth, value: make(&weak) }
        });
        Arc::from_counted(counted)
    }

    /// The value, if this is the only reference.
    ///
    /// # Errors
    ///
    /// The reference, if there are others.
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        announce(&this.counted.id);
        match real::Arc::try_unwrap(Arc::into_counted(this)) {
            Ok(counted) => Ok(counted.value),
            Err(counted) => Err(Arc::from_counted(counted)),
        }
    }

    /// Gives the reference up; the value, if it was the last. Of several that do so at the same time one gets it.
    pub fn into_inner(this: Self) -> Option<T> {
        announce(&this.counted.id);
        real::Arc::into_inner(Arc::into_counted(this)).map(|counted| counted.value)
    }

    /// The value, or a clone of it if there are other references.
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Arc::try_unwrap(this).unwrap_or_else(|shared| (*shared).clone())
    }

    /// Gives the reference up for a pointer to the value, which [`from_raw`](Arc::from_raw) takes back. No step.
    pub fn into_raw(this: Self) -> *const T {
        let counted = real::Arc::into_raw(Arc::into_counted(this));
        // SAFETY: the pointer points to a value.
        unsafe { &raw const (*counted).value }
    }

    /// Takes a reference back.
    ///
    /// # Safety
    ///
    /// `value` is from [`into_raw`](Arc::into_raw) of an `Arc` of this type, and stands for a reference of its own.
    pub unsafe fn from_raw(value: *const T) -> Self {
        let offset = mem::offset_of!(Counted<T>, value);
        // SAFETY: the caller's promise: the value is inside of a `Counted`.
        let counted = unsafe { value.byte_sub(offset) }.cast::<Counted<T>>();
        // SAFETY: the caller's promise.
        Arc::from_counted(unsafe { real::Arc::from_raw(counted) })
    }

    /// Adds a reference. No step.
    ///
    /// # Safety
    ///
    /// `value` is from [`into_raw`](Arc::into_raw) of an `Arc` of this type, of which there is a reference.
    pub unsafe fn increment_strong_count(value: *const T) {
        // SAFETY: the caller's promise; the reference is forgotten.
        let arc = ManuallyDrop::new(unsafe { Arc::from_raw(value) });
        mem::forget(Arc::clone(&arc));
    }

    /// Gives a reference up.
    ///
    /// # Safety
    ///
    /// As for [`from_raw`](Arc::from_raw).
    pub unsafe fn decrement_strong_count(value: *const T) {
        // SAFETY: the caller's promise.
        drop(unsafe { Arc::from_raw(value) });
    }
}

impl<T: ?Sized> Arc<T> {
    #[doc(hidden)]
    pub fn from_counted(counted: real::Arc<Counted<T>>) -> Self {
        Arc { counted: ManuallyDrop::new(counted) }
    }

    /// The count of `std` inside; what gave it up has announced that, if it matters.
    #[doc(hidden)]
    pub fn into_counted(mut this: Self) -> real::Arc<Counted<T>> {
        // SAFETY: `this` is forgotten, so nobody takes it twice.
        let counted = unsafe { ManuallyDrop::take(&mut this.counted) };
        mem::forget(this);
        counted
    }

    /// Whether the two are references to the same value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        real::Arc::ptr_eq(&this.counted, &other.counted)
    }

    /// A pointer to the value.
    pub fn as_ptr(this: &Self) -> *const T {
        ptr::from_ref(&this.counted.value)
    }

    /// How many references there are.
    pub fn strong_count(this: &Self) -> usize {
        announce(&this.counted.id);
        real::Arc::strong_count(&this.counted)
    }

    /// How many weak references there are.
    pub fn weak_count(this: &Self) -> usize {
        announce(&this.counted.id);
        real::Arc::weak_count(&this.counted)
    }

    /// A weak reference to the value. No step.
    pub fn downgrade(this: &Self) -> Weak<T> {
        Weak { counted: real::Arc::downgrade(&this.counted), is_early: false }
    }

    /// The value, if there is no other reference, weak ones included.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        announce(&this.counted.id);
        real::Arc::get_mut(&mut this.counted).map(|counted| &mut counted.value)
    }
}

impl<T: Clone> Arc<T> {
    /// The value, for this reference alone: cloned if there are others.
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T {
        if Arc::get_mut(this).is_none() {
            *this = Arc::new((**this).clone());
        }
        real::Arc::get_mut(&mut this.counted)
            .map(|counted| &mut counted.value)
            .expect("it is the only reference")
    }
}

impl<T> Weak<T> {
    /// A weak reference to nothing.
    pub const fn new() -> Self {
        Weak { counted: real::Weak::new(), is_early: true }
    }
}

impl<T: ?Sized> Weak<T> {
    /// The identity of the count, which outlives the value.
    fn announce(&self) {
        if !self.is_early || self.counted.strong_count() > 0 {
            let counted = self.counted.as_ptr();
            // SAFETY: there was a value, the weak reference keeps the memory, and an identity has nothing to drop, so it is as it
            // was.
            announce(unsafe { &(*counted).id });
        }
    }

    /// A reference that keeps the value, if it is still there.
    pub fn upgrade(&self) -> Option<Arc<T>> {
        self.announce();
        self.counted.upgrade().map(Arc::from_counted)
    }

    /// How many references keep the value.
    pub fn strong_count(&self) -> usize {
        self.announce();
        self.counted.strong_count()
    }

    /// How many weak references there are, as long as the value is there.
    pub fn weak_count(&self) -> usize {
        self.announce();
        self.counted.weak_count()
    }

    /// Whether the two are references to the same value, or both to nothing.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.counted.ptr_eq(&other.counted)
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[inline]
    fn clone(&self) -> Self {
        Arc { counted: self.counted.clone() }
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    fn clone(&self) -> Self {
        Weak { counted: self.counted.clone(), is_early: self.is_early }
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted.value
    }
}

/// Drops the reference even if announcing it unwinds.
struct Release<'a, T: ?Sized>(&'a mut Arc<T>);

impl<T: ?Sized> Drop for Release<'_, T> {
    fn drop(&mut self) {
        // SAFETY: made by `Arc::drop` alone, which runs once.
        unsafe { ManuallyDrop::drop(&mut self.0.counted) };
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        let release = Release(self);
        announce(&release.0.counted.id);
    }
}

impl<T> Default for Weak<T> {
    fn default() -> Self {
        Weak::new()
    }
}

impl<T: Default> Default for Arc<T> {
    #[track_caller]
    fn default() -> Self {
        Arc::new(T::default())
    }
}

impl<T> From<T> for Arc<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Arc::new(value)
    }
}

impl<T> From<Box<T>> for Arc<T> {
    #[track_caller]
    fn from(value: Box<T>) -> Self {
        Arc::new(*value)
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Unpin for Arc<T> {}

impl<T: ?Sized + PartialEq> PartialEq for Arc<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for Arc<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for Arc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord> Ord for Arc<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash> Hash for Arc<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized> fmt::Pointer for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&Arc::as_ptr(self), formatter)
    }
}

impl<T: ?Sized + Error> Error for Arc<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        (**self).source()
    }
}

impl<T: ?Sized> fmt::Debug for Weak<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("(Weak)")
    }
}

//! The mirror of `std`: the items of the standard library by which threads meet, for code under test that names no platform.
//!
//! | module | mirrors |
//! |---|---|
//! | [`sync`] | locks, condition variables, barriers, initialisation, channels, counts, atomics |
//! | [`thread`] | starting, scopes, parking, sleeping, thread-local values |
//! | [`time`] | the clock |
//! | [`cell`], [`hint`] | memory without synchronisation, spinning |
//! | [`future`] | a small executor: `std` has none |
//!
//! Items mean what those of the same name in `std` mean, poison and panics included. Outside of an execution they *are*
//! `std`'s, because each value lives in a real atomic or under a real lock all the time.
//!
//! What cannot be mirrored:
//!
//! - An [`Arc`](crate::sync::Arc) does not coerce to one of a trait object or a slice by itself; [`unsize_arc!`](crate::unsize_arc)
//!   does it. It is not a receiver (`self: Arc<Self>`), and not what [`std::task::Wake`] takes.
//! - A static keeps its value from one execution to the next. Where that happens, and the value was changed, it is
//!   [reported](crate::kernel::Kernel::carried_over). What is initialised once ([`Once`](crate::sync::Once),
//!   [`OnceLock`](crate::sync::OnceLock), [`LazyLock`](crate::sync::LazyLock)) and was so by an execution begins afresh in the
//!   next.
//! - A [`LazyLock`](crate::sync::LazyLock) therefore needs a function that can be called again.
//! - Accesses through `as_ptr` and `from_ptr` of atomics would go unseen, so these are missing.

pub mod cell;
pub mod future;
pub mod hint;
pub mod sync;
pub mod thread;
pub mod time;

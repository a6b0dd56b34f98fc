//! The mirror of [`std::sync`].

pub mod atomic;
mod condvar;
pub mod mpsc;
mod mutex;
mod poison;
mod rwlock;

pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

pub use self::condvar::Condvar;
pub use self::mutex::{Mutex, MutexGuard};
pub use self::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

//! What waking and waiting can come to.

use core::error::Error;
use core::fmt;

/// What became of a value that was given to [`WaitMap::wake`](super::WaitMap::wake).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a value that found no waiter is handed back"]
pub enum WakeOutcome<V> {
    /// A waiter was registered for the key. The value is with its future, which hands it out when it is
    /// polled.
    Woke,
    /// Nobody waits for the key. Nothing is stored for later: here is the value.
    NoMatch(V),
    /// The map is closed. Here is the value.
    Closed(V),
}

/// The result of waiting.
pub type WaitResult<T> = Result<T, WaitError>;

/// Why a wait came to nothing. Each of them is final: the future has no other result, ever.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// The map was [closed](super::WaitMap::close).
    Closed,
    /// The future has given its result already and was polled again.
    AlreadyConsumed,
    /// Another waiter is registered for an equal key.
    Duplicate,
}

impl fmt::Display for WaitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            WaitError::Closed => "the map is closed",
            WaitError::AlreadyConsumed => "the future has given its result already",
            WaitError::Duplicate => "another waiter is registered for this key",
        })
    }
}

impl Error for WaitError {}

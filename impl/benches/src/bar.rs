//! What a row has to come to.

use std::fmt;

/// What a ratio has to come to.
pub(crate) enum Bar {
    /// Ours divided by the peer's.
    AtMost(f64),
    /// The peer's divided by ours.
    TimesFaster(f64),
    /// The difference of the two, where the second is the floor under the first.
    AboveBy(f64),
    /// For information.
    None,
}

impl Bar {
    /// The ratio, or difference, that the bar is about, and whether it is reached.
    pub(crate) fn judge(&self, ours: f64, peer: f64) -> (f64, Option<bool>) {
        match self {
            Bar::AtMost(most) => (ours / peer, Some(ours / peer <= *most)),
            Bar::TimesFaster(least) => (peer / ours, Some(peer / ours >= *least)),
            Bar::AboveBy(most) => (ours - peer, Some(ours - peer <= *most)),
            Bar::None => (ours / peer, None),
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bar::AtMost(most) => write!(formatter, "<= {most}"),
            Bar::TimesFaster(least) => write!(formatter, ">= {least}x"),
            Bar::AboveBy(most) => write!(formatter, "+ {most}"),
            Bar::None => Ok(()),
        }
    }
}

/// What the table says of a bar that is reached, or not, or does not exist.
pub(crate) fn word(reached: Option<bool>) -> &'static str {
    reached.map_or("", |reached| if reached { "reached" } else { "MISSED" })
}

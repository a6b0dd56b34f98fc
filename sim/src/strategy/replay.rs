//! Replay: answers the questions of an execution from a list.
//!
//! Replay is tolerant. A value that is no option is taken modulo the number of options, and when the list has ended every
//! answer is 0: so every list is a valid run, and a shrinker may edit one as it likes. Whether the run needed any of that is
//! known afterwards.

use crate::choice::{Choice, Kind};
use crate::strategy::{Now, Strategy};

/// One execution by a list of choices.
#[derive(Clone, Debug)]
pub struct Replay {
    values: Vec<u32>,
    position: usize,
    bent: bool,
    begun: bool,
}

impl Replay {
    /// One execution by `values`, the taken options one after the other.
    pub fn new(values: Vec<u32>) -> Self {
        Replay { values, position: 0, bent: false, begun: false }
    }

    /// One execution by the choices of another.
    pub fn of(choices: &[Choice]) -> Self {
        Replay::new(choices.iter().map(|choice| choice.taken).collect())
    }

    /// Whether the last execution used the list as it is: each value was an option, and all were used.
    pub fn was_exact(&self) -> bool {
        self.begun && !self.bent && self.position == self.values.len()
    }

    fn next(&mut self, options: u32) -> u32 {
        let Some(&value) = self.values.get(self.position) else {
            self.bent = true;
            return 0;
        };
        self.position += 1;
        self.bent |= value >= options;
        value % options
    }
}

impl Strategy for Replay {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        Some(self.next(now.options() as u32) as usize)
    }

    fn value(&mut self, _kind: Kind, options: u32) -> u32 {
        self.next(options)
    }
}

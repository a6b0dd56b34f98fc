//! A driver counts requests and stops when the last one has left; a request that looks at the stop flag before it is counted
//! can find the driver stopped under its feet.

use std::sync::Arc;

use raddle::platform::{Memory, Threads};

use super::{Form, Racy, join_all, start};

struct Device<P: Memory> {
    /// The requests under way, and one for the driver itself.
    pending: Racy<P>,
    is_stopping: Racy<P>,
    may_stop: Racy<P>,
    is_stopped: Racy<P>,
}

impl<P: Memory> Device<P> {
    /// Whether the request may go on. The bug: it looks first and is counted then.
    fn enter(&self, form: Form) -> bool {
        match form {
            Form::Buggy => {
                let may_enter = self.is_stopping.get() == 0;
                if may_enter {
                    self.pending.add(1);
                }
                may_enter
            }
            Form::Repaired => {
                self.pending.add(1);
                self.is_stopping.get() == 0
            }
        }
    }

    fn leave(&self) {
        if self.pending.add(-1) == 1 {
            self.may_stop.set(1);
        }
    }

    fn request(&self, form: Form) {
        if self.enter(form) {
            assert_eq!(self.is_stopped.get(), 0, "the driver has stopped during a request");
        }
        // A refused request leaves, too, even where it was not counted: so in the original, and harmless.
        self.leave();
    }

    fn stop(&self) {
        self.is_stopping.set(1);
        self.leave();
        if self.may_stop.get() == 1 {
            self.is_stopped.set(1);
        }
    }
}

pub(super) fn run<P: Threads>(form: Form) {
    let device = Arc::new(Device::<P> {
        pending: Racy::new(1),
        is_stopping: Racy::new(0),
        may_stop: Racy::new(0),
        is_stopped: Racy::new(0),
    });
    let stopped = Arc::clone(&device);
    let stopper = start::<P>("stopper", move || stopped.stop());
    device.request(form);
    join_all::<P>([stopper]);
}

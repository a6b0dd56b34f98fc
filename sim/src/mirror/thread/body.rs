//! The bodies of threads, which may panic.

use crate::choice::Kind;
use crate::kernel::Execution;

/// `body` as the simulator runs it: it panics before it begins, or once it is done and its result is there, if a [choice](Kind::Body)
/// says so. Those are the two moments at which whoever waits for the thread is surprised most: nothing of what it was started for
/// has happened, or all of it.
///
/// Who starts a thread that is to be [spared](crate::kernel::spared) spares its body as well.
pub(super) fn breakable<T>(execution: Execution, body: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let may_panic = execution.allows_fault(Kind::Body);
    move || {
        if may_panic {
            execution.may_panic(Kind::Body);
        }
        let result = body();
        if may_panic {
            execution.may_panic(Kind::Body);
        }
        result
    }
}

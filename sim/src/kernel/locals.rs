//! The values that belong to one simulated thread: what thread-local keys stand for.
//!
//! A value is made when its thread first asks for it and destroyed when the thread ends: on its own stack, after its body,
//! before anybody that joins it goes on, the youngest value first. A destructor can ask for other values, and can have new
//! ones made; a value that is destroyed is not made again.

use std::ptr::NonNull;

use super::core::Execution;

/// One value of one thread.
#[derive(Debug)]
pub(crate) struct Local {
    /// The key: the address of a static, which is compared and not ordered.
    pub(crate) key: usize,
    /// None if it was destroyed.
    pub(crate) value: Option<NonNull<()>>,
    /// Destroys and frees the value, on the stack of its thread, once.
    pub(crate) destroy: unsafe fn(NonNull<()>),
    /// Whether destroying it runs code. If not, it stays usable to the end.
    pub(crate) has_destructor: bool,
}

/// What a thread finds behind a key.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Lookup {
    Missing,
    Alive(NonNull<()>),
    Destroyed,
}

impl Execution {
    /// The current thread's value of `key`.
    #[inline]
    pub(crate) fn local(self, key: usize) -> Lookup {
        self.with(|core| match core.current_slot().locals.iter().find(|local| local.key == key) {
            None => Lookup::Missing,
            Some(Local { value: Some(value), .. }) => Lookup::Alive(*value),
            Some(Local { value: None, .. }) => Lookup::Destroyed,
        })
    }

    /// Gives the current thread a value of a key that it has none of.
    pub(crate) fn add_local(self, local: Local) {
        self.with(|core| core.current_slot().locals.push(local));
    }

    /// Destroys the current thread's values. A panic of a destructor ends that destructor and is reported.
    pub(crate) fn destroy_locals(self) {
        while let Some((value, destroy)) = self.with(|core| {
            let locals = &mut core.current_slot().locals;
            let local = locals.iter_mut().rfind(|local| local.has_destructor && local.value.is_some())?;
            Some((local.value.take()?, local.destroy))
        }) {
            // SAFETY: taken out of the table, so nobody destroys it twice or finds it again; this is its thread's stack.
            let destroy = || self.contain(|| unsafe { destroy(value) });
            if self.with(|core| core.tearing) {
                // The thread unwinds no longer, so without this the destructor would be broken off.
                self.unbreakable(destroy);
            } else {
                destroy();
            }
        }
        let rest = self.with(|core| std::mem::take(&mut core.current_slot().locals));
        for local in rest {
            if let Some(value) = local.value {
                // SAFETY: as above; it runs no code.
                unsafe { (local.destroy)(value) };
            }
        }
    }
}

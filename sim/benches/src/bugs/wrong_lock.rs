//! A thread relies on a lock that the others do not take: they take another one to raise the same number.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

struct Shared<P: Memory> {
    value: Racy<P>,
    right: P::Mutex<()>,
    wrong: P::Mutex<()>,
}

impl<P: Memory> Shared<P> {
    fn raise(&self) {
        self.value.set(self.value.get() + 1);
    }

    fn raise_and_check(&self) {
        let _alone = self.right.lock();
        let before = self.value.get();
        self.raise();
        assert_eq!(self.value.get(), before + 1, "another thread has raised the number, too");
    }

    fn raise_elsewhere(&self, form: Form) {
        let lock = if form == Form::Buggy { &self.wrong } else { &self.right };
        let _alone = lock.lock();
        self.raise();
    }
}

pub(super) fn run<P: Threads>(others: usize, form: Form) {
    let shared = Arc::new(Shared::<P> { value: Racy::new(0), right: Mutex::new(()), wrong: Mutex::new(()) });
    let checking = Arc::clone(&shared);
    let mut threads = vec![start::<P>("checker", move || checking.raise_and_check())];
    threads.extend((0..others).map(|_| {
        let shared = Arc::clone(&shared);
        start::<P>("other", move || shared.raise_elsewhere(form))
    }));
    join_all::<P>(threads);
}

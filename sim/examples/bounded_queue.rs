//! A bounded queue, tested by changing its imports. Its first version has a bug that a test on real threads hardly ever shows.
//!
//! ```console
//! $ cargo run --release --example bounded_queue
//! ```

use std::collections::VecDeque;

// The whole change: these two lines said `std`.
use raddle_sim::sync::{Arc, Condvar, Mutex};
use raddle_sim::thread;

use raddle_sim::Check;

/// A queue of at most so many items: `push` waits while it is full, `pop` while it is empty.
///
/// Unless `TWO_CONDVARS`, who waits for room and who waits for an item wait in the same place, and a notification may wake one who
/// cannot use it.
struct Queue<T, const TWO_CONDVARS: bool> {
    items: Mutex<VecDeque<T>>,
    capacity: usize,
    has_items: Condvar,
    has_room: Condvar,
}

impl<T, const TWO_CONDVARS: bool> Queue<T, TWO_CONDVARS> {
    fn new(capacity: usize) -> Self {
        Queue {
            items: Mutex::new(VecDeque::new()),
            capacity,
            has_items: Condvar::new(),
            has_room: Condvar::new(),
        }
    }

    fn push(&self, item: T) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.capacity {
            items = self.room().wait(items).unwrap();
        }
        items.push_back(item);
        self.has_items.notify_one();
    }

    fn pop(&self) -> T {
        let mut items = self.items.lock().unwrap();
        loop {
            if let Some(item) = items.pop_front() {
                self.room().notify_one();
                return item;
            }
            items = self.has_items.wait(items).unwrap();
        }
    }

    fn room(&self) -> &Condvar {
        if TWO_CONDVARS { &self.has_room } else { &self.has_items }
    }
}

/// What the test does: two threads push an item each, two others pop one each.
pub(crate) fn hand_over<const TWO_CONDVARS: bool>() {
    let queue = Arc::new(Queue::<u32, TWO_CONDVARS>::new(1));
    let start = |name: &str, act: fn(&Queue<u32, TWO_CONDVARS>)| {
        let queue = Arc::clone(&queue);
        thread::Builder::new().name(name.to_owned()).spawn(move || act(&queue)).unwrap()
    };
    let threads = [
        start("pusher 1", |queue| queue.push(1)),
        start("pusher 2", |queue| queue.push(2)),
        start("popper 1", |queue| assert!(queue.pop() > 0)),
        start("popper 2", |queue| assert!(queue.pop() > 0)),
    ];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn main() {
    let check = Check::new().name("items_are_handed_over");
    println!("== one condition variable ==\n");
    match check.try_run(hand_over::<false>) {
        Ok(checked) => println!("{checked}"),
        Err(failure) => println!("{failure}"),
    }
    println!("\n== two ==\n");
    match check.try_run(hand_over::<true>) {
        Ok(checked) => println!("{checked}"),
        Err(failure) => println!("{failure}"),
    }
}

//! The programs on the simulator's platform.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Condvar, Join, Memory, Mutex, Threads};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::{Random, Strategy};

type Count = <Sim as Memory>::AtomicUsize;
type Lock<T> = <Sim as Memory>::Mutex<T>;

pub fn increments(strategy: &mut impl Strategy, executions: u64, threads: u64, each: u64) -> u64 {
    let mut kernel = Kernel::new(Limits::default());
    for _ in 0..executions {
        kernel.run(strategy, || {
            let count = Arc::new(Count::new(0));
            spawn_and_join(threads, || {
                let count = count.clone();
                move || {
                    for _ in 0..each {
                        count.fetch_add(1, SeqCst);
                    }
                }
            });
        });
    }
    executions * threads * each
}

pub fn pairs(executions: u64, threads: u64, each: u64) -> u64 {
    let mut kernel = Kernel::new(Limits::default());
    let mut strategy = Random::new(1);
    for _ in 0..executions {
        kernel.run(&mut strategy, || {
            let lock = Arc::new(Lock::new(0));
            spawn_and_join(threads, || {
                let lock = lock.clone();
                move || {
                    for _ in 0..each {
                        *lock.lock() += 1;
                    }
                }
            });
        });
    }
    executions * threads * each
}

/// A channel with room for two.
struct Channel {
    messages: Lock<VecDeque<u64>>,
    has_room: SimCondvar,
    has_message: SimCondvar,
}

impl Channel {
    fn send(&self, message: u64) {
        let mut messages = self.messages.lock();
        while messages.len() == 2 {
            messages = self.has_room.wait(messages);
        }
        messages.push_back(message);
        self.has_message.notify_one();
    }

    fn receive(&self) -> u64 {
        let mut messages = self.messages.lock();
        loop {
            if let Some(message) = messages.pop_front() {
                self.has_room.notify_one();
                return message;
            }
            messages = self.has_message.wait(messages);
        }
    }
}

pub fn messages(executions: u64, senders: u64, each: u64) -> u64 {
    let mut kernel = Kernel::new(Limits::default());
    let mut strategy = Random::new(1);
    for _ in 0..executions {
        kernel.run(&mut strategy, || {
            let channel = Arc::new(Channel {
                messages: Lock::new(VecDeque::with_capacity(2)),
                has_room: SimCondvar::new(),
                has_message: SimCondvar::new(),
            });
            let handles = spawn(senders, || {
                let channel = channel.clone();
                move || (0..each).for_each(|message| channel.send(message))
            });
            let sum: u64 = (0..senders * each).map(|_| channel.receive()).sum();
            assert_eq!(sum, senders * each * (each - 1) / 2);
            join(handles);
        });
    }
    executions * senders * each
}

type Handles = Vec<<Sim as Threads>::JoinHandle<()>>;

fn spawn<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) -> Handles {
    (0..threads).map(|_| Sim::spawn("worker", body()).unwrap()).collect()
}

fn join(handles: Handles) {
    for handle in handles {
        handle.join().unwrap();
    }
}

fn spawn_and_join<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) {
    join(spawn(threads, body));
}

//! The programs on the simulator's platform.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Join, Memory, Mutex, Threads};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Profile, Random, Strategy, Surw};
use raddle_sim::sync::mpsc::sync_channel;

pub type Count = <Sim as Memory>::AtomicUsize;
pub type Lock<T> = <Sim as Memory>::Mutex<T>;

pub fn increments(strategy: &mut impl Strategy, executions: u64, threads: u64, each: u64) -> u64 {
    let mut kernel = Kernel::new(Limits::default());
    for _ in 0..executions {
        kernel.run(strategy, || increment(threads, each));
    }
    executions * threads * each
}

/// By SURW, which first learns from a few executions. They are part of the cost.
pub fn increments_by_surw(executions: u64, threads: u64, each: u64) -> u64 {
    let mut profile = Profile::default();
    let mut kernel = Kernel::new(Limits::default());
    let mut random = Random::new(1);
    for _ in 0..3 {
        kernel.run(&mut random, || increment(threads, each));
        profile.observe(&kernel);
    }
    increments(&mut Surw::new(1, Arc::new(profile)), executions, threads, each)
}

fn increment(threads: u64, each: u64) {
    let count = Arc::new(Count::new(0));
    spawn_and_join(threads, || {
        let count = count.clone();
        move || {
            for _ in 0..each {
                count.fetch_add(1, SeqCst);
            }
        }
    });
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

pub fn messages(executions: u64, senders: u64, each: u64) -> u64 {
    let mut kernel = Kernel::new(Limits::default());
    let mut strategy = Random::new(1);
    for _ in 0..executions {
        kernel.run(&mut strategy, || {
            let (sender, receiver) = sync_channel(2);
            let handles = spawn(senders, || {
                let sender = sender.clone();
                move || (0..each).for_each(|message| sender.send(message).unwrap())
            });
            drop(sender);
            assert_eq!(receiver.iter().sum::<u64>(), senders * each * (each - 1) / 2);
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

pub fn spawn_and_join<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) {
    join(spawn(threads, body));
}

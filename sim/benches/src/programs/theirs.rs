//! The programs on shuttle's mirror of `std`.

use std::sync::atomic::Ordering::SeqCst;

use shuttle::scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::sync::atomic::AtomicUsize;
use shuttle::sync::mpsc::sync_channel;
use shuttle::sync::{Arc, Mutex};
use shuttle::thread::JoinHandle;
use shuttle::{Config, Runner};

/// Makes the scheduler of so many executions.
type Make = fn(u64) -> Box<dyn Scheduler + Send>;

pub fn random(executions: u64) -> Box<dyn Scheduler + Send> {
    Box::new(RandomScheduler::new_from_seed(1, executions as usize))
}

pub fn pct(executions: u64) -> Box<dyn Scheduler + Send> {
    Box::new(PctScheduler::new_from_seed(1, 3, executions as usize))
}

pub fn same(executions: u64) -> Box<dyn Scheduler + Send> {
    Box::new(SameTask { left: executions })
}

/// The same task goes on for as long as it can.
struct SameTask {
    left: u64,
}

impl Scheduler for SameTask {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.left = self.left.checked_sub(1)?;
        Some(Schedule::new(0))
    }
    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, _yielding: bool) -> Option<TaskId> {
        let same = runnable.iter().map(|task| task.id()).find(|id| Some(*id) == current);
        Some(same.unwrap_or(runnable[0].id()))
    }
    fn next_u64(&mut self) -> u64 {
        0
    }
}

fn run(scheduler: Box<dyn Scheduler + Send>, body: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    Runner::new(scheduler, config).run(body);
}

pub fn increments(scheduler: Make, executions: u64, threads: u64, each: u64) -> u64 {
    run(scheduler(executions), move || {
        let count = Arc::new(AtomicUsize::new(0));
        spawn_and_join(threads, || {
            let count = count.clone();
            move || {
                for _ in 0..each {
                    count.fetch_add(1, SeqCst);
                }
            }
        });
    });
    executions * threads * each
}

pub fn pairs(executions: u64, threads: u64, each: u64) -> u64 {
    run(random(executions), move || {
        let lock = Arc::new(Mutex::new(0));
        spawn_and_join(threads, || {
            let lock = lock.clone();
            move || {
                for _ in 0..each {
                    *lock.lock().unwrap() += 1;
                }
            }
        });
    });
    executions * threads * each
}

pub fn messages(executions: u64, senders: u64, each: u64) -> u64 {
    run(random(executions), move || {
        let (sender, receiver) = sync_channel(2);
        let handles = spawn(senders, || {
            let sender = sender.clone();
            move || (0..each).for_each(|message| sender.send(message).unwrap())
        });
        drop(sender);
        assert_eq!(receiver.iter().sum::<u64>(), senders * each * (each - 1) / 2);
        join(handles);
    });
    executions * senders * each
}

fn spawn<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) -> Vec<JoinHandle<()>> {
    (0..threads).map(|_| shuttle::thread::spawn(body())).collect()
}

fn join(handles: Vec<JoinHandle<()>>) {
    for handle in handles {
        handle.join().unwrap();
    }
}

fn spawn_and_join<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) {
    join(spawn(threads, body));
}

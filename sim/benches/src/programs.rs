//! The programs, each written twice in the same shape: on the simulator's platform and on shuttle's mirror of `std`.
//!
//! A step is counted as an access to a shared atomic or a mutex operation; what either side does besides to start, end and
//! join threads is part of the cost and not of the count.

use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Join, Memory, Mutex, Threads};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{Kernel, Limits, Now};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Random, Strategy};

use crate::Row;

type Count = <Sim as Memory>::AtomicUsize;
type Lock = <Sim as Memory>::Mutex<usize>;

pub const ROWS: &[Row] = &[
    Row {
        name: "random, 3 threads x 100 atomic increments",
        unit: "increment",
        ours: |executions| ours::increments(&mut Random::new(1), executions, 3, 100),
        theirs: |executions| theirs::increments(theirs::random, executions, 3, 100),
        executions: 300,
    },
    Row {
        name: "the same thread goes on, 3 x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Same, executions, 3, 100),
        theirs: |executions| theirs::increments(theirs::same, executions, 3, 100),
        executions: 300,
    },
    Row {
        name: "random, 50 threads x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Random::new(1), executions, 50, 100),
        theirs: |executions| theirs::increments(theirs::random, executions, 50, 100),
        executions: 10,
    },
    Row {
        name: "random, 4 threads x 100 lock and unlock",
        unit: "pair",
        ours: |executions| ours::pairs(executions, 4, 100),
        theirs: |executions| theirs::pairs(executions, 4, 100),
        executions: 100,
    },
    Row {
        name: "random, tiny: 2 threads, 1 lock each",
        unit: "execution",
        ours: |executions| ours::pairs(executions, 2, 1) / 2,
        theirs: |executions| theirs::pairs(executions, 2, 1) / 2,
        executions: 20_000,
    },
];

/// The same thread goes on for as long as it can.
struct Same;

impl Strategy for Same {
    fn begin(&mut self) -> bool {
        true
    }
    fn thread(&mut self, _now: &Now<'_>) -> Option<usize> {
        Some(0)
    }
    fn value(&mut self, _kind: Kind, _options: u32) -> u32 {
        0
    }
}

mod ours {
    use std::sync::Arc;

    use super::*;

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

    fn spawn_and_join<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) {
        let handles: Vec<_> = (0..threads).map(|_| Sim::spawn("worker", body()).unwrap()).collect();
        for handle in handles {
            handle.join().unwrap();
        }
    }
}

mod theirs {
    use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
    use shuttle::sync::atomic::AtomicUsize;
    use shuttle::sync::{Arc, Mutex};
    use shuttle::{Config, Runner};

    use super::*;

    pub fn random(executions: u64) -> Box<dyn Scheduler + Send> {
        Box::new(RandomScheduler::new_from_seed(1, executions as usize))
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
        fn next_task(
            &mut self,
            runnable: &[&Task],
            current: Option<TaskId>,
            _yielding: bool,
        ) -> Option<TaskId> {
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

    pub fn increments(
        scheduler: fn(u64) -> Box<dyn Scheduler + Send>,
        executions: u64,
        threads: u64,
        each: u64,
    ) -> u64 {
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

    fn spawn_and_join<F: FnOnce() + Send + 'static>(threads: u64, body: impl Fn() -> F) {
        let handles: Vec<_> = (0..threads).map(|_| shuttle::thread::spawn(body())).collect();
        for handle in handles {
            handle.join().unwrap();
        }
    }
}

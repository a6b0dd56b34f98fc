//! Runs of the contestants.

use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use raddle::{DownMsg, WorkerPool, recv_break};

/// What a message cost, in nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Of time.
    pub(crate) wall: f64,
    /// Of CPU, of all threads together.
    pub(crate) cpu: f64,
}

/// Something that can be measured again and again.
pub(crate) type Trial = Box<dyn FnMut() -> Cost>;

/// How many workers send.
const WORKERS: usize = 4;

/// How many values each of them sends. Fewer where nearly every message costs a change of threads.
fn each(buffer: usize) -> u64 {
    if buffer > 1 { 250_000 } else { 10_000 }
}

/// Nanoseconds of CPU that this process has used.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on Linux, and the pointer is to a local variable.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) }, 0);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The cost of each of `messages`, of which `run` deals with all.
fn measure(messages: u64, run: impl FnOnce()) -> Cost {
    let (begin, begin_cpu) = (Instant::now(), cpu_ns());
    run();
    let (end, end_cpu) = (begin.elapsed(), cpu_ns());
    let messages = messages as f64;
    Cost { wall: end.as_nanos() as f64 / messages, cpu: (end_cpu - begin_cpu) as f64 / messages }
}

/// How the manager of our pool receives.
#[derive(Clone, Copy)]
pub(crate) enum How {
    Recv,
    /// One by `recv`, to wait, and then a burst.
    Burst,
}

/// The workers of a pool send, the manager receives.
pub(crate) fn pool(buffer: usize, how: How) -> Trial {
    Box::new(move || {
        let each = each(buffer);
        let messages = WORKERS as u64 * each;
        measure(messages, || {
            let mut pool = WorkerPool::<u64, ()>::new(buffer);
            pool.execute_many(WORKERS, move |tx, _rx| {
                for value in 0..each {
                    tx.send(value).expect("the pool lives");
                }
            });
            let mut sum = 0;
            match how {
                How::Recv => {
                    for _ in 0..messages {
                        sum += pool.recv().expect("workers send");
                    }
                }
                How::Burst => {
                    let mut left = messages;
                    while left > 0 {
                        sum += pool.recv().expect("workers send");
                        left -= 1;
                        for value in pool.recv_burst() {
                            sum += value;
                            left -= 1;
                        }
                    }
                }
            }
            assert_eq!(sum, expected_sum(each));
            assert!(pool.stop_and_join().is_empty());
        })
    })
}

fn expected_sum(each: u64) -> u64 {
    WORKERS as u64 * (each * (each - 1) / 2)
}

/// The same with threads and a channel of a peer.
macro_rules! peer {
    ($name:ident, $channel:path, $stamp:expr) => {
        pub(crate) fn $name(buffer: usize) -> Trial {
            Box::new(move || {
                let each = each(buffer);
                let messages = WORKERS as u64 * each;
                measure(messages, || {
                    let (sender, receiver) = $channel(buffer);
                    let threads: Vec<_> = (0..WORKERS)
                        .map(|_| {
                            let sender = sender.clone();
                            thread::spawn(move || {
                                for value in 0..each {
                                    sender.send(($stamp(), value)).expect("the receiver lives");
                                }
                            })
                        })
                        .collect();
                    let mut sum = 0;
                    for _ in 0..messages {
                        sum += receiver.recv().expect("threads send").1;
                    }
                    assert_eq!(sum, expected_sum(each));
                    for thread in threads {
                        thread.join().expect("it panics nowhere");
                    }
                })
            })
        }
    };
}

peer!(crossbeam, crossbeam_channel::bounded, || ());
peer!(std, mpsc::sync_channel, || ());
// Stands in for `worker-pool`, whose messages carry the time.
peer!(std_with_time, mpsc::sync_channel, Instant::now);

/// How many values the channel of one thread has room for.
const ROOM: u64 = 1024;
/// How often it is filled.
const FILLS: u64 = 1000;

/// One thread fills a channel and empties it, again and again; the cost of a send and a receive.
macro_rules! channel {
    ($alone:ident, $channel:path) => {
        pub(crate) fn $alone() -> Trial {
            Box::new(|| {
                let (sender, receiver) = $channel(ROOM as usize);
                measure(FILLS * ROOM, || {
                    for _ in 0..FILLS {
                        for value in 0..ROOM {
                            sender.send(value).expect("the receiver lives");
                        }
                        assert_eq!(receiver.try_iter().count(), ROOM as usize);
                    }
                })
            })
        }
    };
}

channel!(our_channel, raddle::channel::sync_channel);
channel!(crossbeam_channel, crossbeam_channel::bounded);

/// How many questions are under way at a time.
const OUTSTANDING: usize = 100;
/// How many are answered.
const QUESTIONS: usize = 200_000;

/// The manager asks its workers in turn, each answers; two messages each.
pub(crate) fn pool_round_trips(buffer: usize) -> Trial {
    Box::new(move || {
        measure(2 * QUESTIONS as u64, || {
            let mut pool = WorkerPool::<u64, u64>::new(buffer);
            pool.execute_many(WORKERS, |tx, rx| {
                loop {
                    tx.send(recv_break!(rx) + 1).expect("the pool lives");
                }
            });
            let mut sum = 0;
            for question in 0..QUESTIONS {
                if question >= OUTSTANDING {
                    sum += pool.recv().expect("workers answer");
                }
                pool.broadcast_one(DownMsg::Other(question as u64)).expect("workers live");
            }
            sum += pool.stop_and_join().iter().sum::<u64>();
            assert_eq!(sum, (1..=QUESTIONS as u64).sum());
        })
    })
}

pub(crate) fn std_round_trips(buffer: usize) -> Trial {
    Box::new(move || {
        measure(2 * QUESTIONS as u64, || {
            let (up, answers) = mpsc::sync_channel(buffer);
            let (downs, threads): (Vec<_>, Vec<_>) = (0..WORKERS)
                .map(|_| {
                    let (down, questions) = mpsc::channel::<u64>();
                    let up = up.clone();
                    let thread = thread::spawn(move || {
                        for question in questions {
                            up.send(question + 1).expect("the receiver lives");
                        }
                    });
                    (down, thread)
                })
                .unzip();
            drop(up);
            let mut sum = 0;
            for question in 0..QUESTIONS {
                if question >= OUTSTANDING {
                    sum += answers.recv().expect("threads answer");
                }
                downs[question % WORKERS].send(question as u64).expect("threads live");
            }
            drop(downs);
            sum += answers.iter().sum::<u64>();
            assert_eq!(sum, (1..=QUESTIONS as u64).sum());
            for thread in threads {
                thread.join().expect("it panics nowhere");
            }
        })
    })
}

/// How many values wait when the pool is stopped.
pub(crate) const BUFFERED: usize = 65_536;

/// `stop_and_join` with `buffered` values waiting; the cost divided by 65,536 in any case.
pub(crate) fn stop_and_join(buffered: usize) -> Trial {
    Box::new(move || {
        let mut pool = WorkerPool::<u64, ()>::new(BUFFERED);
        let ready = Arc::new(AtomicUsize::new(0));
        let sent = Arc::clone(&ready);
        pool.execute_many(WORKERS, move |tx, rx| {
            for value in 0..buffered / WORKERS {
                tx.send(value as u64).expect("the pool lives");
            }
            sent.fetch_add(1, Ordering::SeqCst);
            #[expect(clippy::never_loop, reason = "the macro needs one")]
            loop {
                let () = recv_break!(rx);
                unreachable!("nobody orders anything but the stop");
            }
        });
        while ready.load(Ordering::SeqCst) < WORKERS {
            thread::yield_now();
        }
        // So that the workers wait for their orders.
        thread::sleep(std::time::Duration::from_millis(1));
        let mut values = Vec::new();
        let cost = measure(BUFFERED as u64, || values = pool.stop_and_join());
        assert_eq!(values.len(), buffered);
        mem::drop(values);
        cost
    })
}

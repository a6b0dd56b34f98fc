//! Records executions of the WaitMap of the crate `maitake-sync` and holds them against Raddle's spec.
//!
//! Raddle's WaitMap goes back to that one. In most things their behaviour is the same, which the `stress` run shows. Where the words of the
//! original's documentation and its code disagree, the spec follows the words; the other runs show two such places. Their
//! rejection says that the code and that reading differ, and no more.

mod recorder;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::{env, fs, process, thread};

use maitake_sync::WaitMap;
use maitake_sync::wait_map::{WaitError, WakeOutcome};
use raddle_spec::trace::{self, Bounds};
use recorder::Recorder;

/// What can be run: its name, what it shows, whether the spec accepts it, and how it is made.
type Run = (&'static str, &'static str, bool, fn(&Recorder));

const RUNS: &[Run] = &[
    ("stress", "four threads wait, cancel and are woken, then the map is closed", true, stress),
    ("wait-for", "a second wakeup of wait_for, although its condition does not hold yet", false, wait_for),
    ("repoll", "a wait is polled again after its error", false, repoll),
];

/// A map, and who writes down what it does.
struct Observed<'a> {
    map: &'a WaitMap<u32, String>,
    recorder: &'a Recorder,
}

/// How a poll is written down.
type Returned = (&'static str, Vec<(&'static str, String)>);

impl Observed<'_> {
    fn wake(&self, key: u32, value: &str) -> bool {
        let body = || self.map.wake(&key, value.to_owned());
        let outcome =
            self.recorder.call("wake", &[("key", &key), ("value", &value)], body, |outcome| match outcome {
                WakeOutcome::Woke => ("woke", vec![]),
                WakeOutcome::NoMatch(value) => ("no_match", vec![("value", value.clone())]),
                WakeOutcome::Closed(value) => ("closed", vec![("value", value.clone())]),
            });
        matches!(outcome, WakeOutcome::Woke)
    }

    fn close(&self) {
        self.recorder.call("close", &[], || self.map.close(), |()| ("done", vec![]));
    }

    fn begin<F>(&self, word: &str, wait: &str, key: u32, body: impl FnOnce() -> F) -> F {
        self.recorder.call(word, &[("wait", &wait), ("key", &key)], body, |_| ("done", vec![]))
    }

    fn poll<F: Future>(
        &self,
        wait: &str,
        future: Pin<&mut F>,
        ready: fn(&F::Output) -> Returned,
    ) -> Poll<F::Output> {
        let task = thread::current().name().unwrap_or("main").to_owned();
        let waker = self.recorder.waker();
        let body = || future.poll(&mut Context::from_waker(&waker));
        self.recorder.call("poll", &[("wait", &wait), ("task", &task)], body, |polled| match polled {
            Poll::Pending => ("pending", vec![]),
            Poll::Ready(output) => ready(output),
        })
    }

    /// One wait with a value as its result, cancelled when it is pending if it is to be.
    fn wait(&self, wait: &str, key: u32, cancels: bool) {
        let mut future = Box::pin(self.begin("wait", wait, key, || self.map.wait(key)));
        while self.poll(wait, future.as_mut(), value_or_error).is_pending() && !cancels {
            thread::park();
        }
        self.recorder.call("drop", &[("wait", &wait)], || drop(future), |()| ("done", vec![]));
    }
}

fn value_or_error(result: &Result<String, WaitError>) -> Returned {
    match result {
        Ok(value) => ("ready", vec![("value", value.clone())]),
        Err(error) => ("ready", vec![("error", word(*error))]),
    }
}

fn met_or_error(result: &Result<(), WaitError>) -> Returned {
    ("met", result.err().map(|error| ("error", word(error))).into_iter().collect())
}

fn word(error: WaitError) -> String {
    match error {
        WaitError::Closed => "closed".to_owned(),
        WaitError::AlreadyConsumed => "already_consumed".to_owned(),
        WaitError::Duplicate => "duplicate".to_owned(),
        other => panic!("the spec knows no {other:?}"),
    }
}

fn stress(recorder: &Recorder) {
    const READERS: u32 = 3;
    const ROUNDS: u32 = 100;
    let map = WaitMap::new();
    let observed = Observed { map: &map, recorder };
    let finished = AtomicUsize::new(0);
    thread::scope(|scope| {
        for key in 0..READERS {
            let (observed, finished) = (&observed, &finished);
            let reader = move || {
                (0..ROUNDS).for_each(|round| observed.wait(&format!("w{key}-{round}"), key, round % 7 == 3));
                finished.fetch_add(1, SeqCst);
            };
            let named = thread::Builder::new().name(format!("reader-{key}"));
            named.spawn_scoped(scope, reader).expect("a thread starts");
        }
        let writer = || {
            for turn in 0_u32.. {
                if finished.load(SeqCst) == READERS as usize {
                    break;
                }
                if !observed.wake(turn % READERS, &format!("v{turn}")) {
                    thread::yield_now();
                }
            }
        };
        thread::Builder::new()
            .name("writer".to_owned())
            .spawn_scoped(scope, writer)
            .expect("a thread starts");
    });
    observed.close();
    observed.wake(0, "late");
    observed.wait("late", 0, false);
}

fn wait_for(recorder: &Recorder) {
    let map = WaitMap::new();
    let observed = Observed { map: &map, recorder };
    let never = || {
        recorder.line("enter", "test", &[("wait", &"w")]);
        recorder.line("leave", "holds", &[("holds", &false)]);
        false
    };
    let mut future = pin!(observed.begin("wait_for", "w", 7, || map.wait_for(7, never)));
    for value in ["v1", "v2"] {
        if observed.poll("w", future.as_mut(), met_or_error).is_ready() {
            return;
        }
        observed.wake(7, value);
    }
}

fn repoll(recorder: &Recorder) {
    let map = WaitMap::new();
    let observed = Observed { map: &map, recorder };
    let mut first = Box::pin(observed.begin("wait", "first", 7, || map.wait(7)));
    let mut second = pin!(observed.begin("wait", "second", 7, || map.wait(7)));
    let _ = observed.poll("first", first.as_mut(), value_or_error);
    let _ = observed.poll("second", second.as_mut(), value_or_error);
    recorder.call("drop", &[("wait", &"first")], || drop(first), |()| ("done", vec![]));
    let _ = observed.poll("second", second.as_mut(), value_or_error);
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let chosen = arguments.first().and_then(|name| RUNS.iter().find(|run| run.0 == name));
    let Some((_, shows, is_accepted, run)) = chosen else {
        let names: Vec<&str> = RUNS.iter().map(|run| run.0).collect();
        eprintln!("usage: maitake {} [FILE for the trace]", names.join("|"));
        process::exit(2);
    };
    let recorder = Recorder::new("waitmap", &["drop_key", "drop_value"]);
    run(&recorder);
    let text = recorder.text();
    if let Some(file) = arguments.get(1) {
        fs::write(file, &text).expect("the file can be written");
    }
    let trace =
        trace::waitmap::read(text.as_bytes(), Bounds::default()).expect("the recorder knows the format");
    let verdict = trace::waitmap::judge(&trace);
    println!("maitake-sync 0.3: {shows}");
    println!("{} events: {}", trace.events.len(), trace.told(&verdict.to_string()));
    if !is_accepted {
        println!("(a known difference: see examples/README.md)");
    }
    // A difference that has gone is news as well.
    process::exit(i32::from(verdict.is_accepted() != *is_accepted));
}

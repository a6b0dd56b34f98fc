//! The sampling strategies, held against the probabilities that their papers promise.

mod pct;
mod pos;
mod samplers;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use raddle::platform::{AtomicInt, Join, Memory, Threads};
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::platform::{Sim, SimJoinHandle};
use raddle_sim::strategy::Strategy;

/// An atomic of the simulator.
type Count = <Sim as Memory>::AtomicUsize;

/// A mutex of the simulator.
type Lock = <Sim as Memory>::Mutex<()>;

/// Small stacks, and room for programs with many threads.
const LIMITS: Limits = Limits { steps: 20_000, threads: 300, stack_bytes: 128 * 1024, faults: Faults::NONE };

fn spawn(body: impl FnOnce() + Send + 'static) -> SimJoinHandle<()> {
    Sim::spawn("worker", body).expect("the simulator does not fail to spawn")
}

/// What an execution did, a letter for each step that somebody finds worth one, and the object that all these steps touch.
#[derive(Clone, Default)]
struct Story {
    letters: Arc<Mutex<String>>,
    shared: Arc<Shared>,
}

struct Shared(Count);

impl Default for Shared {
    fn default() -> Self {
        Shared(Count::new(0))
    }
}

impl Story {
    /// A step that races with all other steps of the story.
    fn step(&self, letter: char) {
        self.shared.0.fetch_add(1, SeqCst);
        self.letters.lock().unwrap().push(letter);
    }

    /// A thread for each text, which makes a step for each of its letters.
    fn threads(&self, texts: &[&'static str]) {
        let start = |text: &&'static str| {
            let (story, text) = (self.clone(), *text);
            spawn(move || text.chars().for_each(|letter| story.step(letter)))
        };
        let threads: Vec<_> = texts.iter().map(start).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no thread panics"));
    }
}

/// How often each story is told in so many schedules.
fn stories(strategy: &mut dyn Strategy, schedules: u64, program: impl Fn(&Story)) -> BTreeMap<String, u64> {
    let mut kernel = Kernel::new(LIMITS);
    let mut stories = BTreeMap::new();
    for _ in 0..schedules {
        let story = Story::default();
        let run = kernel.run(strategy, || program(&story)).expect("sampling never ends by itself");
        assert_eq!((run.panics, kernel.fault()), (0, None));
        *stories.entry(story.letters.lock().unwrap().clone()).or_default() += 1;
    }
    stories
}

/// In how many of these stories `is_told` holds.
fn count(stories: &BTreeMap<String, u64>, is_told: impl Fn(&str) -> bool) -> u64 {
    stories.iter().filter(|(story, _)| is_told(story)).map(|(_, count)| count).sum()
}

/// That `found` of `schedules` is no less than a probability of `promised` gives, but for bad luck of four standard deviations.
#[track_caller]
fn assert_at_least(found: u64, schedules: u64, promised: f64) {
    let expected = schedules as f64 * promised;
    let bad_luck = 4.0 * (expected * (1.0 - promised)).sqrt();
    assert!(expected > bad_luck, "so few schedules show nothing");
    assert!(found as f64 >= expected - bad_luck, "{found} of {schedules}, expected at least {expected}");
}

/// That `found` of `schedules` fits a probability of `promised`, but for luck of four standard deviations.
#[track_caller]
fn assert_about(found: u64, schedules: u64, promised: f64) {
    assert_at_least(found, schedules, promised);
    assert_at_least(schedules - found, schedules, 1.0 - promised);
}

//! Lists of operations, and how they are performed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use proptest::prelude::*;
use raddle_sim::campaign::{Finding, Halt, Judgement, judge_recorded};
use raddle_sim::report::Transcript;
use raddle_sim::systems::waitmap::{Hooks, Progress, Scene, Subject, Task, Waiting, World};
use raddle_sim::world::{Book, Substrate};
use raddle_spec::Order;
use raddle_spec::waitmap::{self as spec, Key, Kind};

/// One thread, on which every event counts and nothing is left to choose.
/// Few, so that operations meet.
const PLACES: usize = 4;
const TASKS: usize = 3;
const KEYS: u32 = 3;

/// One operation. Those on a place without a wait do nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Creates a wait, dropping the one that was in its place.
    Wait {
        place: usize,
        key: u32,
        form: Form,
    },
    Poll {
        place: usize,
        task: usize,
    },
    Subscribe {
        place: usize,
        task: usize,
    },
    Cancel {
        place: usize,
    },
    Wake {
        key: u32,
    },
    /// Makes the next waker of a task that is invoked panic.
    Panic {
        task: usize,
    },
    /// Raises the count that the tests of looping waits look at.
    Raise,
    IsClosed,
    Close,
}

/// Which kind of wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Borrowed,
    Owned,
    /// `wait_for`, until the count is this high.
    For(u8),
    /// `wait_for_value`, until the count is this high.
    ForValue(u8),
}

/// Any list; the dullest operation first, because shrinking goes there.
pub(crate) fn programs() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(steps(), 0..40)
}

fn steps() -> impl Strategy<Value = Step> {
    let (place, task) = (0..PLACES, 0..TASKS);
    let key = prop_oneof![12 => 0..KEYS, 1 => Just(Key::UNEQUAL.0)];
    prop_oneof![
        6 => (place.clone(), task.clone()).prop_map(|(place, task)| Step::Poll { place, task }),
        5 => key.clone().prop_map(|key| Step::Wake { key }),
        5 => (place.clone(), key, forms()).prop_map(|(place, key, form)| Step::Wait { place, key, form }),
        2 => (place.clone(), task.clone()).prop_map(|(place, task)| Step::Subscribe { place, task }),
        2 => place.prop_map(|place| Step::Cancel { place }),
        2 => Just(Step::Raise),
        1 => task.prop_map(|task| Step::Panic { task }),
        1 => Just(Step::IsClosed),
        1 => Just(Step::Close),
    ]
}

fn forms() -> impl Strategy<Value = Form> {
    prop_oneof![
        4 => Just(Form::Borrowed),
        1 => Just(Form::Owned),
        2 => (0..3_u8).prop_map(Form::For),
        1 => (0..3_u8).prop_map(Form::ForValue),
    ]
}

/// Performs `program` on `map` to the drop of the last wait and of the map, and gives what was written down.
pub(crate) fn execute<S: Subject>(map: S, program: &[Step]) -> Book<Kind> {
    let world = World::new(Substrate::ONE_THREAD);
    perform(&Scene::new(world.clone(), map), program);
    world.take_book()
}

/// Performs `program` on `map`, and has the spec judge every event and the accounts every key, value and waker.
pub(crate) fn verdict<S: Subject>(map: S, program: &[Step]) -> Result<(), TestCaseError> {
    let book = execute(map, program);
    match judge_recorded(&spec::spec(), &book, Order::Recorded, Halt::Finished) {
        Judgement::Passed => Ok(()),
        Judgement::Failed(finding) => Err(TestCaseError::fail(told(&finding, &book))),
        other => Err(TestCaseError::fail(format!("{other:?}"))),
    }
}

fn told(finding: &Finding, book: &Book<Kind>) -> String {
    let mut text = format!("{}: {}\n", finding.class, finding.headline);
    finding.rules.iter().for_each(|rule| text += &format!("  {rule}\n"));
    let transcript = Transcript::of(book);
    let shown = finding.event.map_or_else(|| transcript.clone(), |wrong| transcript.up_to(wrong));
    shown.write(&mut text, finding.event).expect("a string takes all that is written");
    text
}

fn perform<S: Subject>(scene: &Scene<S>, program: &[Step]) {
    let count = Arc::new(AtomicU8::new(0));
    let tasks: Vec<_> = (0..TASKS).map(|_| scene.task()).collect();
    let mut places: Vec<Option<Place<'_, S>>> = (0..PLACES).map(|_| None).collect();
    for step in program {
        match *step {
            Step::Wait { place, key, form } => {
                // First the drop: the other way round, the new wait is created before the old one is gone.
                places[place] = None;
                places[place] = Some(Place { wait: wait(scene, &count, key, form), form, has_ended: false });
            }
            Step::Poll { place, task } => {
                if let Some(place) = &mut places[place] {
                    place.poll(&tasks[task]);
                }
            }
            Step::Subscribe { place, task } => {
                if let Some(place) = &mut places[place] {
                    place.subscribe(&tasks[task]);
                }
            }
            Step::Panic { task } => tasks[task].set_hooks(Hooks { panics: true, ..Hooks::default() }),
            Step::Cancel { place } => places[place] = None,
            Step::Wake { key } => drop(scene.wake(key)),
            Step::Raise => drop(count.fetch_add(1, Relaxed)),
            Step::IsClosed => drop(scene.is_closed()),
            Step::Close => scene.close(),
        }
    }
}

/// A wait where it is kept.
struct Place<'a, S: Subject> {
    wait: Held<'a, S>,
    form: Form,
    has_ended: bool,
}

/// A wait that borrows the map, or one that does not.
enum Held<'a, S: Subject> {
    Borrowed(Waiting<'a, S>),
    Owned(Waiting<'static, S>),
}

impl<S: Subject> Place<'_, S> {
    /// Polls, but not a looping wait that has ended: the spec forbids that to users (WM-O3).
    fn poll(&mut self, task: &Task<S::Platform>) {
        let is_looping = matches!(self.form, Form::For(_) | Form::ForValue(_));
        if !(is_looping && self.has_ended) {
            let progress = match &mut self.wait {
                Held::Borrowed(wait) => wait.poll(task),
                Held::Owned(wait) => wait.poll(task),
            };
            self.has_ended = matches!(progress, Progress::Ready(_));
        }
    }

    /// Subscribes, if this kind of wait can. The monitor looks at the result.
    fn subscribe(&mut self, task: &Task<S::Platform>) {
        if let Held::Borrowed(wait) = &mut self.wait {
            let _ = wait.subscribe(task);
        }
    }
}

fn wait<'a, S: Subject>(scene: &'a Scene<S>, count: &Arc<AtomicU8>, key: u32, form: Form) -> Held<'a, S> {
    let reaches = |threshold: u8| {
        let count = Arc::clone(count);
        move || count.load(Relaxed) >= threshold
    };
    Held::Borrowed(match form {
        Form::Borrowed => scene.wait(key),
        Form::Owned => return Held::Owned(scene.wait_owned(key)),
        Form::For(threshold) => scene.wait_for(key, reaches(threshold)),
        Form::ForValue(threshold) => scene.wait_for_value(key, reaches(threshold)),
    })
}

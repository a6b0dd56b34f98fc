//! Performs a program on a map under observation.

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use raddle_sim::systems::waitmap::{Feature, Hook, Hooks, Scene, Subject, Task, Waiting, World};

use super::program::{Form, LIKELY, Nested, PLACES, Place, Program, Step, TASKS};

/// A program may make so many operations, the nested ones included.
const MOST_OPERATIONS: usize = 512;

/// User code may be nested so deep.
const DEEPEST: usize = 12;

/// Thresholds of conditions are below this, so that raising the count a few times is enough.
const COUNTS: u8 = 4;

/// A map, the waits on it, and the tasks that poll them.
struct Stage<S: Subject> {
    // Declared before the scene, so dropped before it: see `scene`.
    places: Mutex<Vec<Content<S>>>,
    tasks: Vec<Task<S::Platform>>,
    scene: Scene<S>,
    /// What conditions look at.
    count: AtomicU32,
    operations: AtomicUsize,
    depth: AtomicUsize,
}

/// What is in a place.
enum Content<S: Subject> {
    Nothing,
    /// A wait that some operation has taken out, to give it back. User code that runs within that operation cannot reach it: the
    /// borrow checker sees to this outside of this file.
    Busy,
    Wait(Waiting<'static, S>),
}

/// Performs `program` on `map`, to the drop of the last wait and of the map.
pub(super) fn perform<S: Subject>(world: &World, map: S, program: &Program) {
    let scene = Scene::new(world.clone(), map);
    let stage = Arc::new(Stage {
        places: Mutex::new((0..PLACES).map(|_| Content::Nothing).collect()),
        tasks: (0..TASKS).map(|_| scene.task()).collect(),
        scene,
        count: AtomicU32::new(0),
        operations: AtomicUsize::new(0),
        depth: AtomicUsize::new(0),
    });
    stage.perform(&program.steps);
    if program.closes {
        stage.scene.close();
    }
    // User code that runs in a drop may put new waits into places; it runs out in the end.
    while (0..PLACES).any(|index| stage.clear(index)) {}
    stage.tasks.iter().for_each(|task| task.set_hooks(Hooks::default()));
    assert!(Arc::into_inner(stage).is_some(), "user code holds the stage only while it runs");
}

impl<S: Subject> Stage<S> {
    fn perform(self: &Arc<Self>, steps: &[Step]) {
        for step in steps {
            let cost = if matches!(step, Step::Crowd { .. }) { PLACES } else { 1 };
            if self.operations.fetch_add(cost, Relaxed) < MOST_OPERATIONS {
                self.step(step);
            }
        }
    }

    fn step(self: &Arc<Self>, step: &Step) {
        match step {
            Step::Wait { place, key, form, on_drop } => self.wait(*place, key.number(), form, on_drop),
            Step::Poll { place, task } => self.with(*place, |wait| wait.poll(&self.tasks[task.index()])),
            Step::Subscribe { place, task } if offers::<S>(Feature::Subscribe) => {
                self.with(*place, |wait| wait.subscribe(&self.tasks[task.index()]));
            }
            Step::Subscribe { .. } => {}
            Step::Cancel { place } => drop(self.clear(place.index())),
            Step::Wake { key, on_drop } => drop(self.scene.wake_with(key.number(), self.hook(on_drop))),
            Step::IsClosed => drop(self.scene.is_closed()),
            Step::Raise => drop(self.count.fetch_add(1, Relaxed)),
            Step::Wakers { task, on_wake, on_clone, on_drop, panics } => {
                self.tasks[task.index()].set_hooks(Hooks {
                    on_wake: self.hook(on_wake),
                    on_clone: self.hook(on_clone),
                    on_drop: self.hook(on_drop),
                    panics: *panics && offers::<S>(Feature::PanickingWakers),
                });
            }
            Step::Crowd { task } => {
                for index in LIKELY..PLACES {
                    self.put(index, |scene| scene.wait(index as u32));
                    self.with_index(index, |wait| wait.poll(&self.tasks[task.index()]));
                }
            }
            Step::Close => self.scene.close(),
        }
    }

    fn wait(self: &Arc<Self>, place: Place, key: u32, form: &Form, on_drop: &Nested) {
        let on_drop = self.hook(on_drop);
        self.put(place.index(), |scene| match form {
            Form::Owned if offers::<S>(Feature::OwnedWaits) => scene.wait_owned(key),
            Form::For { count, on_test } if offers::<S>(Feature::WaitFor) => {
                scene.wait_for(key, self.condition(*count, on_test))
            }
            Form::ForValue { count, on_test } if offers::<S>(Feature::WaitForValue) => {
                scene.wait_for_value(key, self.condition(*count, on_test))
            }
            _ => scene.wait_with(key, on_drop),
        });
    }

    /// Whether the count is high enough. Performs `on_test` when it is first asked.
    fn condition(self: &Arc<Self>, count: u8, on_test: &Nested) -> impl FnMut() -> bool + Send + 'static {
        let mut hook = self.hook(on_test);
        let stage = Arc::downgrade(self);
        move || {
            if let Some(hook) = hook.take() {
                hook();
            }
            stage.upgrade().is_some_and(|stage| stage.count.load(Relaxed) >= u32::from(count % COUNTS))
        }
    }

    /// User code that performs `steps`; none if there are none.
    fn hook(self: &Arc<Self>, steps: &Nested) -> Option<Hook> {
        if steps.is_empty() {
            return None;
        }
        // Weak, because the stage holds tasks and waits, which hold hooks.
        let (stage, steps) = (Arc::downgrade(self), steps.clone());
        Some(Box::new(move || nested(&stage, &steps)))
    }

    /// The scene, for waits that are kept in places.
    fn scene(&self) -> &'static Scene<S> {
        // SAFETY: a stage lives in an `Arc` and its scene never moves. What borrows from here are the waits in places, which are
        // dropped before the scene, and waits that an operation has taken out, which it returns or drops while it
        // holds the stage.
        unsafe { &*std::ptr::from_ref(&self.scene) }
    }

    fn places(&self) -> MutexGuard<'_, Vec<Content<S>>> {
        // Never held while the map is called. A planned panic cannot poison it, and an unplanned one ends the program.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills a place with a new wait, unless an operation on the wait that is there is under way.
    fn put(&self, index: usize, new: impl FnOnce(&'static Scene<S>) -> Waiting<'static, S>) {
        self.clear(index);
        // What the drop ran may have filled the place again.
        if matches!(self.places()[index], Content::Nothing) {
            let wait = new(self.scene());
            self.places()[index] = Content::Wait(wait);
        }
    }

    /// Drops the wait in a place; tells whether there was one.
    fn clear(&self, index: usize) -> bool {
        let Some(wait) = self.take_out(index) else { return false };
        drop(wait);
        self.places()[index] = Content::Nothing;
        true
    }

    fn with<R>(&self, place: Place, operation: impl FnOnce(&mut Waiting<'static, S>) -> R) {
        self.with_index(place.index(), operation);
    }

    fn with_index<R>(&self, index: usize, operation: impl FnOnce(&mut Waiting<'static, S>) -> R) {
        if let Some(mut wait) = self.take_out(index) {
            // The monitor looks at the result.
            let _ = operation(&mut wait);
            self.places()[index] = Content::Wait(wait);
        }
    }

    fn take_out(&self, index: usize) -> Option<Waiting<'static, S>> {
        let mut places = self.places();
        match mem::replace(&mut places[index], Content::Busy) {
            Content::Wait(wait) => Some(wait),
            other => {
                places[index] = other;
                None
            }
        }
    }
}

fn offers<S: Subject>(feature: Feature) -> bool {
    S::OFFERS.contains(&feature)
}

/// Performs `steps` as user code that the map runs.
fn nested<S: Subject>(stage: &Weak<Stage<S>>, steps: &[Step]) {
    // No stage: the map itself is being dropped, and there is nothing left to call.
    let Some(stage) = stage.upgrade() else { return };
    if stage.depth.fetch_add(1, Relaxed) < DEEPEST {
        stage.perform(steps);
    }
    stage.depth.fetch_sub(1, Relaxed);
}

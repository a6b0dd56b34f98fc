//! The manager of a program.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

use super::ManagerStep;
use super::part::work;
use super::stage::{Stage, Waits};
use crate::platform::Sim;
use crate::systems::pool::{Feature, Line, Next, Scene, Stop, Subject};

/// What a manager has, and can come to from inside of user code. As everywhere, what an operation is at work on is out of reach
/// there.
struct Desk<S: Subject> {
    scene: RefCell<Scene<S>>,
    has_pool: Cell<bool>,
    stops: RefCell<Vec<Stop<S>>>,
    lines: RefCell<Vec<Line<S>>>,
    stage: Stage,
}

trait Reenter {
    /// Does the next step that is for the drop of a value.
    fn reenter(&self);
}

crate::thread_local! {
    /// What the thread has, if it is a manager.
    static DESK: RefCell<Option<Rc<dyn Reenter>>> = const { RefCell::new(None) };
}

/// The drop of a value, as user code writes it: whatever it wants to call is what its thread keeps somewhere.
pub(super) fn reenter() {
    let desk = DESK.with_borrow(Clone::clone);
    desk.iter().for_each(|desk| desk.reenter());
}

/// Takes the desk away from user code.
struct Reachable;

impl Drop for Reachable {
    fn drop(&mut self) {
        DESK.set(None);
    }
}

/// The body of the manager's thread: does what it is told to do, and drops what it has.
pub(super) fn manage<S: Subject<Platform = Sim>>(scene: Scene<S>, stage: &Stage) {
    let desk = Rc::new(Desk {
        scene: RefCell::new(scene),
        has_pool: Cell::new(true),
        stops: RefCell::default(),
        lines: RefCell::default(),
        stage: stage.clone(),
    });
    DESK.set(Some(Rc::<Desk<S>>::clone(&desk)));
    let _reachable = Reachable;
    let mut next = stage.next_of_manager();
    while let Some(step) = next {
        next = match step {
            ManagerStep::Burst if desk.has_pool.get() => desk.go_through_burst(),
            step => {
                desk.step(&step);
                stage.next_of_manager()
            }
        };
    }
    desk.let_go();
}

impl<S: Subject<Platform = Sim>> Reenter for Desk<S> {
    fn reenter(&self) {
        if let Some(step) = self.stage.next_of_drop() {
            self.step(&step);
        }
    }
}

/// The one of that number, modulo how many there are.
fn taken<T>(from: &RefCell<Vec<T>>, number: usize) -> Option<(usize, T)> {
    let mut from = from.borrow_mut();
    let index = number.checked_rem(from.len())?;
    Some((index, from.remove(index)))
}

impl<S: Subject<Platform = Sim>> Desk<S> {
    fn step(&self, step: &ManagerStep) {
        if !self.step_without_pool(step)
            && let Some(mut scene) = self.pool()
        {
            self.step_with_pool(&mut scene, step);
        }
    }

    /// The pool, if it is there and nothing else uses it.
    fn pool(&self) -> Option<RefMut<'_, Scene<S>>> {
        if self.has_pool.get() { self.scene.try_borrow_mut().ok() } else { None }
    }

    /// Calls `recv_burst`; gives the step that needs the pool again.
    fn go_through_burst(&self) -> Option<ManagerStep> {
        let mut scene = self.pool()?;
        let mut burst = scene.burst();
        loop {
            let step = self.stage.next_of_manager()?;
            if step == ManagerStep::NextOfBurst {
                self.count(burst.call_next());
            } else if !self.step_without_pool(&step) {
                return Some(step);
            }
        }
    }

    /// A value of the current generation may have been received.
    fn count(&self, next: Next) {
        if matches!(next, Next::Value(_)) {
            self.stage.has_received();
        }
    }

    /// Does a step that needs no pool; false if it is another.
    fn step_without_pool(&self, step: &ManagerStep) -> bool {
        let Desk { stops, lines, .. } = self;
        match step {
            ManagerStep::NextOfStop { stop } => {
                // Out of reach while it is used.
                if let Some((index, mut stop)) = taken(stops, *stop) {
                    self.stage.while_waiting(Waits::ForEnds, || stop.call_next());
                    let mut stops = stops.borrow_mut();
                    let index = index.min(stops.len());
                    stops.insert(index, stop);
                }
            }
            ManagerStep::DropStop { stop } => drop(taken(stops, *stop)),
            ManagerStep::SendDown { line, say } => {
                if let Some(line) = line_of(&lines.borrow(), *line) {
                    line.send(say.clone());
                }
            }
            ManagerStep::CloneLine { line } => {
                let clone = line_of(&lines.borrow(), *line).cloned();
                lines.borrow_mut().extend(clone);
            }
            ManagerStep::DropLine { line } => drop(taken(lines, *line)),
            _ => return false,
        }
        true
    }

    /// Does a step that needs the pool.
    fn step_with_pool(&self, scene: &mut Scene<S>, step: &ManagerStep) {
        match step {
            ManagerStep::TryExecute { fails } if S::OFFERS.contains(&Feature::TryExecute) => {
                self.start_one(*fails, |stage| scene.try_execute(move |worker| work(worker, &stage)));
            }
            ManagerStep::Execute { fails } | ManagerStep::TryExecute { fails } => {
                self.start_one(*fails, |stage| scene.execute_or_panic(move |worker| work(worker, &stage)));
            }
            ManagerStep::ExecuteMany { count, fails } => {
                let count = (0..*count).take_while(|_| self.stage.hire()).count();
                let last = count.checked_sub(1).filter(|_| *fails);
                self.start(last, |stage| {
                    scene.execute_many_or_panic(count as u32, move |worker| work(worker, &stage))
                });
            }
            ManagerStep::Recv if self.stage.has_hope() => {
                self.count(self.stage.while_waiting(Waits::ForValue, || scene.recv()));
            }
            // Inside of user code, where there is no time for more.
            ManagerStep::Burst => self.count(scene.burst().call_next()),
            ManagerStep::Stop => {
                self.stage.begin_generation();
                let stop = scene.stop();
                self.stops.borrow_mut().push(stop);
            }
            ManagerStep::StopAndJoin | ManagerStep::TryStopAndJoin => self.join(scene, step),
            ManagerStep::Broadcast(say) => scene.broadcast(say.clone()),
            ManagerStep::BroadcastOne(say) => drop(scene.broadcast_one(say.clone())),
            ManagerStep::Get { index } => self.lines.borrow_mut().extend(scene.get(*index)),
            ManagerStep::Count => drop(scene.count()),
            ManagerStep::DropPool => {
                self.has_pool.set(false);
                scene.drop_pool();
            }
            // There is no hope, or no burst.
            _ => {}
        }
    }

    /// Starts a worker, if there is a place for it.
    fn start_one(&self, fails: bool, execute: impl FnOnce(Stage) -> bool) {
        if self.stage.hire() {
            self.start(fails.then_some(0), execute);
        }
    }

    /// Starts workers, of which the one of this number, if any, is the last and cannot be started.
    fn start(&self, failing: Option<usize>, execute: impl FnOnce(Stage) -> bool) {
        self.stage.set_failing(failing);
        if !execute(self.stage.clone()) {
            self.stage.has_failed();
        }
        self.stage.set_failing(None);
    }

    fn join(&self, scene: &mut Scene<S>, step: &ManagerStep) {
        self.stage.begin_generation();
        let tries = *step == ManagerStep::TryStopAndJoin && S::OFFERS.contains(&Feature::TryStopAndJoin);
        self.stage.while_waiting(Waits::ForEnds, || {
            if tries {
                scene.try_stop_and_join();
            } else {
                scene.stop_and_join();
            }
        });
    }

    /// Drops everything, and what user code gets meanwhile.
    fn let_go(&self) {
        loop {
            let stop = taken(&self.stops, 0);
            let line = if stop.is_none() { taken(&self.lines, 0) } else { None };
            if stop.is_none() && line.is_none() {
                break;
            }
        }
        self.step(&ManagerStep::DropPool);
    }
}

fn line_of<S: Subject>(lines: &[Line<S>], number: usize) -> Option<&Line<S>> {
    lines.get(number.checked_rem(lines.len())?)
}

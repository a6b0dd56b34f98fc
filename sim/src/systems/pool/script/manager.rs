//! The manager of a program.

use super::ManagerStep;
use super::part::work;
use super::stage::{Stage, Waits};
use crate::platform::Sim;
use crate::systems::pool::{Burst, Feature, Line, Next, Scene, Stop, Subject};

/// What a manager has besides the pool.
struct Kept<S: Subject> {
    stops: Vec<Stop<S>>,
    lines: Vec<Line<S>>,
}

/// The body of the manager's thread: does what it is told to do, and drops what it has.
pub(super) fn manage<S: Subject<Platform = Sim>>(mut scene: Scene<S>, stage: &Stage) {
    let mut kept = Kept { stops: Vec::new(), lines: Vec::new() };
    let mut has_pool = true;
    let mut next = stage.next_of_manager();
    while let Some(step) = next {
        let is_done = kept.step(&step, stage) || !has_pool;
        next = match step {
            ManagerStep::Burst if !is_done => go_through_burst(&mut scene, &mut kept, stage),
            step => {
                has_pool &= step != ManagerStep::DropPool;
                if !is_done {
                    act(&mut scene, &mut kept, step, stage);
                }
                stage.next_of_manager()
            }
        };
    }
}

/// Calls `recv_burst`; gives the step that needs the pool again.
fn go_through_burst<S: Subject>(
    scene: &mut Scene<S>,
    kept: &mut Kept<S>,
    stage: &Stage,
) -> Option<ManagerStep> {
    let mut burst: Burst<'_, S> = scene.burst();
    loop {
        let step = stage.next_of_manager()?;
        if step == ManagerStep::NextOfBurst {
            count(burst.call_next(), stage);
        } else if !kept.step(&step, stage) {
            return Some(step);
        }
    }
}

/// A value of the current generation may have been received.
fn count(next: Next, stage: &Stage) {
    if matches!(next, Next::Value(_)) {
        stage.has_received();
    }
}

impl<S: Subject> Kept<S> {
    /// Does a step that needs no pool; false if it is another.
    fn step(&mut self, step: &ManagerStep, stage: &Stage) -> bool {
        let Kept { stops, lines } = self;
        let stop_of = |stop: usize| stop.checked_rem(stops.len());
        let line_of = |line: usize| line.checked_rem(lines.len());
        match step {
            ManagerStep::NextOfStop { stop } => {
                if let Some(stop) = stop_of(*stop) {
                    stage.set_waits(Waits::ForEnds);
                    stops[stop].call_next();
                    stage.set_waits(Waits::No);
                }
            }
            ManagerStep::DropStop { stop } => drop(stop_of(*stop).map(|stop| stops.remove(stop))),
            ManagerStep::SendDown { line, say } => {
                if let Some(line) = line_of(*line) {
                    lines[line].send(say.clone());
                }
            }
            ManagerStep::CloneLine { line } => {
                if let Some(line) = line_of(*line) {
                    let clone = lines[line].clone();
                    lines.push(clone);
                }
            }
            ManagerStep::DropLine { line } => drop(line_of(*line).map(|line| lines.remove(line))),
            _ => return false,
        }
        true
    }
}

/// Does a step that needs the pool.
fn act<S: Subject<Platform = Sim>>(
    scene: &mut Scene<S>,
    kept: &mut Kept<S>,
    step: ManagerStep,
    stage: &Stage,
) {
    match step {
        ManagerStep::Execute { fails } => execute(scene, fails, stage),
        ManagerStep::TryExecute { fails } if S::OFFERS.contains(&Feature::TryExecute) => {
            try_execute(scene, fails, stage);
        }
        ManagerStep::TryExecute { fails } => execute(scene, fails, stage),
        ManagerStep::ExecuteMany { count } => {
            let count = (0..count).take_while(|_| stage.hire()).count();
            let stage = stage.clone();
            scene.execute_many(count as u32, move |worker| work(worker, &stage));
        }
        ManagerStep::Recv => recv(scene, stage),
        ManagerStep::Stop => {
            stage.begin_generation();
            kept.stops.push(scene.stop());
        }
        ManagerStep::StopAndJoin | ManagerStep::TryStopAndJoin => join(scene, &step, stage),
        ManagerStep::Broadcast(say) => scene.broadcast(say),
        ManagerStep::BroadcastOne(say) => drop(scene.broadcast_one(say)),
        ManagerStep::Get { index } => kept.lines.extend(scene.get(index)),
        ManagerStep::Count => drop(scene.count()),
        ManagerStep::DropPool => scene.drop_pool(),
        // There is no burst.
        _ => {}
    }
}

fn recv<S: Subject>(scene: &mut Scene<S>, stage: &Stage) {
    if stage.begin_recv() {
        count(scene.recv(), stage);
        stage.set_waits(Waits::No);
    }
}

fn execute<S: Subject<Platform = Sim>>(scene: &mut Scene<S>, fails: bool, stage: &Stage) {
    start(fails, stage, |body| scene.execute_or_panic(move |worker| work(worker, &body)));
}

fn try_execute<S: Subject<Platform = Sim>>(scene: &mut Scene<S>, fails: bool, stage: &Stage) {
    start(fails, stage, |body| scene.try_execute(move |worker| work(worker, &body)));
}

/// Starts a worker, if there is a place for it.
fn start(fails: bool, stage: &Stage, execute: impl FnOnce(Stage) -> bool) {
    if stage.hire() {
        stage.set_fails(fails);
        if !execute(stage.clone()) {
            stage.has_failed();
        }
        stage.set_fails(false);
    }
}

fn join<S: Subject>(scene: &mut Scene<S>, step: &ManagerStep, stage: &Stage) {
    stage.begin_generation();
    stage.set_waits(Waits::ForEnds);
    if *step == ManagerStep::TryStopAndJoin && S::OFFERS.contains(&Feature::TryStopAndJoin) {
        scene.try_stop_and_join();
    } else {
        scene.stop_and_join();
    }
    stage.set_waits(Waits::No);
}

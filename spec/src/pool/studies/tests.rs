//! What an environment offers, and what goes on for ever without an assumption that the studies make.

use super::*;
use crate::explorer::{Class, Expansion, Failure};
use crate::pool::crew::Memory;

/// A pool and its users in a world in which no class of moves of the system is taken but for staying possible.
struct WeaklyFair(Model);

impl crate::explorer::Model for WeaklyFair {
    type State = Whole;
    type Action = crate::pool::Kind;

    fn init(&self) -> Whole {
        crate::explorer::Model::init(&self.0)
    }

    fn expand(&self, world: &Whole, sink: &mut Expansion<Whole, Self::Action>) {
        crate::explorer::Model::expand(&self.0, world, sink);
    }

    fn is_strong(&self, class: Class) -> bool {
        !matches!(class, Class::Due(..)) && crate::explorer::Model::is_strong(&self.0, class)
    }
}

#[test]
fn a_burst_goes_on_for_ever_if_the_clock_stands_still() {
    let burst = BurstId(0);
    let mut script = hiring(1);
    script.push(Turn::one([Op::Burst { burst }]));
    script.push(Turn::endless([Op::NextOfBurst { burst }], &STOPS_ARE_ITERATED));
    let calls: Vec<fn(WorkerId) -> Op> = vec![try_recv_down];
    let crew = Crew { script, calls, ..endless(1) };
    let model = WeaklyFair(Closed::new(endless_pool(1), crew.clone()));
    let found = Explorer::new(&model).ends("a burst has not given None", burst_goes_on).explore();
    let [Failure::Lasting { run, .. }] = &found.failures[..] else { panic!("{:?}", found.failures) };
    let circle: Vec<_> = run.steps[run.circle.expect("it goes round")..].iter().collect();
    assert!(circle.iter().any(|step| step.rule == Some(&STAMP_TIES)), "{run}");
    assert!(circle.iter().any(|step| step.rule == Some(&BURST_YIELDS)), "{run}");

    let model = Closed::new(endless_pool(1), crew);
    let found = Explorer::new(&model).ends("a burst has not given None", burst_goes_on).explore();
    assert!(found.failures.is_empty(), "{:?}", found.failures);
}

#[test]
fn a_stop_waits_for_ever_for_a_sender_that_a_worker_left_behind() {
    let stops = [Op::StopAndJoin, Op::Stop { stop: StopId(0) }];
    for (capacity, stop) in (0..3).flat_map(|capacity| stops.map(|stop| (capacity, stop))) {
        let mut script = hiring(2);
        script.push(Turn::one([stop]));
        script.push(Turn::endless([Op::NextOfStop { stop: StopId(0) }], &STOPS_ARE_ITERATED));
        let Lifted(pool) = endless_pool(capacity);
        let pool = Lifted(Pool { forgives: Some(&SENDERS_END_WITH_WORKERS), ..pool });
        let model = fused(pool, Crew { script, ..endless(2) });
        let found = Explorer::new(&model).explore();
        let [Failure::Starvation { actor, run }] = &found.failures[..] else {
            panic!("{:?}", found.failures)
        };
        assert_eq!(actor.0, 0);
        assert!(run.circle.is_none(), "it comes to a halt: {run}");
        assert!(run.state.contains("1 of its senders left"), "{run}");
    }
}

#[test]
fn a_script_is_followed_turn_by_turn() {
    let worker = WorkerId(0);
    let script = vec![
        Turn::one([Op::Execute { worker }]),
        Turn::up_to(2, [Op::Recv, Op::Count]),
        Turn::one([Op::DropPool]),
    ];
    let crew = Crew { script, ..endless(1) };
    let place = crate::explorer::Place::Outside;
    let offered = |memory: &Memory| {
        let mut inputs = Vec::new();
        crate::explorer::Environment::inputs(&crew, memory, crate::Actor(0), place, &mut inputs);
        inputs
    };
    let names = |memory: &Memory| -> Vec<String> {
        offered(memory).iter().map(|input| input.action.to_string()).collect()
    };
    let start = crate::explorer::Environment::init(&crew);
    assert_eq!(names(&start), ["calls execute, worker 0"]);
    let hired = offered(&start).remove(0).next;
    let both = ["calls recv", "calls the count of workers", "calls drop of the pool"];
    assert_eq!(names(&hired), both);
    let once = offered(&hired).remove(0).next;
    assert_eq!(names(&once), both);
    let twice = offered(&once).remove(1).next;
    assert_eq!(names(&twice), ["calls drop of the pool"]);
    assert_eq!(names(&offered(&hired).remove(2).next), [""; 0]);
}

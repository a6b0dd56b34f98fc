//! Bursts: what they yield, and that they end.

use std::collections::BTreeSet;

use raddle_sim::campaign::{Class, Completion, Detail, Judgement, Method};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{Kernel, Limits, Now};
use raddle_sim::platform::Sim;
use raddle_sim::report::Transcript;
use raddle_sim::strategy::{DepthFirst, Sampler, Strategy};
use raddle_sim::systems::pool::{Ours, QueuePool, Subject, bug, suite};

use crate::{STEPS, case, search};

fn position(transcript: &Transcript, of: impl Fn(&str) -> bool) -> Option<usize> {
    transcript.rows.iter().position(|row| of(&row.text))
}

/// A worker that waits for room has taken its stamp. If that came before the burst, the burst yields its value when it comes to it, and
/// when it does not come to it, because the worker is late, it ends without.
#[test]
fn a_sender_past_its_stamp_is_yielded_if_the_burst_reaches_it() {
    let case = case(&suite("raddle", Ours::<Sim>::new), "burst-past-stamp");
    let mut kernel = Kernel::new(Limits::default());
    let mut strategy = DepthFirst::bounded(2);
    let mut yielded = BTreeSet::new();
    while let Some(execution) = case.execute(&mut kernel, &mut strategy, Detail::Shown) {
        assert_eq!(execution.judgement, Judgement::Passed);
        let transcript = execution.transcript.expect("it was asked for");
        let sends = position(&transcript, |text| text.starts_with("send(value 1)"));
        let begins = position(&transcript, |text| text.starts_with("recv_burst")).expect("there is a burst");
        if sends.is_some_and(|sends| sends < begins) {
            let values = transcript.rows.iter().filter(|row| row.text.starts_with("next of burst 0 = value"));
            yielded.insert(values.count());
        }
    }
    assert_eq!(yielded, BTreeSet::from([1, 2]));
}

/// Two workers send until they are told to stop, which the manager does only after the burst.
#[test]
fn a_burst_ends_although_the_senders_never_do() {
    let case = case(&suite("raddle", Ours::<Sim>::new), "burst-endless");
    for sampler in [Sampler::Random, Sampler::Pos, Sampler::Swarm] {
        let report = search(&case, Method::Sampled { sampler, schedules: 2_000 }, STEPS);
        assert!(report.failure.is_none(), "{:?}", report.failure);
        assert_eq!((report.completion, report.tally.cut_short), (Completion::Sampled, 0));
    }
}

/// A fair schedule in which the workers get far more steps than the manager, so that there is a value whenever the manager looks.
struct BusyWorkers {
    turn: usize,
    has_begun: bool,
}

/// By number of the thread. The manager is 0.
const TURNS: [usize; 17] = [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2];

impl Strategy for BusyWorkers {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        // Who cannot go on, is passed over.
        let turns = (0..TURNS.len()).map(|ahead| (self.turn + ahead) % TURNS.len());
        let option_of = |turn: usize| (0..now.options()).find(|option| now.thread(*option) == TURNS[turn]);
        let (turn, option) = turns.into_iter().find_map(|turn| Some((turn, option_of(turn)?)))?;
        self.turn = turn + 1;
        Some(option)
    }

    fn value(&mut self, _: Kind, _: u32) -> u32 {
        0
    }
}

fn under_busy_workers<S: Subject<Platform = Sim>>(new: fn(u32) -> S) -> Judgement {
    let case = case(&suite("a pool", new), "burst-endless");
    let mut kernel = Kernel::new(Limits { steps: 20_000, ..Limits::default() });
    let mut strategy = BusyWorkers { turn: 0, has_begun: false };
    case.execute(&mut kernel, &mut strategy, Detail::Judged).expect("there is one schedule").judgement
}

/// What a burst must not do shows in no finite run: that a burst goes on can always be because time has not passed. It shows in that the
/// burst does not end, under a schedule that is fair.
#[test]
fn a_burst_that_never_has_enough_does_not_end_where_ours_does() {
    assert_eq!(under_busy_workers(Ours::<Sim>::new), Judgement::Passed);
    assert_eq!(under_busy_workers(QueuePool::<Sim, { bug::NONE }>::new), Judgement::Passed);
    let greedy = under_busy_workers(QueuePool::<Sim, { bug::NEVER_HAS_ENOUGH }>::new);
    let is_endless = match &greedy {
        Judgement::CutShort => true,
        Judgement::Failed(finding) => finding.class == Class::Livelock,
        _ => false,
    };
    assert!(is_endless, "{}", greedy.sentence());
}

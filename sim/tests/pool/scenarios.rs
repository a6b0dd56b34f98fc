//! Each scenario gets to what it is about: a scenario whose race never happens would pass on anything.

use std::collections::BTreeSet;

use raddle_sim::campaign::{Case, Detail, Judgement};
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::Random;
use raddle_sim::systems::pool::{Ours, suite};

/// For each scenario, what some run of it must show: beginnings or ends of the rows of its transcript.
#[rustfmt::skip] // a table
const SOMETIMES: &[(&str, &[&str])] = &[
    ("join-full-0", &["... = [value 0, value 1]", "... = [value 1, value 0]", "send(value 0) of worker 0 ..."]),
    ("join-full-1", &["send(value 1) of worker 1 ...", "... = [value 0, value 1]"]),
    ("join-full-2", &["... = [value 0, value 1, value 2, value 3]", "send(value 3) of worker 1 ..."]),
    ("stop-full-0", &["next of stop 0 = value 0", "next of stop 0 = None", "send(value 0) of worker 0 ..."]),
    ("stop-full-1", &["next of stop 0 = value 1", "send(value 1) of worker 1 ..."]),
    ("stop-full-2", &["next of stop 0 = value 3", "send(value 3) of worker 1 ..."]),
    ("stop-last-words", &["recv of worker 0 = Stop", "... = Stop"]),
    ("stop-sender-clones", &["clone of a sender of worker 0"]),
    ("stop-deaf-workers", &["drop of the receiver of worker 1"]),
    ("stop-nobody", &["stop_and_join = []", "next of stop 0 = None", "next of burst 0 = None"]),
    ("join-panics-0", &["= by the panic of worker 0", "= by the panic of worker 1", "} = a panic", "{ the drop of value 0 }"]),
    ("join-panics-1", &["= by the panic of worker 0", "= by the panic of worker 1", "{ the drop of value 0 }"]),
    ("stop-panics-0", &["= by the panic of worker 0", "= by the panic of worker 1", "next of stop 0 = None"]),
    ("stop-panics-1", &["= by the panic of worker 0", "= by the panic of worker 1", "next of stop 0 = None"]),
    ("try-join-panics", &["with panics of [worker 0]", "with panics of [worker 1]", "with panics of [worker 0, worker 1]", "with panics of []"]),
    ("stop-dropped-0", &["= Disconnected(value 0)", "... = Disconnected(value 1)", "drop of stop 0"]),
    ("stop-dropped-1", &["= Disconnected(value 0)", "{ the drop of value 0 }"]),
    ("burst-dropped", &["next of burst 0 = value 0", "recv = value 1", "next of burst 1 = value 1", "next of stop 0 = value 1", "stop_and_join = [value 1, value 2]"]),
    ("pool-dropped-0", &["= Disconnected(value 0)", "... = Disconnected", "drop of the pool"]),
    ("pool-dropped-1", &["{ the drop of value 0 }", "... = Disconnected", "= Disconnected(value 2)"]),
    ("recv-0", &["recv = value 0", "recv ...", "... = value 1"]),
    ("recv-1", &["recv = value 0", "recv ...", "... = value 1"]),
    ("burst-past-stamp", &["next of burst 0 = value 1", "next of burst 0 = None", "send(value 1) of worker 0 ..."]),
    ("burst-0", &["next of burst 0 = value 0", "next of burst 1 = value 1", "next of burst 0 = None"]),
    ("burst-2", &["next of burst 0 = value 1", "next of burst 1 = value 1", "next of burst 0 = None"]),
    ("look-ahead", &["recv = value 0", "recv = value 1", "next of burst 1 = value 0", "next of stop 0 = value 0", "... = [value 0, value 1]", "stop_and_join = [value 1]"]),
    ("burst-endless", &["next of burst 0 = value 0", "next of burst 0 = None", "= Stop"]),
    ("generations", &["recv = value 2", "next of stop 0 = value 0", "next of stop 0 = value 1", "... = value 0"]),
    ("try-send-0", &["= Full(value 0)", "= Disconnected(value 0)", "try_send(value 0) of worker 0 = Ok"]),
    ("try-send-1", &["= Full(value 1)", "= Disconnected(value 1)", "try_send(value 1) of worker 0 = Ok"]),
    ("broadcast", &["recv of worker 0 = Other(note 0)", "recv of worker 0 = Pause", "try_recv of worker 1 = Empty", "try_recv of worker 1 = Other(note 0)"]),
    ("broadcast-one", &["broadcast_one(Other(note 0)) = Disconnected(Other(note 0))", "broadcast_one(Other(note 1)) = Ok", "broadcast_one(Other(note 3)) = Disconnected(Other(note 3))"]),
    ("get-outlives", &["get(1) = None", "get(0) = a sender to worker 0", "= Disconnected(Other(note 1))", "the count of workers = 0", "the count of workers = 1"]),
    ("recv-break", &["recv of worker 0 = Pause", "recv of worker 0 = Other(note 0)", "= Disconnected", "= Stop"]),
    ("try-recv-break", &["try_recv of worker 0 = Empty", "try_recv of worker 0 = Pause", "... = Continue", "= Stop"]),
    ("execute-fails", &["try_execute, worker 0 = that no thread can be created", "the count of workers = 0", "the count of workers = 1", "the count of workers = 2"]),
    ("execute-panics", &["execute, worker 0 = that no thread can be created", "execute, worker 1"]),
    ("execute-many", &["execute_many, 2 from worker 0 = that no thread can be created", "the count of workers = 0", "the count of workers = 1", "the count of workers = 2"]),
    ("workload", &["= Full(value 1)", "= by the panic of worker 0", "next of stop 0 = value 0", "next of burst 0 = value 0", "get(0) = a sender to worker 0"]),
    ("workload-2", &["= Full(value 2)", "next of burst 0 = value 0"]),
    ("alone-0", &["... = [value 0]", "next of stop 0 = value 0", "send(value 0) of worker 0 ..."]),
    ("alone-1", &["= [value 0, value 1]", "next of stop 0 = value 1", "send(value 1) of worker 0 ..."]),
    ("alone-2", &["= [value 0, value 1, value 2]", "next of stop 0 = value 2", "send(value 2) of worker 0 ..."]),
    ("alone-3", &["= [value 0, value 1, value 2, value 3]", "next of stop 0 = value 3", "send(value 3) of worker 0 ..."]),
    ("alone-deaf", &["drop of the receiver of worker 0", "= [value 0]", "next of stop 0 = value 0"]),
    ("alone-dropped-0", &["= Disconnected(value 0)", "next of stop 0 = value 0", "drop of stop 0", "drop of the pool"]),
    ("alone-dropped-1", &["= Disconnected(value 1)", "{ the drop of value 0 }", "drop of stop 0", "drop of the pool"]),
    ("burst-past-stamp-3", &["next of burst 0 = value 3", "next of burst 0 = None", "send(value 3) of worker 0 ..."]),
    ("burst-dropped-3", &["next of burst 0 = value 0", "recv = value 1", "next of burst 1 = value 1", "next of stop 0 = value 1"]),
    ("alone-panics-0", &["= by the panic of worker 0", "} = a panic", "stop_and_join = []", "next of stop 0 = None", "{ the drop of value 0 }", "drop of the pool"]),
    ("alone-panics-1", &["= by the panic of worker 0", "send(value 1) of worker 0 ...", "next of burst 0 = value 1", "{ the drop of value 1 }"]),
    ("alone-panics-3", &["= by the panic of worker 0", "send(value 3) of worker 0 ...", "next of burst 0 = value 3"]),
    ("alone-try-panics", &["= [] with panics of [worker 0]", "= [value 0, value 1] with panics of [worker 0]", "= [value 0, value 1] with panics of []"]),
    ("alone-fails", &["try_execute, worker 0 = that no thread can be created", "try_execute, worker 1 = that no thread can be created", "recv = value 0", "the count of workers = 0", "the count of workers = 1"]),
    ("look-ahead-3", &["recv = value 0", "recv = value 1", "next of burst 1 = value 0", "next of stop 0 = value 0", "... = [value 1]"]),
];

const SCHEDULES: usize = 1_500;

/// All rows of some runs of the case.
fn rows(case: &dyn Case, kernel: &mut Kernel) -> BTreeSet<String> {
    let mut strategy = Random::new(1);
    let mut rows = BTreeSet::new();
    for _ in 0..SCHEDULES {
        let execution = case.execute(kernel, &mut strategy, Detail::Shown).expect("a random walk never ends");
        assert_eq!(
            execution.judgement,
            Judgement::Passed,
            "{}: {}",
            case.id(),
            execution.judgement.sentence()
        );
        let transcript = execution.transcript.expect("it was asked for");
        rows.extend(transcript.rows.into_iter().map(|row| row.text));
    }
    rows
}

#[test]
fn each_scenario_shows_what_it_is_about() {
    let mut kernel = Kernel::new(Limits { faults: Faults::ALL, ..Limits::default() });
    let mut missing = Vec::new();
    for entry in &suite("raddle", Ours::<Sim>::new).entries {
        let case = entry.case.as_ref().expect("our own implementation offers everything");
        let wanted = SOMETIMES.iter().find(|(scenario, _)| *scenario == entry.scenario);
        let (_, wanted) =
            wanted.unwrap_or_else(|| panic!("say in this test what `{}` must show", entry.scenario));
        let rows = rows(&**case, &mut kernel);
        for text in *wanted {
            if !rows.iter().any(|row| row.ends_with(text) || row.starts_with(text)) {
                missing.push(format!("{} never shows `{text}`; it shows {rows:#?}", entry.scenario));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_table_of_this_test_names_no_scenario_that_is_gone() {
    let suite = suite("raddle", Ours::<Sim>::new);
    for (scenario, _) in SOMETIMES {
        assert!(
            suite.entries.iter().any(|entry| entry.scenario == *scenario),
            "there is no `{scenario}` any more"
        );
    }
}

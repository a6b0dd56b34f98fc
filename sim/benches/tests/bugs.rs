//! Each program of the bug benchmark has its bug, and its repaired form has none.

use raddle_sim::choice::Kind;
use raddle_sim::kernel::{End, Kernel, Limits, Now};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Pos, Random, Strategy};
use raddle_sim_benches::bugs::{Form, PROGRAMS, Program};

/// The first of `schedules` schedules that fails.
fn first_failure(program: Program, form: Form, mut strategy: impl Strategy, schedules: u64) -> Option<u64> {
    let mut kernel = Kernel::new(Limits { steps: 10_000, ..Limits::default() });
    let mut fails = || {
        let run =
            kernel.run(&mut strategy, || program.run::<Sim>(form)).expect("these strategies go on for ever");
        assert!(!matches!(run.end, End::Fault | End::ThreadBound), "{program} ended with {:?}", run.end);
        run.panics > 0 || run.end == End::Stuck
    };
    (1..=schedules).find(|_| fails())
}

/// Lets threads run for so many choices each, in this order, and the first that can go on after that.
struct Turns {
    turns: Vec<(usize, usize)>,
    rest: Vec<usize>,
}

impl Turns {
    fn new(turns: &[(usize, usize)]) -> Self {
        Turns { turns: turns.to_vec(), rest: Vec::new() }
    }
}

impl Strategy for Turns {
    fn begin(&mut self) -> bool {
        let each = self.turns.iter().rev().map(|(thread, choices)| vec![*thread; *choices]);
        self.rest = each.flatten().collect();
        true
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        while let Some(thread) = self.rest.pop() {
            if let Some(option) = now.option_of(thread) {
                return Some(option);
            }
        }
        Some(0)
    }

    fn value(&mut self, _kind: Kind, _options: u32) -> u32 {
        0
    }
}

/// More choices than a thread of these programs has.
const TO_THE_END: usize = 1_000;

fn named(name: &str) -> Program {
    Program::named(name).unwrap_or_else(|| panic!("{name} is a program"))
}

#[test]
fn a_random_walk_finds_the_bugs_of_few_threads() {
    for name in [
        "reorder_3",
        "reorder_4",
        "reorder_5",
        "twostage",
        "WorkStealQueue",
        "InterlockedWSQ",
        "bluetooth",
        "stringbuffer",
        "wronglock",
        "deadlock01",
    ] {
        let program = named(name);
        let found = first_failure(program, Form::Buggy, Random::new(1), program.cap);
        assert!(found.is_some(), "{name}");
    }
}

#[test]
fn one_setter_between_its_writes_is_enough() {
    for (name, checker) in [("reorder_10", 10), ("reorder_20", 11), ("reorder_50", 50), ("reorder_100", 100)]
    {
        let half_way = [(0, TO_THE_END), (1, 2), (checker, TO_THE_END)];
        assert_eq!(first_failure(named(name), Form::Buggy, Turns::new(&half_way), 1), Some(1), "{name}");
        let before_and_after = [(0, TO_THE_END), (1, 1), (checker, TO_THE_END), (1, TO_THE_END)];
        assert_eq!(first_failure(named(name), Form::Buggy, Turns::new(&before_and_after), 1), None, "{name}");
    }
}

#[test]
fn one_writer_between_its_stages_is_enough() {
    for (name, reader) in [("twostage_20", 20), ("twostage_50", 50), ("twostage_100", 100)] {
        let half_way = [(0, TO_THE_END), (1, 4), (reader, TO_THE_END)];
        assert_eq!(first_failure(named(name), Form::Buggy, Turns::new(&half_way), 1), Some(1), "{name}");
        let two_writers = [(0, TO_THE_END), (1, 4), (2, TO_THE_END), (reader, TO_THE_END)];
        assert_eq!(first_failure(named(name), Form::Buggy, Turns::new(&two_writers), 1), None, "{name}");
    }
}

#[test]
fn eight_preemptions_give_a_slot_two_owners() {
    // Found by breadth-first search in a model of the stack: no schedule with fewer preemptions fails.
    let turns = [(3, 3), (1, 10), (2, 10), (3, 1), (1, 5), (3, 15), (1, 5), (3, 4), (2, 10), (1, 1)];
    let main_first = |turns: &[(usize, usize)]| Turns::new(&[&[(0, TO_THE_END)], turns].concat());
    let program = named("SafeStack");
    assert_eq!(first_failure(program, Form::Buggy, main_first(&turns), 1), Some(1));
    assert_eq!(first_failure(program, Form::Buggy, main_first(&turns[..2]), 1), None);
}

#[test]
fn a_repaired_program_fails_under_no_schedule() {
    for program in PROGRAMS {
        let schedules = if program.cap > 10_000 { 2_000 } else { 200 };
        let by = |strategy: &mut dyn Strategy| first_failure(*program, Form::Repaired, strategy, schedules);
        assert_eq!(by(&mut Random::new(1)), None, "{program}, random");
        assert_eq!(by(&mut Pos::new(1)), None, "{program}, POS");
    }
}

//! One spec with everything that the monitor must cope with and WaitMap does not have.

use raddle_spec::{
    Actor, Effects, End, Event, Kind, Lifted, Object, Obligation, ObligationKind, Refused, Rule, Then,
    Verdict, judge,
};
use std::fmt;

pub(crate) static CHOOSES: Rule = Rule::must("T-1", "choose makes a choice that nobody sees.");
pub(crate) static SERVED: Rule = Rule::must("T-2", "Who was chosen goes on.");
pub(crate) static IGNORED: Rule = Rule::may("T-3", "Who was not chosen may wait.");
pub(crate) static TELLS: Rule = Rule::must("T-4", "tell says who was chosen.");
pub(crate) static TURNS: Rule = Rule::may("T-5", "turn may turn round for ever.");
pub(crate) static STOPS: Rule = Rule::must("T-6", "turn stops at the second mark.");
pub(crate) static ENDS: Rule = Rule::must("T-7", "A strand that is sent off ends without a return.");
pub(crate) static ASKS: Rule = Rule::must("T-8", "ask asks user code twice and returns the second answer.");
pub(crate) static HUMS: Rule = Rule::may("T-9", "choose and ask may hum at any moment.");
pub(crate) static ONLY_FIRST: Obligation = Obligation {
    id: "T-O1",
    sentence: "Only if the first was chosen is praise given.",
    kind: ObligationKind::Guard,
};
pub(crate) static ANSWERS: Obligation =
    Obligation { id: "T-O2", sentence: "User code answers at last.", kind: ObligationKind::Justice };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// Chooses 1 or 2, or, while somebody is chosen, keeps the choice.
    Choose,
    /// Goes on if this one is chosen.
    Serve(u32),
    Tell,
    /// Refused unless 1 is chosen.
    Praise,
    /// Walks in a circle of hidden steps.
    Turn,
    /// Ends without a return.
    SendOff,
    /// Waits for ever, without excuse.
    Hang,
    Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Run(Op),
    Mark(u32),
    Asked { first: bool, answer: u32 },
}

macro_rules! display_as_debug {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        })*
    };
}

display_as_debug!(Op, Phase);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Toy;

impl Object for Toy {
    type State = u32;
    type Op = Op;
    type Ret = u32;
    type Cb = &'static str;
    type Reply = u32;
    type Phase = Phase;

    fn init(&self) -> u32 {
        0
    }

    fn call(&self, chosen: &mut u32, _: Actor, op: &Op) -> Result<Phase, Refused> {
        if *op == Op::Praise && *chosen != 1 {
            return Err(Refused::Obligation(&ONLY_FIRST));
        }
        Ok(Phase::Run(*op))
    }

    fn apply(&self, chosen: &u32, _: Actor, phase: &Phase, effects: &mut Effects<'_, Self>) {
        match *phase {
            Phase::Run(Op::Choose) if *chosen == 0 => {
                effects.push_with(&CHOOSES, Then::Return(0), |chosen| *chosen = 1);
                effects.push_with(&CHOOSES, Then::Return(0), |chosen| *chosen = 2);
            }
            Phase::Run(Op::Choose) => effects.push(&CHOOSES, Then::Return(0)),
            Phase::Run(Op::Serve(number)) if *chosen == number => effects.push(&SERVED, Then::Return(0)),
            Phase::Run(Op::Tell | Op::Praise) => effects.push(&TELLS, Then::Return(*chosen)),
            Phase::Run(Op::Turn) => effects.push(&TURNS, Then::Phase(Phase::Mark(0))),
            Phase::Mark(mark) => {
                effects.push(&TURNS, Then::Phase(Phase::Mark((mark + 1) % 3)));
                if mark == 2 {
                    effects.push(&STOPS, Then::Return(mark));
                }
            }
            Phase::Run(Op::SendOff) => effects.push_with(&ENDS, Then::Done, |chosen| *chosen = 7),
            Phase::Run(Op::Serve(_) | Op::Hang) => {}
            Phase::Run(Op::Ask) => {
                effects.push(&ASKS, Then::Enter("question", Phase::Asked { first: true, answer: 0 }));
            }
            Phase::Asked { first: true, .. } => {
                effects.push(&ASKS, Then::Enter("question", Phase::Asked { first: false, answer: 0 }));
            }
            Phase::Asked { first: false, answer } => effects.push(&ASKS, Then::Return(answer)),
        }
    }

    fn leave(
        &self,
        _: &mut u32,
        _: Actor,
        _: &&'static str,
        phase: &Phase,
        reply: &u32,
    ) -> Result<Phase, Refused> {
        match *phase {
            Phase::Asked { first, .. } => Ok(Phase::Asked { first, answer: *reply }),
            _ => Err(Refused::Malformed("nobody asked")),
        }
    }

    fn aside(&self, _: &u32, _: Actor, phase: &Phase, cb: &&'static str) -> Option<&'static Rule> {
        let may_hum = matches!(phase, Phase::Asked { .. } | Phase::Run(Op::Ask | Op::Choose));
        (may_hum && *cb == "hum").then_some(&HUMS)
    }

    fn may_wait(&self, _: &u32, _: Actor, phase: &Phase) -> Option<&'static Rule> {
        matches!(phase, Phase::Run(Op::Serve(_))).then_some(&IGNORED)
    }

    fn owed(&self, _: &Self::State, _: &&'static str) -> &'static Obligation {
        &ANSWERS
    }
}

pub(crate) type ToyEvent = Event<Kind<Op, u32, &'static str, u32>>;

pub(crate) fn call(actor: u32, op: Op) -> ToyEvent {
    Event::new(Actor(actor), Kind::Call(op))
}

pub(crate) fn ret(actor: u32, ret: u32) -> ToyEvent {
    Event::new(Actor(actor), Kind::Return(ret))
}

pub(crate) fn enter(actor: u32, cb: &'static str) -> ToyEvent {
    Event::new(Actor(actor), Kind::Enter(cb))
}

pub(crate) fn leave(actor: u32, reply: u32) -> ToyEvent {
    Event::new(Actor(actor), Kind::Leave(reply))
}

pub(crate) fn judged(events: &[ToyEvent], end: End) -> Verdict {
    judge(&Lifted(Toy), events, end)
}

//! Models that are drawn by hand: a list of transitions.

use raddle_spec::explorer::{Class, Expansion, Finitely, Model, Move, MoveStep, Standing};
use raddle_spec::{Actor, Obligation, ObligationKind, Rule};

pub(crate) static WORKS: Rule = Rule::must("T-1", "The system works.");
pub(crate) static RETURNS: Rule = Rule::must("T-2", "The call returns.");
pub(crate) static MAY_WAIT: Rule = Rule::may("T-3", "The call may wait.");
pub(crate) static ENDS: Obligation =
    Obligation { id: "T-O1", sentence: "User code ends.", kind: ObligationKind::Justice };
pub(crate) static READS: Obligation =
    Obligation { id: "T-O2", sentence: "What can be read is read.", kind: ObligationKind::Compassion };
pub(crate) static PAUSES: Obligation =
    Obligation { id: "T-O3", sentence: "Callers pause.", kind: ObligationKind::Finitely };
pub(crate) static POLITE: Obligation =
    Obligation { id: "T-O4", sentence: "Callers are polite.", kind: ObligationKind::Guard };

/// Whose call it is, everywhere.
pub(crate) const CALLER: Actor = Actor(0);
pub(crate) const OTHER: Actor = Actor(1);

pub(crate) const WORK: Option<Class> = Some(Class::Due(&WORKS, OTHER));
pub(crate) const RETURN: Option<Class> = Some(Class::Due(&RETURNS, CALLER));
pub(crate) const END: Option<Class> = Some(Class::Owed(&ENDS, CALLER));
pub(crate) const READ: Option<Class> = Some(Class::Owed(&READS, CALLER));
/// Nobody has to.
pub(crate) const FREE: Option<Class> = None;

/// States are numbers; the call of [`CALLER`] is unfinished in some of them.
#[derive(Default)]
pub(crate) struct Drawn {
    edges: Vec<(u32, u32, Option<Class>, Vec<Finitely>)>,
    pending: Vec<u32>,
    excused: Vec<u32>,
    refused: Vec<(u32, &'static Obligation)>,
    strong: Vec<Class>,
}

impl Drawn {
    /// The call is unfinished in these states.
    pub(crate) fn pending(mut self, states: impl IntoIterator<Item = u32>) -> Self {
        self.pending.extend(states);
        self
    }

    /// It is, and may wait.
    pub(crate) fn excused(mut self, states: impl IntoIterator<Item = u32>) -> Self {
        self.excused.extend(states);
        self
    }

    pub(crate) fn edge(mut self, from: u32, to: u32, class: Option<Class>) -> Self {
        self.edges.push((from, to, class, Vec::new()));
        self
    }

    /// A transition that callers make only finitely often while the call goes on.
    pub(crate) fn nagging(mut self, from: u32, to: u32) -> Self {
        self.edges.push((from, to, None, vec![Finitely::During(&PAUSES, CALLER)]));
        self
    }

    pub(crate) fn aside(mut self, from: u32, to: u32) -> Self {
        self.edges.push((from, to, None, vec![Finitely::Aside]));
        self
    }

    pub(crate) fn refused(mut self, state: u32, obligation: &'static Obligation) -> Self {
        self.refused.push((state, obligation));
        self
    }

    pub(crate) fn strong(mut self, class: Option<Class>) -> Self {
        self.strong.extend(class);
        self
    }
}

impl Model for Drawn {
    type State = u32;
    type Action = String;

    fn init(&self) -> u32 {
        0
    }

    fn expand(&self, state: &u32, sink: &mut Expansion<u32, String>) {
        for (from, to, class, finitely) in &self.edges {
            if from == state {
                let action = Some(format!("goes to {to}"));
                let steps = vec![MoveStep { actor: CALLER, rule: None, action }];
                sink.moves.push(Move { steps, next: *to, class: *class, finitely: finitely.clone() });
            }
        }
        if self.pending.contains(state) {
            let due = sink.moves.iter().any(|possible| matches!(possible.class, Some(Class::Due(..))));
            let owed = sink.moves.iter().find_map(|possible| match possible.class {
                Some(Class::Owed(obligation, _)) => Some(obligation),
                _ => None,
            });
            let standing = match owed {
                _ if due => Standing::Due,
                Some(obligation) => Standing::InUserCode(obligation),
                None => Standing::Unexcused,
            };
            sink.standings.push((CALLER, standing));
        }
        if self.excused.contains(state) {
            sink.standings.push((CALLER, Standing::Excused(&MAY_WAIT)));
        }
        for (at, obligation) in &self.refused {
            if at == state {
                sink.refused.push((CALLER, "is rude".to_owned(), obligation));
            }
        }
    }

    fn is_strong(&self, class: Class) -> bool {
        self.strong.contains(&class)
    }
}

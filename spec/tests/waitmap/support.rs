//! A notation for traces, and a spec that has become deaf to one of its rules.

use raddle_spec::waitmap::{Cb, Event, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId, spec};
use raddle_spec::{Actor, Automaton, Direction, End, Pause, Refused, Rule, Step, Verdict, judge};

pub(crate) const KEY: Key = Key(7);
pub(crate) const OTHER_KEY: Key = Key(8);
pub(crate) const CLOSED: Ret = Ret::Ready(Err(WaitError::Closed));
pub(crate) const CONSUMED: Ret = Ret::Ready(Err(WaitError::AlreadyConsumed));
pub(crate) const DUPLICATE: Ret = Ret::Ready(Err(WaitError::Duplicate));

/// A trace under construction: each method adds events at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(pub(crate) Vec<Event>);

impl Trace {
    fn with(mut self, actor: u32, kind: Kind) -> Self {
        self.0.push(Event::new(Actor(actor), kind));
        self
    }

    pub(crate) fn calls(self, actor: u32, op: Op) -> Self {
        self.with(actor, Kind::Call(op))
    }

    /// The last event was a call of which only events up to this index are known to have happened before.
    pub(crate) fn known_after(mut self, index: usize) -> Self {
        self.0.last_mut().expect("an event").after = Some(index);
        self
    }

    pub(crate) fn returns(self, actor: u32, ret: Ret) -> Self {
        self.with(actor, Kind::Return(ret))
    }

    pub(crate) fn enters(self, actor: u32, cb: Cb) -> Self {
        self.with(actor, Kind::Enter(cb))
    }

    pub(crate) fn leaves(self, actor: u32, reply: Reply) -> Self {
        self.with(actor, Kind::Leave(reply))
    }

    /// A call that runs no user code and overlaps nothing.
    pub(crate) fn does(self, actor: u32, op: Op, ret: Ret) -> Self {
        self.calls(actor, op).returns(actor, ret)
    }

    /// User code that does nothing.
    pub(crate) fn runs(self, actor: u32, cb: Cb) -> Self {
        self.enters(actor, cb).leaves(actor, Reply::Done)
    }

    /// A wait that is created and polled once, and registered by that.
    pub(crate) fn registers(self, actor: u32, wait: u32, key: Key) -> Self {
        self.does(actor, create(wait, key), Ret::Done).does(actor, poll(wait, wait), Ret::Pending)
    }

    /// A wake that reaches a wait of the task with this number.
    pub(crate) fn wakes(self, actor: u32, key: Key, value: u32, task: u32) -> Self {
        self.calls(actor, wake(key, value)).runs(actor, waker(task)).returns(actor, Ret::Woke)
    }

    pub(crate) fn closes(self, actor: u32) -> Self {
        self.does(actor, Op::Close, Ret::Done)
    }

    pub(crate) fn judged(&self, end: End) -> Verdict {
        judge(&spec(), &self.0, end)
    }

    #[track_caller]
    pub(crate) fn accepted(&self) {
        let verdict = self.judged(End::Rest);
        assert!(verdict.is_accepted(), "{verdict}");
    }

    #[track_caller]
    pub(crate) fn accepted_so_far(&self) {
        let verdict = self.judged(End::Cut);
        assert!(verdict.is_accepted(), "{verdict}");
    }

    /// Fails at its last event, and these rules are named.
    #[track_caller]
    pub(crate) fn violates(&self, rules: &[&str]) {
        self.violates_at(self.0.len() - 1, rules);
    }

    #[track_caller]
    pub(crate) fn violates_at(&self, at: usize, rules: &[&str]) {
        let verdict = self.judged(End::Cut);
        assert!(matches!(verdict, Verdict::Violation(_)), "{verdict}");
        assert_eq!(verdict.at(), Some(at), "{verdict}");
        assert_eq!(ids(&verdict), rules, "{verdict}");
    }

    /// Comes to rest too early, and these rules are owed.
    #[track_caller]
    pub(crate) fn stuck(&self, rules: &[&str]) {
        let verdict = self.judged(End::Rest);
        assert!(matches!(verdict, Verdict::Stuck(_)), "{verdict}");
        assert_eq!(ids(&verdict), rules, "{verdict}");
        assert!(self.judged(End::Cut).is_accepted());
    }
}

pub(crate) fn trace() -> Trace {
    Trace::default()
}

pub(crate) fn ids(verdict: &Verdict) -> Vec<&'static str> {
    verdict.rules().iter().map(|rule| rule.id).collect()
}

pub(crate) fn create(wait: u32, key: Key) -> Op {
    Op::Wait { wait: WaitId(wait), key }
}

pub(crate) fn create_for(wait: u32, key: Key) -> Op {
    Op::WaitFor { wait: WaitId(wait), key }
}

pub(crate) fn poll(wait: u32, task: u32) -> Op {
    Op::Poll { wait: WaitId(wait), task: TaskId(task) }
}

pub(crate) fn subscribe(wait: u32, task: u32) -> Op {
    Op::Subscribe { wait: WaitId(wait), task: TaskId(task) }
}

pub(crate) fn dropped(wait: u32) -> Op {
    Op::Drop { wait: WaitId(wait) }
}

pub(crate) fn wake(key: Key, value: u32) -> Op {
    Op::Wake { key, value: ValueId(value) }
}

pub(crate) fn sleep(task: u32) -> Op {
    Op::Sleep { task: TaskId(task) }
}

pub(crate) fn got(value: u32) -> Ret {
    Ret::Ready(Ok(ValueId(value)))
}

pub(crate) fn no_match(value: u32) -> Ret {
    Ret::NoMatch(ValueId(value))
}

pub(crate) fn waker(task: u32) -> Cb {
    Cb::Wake { task: TaskId(task) }
}

pub(crate) fn key_of(wait: u32) -> Cb {
    Cb::DropKey { wait: WaitId(wait) }
}

pub(crate) fn value(value: u32) -> Cb {
    Cb::DropValue { value: ValueId(value) }
}

pub(crate) fn test(wait: u32) -> Cb {
    Cb::Test { wait: WaitId(wait) }
}

/// The spec with one rule made deaf: where it would have shown something, anything may be shown.
pub(crate) struct Deaf<A> {
    pub(crate) inner: A,
    pub(crate) rule: &'static Rule,
}

impl<A: Automaton> Automaton for Deaf<A> {
    type State = A::State;
    type Action = A::Action;

    fn init(&self) -> A::State {
        self.inner.init()
    }

    fn direction(&self, action: &A::Action) -> Direction {
        self.inner.direction(action)
    }

    fn input(&self, state: &mut A::State, actor: Actor, action: &A::Action) -> Result<(), Refused> {
        self.inner.input(state, actor, action)
    }

    fn output(&self, state: &mut A::State, actor: Actor, action: &A::Action) -> Option<&'static Rule> {
        if let Some(rule) = self.inner.output(state, actor, action) {
            return Some(rule);
        }
        let mut steps = Vec::new();
        self.inner.steps(state, actor, &mut steps);
        let deaf = steps.into_iter().find(|step| step.rule == self.rule && step.output.is_some())?;
        *state = deaf.next;
        Some(deaf.rule)
    }

    fn actors(&self, state: &A::State, sink: &mut Vec<Actor>) {
        self.inner.actors(state, sink);
    }

    fn steps(&self, state: &A::State, actor: Actor, sink: &mut Vec<Step<A::State, A::Action>>) {
        self.inner.steps(state, actor, sink);
    }

    fn pause(&self, state: &A::State, actor: Actor) -> Option<Pause> {
        self.inner.pause(state, actor)
    }
}

//! The explorer: visits every state of a spec in a bounded environment.
//!
//! A [`Model`] is a system that is closed: nobody outside has a choice left. [`Closed`] makes one of a spec and an
//! [`Environment`], which makes every move that a user could make, the bad ones too. The explorer goes through all its
//! states breadth first, stores them exactly and not as hashes, and stores the transitions between them. Then it asks:
//!
//! | question | answered by |
//! |---|---|
//! | Does a sentence hold in every state? | [`Explorer::always`]: a shortest run to where it does not |
//! | Is it true in some state, or was nothing said? | [`Explorer::sometimes`]: fails if it never is |
//! | Is everybody excused who waits where nothing is due? | a shortest run to a deadlock |
//! | Does something last for ever that must not? | [`Explorer::ends`]: a fair run on which it does |
//! | Does every call return that must, if the environment keeps its obligations? | a fair run on which one does not |
//! | Is each obligation needed for that? | [`Explorer::needs`]: a run that goes wrong without it |
//!
//! Fairness is weak: what stays possible, and is due or owed, happens at last. [`Model::is_strong`] makes it strong
//! where a spec says so: what is possible again and again, happens at last. A call that waits with an excuse need not
//! return, as long as the excuse holds.
//!
//! An exploration that a limit cut short has not seen all states. It reports what it found wrong and concludes
//! nothing else: above all, it does not ask whether calls return.
//!
//! ```
//! use raddle_spec::explorer::{Closed, Conclusion, Explorer, Menu, Menus};
//! use raddle_spec::waitmap::{self, Key, Kind, Op, Reply, TaskId, USER_CODE_ENDS, ValueId, WaitId};
//!
//! let (wait, key, task) = (WaitId(0), Key(0), TaskId(0));
//! let waits = [Op::Wait { wait, key }, Op::Poll { wait, task }, Op::Sleep { task }].map(Kind::Call);
//! let wakes = [Op::Wake { key, value: ValueId(0) }, Op::Close].map(Kind::Call);
//! let menus = Menus::new([Menu::new(waits).times(4), Menu::new(wakes).times(1)]);
//! let menus = menus.replies([Kind::Leave(Reply::Done)]);
//!
//! let model = Closed::new(waitmap::spec(), menus);
//! let exploration = Explorer::new(&model)
//!     .always("the map is in order", |state| state.system.shared().invalid().is_none())
//!     .sometimes("a task sleeps", |state| state.system.to_string().contains("in the sleep of task 0"))
//!     .needs([&USER_CODE_ENDS])
//!     .explore();
//! assert_eq!(exploration.conclusion(), Conclusion::Passed, "{:?}", exploration.failures);
//! ```

mod closed;
mod graph;
mod intern;
mod lasso;
mod liveness;
mod menus;
mod model;
mod report;
mod search;
mod study;

pub use closed::{Closed, Environment, Granularity, Input, Place, World};
pub use menus::{Menu, Menus};
pub use model::{Class, Expansion, Finitely, Model, Move, MoveStep, Standing};
pub use report::{Conclusion, Counterexample, Exploration, Failure, Necessity, Rests, RunStep};
pub use study::{Bound, Study};

use crate::rule::Obligation;
use graph::SENTENCES_MAX;
use search::Search;
use std::fmt;

/// Where an exploration stops although there is more to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Distinct states.
    pub states: usize,
    /// Memory for states and transitions, in bytes. States that wait for their turn are not counted.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { states: 50_000_000, memory_bytes: 3 << 30 }
    }
}

type Sentence<'m, S> = (&'static str, Box<dyn Fn(&S) -> bool + 'm>);

/// A model, and what is to be asked about it.
pub struct Explorer<'m, M: Model> {
    model: &'m M,
    limits: Limits,
    always: Vec<Sentence<'m, M::State>>,
    sometimes: Vec<Sentence<'m, M::State>>,
    ends: Vec<Sentence<'m, M::State>>,
    needs: Vec<&'static Obligation>,
    stop: Box<dyn Fn() -> bool + 'm>,
}

impl<M: Model> fmt::Debug for Explorer<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |sentences: &[Sentence<'_, M::State>]| {
            sentences.iter().map(|(sentence, _)| *sentence).collect::<Vec<_>>()
        };
        f.debug_struct("Explorer")
            .field("limits", &self.limits)
            .field("always", &names(&self.always))
            .field("sometimes", &names(&self.sometimes))
            .field("ends", &names(&self.ends))
            .field("needs", &self.needs)
            .finish_non_exhaustive()
    }
}

impl<'m, M: Model> Explorer<'m, M> {
    /// Asks whether everybody is excused who waits at rest, and whether every call returns that must.
    pub fn new(model: &'m M) -> Self {
        let (always, sometimes, ends) = (Vec::new(), Vec::new(), Vec::new());
        let stop = Box::new(|| false);
        Explorer { model, limits: Limits::default(), always, sometimes, ends, needs: Vec::new(), stop }
    }

    /// Stops there, and is then inconclusive.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Stops when this says so, and is then inconclusive. It is asked every now and then.
    pub fn until(mut self, stop: impl Fn() -> bool + 'm) -> Self {
        self.stop = Box::new(stop);
        self
    }

    /// Asks whether this holds in every state.
    pub fn always(mut self, sentence: &'static str, holds: impl Fn(&M::State) -> bool + 'm) -> Self {
        self.always.push((sentence, Box::new(holds)));
        self
    }

    /// Asks whether this holds in some state.
    pub fn sometimes(mut self, sentence: &'static str, holds: impl Fn(&M::State) -> bool + 'm) -> Self {
        self.sometimes.push((sentence, Box::new(holds)));
        self
    }

    /// Asks whether this comes to an end whenever it is true, if everybody keeps the obligations: whether no fair run stays for ever
    /// among the states in which it holds. What takes several calls can be asked about like that.
    ///
    /// # Panics
    ///
    /// If eight sentences are asked about already.
    pub fn ends(mut self, sentence: &'static str, holds: impl Fn(&M::State) -> bool + 'm) -> Self {
        assert!(self.ends.len() < SENTENCES_MAX as usize, "too many sentences to ask about");
        self.ends.push((sentence, Box::new(holds)));
        self
    }

    /// Asks whether something goes wrong without this obligation: a guard can be broken, after which nothing is
    /// promised; without another obligation some call that must return does not, or something lasts that must not.
    pub fn needs(mut self, obligations: impl IntoIterator<Item = &'static Obligation>) -> Self {
        self.needs.extend(obligations);
        self
    }

    /// Visits all states.
    pub fn explore(&self) -> Exploration {
        Search::new(self).run()
    }
}

//! The keys and values that scenarios hand to a map: each one accounted for, each drop of one an event.

use std::fmt;
use std::hash::{Hash, Hasher};

use raddle_spec::waitmap::{Cb, Kind, Reply, ValueId, WaitId};

use super::World;
use crate::world::ledger::Item;

/// User code that runs once, when something is dropped, cloned or woken.
pub type Hook = Box<dyn FnOnce() + Send>;

/// What the scenario knows of a key or value while the map owns it.
struct Custody {
    world: World,
    item: Item,
    on_drop: Option<Hook>,
}

impl Custody {
    fn dropped(self, callback: Cb) {
        let Custody { world, item, on_drop } = self;
        if !world.is_live() {
            return;
        }
        world.record_with(Kind::Enter(callback), |book| book.ledger.drop_item(item));
        if let Some(hook) = on_drop {
            hook();
        }
        world.record(Kind::Leave(Reply::Done));
    }
}

/// A key as a map sees it: something with equality, of which nothing else is known.
///
/// Two keys are equal if they have the same number, except for [`UNEQUAL`](raddle_spec::waitmap::Key::UNEQUAL), which equals
/// nothing, itself included.
pub struct Key {
    id: raddle_spec::waitmap::Key,
    custody: Option<(WaitId, Custody)>,
}

impl Key {
    /// A key to look up with, which the map only borrows.
    #[must_use]
    pub fn lookup(id: raddle_spec::waitmap::Key) -> Self {
        Key { id, custody: None }
    }

    /// The key of a new wait, accounted for in `world`.
    pub(super) fn owned(
        world: &World,
        wait: WaitId,
        id: raddle_spec::waitmap::Key,
        on_drop: Option<Hook>,
    ) -> Self {
        let item = world.book().ledger.create(format!("the key of wait {}", wait.0));
        Key { id, custody: Some((wait, Custody { world: world.clone(), item, on_drop })) }
    }

    /// The number of the key, for maps that hash or sort.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.id.0
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.id != raddle_spec::waitmap::Key::UNEQUAL
    }
}

/// A promise that [`UNEQUAL`](raddle_spec::waitmap::Key::UNEQUAL) breaks: maps that rely on it are to behave all the same.
impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.id.0.hash(hasher);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.id)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Some((wait, custody)) = self.custody.take() {
            custody.dropped(Cb::DropKey { wait });
        }
    }
}

/// A value on its way through a map.
pub struct Value {
    id: ValueId,
    custody: Option<Custody>,
}

impl Value {
    pub(super) fn new(world: &World, id: ValueId, on_drop: Option<Hook>) -> Self {
        let item = world.book().ledger.create(format!("value {}", id.0));
        Value { id, custody: Some(Custody { world: world.clone(), item, on_drop }) }
    }

    /// Takes the value back from the map: its drop is the user's business from here on.
    pub(super) fn take_back(mut self) -> ValueId {
        if let Some(custody) = self.custody.take() {
            custody.world.book().ledger.hand_back(custody.item);
        }
        self.id
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.id.0)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Some(custody) = self.custody.take() {
            custody.dropped(Cb::DropValue { value: self.id });
        }
    }
}

//! What scenarios hand to a pool: values that go up, notes that go down, and closures; each accounted for.

use std::fmt;

use raddle_spec::pool::{Cb, Kind, NoteId, Reply, ValueId, WorkerId};

use super::World;
use crate::world::ledger::Item;

/// A value on its way from a worker to the manager.
pub struct Value {
    id: ValueId,
    /// None once it was taken back.
    custody: Option<(World, Item)>,
    /// What its user code does when the pool drops it.
    on_drop: Option<fn()>,
}

impl Value {
    pub(super) fn new(world: &World) -> Self {
        let id = ValueId(world.number("value"));
        let item = world.book().ledger.create(id.to_string());
        Value { id, custody: Some((world.clone(), item)), on_drop: None }
    }

    pub(super) fn with(mut self, on_drop: fn()) -> Self {
        self.on_drop = Some(on_drop);
        self
    }

    pub(super) fn id(&self) -> ValueId {
        self.id
    }

    /// Takes the value back from the pool: its drop is the user's business from here on.
    pub(super) fn take_back(mut self) -> ValueId {
        if let Some((world, item)) = self.custody.take() {
            world.book().ledger.hand_back(item);
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
        if let Some((world, item)) = self.custody.take().filter(|(world, _)| world.is_live()) {
            world.record_with(Kind::Enter(Cb::DropValue { value: self.id }), |book| {
                book.ledger.drop_item(item)
            });
            self.on_drop.iter().for_each(|on_drop| on_drop());
            world.record(Kind::Leave(Reply::Done));
        }
    }
}

/// A note on its way from the manager to workers. A broadcast clones it: the copies are counted, and as many must end
/// as were made.
pub struct Note {
    id: NoteId,
    /// None once it was taken back.
    custody: Option<(World, usize)>,
}

impl Note {
    pub(super) fn new(world: &World) -> Self {
        let id = NoteId(world.number("note"));
        let mut book = world.book();
        let copies = book.ledger.open_pool(format!("copies of {id}"));
        book.ledger.make(copies);
        Note { id, custody: Some((world.clone(), copies)) }
    }

    pub(super) fn id(&self) -> NoteId {
        self.id
    }

    /// Takes the note back from the pool.
    pub(super) fn take_back(mut self) -> NoteId {
        self.end();
        self.id
    }

    fn end(&mut self) {
        if let Some((world, copies)) = self.custody.take() {
            world.book().ledger.drop_one(copies);
        }
    }
}

impl Clone for Note {
    fn clone(&self) -> Self {
        if let Some((world, copies)) = &self.custody {
            world.book().ledger.make(*copies);
        }
        Note { id: self.id, custody: self.custody.clone() }
    }
}

impl PartialEq for Note {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({})", self.id.0)
    }
}

/// No event: nothing else depends on when copies are dropped.
impl Drop for Note {
    fn drop(&mut self) {
        self.end();
    }
}

/// The closure of a worker, as an item: it begins, or comes back, or is dropped.
pub(super) struct Closure(Option<(World, Item)>);

impl Closure {
    pub(super) fn new(world: &World, worker: WorkerId) -> Self {
        let item = world.book().ledger.create(format!("the closure of {worker}"));
        Closure(Some((world.clone(), item)))
    }

    /// It begins, or was given back.
    pub(super) fn settle(&mut self) {
        if let Some((world, item)) = self.0.take() {
            world.book().ledger.hand_back(item);
        }
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        if let Some((world, item)) = self.0.take() {
            world.book().ledger.drop_item(item);
        }
    }
}

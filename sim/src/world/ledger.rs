//! Exactly-once accounting: every item that a scenario creates must end exactly once.
//!
//! An item is a value, a key, a message: something that a scenario hands to an implementation and that the implementation
//! must either hand back or drop. The rule is `created = handed back + dropped`, per item. It is the cheapest strong
//! oracle there is: a value lost by a race, delivered twice, or freed twice by unsafe code shows here even when every
//! call returned what it should.
//!
//! Wakers are counted rather than followed: an implementation may clone them as often as it likes, but when the execution is over
//! and the implementation is gone, as many must have been dropped as were made.

use std::fmt;

/// An item in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item(usize);

/// The accounts of one execution.
#[derive(Debug, Default)]
pub struct Ledger {
    items: Vec<Account>,
    pools: Vec<Pool>,
}

#[derive(Debug)]
struct Account {
    name: String,
    handed_back: u32,
    dropped: u32,
}

#[derive(Debug)]
struct Pool {
    name: String,
    made: u64,
    dropped: u64,
}

/// One item, or one pool of items, whose account does not balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imbalance(String);

impl fmt::Display for Imbalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ledger {
    /// Opens the account of an item that was just created.
    pub fn create(&mut self, name: impl Into<String>) -> Item {
        self.items.push(Account { name: name.into(), handed_back: 0, dropped: 0 });
        Item(self.items.len() - 1)
    }

    /// Notes that the implementation gave the item back to the user.
    pub fn hand_back(&mut self, item: Item) {
        self.items[item.0].handed_back += 1;
    }

    /// Notes that the item was dropped while the implementation owned it.
    pub fn drop_item(&mut self, item: Item) {
        self.items[item.0].dropped += 1;
    }

    /// Opens a pool of interchangeable items and returns its number.
    pub fn open_pool(&mut self, name: impl Into<String>) -> usize {
        self.pools.push(Pool { name: name.into(), made: 0, dropped: 0 });
        self.pools.len() - 1
    }

    /// Notes that an item of the pool was made.
    pub fn make(&mut self, pool: usize) {
        self.pools[pool].made += 1;
    }

    /// Notes that an item of the pool was dropped.
    pub fn drop_one(&mut self, pool: usize) {
        self.pools[pool].dropped += 1;
    }

    /// How many items were created.
    #[must_use]
    pub fn created(&self) -> usize {
        self.items.len()
    }

    /// The accounts that do not balance, in the order in which the items were created. Meaningful once the execution has
    /// finished and the implementation is gone.
    #[must_use]
    pub fn imbalances(&self) -> Vec<Imbalance> {
        let items = self.items.iter().filter(|account| account.handed_back + account.dropped != 1);
        let pools = self.pools.iter().filter(|pool| pool.made != pool.dropped);
        items.map(Account::imbalance).chain(pools.map(Pool::imbalance)).collect()
    }
}

impl Account {
    fn imbalance(&self) -> Imbalance {
        let Account { name, handed_back, dropped } = self;
        Imbalance(match (handed_back, dropped) {
            (0, 0) => format!("{name} was lost: neither handed back nor dropped"),
            (back, 0) => format!("{name} was handed back {back} times"),
            (0, dropped) => format!("{name} was dropped {dropped} times"),
            (back, dropped) => format!("{name} was handed back ({back}) and dropped ({dropped})"),
        })
    }
}

impl Pool {
    fn imbalance(&self) -> Imbalance {
        let Pool { name, made, dropped } = self;
        Imbalance(format!("{name}: {made} made, {dropped} dropped"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(ledger: &Ledger) -> Vec<String> {
        ledger.imbalances().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_item_that_ends_once_balances() {
        let mut ledger = Ledger::default();
        let (first, second) = (ledger.create("value 0"), ledger.create("value 1"));
        ledger.hand_back(first);
        ledger.drop_item(second);
        assert_eq!(complaints(&ledger), Vec::<String>::new());
        assert_eq!(ledger.created(), 2);
    }

    #[test]
    fn every_other_number_of_ends_is_reported() {
        let mut ledger = Ledger::default();
        let _lost = ledger.create("value 0");
        let doubled = ledger.create("value 1");
        ledger.hand_back(doubled);
        ledger.hand_back(doubled);
        let freed_twice = ledger.create("key 2");
        ledger.drop_item(freed_twice);
        ledger.drop_item(freed_twice);
        let both = ledger.create("value 3");
        ledger.hand_back(both);
        ledger.drop_item(both);
        assert_eq!(
            complaints(&ledger),
            [
                "value 0 was lost: neither handed back nor dropped",
                "value 1 was handed back 2 times",
                "key 2 was dropped 2 times",
                "value 3 was handed back (1) and dropped (1)",
            ]
        );
    }

    #[test]
    fn a_pool_balances_when_as_many_were_dropped_as_made() {
        let mut ledger = Ledger::default();
        let wakers = ledger.open_pool("wakers of task 1");
        ledger.make(wakers);
        ledger.make(wakers);
        ledger.drop_one(wakers);
        assert_eq!(complaints(&ledger), ["wakers of task 1: 2 made, 1 dropped"]);
        ledger.drop_one(wakers);
        assert_eq!(complaints(&ledger), Vec::<String>::new());
    }
}

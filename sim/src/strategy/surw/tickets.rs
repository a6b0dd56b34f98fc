//! A ticket for each event that is expected, drawn by lot: who draws them all without putting one back gives each order of
//! them the same probability. A draw takes no longer with a hundred threads than with three.
//!
//! A ticket names its *source*: the thread of the profile that was seen to make the event, or a thread of the execution that
//! none in the profile is like. A source is somebody's in the execution; that of a thread which is not born yet is the one's
//! that will start it.

use crate::strategy::SplitMix64;

/// The tickets that were not drawn yet.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    /// Each with tickets of one weight. Those behind the first `used` are kept for their memory.
    bags: Vec<Bag>,
    used: usize,
    sources: Vec<Source>,
    /// The ticket that comes next: drawn in advance, since that takes long, and the processor can do so while the step goes on that
    /// was decided. It goes back into its bag before anything but draws happens to the tickets.
    ahead: Ticket,
    /// Whether there is one, one bag, and no ticket in it that is not good.
    is_simple: bool,
    /// How many tickets are void.
    void: u64,
    /// By thread, whether its tickets are to be thrown away.
    has_ended: Vec<bool>,
    has_any_ended: bool,
}

/// A ticket that was drawn: its source and, in the lower half, whose it is. One number, since the processor has to wait where parts
/// that were just written are read as one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// No ticket, and nobody's.
    pub(super) const NONE: Ticket = Ticket(u64::MAX);

    fn new(source: u32, thread: u32) -> Self {
        Ticket(u64::from(source) << 32 | u64::from(thread))
    }

    /// The source, [`NO_SOURCE`] if there is no ticket.
    #[inline]
    pub(super) fn source(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Whose it is, or [`NOBODY`].
    #[inline]
    pub(super) fn thread(self) -> u32 {
        self.0 as u32
    }

    /// The same, for `thread`.
    pub(super) fn given_to(self, thread: u32) -> Self {
        Ticket::new(self.source(), thread)
    }

    /// None, but `thread`'s.
    pub(super) fn without(thread: u32) -> Self {
        Ticket::new(NO_SOURCE, thread)
    }
}

/// No source.
pub(super) const NO_SOURCE: u32 = u32::MAX;

/// No thread.
pub(super) const NOBODY: u32 = u32::MAX;

const NO_BAG: u32 = u32::MAX;

#[derive(Clone, Debug, Default)]
struct Bag {
    /// What a ticket in it weighs.
    unit: u64,
    /// By source.
    tickets: Vec<u32>,
}

#[derive(Copy, Clone, Debug)]
struct Source {
    /// The thread of the execution whose tickets these are.
    thread: u32,
    /// [`NO_BAG`] before there is a ticket.
    bag: u32,
    /// How many are in the bag.
    inside: u32,
    /// And how many of these are void. Which ones is drawn when they are.
    void: u32,
    /// What a ticket weighs.
    unit: u64,
}

impl Default for Tickets {
    fn default() -> Self {
        Tickets {
            bags: Vec::new(),
            used: 0,
            sources: Vec::new(),
            ahead: Ticket::NONE,
            is_simple: false,
            void: 0,
            has_ended: Vec::new(),
            has_any_ended: false,
        }
    }
}

impl Tickets {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        (self.ahead, self.is_simple, self.void) = (Ticket::NONE, false, 0);
        self.used = 0;
        self.sources.clear();
        self.has_ended.clear();
        self.has_any_ended = false;
    }

    /// Adds a source, with tickets of this weight for so many events: its number.
    pub(super) fn add_source(&mut self, thread: usize, unit: u64, events: u64) -> u32 {
        self.take_back();
        let number = self.sources.len() as u32;
        let inside = u32::try_from(events).unwrap_or(u32::MAX);
        // A bag with nothing in it would only make draws longer.
        let bag = if inside == 0 { NO_BAG } else { self.bag_of(unit) };
        self.sources.push(Source { thread: thread as u32, bag, inside, void: 0, unit });
        if let Some(bag) = self.bags.get_mut(bag as usize) {
            bag.tickets.resize(bag.tickets.len() + inside as usize, number);
        }
        number
    }

    /// The bag for tickets of this weight.
    fn bag_of(&mut self, unit: u64) -> u32 {
        let found = self.bags[..self.used].iter().position(|bag| bag.unit == unit);
        found.unwrap_or_else(|| self.add_bag(unit)) as u32
    }

    fn add_bag(&mut self, unit: u64) -> usize {
        let bag = self.used;
        self.used += 1;
        if bag == self.bags.len() {
            self.bags.push(Bag::default());
        }
        self.bags[bag].unit = unit;
        self.bags[bag].tickets.clear();
        bag
    }

    /// Whose the tickets of `source` are.
    #[inline]
    pub(super) fn thread_of(&self, source: u32) -> u32 {
        self.sources[source as usize].thread
    }

    /// From now on the tickets of `source` are those of `thread`.
    pub(super) fn give(&mut self, source: u32, thread: usize) {
        self.take_back();
        self.sources[source as usize].thread = thread as u32;
    }

    /// The next thread is born.
    pub(super) fn bear(&mut self) {
        self.has_ended.push(false);
    }

    /// Throws the tickets of `thread`, which was born, away.
    pub(super) fn end(&mut self, thread: usize) {
        self.take_back();
        self.has_ended[thread] = true;
        self.has_any_ended = true;
    }

    /// Adds a ticket, or puts one back.
    #[inline(never)]
    pub(super) fn add(&mut self, source: u32) {
        self.take_back();
        self.insert(source);
    }

    fn insert(&mut self, source: u32) {
        let Source { bag, unit, .. } = self.sources[source as usize];
        let bag = if bag == NO_BAG { self.bag_of(unit) } else { bag };
        self.bags[bag as usize].tickets.push(source);
        let entry = &mut self.sources[source as usize];
        entry.bag = bag;
        entry.inside += 1;
    }

    fn take_back(&mut self) {
        self.is_simple = false;
        let ahead = std::mem::replace(&mut self.ahead, Ticket::NONE);
        if ahead != Ticket::NONE {
            self.insert(ahead.source());
        }
    }

    /// Makes one of the tickets of `source` void, each with the same probability. False if there is none.
    pub(super) fn void(&mut self, source: u32) -> bool {
        self.take_back();
        let entry = &mut self.sources[source as usize];
        let is_any = entry.void < entry.inside;
        entry.void += u32::from(is_any);
        self.void += u64::from(is_any);
        is_any
    }

    /// Draws a ticket, each with a probability in proportion to its weight. [`Ticket::NONE`] if there are no more.
    #[inline(always)]
    pub(super) fn draw(&mut self, generator: &mut SplitMix64) -> Ticket {
        // Nearly always.
        if self.is_simple
            && let Some(source) = self.draw_of_first(generator)
        {
            let drawn = self.ahead;
            self.look_ahead(source);
            return drawn;
        }
        self.draw_any(generator)
    }

    #[inline(never)]
    fn draw_any(&mut self, generator: &mut SplitMix64) -> Ticket {
        if self.ahead == Ticket::NONE {
            self.draw_ahead(generator);
        }
        let drawn = self.ahead;
        match if self.used == 1 { self.draw_of_first(generator) } else { None } {
            Some(source) => {
                self.look_ahead(source);
                if !self.is_ahead_good(generator) {
                    self.draw_ahead(generator);
                }
            }
            None => self.draw_ahead(generator),
        }
        drawn
    }

    /// Draws a ticket out of the first bag; none, if that is empty.
    #[inline(always)]
    fn draw_of_first(&mut self, generator: &mut SplitMix64) -> Option<u32> {
        let tickets = &mut self.bags.first_mut()?.tickets;
        if tickets.is_empty() {
            return None;
        }
        let place = generator.below(tickets.len() as u32) as usize;
        Some(tickets.swap_remove(place))
    }

    /// Draws the ticket that comes next.
    fn draw_ahead(&mut self, generator: &mut SplitMix64) {
        loop {
            (self.ahead, self.is_simple) = (Ticket::NONE, false);
            let bag = self.draw_bag(generator);
            let Some(bag) = self.bags.get_mut(bag) else { return };
            let place = generator.below(bag.tickets.len() as u32) as usize;
            let source = bag.tickets.swap_remove(place);
            self.look_ahead(source);
            if self.is_ahead_good(generator) {
                return;
            }
        }
    }

    /// A ticket of `source`, which was taken from its bag, comes next.
    #[inline(always)]
    fn look_ahead(&mut self, source: u32) {
        let entry = &mut self.sources[source as usize];
        entry.inside -= 1;
        self.ahead = Ticket::new(source, entry.thread);
    }

    /// Whether the ticket that comes next is neither void nor that of a thread that has ended. Which ones are void is drawn here.
    fn is_ahead_good(&mut self, generator: &mut SplitMix64) -> bool {
        self.is_simple = self.used == 1 && self.void == 0 && !self.has_any_ended;
        let entry = &mut self.sources[self.ahead.source() as usize];
        let is_void = entry.void > 0 && generator.below(entry.inside + 1) < entry.void;
        entry.void -= u32::from(is_void);
        self.void -= u64::from(is_void);
        let has_ended = self.has_ended.get(self.ahead.thread() as usize).is_some_and(|has_ended| *has_ended);
        !is_void && !has_ended
    }

    /// The number of a bag with a ticket in it; `usize::MAX` if there is none.
    fn draw_bag(&self, generator: &mut SplitMix64) -> usize {
        let weight = |bag: &Bag| bag.unit * bag.tickets.len() as u64;
        let bags = &self.bags[..self.used];
        let mut left = generator.below_long(bags.iter().map(weight).sum());
        let drawn = bags.iter().position(|bag| {
            let is_drawn = left < weight(bag);
            left = left.wrapping_sub(weight(bag));
            is_drawn
        });
        drawn.unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw_all(tickets: &mut Tickets, generator: &mut SplitMix64) -> Vec<u32> {
        std::iter::from_fn(|| Some(tickets.draw(generator).source()).filter(|source| *source != NO_SOURCE))
            .collect()
    }

    /// How often each order of all tickets was drawn.
    fn orders(times: u32, prepare: impl Fn(&mut Tickets)) -> std::collections::BTreeMap<Vec<u32>, u32> {
        let (mut generator, mut tickets) = (SplitMix64::new(1), Tickets::default());
        let mut orders = std::collections::BTreeMap::new();
        for _ in 0..times {
            tickets.clear();
            prepare(&mut tickets);
            *orders.entry(draw_all(&mut tickets, &mut generator)).or_default() += 1;
        }
        orders
    }

    #[test]
    fn each_order_is_equally_likely() {
        let orders = orders(6_000, |tickets| {
            tickets.add_source(0, 1, 2);
            tickets.add_source(1, 1, 2);
        });
        assert_eq!(orders.len(), 6);
        assert!(orders.values().all(|count| count.abs_diff(1_000) < 120), "{orders:?}");
    }

    #[test]
    fn each_order_is_equally_likely_with_tickets_that_were_made_void_or_added() {
        let orders = orders(6_000, |tickets| {
            let (one, other) = (tickets.add_source(0, 1, 4), tickets.add_source(1, 1, 1));
            assert!(tickets.void(one) && tickets.void(one));
            tickets.add(other);
        });
        assert_eq!(orders.len(), 6);
        assert!(orders.values().all(|count| count.abs_diff(1_000) < 120), "{orders:?}");
    }

    #[test]
    fn heavy_tickets_come_first_in_proportion() {
        let orders = orders(6_000, |tickets| {
            tickets.add_source(0, 5, 1);
            tickets.add_source(1, 1, 1);
        });
        assert_eq!(orders.len(), 2);
        assert!(orders[&vec![0, 1]].abs_diff(5_000) < 120, "{orders:?}");
    }

    #[test]
    fn a_source_without_tickets_has_none_to_make_void() {
        let (mut generator, mut tickets) = (SplitMix64::new(1), Tickets::default());
        let source = tickets.add_source(0, 1, 1);
        assert!(tickets.void(source));
        assert!(!tickets.void(source));
        assert_eq!(tickets.draw(&mut generator), Ticket::NONE);
        tickets.add(source);
        assert_eq!(draw_all(&mut tickets, &mut generator), [source]);
    }

    #[test]
    fn those_of_threads_that_have_ended_are_thrown_away_however_many_they_are() {
        // On a stack such as simulated threads have.
        let body = || {
            let (mut generator, mut tickets) = (SplitMix64::new(1), Tickets::default());
            tickets.add_source(0, 1, 100_000);
            let other = tickets.add_source(1, 1, 1);
            (0..2).for_each(|_| tickets.bear());
            tickets.end(0);
            assert_eq!(draw_all(&mut tickets, &mut generator), [other]);
        };
        let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(body);
        thread.expect("there is room for a small stack").join().unwrap();
    }

    #[test]
    fn tickets_are_those_of_whom_they_were_given_to() {
        let mut tickets = Tickets::default();
        let source = tickets.add_source(0, 1, 1);
        assert_eq!(tickets.thread_of(source), 0);
        tickets.give(source, 3);
        assert_eq!(tickets.thread_of(source), 3);
    }
}

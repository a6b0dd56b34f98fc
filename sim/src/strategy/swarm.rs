//! Swarm: each schedule is drawn by another strategy, and with other kinds of choices switched off.
//!
//! No strategy is the best on all programs, and which one is the best on this program nobody knows before. A mixture is never
//! worse than its members by more than their number. And as a run with every feature enabled hides what one feature alone would
//! show, each schedule switches off some kinds of choices, which then take their dullest option: Groce, Zhang, Eide, Chen and
//! Regehr, "Swarm testing" (ISSTA 2012).

use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::Run;
use crate::strategy::privacy::Privacy;
use crate::strategy::{Now, Pct, Pos, Profile, Random, Selection, SplitMix64, Strategy, Surw};

/// A portfolio of strategies.
#[derive(Clone, Debug)]
pub struct Swarm {
    seed: u64,
    next_schedule: u64,
    shares: Shares,
    member: Member,
    /// For the random walk: the other members have their own.
    privacy: Privacy,
    random: Random,
    pct: Pct,
    pos: Pos,
    surw: Surw,
    /// SURW without selection.
    urw: Surw,
    /// One bit for each of the switched kinds that is off.
    off: u32,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Member {
    Random,
    Pct,
    Pos,
    Surw,
    Urw,
}

/// Out of [`SHARES`] schedules, which member draws how many.
///
/// On the programs of the literature SURW is the best more often than all others together, and POS where many threads meet
/// in one place. The random walk is there for programs that are not as they were when they were observed.
const SHARE: Shares =
    [(Member::Surw, 7), (Member::Pos, 4), (Member::Pct, 2), (Member::Urw, 2), (Member::Random, 1)];

/// The same where [a selection of objects](Profile::favourite) has shown more than others: it is worth more schedules, and SURW alone
/// can make use of it.
const SHARE_WITH_FAVOURITE: Shares =
    [(Member::Surw, 10), (Member::Pos, 2), (Member::Pct, 2), (Member::Urw, 1), (Member::Random, 1)];

type Shares = [(Member, u32); 5];

const SHARES: u32 = 16;

/// The kinds that a schedule can do without. Who goes on and what number the code under test gets are no features; the
/// [rare](Kind::is_rare) kinds, faults among them, have rates of their own, which each schedule draws, 0 included.
const SWITCHED: [Kind; 3] = [Kind::Waiter, Kind::Reentry, Kind::Scenario];

/// A kind is off in one schedule out of so many.
const OFF_ONE_IN: u32 = 4;

impl Swarm {
    /// The schedules from `schedule` on of the campaign `seed`, of a program of which `profile` is known.
    pub fn new(seed: u64, schedule: u64, profile: Arc<Profile>) -> Self {
        Swarm {
            seed,
            next_schedule: schedule,
            shares: if profile.favourite().is_some() { SHARE_WITH_FAVOURITE } else { SHARE },
            member: Member::Random,
            privacy: Privacy::new(&profile),
            random: Random::new(seed),
            pct: Pct::of(seed, &profile),
            pos: Pos::of(seed, &profile),
            surw: Surw::new(seed, Arc::clone(&profile)),
            urw: Surw::new(seed, profile).selecting(Selection::All),
            off: 0,
        }
    }

    /// Whether the current schedule selects objects.
    pub(crate) fn selects(&self) -> bool {
        self.member == Member::Surw
    }

    /// Selects these objects of the profile in the next schedule that selects any.
    pub(crate) fn select_next(&mut self, objects: &[u32]) {
        self.surw.select_next(objects);
    }

    fn chosen(&mut self) -> &mut dyn Strategy {
        match self.member {
            Member::Random => &mut self.random,
            Member::Pct => &mut self.pct,
            Member::Pos => &mut self.pos,
            Member::Surw => &mut self.surw,
            Member::Urw => &mut self.urw,
        }
    }

    fn go_to(&mut self, schedule: u64) {
        match self.member {
            Member::Random => self.random.go_to(schedule),
            Member::Pct => self.pct.go_to(schedule),
            Member::Pos => self.pos.go_to(schedule),
            Member::Surw => self.surw.go_to(schedule),
            Member::Urw => self.urw.go_to(schedule),
        }
    }

    /// A step of the random walk. A thread that is about to touch what is its own does so at once, or one that often does would
    /// fall behind.
    #[inline]
    fn walk(&mut self, now: &Now<'_>) -> Option<usize> {
        self.privacy.follow(now);
        match now.current() {
            Some(thread) if self.privacy.is_private(now, now.pending(thread)) => Some(0),
            _ => self.random.thread(now),
        }
    }
}

fn draw_member(shares: &Shares, generator: &mut SplitMix64) -> Member {
    let mut drawn = generator.below(SHARES);
    for &(member, share) in shares {
        if drawn < share {
            return member;
        }
        drawn -= share;
    }
    unreachable!("the shares add up")
}

impl Strategy for Swarm {
    fn begin(&mut self) -> bool {
        let schedule = self.next_schedule;
        self.next_schedule += 1;
        // The members draw from the seed itself: what they draw has nothing to do with who they are.
        let mut generator = SplitMix64::of_schedule(!self.seed, schedule);
        self.member = draw_member(&self.shares, &mut generator);
        self.off = 0;
        for at in 0..SWITCHED.len() {
            self.off |= u32::from(generator.below(OFF_ONE_IN) == 0) << at;
        }
        self.privacy.begin();
        self.go_to(schedule);
        self.chosen().begin()
    }

    #[inline]
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        match self.member {
            Member::Random => self.walk(now),
            Member::Pct => self.pct.thread(now),
            Member::Pos => self.pos.thread(now),
            Member::Surw => self.surw.thread(now),
            Member::Urw => self.urw.thread(now),
        }
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        let switch = SWITCHED.iter().position(|switched| *switched == kind);
        if switch.is_some_and(|at| self.off & (1 << at) != 0) {
            return 0;
        }
        self.chosen().value(kind, options)
    }

    fn end(&mut self, run: &Run) {
        self.chosen().end(run);
    }

    fn member(&self) -> Option<&'static str> {
        Some(match self.member {
            Member::Random => "random",
            Member::Pct => "pct",
            Member::Pos => "pos",
            Member::Surw => "surw",
            Member::Urw => "urw",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_draws_its_share_and_each_kind_is_off_now_and_then() {
        const SCHEDULES: u32 = 16_000;
        let mut with_favourite = Profile::default();
        with_favourite.set_favourite(&[]);
        for (profile, shares) in [(Profile::default(), SHARE), (with_favourite, SHARE_WITH_FAVOURITE)] {
            let mut swarm = Swarm::new(1, 0, Arc::new(profile));
            let (mut drawn, mut off) = ([0; 5], [0; SWITCHED.len()]);
            for _ in 0..SCHEDULES {
                swarm.begin();
                let member = shares.iter().position(|(member, _)| *member == swarm.member);
                drawn[member.expect("a member has a share")] += 1;
                (0..SWITCHED.len()).for_each(|at| off[at] += swarm.off >> at & 1);
            }
            assert_eq!(shares.iter().map(|(_, share)| share).sum::<u32>(), SHARES);
            for ((member, share), drawn) in shares.into_iter().zip(drawn) {
                let expected = share * SCHEDULES / SHARES;
                assert!(expected.abs_diff(drawn) < expected / 8, "{member:?}: {drawn}, expected {expected}");
            }
            assert!(off.iter().all(|off| off.abs_diff(SCHEDULES / OFF_ONE_IN) < 250), "{off:?}");
        }
    }

    #[test]
    fn a_kind_that_is_off_gets_the_dullest_answers() {
        let mut swarm = Swarm::new(1, 0, Arc::default());
        for _ in 0..200 {
            swarm.begin();
            for (at, kind) in SWITCHED.into_iter().enumerate() {
                let largest = (0..64).map(|_| swarm.value(kind, 4)).max();
                let expected = if swarm.off >> at & 1 == 1 { 0 } else { 3 };
                assert_eq!(largest, Some(expected), "{kind}");
            }
        }
    }
}

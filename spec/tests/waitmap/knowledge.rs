//! Laws of what a recorder knows: a verdict does not depend on the actors' numbers, and who knows less about the order of
//! events (an older clock) rejects no more.

use quickcheck::{Arbitrary, Gen, QuickCheck};
use raddle_spec::waitmap::{Event, Key, Kind, Op, Ret, ValueId, spec};
use raddle_spec::{Actor, End, judge};

const ACTORS: u32 = 3;

/// Overlapping calls of `wake`, `close` and `is_closed` with results that may or may not be right.
#[derive(Clone, Debug)]
struct Calls(Vec<Event>);

impl Arbitrary for Calls {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut open: [Option<Op>; ACTORS as usize] = [None; ACTORS as usize];
        let mut events = Vec::new();
        for at in 0..u32::arbitrary(g) % 14 {
            let actor = u32::arbitrary(g) % ACTORS;
            let value = ValueId(at);
            let kind = match open[actor as usize].take() {
                None => {
                    let op = *g
                        .choose(&[Op::Wake { key: Key(0), value }, Op::Close, Op::IsClosed])
                        .expect("there are three");
                    open[actor as usize] = Some(op);
                    Kind::Call(op)
                }
                Some(Op::Wake { value, .. }) if bool::arbitrary(g) => Kind::Return(Ret::NoMatch(value)),
                Some(Op::Wake { value, .. }) => Kind::Return(Ret::Closed(value)),
                Some(Op::IsClosed) => Kind::Return(Ret::IsClosed(bool::arbitrary(g))),
                Some(_) => Kind::Return(Ret::Done),
            };
            events.push(Event::new(Actor(actor), kind));
        }
        Calls(events)
    }
}

fn accepts(events: &[Event]) -> bool {
    judge(&spec(), events, End::Cut).is_accepted()
}

#[test]
fn renaming_the_actors_changes_no_verdict() {
    fn is_the_same(Calls(events): Calls, turn: u32) -> bool {
        let rename =
            |event: &Event| Event { actor: Actor((event.actor.0 + turn % ACTORS) % ACTORS), ..*event };
        let renamed: Vec<Event> = events.iter().map(rename).collect();
        accepts(&renamed) == accepts(&events)
    }
    QuickCheck::new().tests(500).quickcheck(is_the_same as fn(Calls, u32) -> bool);
}

#[test]
fn who_knows_less_about_the_order_rejects_no_more() {
    fn is_monotone(Calls(events): Calls, known: Vec<usize>) -> bool {
        let forget = |(at, event): (usize, &Event)| {
            let after = known.get(at).filter(|_| at > 0).map(|known| known % at);
            Event { after, ..*event }
        };
        let vaguer: Vec<Event> = events.iter().enumerate().map(forget).collect();
        !accepts(&events) || accepts(&vaguer)
    }
    QuickCheck::new().tests(500).quickcheck(is_monotone as fn(Calls, Vec<usize>) -> bool);
}

#[test]
fn the_laws_are_tried_on_right_and_on_wrong_traces() {
    let mut g = Gen::new(20);
    let verdicts: Vec<bool> = (0..200).map(|_| accepts(&Calls::arbitrary(&mut g).0)).collect();
    assert!(verdicts.contains(&true) && verdicts.contains(&false));
}

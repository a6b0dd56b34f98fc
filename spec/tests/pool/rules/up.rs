//! The rules of what goes up: sending, meeting, receiving.

use super::{Case, case, due};
use crate::support::*;
use raddle_spec::pool::{Op, Ret};

pub(super) fn sending() -> Vec<Case> {
    let one = pool(1).hires(0).sends(0, 1);
    let two = pool(2).hires(0);
    let closed = pool(1).hires(0).owner(Op::DropPool, Ret::Done);
    let blocked = one.clone().calls(strand(0), send(0, 2));
    // The second send is later than the burst: the third is as well, although the second was given since.
    let ticked = two.clone().owner(burst(0), Ret::Done).sends(0, 1).owner(next_of_burst(0), Ret::End);
    vec![
        case(
            "PL-6",
            &["PL-20"],
            ticked.clone().sends(0, 2).owner(Op::Recv, got(1)),
            ticked.owner(next_of_burst(0), got(1)),
        ),
        case(
            "PL-7",
            &["PL-15"],
            two.clone()
                .owner(burst(0), Ret::Done)
                .sends(0, 1)
                .owner(next_of_burst(0), got(1))
                .sends(0, 2)
                .owner(next_of_burst(0), Ret::End),
            two.owner(burst(0), Ret::Done).sends(0, 1).owner(Op::Recv, Ret::End),
        ),
        case("PL-8", &["PL-8"], one.clone(), pool(1).hires(0).does(strand(0), send(0, 1), full(1))),
        case("PL-8", &["PL-8"], one.clone(), pool(1).hires(0).does(strand(0), try_send(0, 1), full(1))),
        case("PL-9", &["PL-9"], blocked.clone(), blocked.clone().returns(strand(0), Ret::Sent)),
        case(
            "PL-10",
            &["PL-10"],
            closed.clone().does(strand(0), send(0, 1), refused(1)).does(
                strand(0),
                try_send(0, 2),
                refused(2),
            ),
            closed.does(strand(0), send(0, 1), Ret::Sent),
        ),
        due(
            "PL-10",
            &["PL-10"],
            blocked
                .clone()
                .calls(OWNER, Op::DropPool)
                .runs(OWNER, dropped(1))
                .returns(OWNER, Ret::Done)
                .returns(strand(0), refused(2)),
            blocked.calls(OWNER, Op::DropPool).runs(OWNER, dropped(1)).returns(OWNER, Ret::Done),
        ),
        case(
            "PL-11",
            &["PL-11"],
            one.clone().does(strand(0), try_send(0, 2), full(2)),
            one.does(strand(0), try_send(0, 2), Ret::Sent),
        ),
    ]
}

pub(super) fn rendezvous() -> Vec<Case> {
    let offers = pool(0).hires(0).calls(strand(0), send(0, 1));
    let waits = pool(0).hires(0).calls(OWNER, Op::Recv);
    let both = pool(0).hires(0).hires(1).calls(strand(0), send(0, 1));
    vec![
        due(
            "PL-12",
            &["PL-15", "PL-13"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.clone().calls(OWNER, Op::Recv),
        ),
        case(
            "PL-13",
            &["PL-9"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.clone().returns(strand(0), Ret::Sent),
        ),
        due(
            "PL-13",
            &["PL-13"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.owner(Op::Recv, got(1)),
        ),
        case(
            "PL-14",
            &["PL-14"],
            waits.clone().does(strand(0), try_send(0, 1), Ret::Sent).returns(OWNER, got(1)),
            pool(0).hires(0).does(strand(0), try_send(0, 1), Ret::Sent),
        ),
        case(
            "PL-14",
            &["PL-14"],
            both.clone().does(strand(1), try_send(1, 2), full(2)),
            both.owner(burst(0), Ret::Done).calls(OWNER, next_of_burst(0)).does(
                strand(1),
                try_send(1, 2),
                Ret::Sent,
            ),
        ),
        case(
            "PL-17",
            &["PL-14"],
            waits.clone().does(strand(0), try_send(0, 1), Ret::Sent).returns(OWNER, got(1)),
            waits.hires_another(1).does(strand(0), try_send(0, 1), Ret::Sent).does(
                strand(1),
                try_send(1, 2),
                Ret::Sent,
            ),
        ),
    ]
}

pub(super) fn receiving() -> Vec<Case> {
    let two = pool(2).hires(0).sends(0, 1).sends(0, 2);
    let began = pool(2).hires(0).sends(0, 1).owner(burst(0), Ret::Done);
    let waits = pool(1).hires(0).calls(OWNER, Op::Recv);
    let ahead = pool(1).hires(0).sends(0, 1).owner(burst(0), Ret::Done).sends(0, 2);
    vec![
        case("PL-15", &["PL-15"], two.clone().owner(Op::Recv, got(1)), two.clone().owner(Op::Recv, got(2))),
        case("PL-16", &["PL-16"], waits.clone(), waits.returns(OWNER, got(1))),
        case(
            "PL-18",
            &["PL-19"],
            began.clone().owner(next_of_burst(0), got(1)),
            began.clone().owner(next_of_burst(0), Ret::End),
        ),
        case(
            "PL-19",
            &["PL-19"],
            // It took its stamp before the burst, as far as anybody can see, and entered the channel after it.
            pool(1)
                .hires(0)
                .sends(0, 1)
                .calls(strand(0), send(0, 2))
                .owner(burst(0), Ret::Done)
                .owner(next_of_burst(0), got(1))
                .returns(strand(0), Ret::Sent)
                .owner(next_of_burst(0), got(2)),
            began.clone().owner(next_of_burst(0), got(2)),
        ),
        case(
            "PL-20",
            &["PL-20"],
            began.clone().owner(next_of_burst(0), got(1)).owner(next_of_burst(0), Ret::End),
            began.owner(next_of_burst(0), got(1)).owner(next_of_burst(0), got(1)),
        ),
        // With room for one the second is sent although the first was not given: it was taken.
        case("PL-21", &["PL-9"], ahead.clone(), ahead.does(strand(0), send(0, 3), Ret::Sent)),
    ]
}

impl Trace {
    /// Another worker, while the owner is in a call: made before, that is.
    fn hires_another(self, worker: u32) -> Self {
        let Trace { capacity, events } = self;
        let mut before = pool(capacity).owner(execute(worker), Ret::Done).starts(worker);
        before.events.extend(events);
        before
    }
}

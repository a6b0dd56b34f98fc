//! Who keeps a run from ending.
//!
//! What a user owes is judged where nothing moves any more: the monitor sees there who waits for whom. But whoever breaks an obligation may
//! also go on for ever: look at the receiver again and again after the last message, send again and again. Such a run
//! ends at the bound on steps, behind a stretch in which the kernel lets all take turns: who has not ended then,
//! and does not wait for the pool, is who does not end.

use std::collections::BTreeMap;

use raddle_spec::pool::{
    Cb, Down, Kind, MESSAGES_ARE_DONE, Op, Ret, TOLD_WORKERS_END, TOLD_WORKERS_SEND_FINITELY, WORKERS_READ,
};
use raddle_spec::{Actor, Obligation};

use crate::campaign::{Class, Finding, Judgement};
use crate::kernel::End;
use crate::world::Book;

/// Nobody who keeps the obligations needs so many calls after being told to stop.
const CALLS_MAX: u32 = 100;

/// What is to be seen of one worker.
#[derive(Default)]
struct Conduct {
    has_ended: bool,
    /// The call that it is in the middle of.
    call: Option<Op>,
    told: Told,
    /// Since it was told to stop.
    sends: u32,
    /// Other calls, since then.
    calls: u32,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Told {
    #[default]
    Nothing,
    AMessage,
    ToEnd,
}

/// The judgement of a run that did not come to an end although somebody stopped the pool: whose fault that is, if it is a worker's.
pub(super) fn judge(judgement: Judgement, end: End, book: &Book<Kind>) -> Judgement {
    let is_endless = matches!(end, End::StepBound | End::Livelock);
    let is_open = match &judgement {
        Judgement::CutShort | Judgement::Undecided => true,
        Judgement::Failed(finding) => finding.class == Class::Livelock,
        _ => false,
    };
    match debtor(book).filter(|_| is_endless && is_open) {
        Some((actor, obligation)) => {
            let name = &book.names[actor.0 as usize];
            let headline = format!("`{name}` broke an obligation, and goes on for ever: {obligation}");
            Judgement::Failed(Box::new(Finding::new(Class::Obligation, headline)))
        }
        None => judgement,
    }
}

/// The worker that does not end, and what it owes; `None` if nobody has stopped the pool, or if no worker is to blame. A worker of
/// a later generation is not told to stop, and so may well go on; there is none in a run that does not get beyond its first stop.
fn debtor(book: &Book<Kind>) -> Option<(Actor, &'static Obligation)> {
    let stops =
        |kind: &Kind| matches!(kind, Kind::Call(Op::Stop { .. } | Op::StopAndJoin | Op::TryStopAndJoin));
    book.events.iter().find(|event| stops(&event.kind))?;
    let mut workers: BTreeMap<Actor, Conduct> = BTreeMap::new();
    for event in &book.events {
        if let Kind::Enter(Cb::Work { .. }) = event.kind {
            workers.insert(event.actor, Conduct::default());
        } else if let Some(conduct) = workers.get_mut(&event.actor) {
            conduct.see(&event.kind);
        }
    }
    workers.iter().find_map(|(actor, conduct)| Some((*actor, conduct.owes()?)))
}

impl Conduct {
    fn see(&mut self, kind: &Kind) {
        match kind {
            Kind::Call(op) => {
                self.call = Some(*op);
                let is_send = matches!(op, Op::Send { .. } | Op::TrySend { .. });
                match (self.told, is_send) {
                    (Told::ToEnd, true) => self.sends += 1,
                    (Told::ToEnd, false) => self.calls += 1,
                    (Told::AMessage, _) => self.told = Told::Nothing,
                    (Told::Nothing, _) => {}
                }
            }
            Kind::Return(ret) => {
                let call = self.call.take();
                let receives = matches!(call, Some(Op::RecvDown { .. } | Op::TryRecvDown { .. }));
                match ret {
                    Ret::Message(Down::Stop) | Ret::Disconnected if receives => self.told = Told::ToEnd,
                    Ret::Message(_) if self.told != Told::ToEnd => self.told = Told::AMessage,
                    _ => {}
                }
            }
            Kind::Leave(_) if self.call.is_none() => self.has_ended = true,
            Kind::Enter(_) | Kind::Leave(_) => {}
        }
    }

    fn owes(&self) -> Option<&'static Obligation> {
        match self.told {
            _ if self.has_ended => None,
            Told::ToEnd if self.sends > CALLS_MAX => Some(&TOLD_WORKERS_SEND_FINITELY),
            Told::ToEnd if self.calls > CALLS_MAX => Some(&TOLD_WORKERS_END),
            _ if self.call.is_some() => None,
            Told::ToEnd => Some(&TOLD_WORKERS_END),
            Told::AMessage => Some(&MESSAGES_ARE_DONE),
            Told::Nothing => Some(&WORKERS_READ),
        }
    }
}

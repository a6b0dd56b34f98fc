//! The rules of a pool and the obligations of its users, in the order in which a reader meets them.
//!
//! The *owner* is whoever calls the pool. The workers between two stops form a *generation*; each generation has a channel of its own, up
//! to which its workers send. A value is *taken* when it leaves the channel and *given* when a receive returns it. *Told* is a worker that
//! has received Stop, or has seen that its receiver is disconnected.

use crate::rule::{Obligation, ObligationKind, Rule};

macro_rules! rules {
    ($($name:ident = $force:ident($id:literal, $sentence:literal);)*) => {
        $(
            #[doc = concat!($id, ": ", $sentence)]
            pub static $name: Rule = Rule::$force($id, $sentence);
        )*

        /// All rules of a pool, in order.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    EXECUTE = must("PL-1", "execute, try_execute and execute_many make a worker for each closure, behind those that the generation \
        has, each with one sender, an open receiver and a thread.");
    EXECUTE_FAILS = may("PL-2", "The creation of a thread may fail: its closure makes no worker, workers made before stay, and the \
        call reports the failure.");
    STARTS = must("PL-3", "The thread of a worker enters its closure, once.");
    ENDS = must("PL-4", "The thread of a worker ends when its closure was left, by a return or by a panic.");
    CARE = may("PL-5", "A call may clone and drop notes, and drop closures whose thread could not be created, at any moment; nothing \
        follows.");
    STAMP = must_strongly("PL-6", "Every send takes a stamp before it waits for anything: while a burst goes on it is later than the \
        start of the burst, and so are all stamps that follow; if sends go on, such a stamp comes.");
    STAMP_TIES = may("PL-7", "As long as no stamp has been later than the start of a burst, a stamp may be equal to it, which counts as \
        not later.");
    SEND = must("PL-8", "A send to a channel with room for another value appends the value and reports success.");
    SEND_WAITS = may("PL-9", "send may wait as long as the channel of its generation has no room and may still be received from.");
    SEND_REFUSED = must("PL-10", "send and try_send give the value back as disconnected when the channel of their generation is closed, \
        those that were waiting then included.");
    TRY_SEND_FULL = must("PL-11", "try_send gives the value back as full when the channel has no room.");
    OFFER = must("PL-12", "With capacity 0, send offers its value, behind those that are offered already.");
    OFFER_TAKEN = must("PL-13", "With capacity 0, send reports success when its value was taken, and not before.");
    TRY_SEND_MEETS = must("PL-14", "With capacity 0, try_send succeeds if a receive is waiting that nothing was offered to, which takes \
        the value, and finds no room otherwise.");
    RECV = must("PL-15", "A receive gives the values of its generation in the order in which they entered the channel, those that were \
        taken before first.");
    RECV_WAITS = may("PL-16", "recv may wait as long as there is no value.");
    RECEIVE_PARKS = must("PL-17", "With capacity 0, a receive that finds no value waits where a try_send meets it; a burst never does.");
    BURST_BEGINS = must("PL-18", "recv_burst starts a burst at one moment: no stamp taken before is later than its start.");
    BURST_YIELDS = must("PL-19", "next of a burst gives the first value if its stamp is not later than the start of the burst, whenever \
        that value entered the channel.");
    BURST_ENDS = must("PL-20", "next of a burst gives None if there is no value, or if the first one's stamp is later than the start; that \
        one is kept for the next receive.");
    TAKES = may("PL-21", "A receive, be it recv or next of an iterator, may take values before it gives them, so that at most as many as \
        the capacity, or one if that is 0, are taken and not given.");
    STOP = must("PL-22", "stop, stop_and_join and try_stop_and_join replace the generation at one moment: from then on the pool has a new \
        channel, no workers, and a rotation that starts anew.");
    STOP_TELLS = must("PL-23", "A stop appends Stop, behind what is queued, for each worker of the generation in the order of execute whose \
        receiver is open.");
    STOP_LETS_GO = must("PL-24", "A stop drops the pool's own sender to each worker after Stop, before it receives and before it returns.");
    STOP_RECEIVES = must("PL-25", "The iterator of stop, and the joining stops before they return, receive every value of their \
        generation.");
    STOP_ENDS = must("PL-26", "When no worker of the generation has a sender, no value is left and all threads have ended, the iterator of \
        stop gives None, and goes on to do so, and a joining stop returns all the values that it received.");
    PANIC_PASSES = must("PL-27", "If workers have panicked, the first end of the iterator of stop, and stop_and_join, go on with the panic of \
        the first of them in the order of execute instead; try_stop_and_join returns all panics in that order, and the values.");
    DROP_STOP = must("PL-28", "The drop of an iterator of stop closes the channel of its generation at one moment and waits for nobody.");
    DROP_POOL = must("PL-29", "The drop of the pool sends no Stop: it closes the channel and drops the pool's senders to the workers, and \
        waits for nobody.");
    DROP_VALUES = must("PL-30", "Who closes a channel drops each value in it before returning; so does stop_and_join, with the values that \
        it received, before it goes on with a panic.");
    BROADCAST = must("PL-31", "broadcast appends the message for each worker of the generation in the order of execute whose receiver is \
        open, one after the other.");
    BROADCAST_ONE = must("PL-32", "broadcast_one moves the rotation to the next worker in the order of execute, from the first one at the \
        start, and appends the message if that one's receiver is open.");
    GET = must("PL-33", "get gives a sender to the worker with this index in its generation, and None beyond the last.");
    SEND_DOWN = must("PL-34", "A sender from get appends its message as long as the receiver is open, whatever became of the pool.");
    DOWN_REFUSED = must("PL-35", "broadcast_one and senders from get give the message back when the receiver is dropped, and broadcast_one also \
        when there is no worker.");
    DOWN = must("PL-36", "recv and try_recv of a worker give the messages in the order in which they were appended.");
    DOWN_EMPTY = must("PL-37", "try_recv of a worker reports an empty channel if there is no message and somebody has a sender.");
    DOWN_WAITS = may("PL-38", "recv of a worker may wait as long as there is no message and somebody has a sender.");
    DOWN_DISCONNECTED = must("PL-39", "recv and try_recv of a worker report the disconnection when there is no message and nobody has a \
        sender.");
    HANDLES = must("PL-40", "The clone and the drop of a handle take effect at one moment and wait for nobody.");
}

macro_rules! obligations {
    ($($name:ident = $kind:ident($id:literal, $sentence:literal);)*) => {
        $(
            #[doc = concat!($id, ": ", $sentence)]
            pub static $name: Obligation =
                Obligation { id: $id, sentence: $sentence, kind: ObligationKind::$kind };
        )*

        /// All obligations of the users of a pool, in order.
        pub static OBLIGATIONS: &[&Obligation] = &[$(&$name),*];
    };
}

obligations! {
    WORKERS_READ = Compassion("PL-O1", "A worker that is not told and not at a message receives again and again, or ends.");
    TOLD_WORKERS_END = Justice("PL-O2", "A worker that is told drops its senders and ends, after finitely many other steps, of which only a \
        send may wait.");
    TOLD_WORKERS_SEND_FINITELY = Finitely("PL-O3", "A worker that is told sends only finitely often.");
    MESSAGES_ARE_DONE = Justice("PL-O4", "A worker that has received a message other than Stop is done with it after finite time, and calls or \
        ends.");
    SENDERS_END_WITH_WORKERS = Guard("PL-O5", "Every sender of a worker is dropped before its closure is left.");
    STOPS_ARE_ITERATED = Justice("PL-O6", "The iterator of a stop or a burst is called until it gives None, or dropped.");
    RECV_HAS_A_SENDER = Guard("PL-O7", "recv does not wait when no worker of the generation has a sender left: its caller has deadlocked itself.");
    DROPS_DO_NOT_PANIC = Guard("PL-O8", "The drop of a value, a note or a closure by the pool does not panic.");
    DROPS_END = Justice("PL-O9", "The drop of a value, a note or a closure by the pool comes to its end.");
}

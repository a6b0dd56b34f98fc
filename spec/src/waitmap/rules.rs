//! The rules of `WaitMap` and the obligations of its users, in the order in which a reader meets them.
//!
//! A *wait* is the future that `wait`, `wait_owned`, `wait_for` or `wait_for_value` gives. It *asks to register* at its
//! first poll or subscription; it has *finished* when it has given a value or an error.

use crate::rule::{Obligation, ObligationKind, Rule};

macro_rules! rules {
    ($($name:ident = $force:ident($id:literal, $sentence:literal);)*) => {
        $(
            #[doc = concat!($id, ": ", $sentence)]
            pub static $name: Rule = Rule::$force($id, $sentence);
        )*

        /// All rules of `WaitMap`, in order.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    CREATE = must("WM-1", "Creating a wait registers nothing and always succeeds, on a closed map too.");
    POLL_REGISTERS = must("WM-2", "The first poll of a wait on an open map registers the wait under its key, if the \
        key is free, with the waker of the polling task, and gives Pending.");
    SUBSCRIBE_REGISTERS = must("WM-3", "The first subscription of a wait on an open map registers the wait under its \
        key, if the key is free, with the waker of the subscribing task, and reports success.");
    REFUSED_CLOSED = must("WM-4", "A wait that asks to register on a closed map finishes with Closed.");
    REFUSED_DUPLICATE = must("WM-5", "A wait that asks to register under a key equal to that of a registered wait \
        finishes with Duplicate and leaves the other one alone.");
    POLL_WAITS = must("WM-6", "Polling a registered wait makes the polling task's waker the one that will be invoked, \
        and gives Pending.");
    SUBSCRIBE_WAITS = must("WM-7", "Subscribing a registered wait makes the subscribing task's waker the one that \
        will be invoked, and reports success.");
    SUBSCRIBE_AFTER = must("WM-8", "Subscribing a wait that was handed a value, ended by close or has finished, reports \
        success and changes nothing.");
    POLL_DELIVERS = must("WM-9", "The first poll of a wait that was handed a value gives that value, also when the map \
        has been closed since; the wait has finished.");
    POLL_ENDED = must("WM-10", "The first poll of a wait that was ended by close gives Closed; the wait has finished.");
    POLL_CONSUMED = must("WM-11", "Polling a wait that has finished gives AlreadyConsumed.");
    POLL_CLOSED_AGAIN = may("WM-12", "A wait that has finished with Closed may give Closed again, as long as it has \
        not given AlreadyConsumed.");
    WAKE_CLOSED = must("WM-13", "Waking on a closed map hands the value back as Closed.");
    WAKE_NO_MATCH = must("WM-14", "Waking a key under which nobody is registered on an open map hands the value back \
        as NoMatch; nothing is stored for a later wait.");
    WAKE_DELIVERS = must("WM-15", "Waking a key under which a wait is registered takes that wait out, so that the key is \
        free at once, hands it the value, and returns Woke.");
    WAKE_INVOKES = must("WM-16", "Before wake returns Woke it invokes the waker that the wait had given last.");
    CLOSE_ENDS = must("WM-17", "Close takes effect at one moment: from then on the map is closed for ever and every wait \
        registered until then is ended; closing again changes nothing.");
    CLOSE_INVOKES = must("WM-18", "Before close returns it invokes, for every wait that it ended, the waker that this \
        wait had given last, in the order in which the waits were registered.");
    CLOSES_SHARE = may("WM-19", "While several calls of close are in progress any of them may invoke any waker that is \
        due, and all but the last may return before the others have.");
    SKIP_FINISHED = may("WM-20", "A waker need not be invoked any more once its wait has taken the value, has reported \
        the end or was dropped.");
    PANIC_PASSES = must("WM-21", "When a waker panics, the other wakers that are due are invoked all the same, and then \
        wake or close goes on with the panic instead of returning.");
    DROP_UNREGISTERS = must("WM-22", "Dropping a wait takes it out of the map at one moment: from then on its key is \
        free and no value reaches it.");
    DROP_VALUE = must("WM-23", "Before the drop of a wait that was handed a value and has not given it away returns, it \
        drops that value.");
    DROP_KEY = must("WM-24", "The key of a wait is dropped exactly once, by an operation on that wait, never while the \
        wait is registered, and before its drop returns.");
    DROP_KEY_EARLY = may("WM-25", "An operation on a wait that will never register again may drop its key.");
    FOR_TESTS = must("WM-26", "A poll that starts a round of wait_for registers the wait with the polling task's waker \
        first and then tests the condition.");
    FOR_MET = must("WM-27", "When the condition of wait_for holds, the wait is taken out of the map if it is still \
        registered, and the poll reports success.");
    FOR_DISCARDS = must("WM-28", "A value that was handed to wait_for is dropped by the poll that notices it, and, \
        unless the condition was just found to hold, this poll starts a new round.");
    IS_CLOSED = must("WM-29", "is_closed tells whether the map was closed at some moment during the call.");
    SLEEP_ENDS = must("WM-30", "A sleeping task goes on when one of its wakers was invoked since it last went on.");
    SLEEP_WAITS = may("WM-31", "A task may sleep as long as none of its wakers was invoked since it last went on.");
    WAKER_CARE = may("WM-32", "Any operation of the map may clone and drop wakers at any moment; nothing follows.");
}

macro_rules! obligations {
    ($($name:ident = $kind:ident($id:literal, $sentence:literal);)*) => {
        $(
            #[doc = concat!($id, ": ", $sentence)]
            pub static $name: Obligation =
                Obligation { id: $id, sentence: $sentence, kind: ObligationKind::$kind };
        )*

        /// All obligations of the users of a `WaitMap`, in order.
        pub static OBLIGATIONS: &[&Obligation] = &[$(&$name),*];
    };
}

obligations! {
    ONE_AT_A_TIME = Guard("WM-O1", "A wait is polled, subscribed or dropped by one operation at a time.");
    ALIVE = Guard("WM-O2", "Only a wait that was created and is not yet dropped is polled, subscribed or dropped.");
    NOT_AFTER_COMPLETION = Guard("WM-O3", "A wait_for that has reported success or an error is not polled again.");
    ONLY_WAKERS_PANIC = Guard("WM-O4", "User code that the map runs does not panic, wakers that are invoked excepted.");
    USER_CODE_ENDS = Justice("WM-O5", "User code that the map runs comes to its end.");
    WOKEN_FINITELY = Finitely("WM-O6", "During one poll of wait_for its key is woken only finitely often.");
}

//! What a user of `WaitMap` may rely on, one file per subject. Most of it holds for every index: these files
//! are compiled once for each.

#![allow(clippy::duplicate_mod, reason = "the same tests, once per index")]

mod auto_traits;
mod constructors;
mod hashing;
mod support;

/// What the tests know of an index: how to make a map that has it.
macro_rules! tests_of_index {
    ($(#[$about:meta])* $name:ident: $index:ty, $($make:tt)+) => {
        $(#[$about])*
        #[path = "."]
        mod $name {
            mod index {
                use std::hash::Hash;

                use raddle::platform::{Memory, Native};

                pub(crate) type Index = $index;
                pub(crate) type WaitMap<K, V, P = Native> = raddle::WaitMap<K, V, P, Index>;
                pub(crate) type Wait<'map, K, V, P = Native> = raddle::Wait<'map, K, V, P, Index>;
                pub(crate) type WaitOwned<K, V, P = Native> = raddle::WaitOwned<K, V, P, Index>;

                pub(crate) fn new_map<K: Hash + Eq, V>() -> WaitMap<K, V> {
                    new_map_on()
                }

                pub(crate) fn new_map_on<K: Hash + Eq, V, P: Memory>() -> WaitMap<K, V, P> {
                    WaitMap::$($make)+
                }

                /// A map that lives for ever, so that hooks can reach it. Never freed: a test's worth of
                /// memory.
                pub(crate) fn immortal<K: Hash + Eq + 'static, V: 'static>() -> &'static WaitMap<K, V> {
                    Box::leak(Box::new(new_map()))
                }
            }

            mod close;
            mod keys;
            mod model;
            mod outcomes;
            mod owned;
            mod reentry;
            mod states;
            mod threads;
            mod wait_for;
        }
    };
}

tests_of_index! {
    linear: raddle::waitmap::Linear, new_on()
}

tests_of_index! {
    /// One lock, and long chains.
    hashed_into_few: raddle::waitmap::Hashed<crate::support::Repeatable>, with_buckets_on(1)
}

tests_of_index! {
    /// As many locks as there can be, and short chains.
    hashed_into_many: raddle::waitmap::Hashed<crate::support::Repeatable>, with_buckets_on(1024)
}

tests_of_index! {
    /// Whatever the keys, all in one bucket.
    hashed_alike: raddle::waitmap::Hashed<crate::support::Constant>, with_buckets_on(64)
}

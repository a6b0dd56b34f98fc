//! The spec of a pool in all its studies: how many states there are, which rules and obligations they show.

use crate::pinned::{all_is_well_and_counts_are, needed, shows_everything};
use raddle_spec::explorer::{Bound, Limits};
use raddle_spec::pool::{OBLIGATIONS, RULES, studies};
use std::collections::BTreeSet;

/// States and transitions of each study. A change here is a change of the spec: say in the commit which.
const SMALL: [(&str, usize, usize); 11] = [
    ("joining-0", 286, 645),
    ("joining-1", 402, 996),
    ("joining-2", 588, 1_502),
    ("stopping-0", 390, 937),
    ("stopping-1", 625, 1_735),
    ("stopping-2", 1_177, 3_577),
    ("bursting", 975, 2_132),
    ("meeting", 1_317, 2_869),
    ("values", 1_697, 4_839),
    ("generations", 29_654, 97_067),
    ("telling", 17_935, 52_233),
];
const DEFAULT: [(&str, usize, usize); 11] = [
    ("joining-0", 15_143, 56_582),
    ("joining-1", 28_279, 115_967),
    ("joining-2", 63_612, 266_632),
    ("stopping-0", 21_714, 83_328),
    ("stopping-1", 44_108, 192_898),
    ("stopping-2", 156_211, 748_779),
    ("bursting", 435_534, 1_427_927),
    ("meeting", 61_051, 194_512),
    ("values", 110_069, 414_347),
    ("generations", 61_287, 212_476),
    ("telling", 33_376, 99_203),
];

/// Only optimised builds have the time.
#[cfg(not(debug_assertions))]
const LARGE: [(&str, usize, usize); 11] = [
    ("joining-0", 815_583, 4_244_202),
    ("joining-1", 56_895, 247_987),
    ("joining-2", 128_453, 570_839),
    ("stopping-0", 1_216_809, 6_408_917),
    ("stopping-1", 84_528, 387_452),
    ("stopping-2", 289_946, 1_444_136),
    ("bursting", 3_147_423, 10_469_074),
    ("meeting", 426_455, 1_407_632),
    ("values", 551_048, 2_202_408),
    ("generations", 100_620, 368_071),
    ("telling", 833_727, 3_665_329),
];

#[test]
fn the_small_bound_has_these_states_and_shows_every_rule_and_every_obligation() {
    let found = all_is_well_and_counts_are(&studies(Bound::Small), &SMALL);
    shows_everything(&found, RULES, OBLIGATIONS);
}

/// For every capacity by itself: without any one of them a stop does not come to its end.
#[test]
fn each_stop_needs_the_first_five_obligations_and_stop_alone_the_sixth() {
    for study in studies(Bound::Small) {
        let found = study.explore(Limits::default(), &|| false);
        let joining = ["PL-O1", "PL-O2", "PL-O3", "PL-O4", "PL-O5"];
        match study.name {
            "joining-0" | "joining-1" | "joining-2" => {
                assert_eq!(needed([&found]), BTreeSet::from(joining), "{}", study.name);
            }
            "stopping-0" | "stopping-1" | "stopping-2" => {
                let stopping = joining.into_iter().chain(["PL-O6"]).collect();
                assert_eq!(needed([&found]), stopping, "{}", study.name);
                assert_eq!(found.ends.len(), 1);
            }
            _ => {}
        }
    }
}

#[test]
fn the_default_bound_has_these_states() {
    let _ = all_is_well_and_counts_are(&studies(Bound::Default), &DEFAULT);
}

#[cfg(not(debug_assertions))]
#[test]
fn the_large_bound_has_these_states() {
    let _ = all_is_well_and_counts_are(&studies(Bound::Large), &LARGE);
}

//! The example `naive_map` shows what it says: a bug in its first version, and none in its second.

#[path = "../examples/naive_map.rs"]
#[allow(dead_code, reason = "the example's `main` is not run here")]
mod naive_map;

use naive_map::NaiveMap;
use raddle_sim::campaign::{Class, Options, Unchecked};
use raddle_sim::systems::waitmap::{check, replay};

#[test]
fn the_first_version_is_caught_and_its_report_leads_back_to_the_same_failure() {
    let checked = check("naive", NaiveMap::<false>::new, &Options::quick());
    let Err(Unchecked::Failed(report)) = checked else { panic!("the bug was missed: {checked:?}") };
    let failure = report.failure.as_ref().expect("it failed");
    assert_eq!(failure.finding.class, Class::WrongEvent);
    let token = failure.token.as_deref().expect("it can be replayed");
    let again = replay("naive", NaiveMap::<false>::new, &report.id.scenario, token).expect("the token fits");
    assert!(again.to_string().contains(&failure.finding.headline), "{again}");
    let told = Unchecked::Failed(report).to_string();
    assert!(told.contains("raddle_sim::systems::waitmap::replay("), "{told}");
}

#[test]
fn the_second_version_keeps_the_rules() {
    let options = Options { schedules: 300, ..Options::default() };
    let checked = check("naive", NaiveMap::<true>::new, &options).unwrap();
    assert!(checked.scenarios >= 10 && checked.left_out > 0, "{checked:?}");
}

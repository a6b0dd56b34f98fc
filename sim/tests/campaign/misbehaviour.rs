//! Cases that misbehave are told apart: faulty, not deterministic, unresponsive; and Raddle goes on.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use raddle::platform::{Join, Threads};
use raddle_sim::campaign::{Campaign, Case, CaseId, Class, Detail, Execution, Failure, Outcome, run};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{Kernel, choose};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::Strategy;
use raddle_sim::sync::atomic::AtomicBool;

use crate::{campaign, depth_first, random, report_of, toy};

fn failure_of(campaign: Campaign) -> Failure {
    report_of(campaign).failure.expect("it is found")
}

#[test]
fn a_panic_is_told_with_its_thread_and_its_message() {
    let case = toy(|_| {
        let helper = Sim::spawn("helper", || panic!("lost my keys")).expect("threads start");
        drop(helper.join());
    });
    let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
    assert_eq!(finding.class, Class::Panic);
    let headline = finding.headline;
    assert!(headline.starts_with("thread `helper` panicked at "), "{headline}");
    assert!(headline.contains("misbehaviour.rs:") && headline.ends_with(": lost my keys"), "{headline}");
}

#[test]
fn items_that_do_not_end_exactly_once_are_told_by_name() {
    let lost = toy(|world| {
        world.book().ledger.create("value 0");
    });
    let doubled = toy(|world| {
        let mut book = world.book();
        let item = book.ledger.create("value 1");
        book.ledger.drop_item(item);
        book.ledger.drop_item(item);
    });
    for (case, complaint) in [(lost, "value 0 was lost"), (doubled, "value 1 was dropped 2 times")] {
        let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
        assert_eq!(finding.class, Class::Accounts);
        assert!(finding.headline.contains(complaint), "{}", finding.headline);
    }
}

/// Makes so many steps.
fn steps(count: u32) {
    (0..count).for_each(|_| Sim::yield_now());
}

#[test]
fn a_count_that_outlives_executions_is_found_and_the_first_difference_named() {
    let executions = AtomicU32::new(0);
    let case = toy(move |_| steps(1 + executions.fetch_add(1, Ordering::Relaxed) % 50));
    let failure = failure_of(campaign(vec![random(&case, 10)]));
    assert_eq!(failure.finding.class, Class::Nondeterminism);
    let headline = &failure.finding.headline;
    assert!(headline.contains("step 2 was \"thread 0: exit\", then \"thread 0: yield\""), "{headline}");
    assert_eq!(failure.token, None, "it cannot be replayed");
}

#[test]
fn a_static_that_an_earlier_run_has_changed_is_told() {
    static CALLS: raddle_sim::sync::Mutex<u32> = raddle_sim::sync::Mutex::new(0);
    let case = toy(|_| *CALLS.lock().unwrap() += 1);
    let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
    assert_eq!(finding.class, Class::Nondeterminism);
    assert!(finding.headline.contains("was changed by an earlier run"), "{}", finding.headline);
}

#[test]
fn a_count_that_nobody_drops_is_told() {
    let case = toy(|_| std::mem::forget(raddle_sim::sync::Arc::new(1)));
    let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
    assert_eq!(finding.class, Class::Leak);
    assert!(finding.headline.contains("misbehaviour.rs:"), "{}", finding.headline);
}

#[test]
fn a_hash_order_is_found() {
    let case = toy(|_| {
        // The order of a set of std is another one each time. The chance that two of them read the same is one in 10^11.
        let (even, odd) = (AtomicBool::new(false), AtomicBool::new(false));
        let order: HashSet<u32> = (0..40).collect();
        for number in order {
            let read = if number % 2 == 0 { &even } else { &odd };
            read.load(Ordering::Relaxed);
        }
    });
    let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
    assert_eq!(finding.class, Class::Nondeterminism);
}

#[test]
fn depth_first_search_notices_by_itself_that_a_program_is_not_deterministic() {
    let executions = AtomicU32::new(0);
    // The first two executions agree, so that comparing them finds nothing.
    let case = toy(move |_| {
        let options = 3 + executions.fetch_add(1, Ordering::Relaxed) / 2;
        choose(Kind::Scenario, options);
    });
    let report = report_of(campaign(vec![depth_first(&case)]));
    assert_eq!(report.outcome(), Outcome::Failed);
    let finding = report.failure.expect("it is found").finding;
    assert_eq!(finding.class, Class::Nondeterminism, "and not a fault of Raddle");
    assert!(
        finding.headline.contains("choice 0 had 3 options and has 4 when it is met again"),
        "{}",
        finding.headline
    );
}

#[test]
fn a_failure_that_does_not_fail_again_is_nondeterminism() {
    let executions = AtomicU32::new(0);
    let case = toy(move |_| assert_ne!(executions.fetch_add(1, Ordering::Relaxed), 3, "only once"));
    let finding = failure_of(campaign(vec![random(&case, 10)])).finding;
    assert_eq!(finding.class, Class::Nondeterminism);
    assert!(finding.headline.contains("only once"), "{}", finding.headline);
}

#[test]
fn a_thread_that_blocks_on_something_real_is_reported_and_the_others_are_searched() {
    let lock = Arc::new(Mutex::new(()));
    let held = lock.lock().expect("nobody panicked");
    let wanted = Arc::clone(&lock);
    let blocking = toy(move |_| drop(wanted.lock()));
    let sleeping = toy(|_| thread::sleep(Duration::from_secs(2)));
    let sound = toy(|_| steps(3));
    let cells = vec![random(&blocking, 10), depth_first(&sleeping), random(&sound, 100)];
    let patience = Duration::from_millis(200);
    let reports = run(Campaign { patience, ..campaign(cells) }, |_| {});
    for report in &reports[..2] {
        let finding = &report.failure.as_ref().expect("it hangs").finding;
        assert_eq!(finding.class, Class::Unresponsive);
        assert!(
            finding.headline.contains("it blocks on something outside the simulation"),
            "{}",
            finding.headline
        );
    }
    assert_eq!(reports[2].outcome(), Outcome::Passed);
    drop(held);
}

/// A case that panics outside of any simulated thread.
struct Broken(CaseId);

impl Case for Broken {
    fn id(&self) -> &CaseId {
        &self.0
    }

    fn execute(&self, _: &mut Kernel, _: &mut dyn Strategy, _: Detail) -> Option<Execution> {
        panic!("a bug in the driver")
    }
}

#[test]
fn a_panic_of_raddle_itself_is_called_a_fault_and_hangs_nothing() {
    let sound = toy(|_| steps(3));
    let broken: Arc<dyn Case> = Arc::new(Broken(sound.id().clone()));
    let reports = run(campaign(vec![random(&broken, 600), random(&sound, 100)]), |_| {});
    let finding = &reports[0].failure.as_ref().expect("it panics").finding;
    assert_eq!(finding.class, Class::Fault);
    assert!(finding.headline.contains("a bug in the driver"), "{}", finding.headline);
    assert_eq!(reports[1].outcome(), Outcome::Passed);
}

//! Waits with a limit: both ways to end, in all schedules.

use raddle_sim::kernel::End;
use raddle_sim::sync::mpsc::{RecvTimeoutError, channel, sync_channel};
use raddle_sim::sync::{Arc, Condvar, Mutex};
use raddle_sim::thread;
use raddle_sim::time::{Duration, Instant};

use crate::{outcomes, returned, run_once};

const LIMIT: Duration = Duration::from_secs(3600);

#[test]
fn a_receiver_gets_the_message_or_gives_up() {
    for bound in [0, 1] {
        let all = outcomes(|| {
            let (sender, receiver) = sync_channel(bound);
            let producer = thread::spawn(move || sender.send(5).is_ok());
            let received = receiver.recv_timeout(LIMIT).ok();
            drop(receiver);
            (received, producer.join().unwrap())
        });
        let given_up: &[_] = if bound == 0 { &[(None, false)] } else { &[(None, false), (None, true)] };
        let expected = given_up.iter().copied().chain([(Some(5), true)]);
        assert_eq!(all, returned(expected), "bound {bound}");
    }
}

#[test]
fn a_receiver_learns_that_the_senders_are_gone_or_gives_up() {
    for bound in [0, 1] {
        let all = outcomes(|| {
            let (sender, receiver) = sync_channel::<()>(bound);
            let other = thread::spawn(move || drop(sender));
            let error = receiver.recv_timeout(LIMIT).unwrap_err();
            other.join().unwrap();
            error == RecvTimeoutError::Timeout
        });
        assert_eq!(all, returned([false, true]), "bound {bound}");
    }
}

#[test]
fn a_wait_is_notified_or_gives_up() {
    let all = outcomes(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = shared.clone();
        let other = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let waited = shared.1.wait_timeout_while(shared.0.lock().unwrap(), LIMIT, |ready| !*ready);
        let (ready, result) = waited.unwrap();
        let answer = (*ready, result.timed_out());
        drop(ready);
        other.join().unwrap();
        answer
    });
    assert_eq!(all, returned([(true, false), (false, true)]));
}

#[test]
fn sleeping_passes_time_and_takes_none() {
    let real = std::time::Instant::now();
    let (run, kernel) = run_once(|| {
        let start = Instant::now();
        let (_sender, receiver) = channel::<()>();
        thread::sleep(LIMIT);
        thread::park_timeout(LIMIT);
        assert_eq!(receiver.recv_timeout(LIMIT), Err(RecvTimeoutError::Timeout));
        assert!(start.elapsed() >= 3 * LIMIT);
        assert!(Instant::now().checked_sub(10 * LIMIT).is_some(), "there was a time before the execution");
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
    assert!(real.elapsed() < LIMIT);
}

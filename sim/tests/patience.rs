//! Channels as they are where threads are real: they spin and yield before they block, and have rings of more than one group of
//! slots. The scenarios of pools run on [`Sim`], which blocks at once and has short rings.

use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use raddle::channel::{Receiver, SyncSender, sync_channel_on};
use raddle::platform::{Condvar, Guard, Memory, Payload, Threads};
use raddle_sim::Check;
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::thread;

/// [`Sim`], with the patience of real threads, if less of it.
#[derive(Copy, Clone, Debug, Default)]
struct Patient;

/// How often a channel did what, over all executions.
static SPINS: AtomicU64 = AtomicU64::new(0);
static YIELDS: AtomicU64 = AtomicU64::new(0);
static PARKS: AtomicU64 = AtomicU64::new(0);

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

// SAFETY: all of it is `Sim`'s, which vouches for the same.
unsafe impl Memory for Patient {
    type AtomicBool = <Sim as Memory>::AtomicBool;
    type AtomicUsize = <Sim as Memory>::AtomicUsize;
    type AtomicU64 = <Sim as Memory>::AtomicU64;
    type AtomicPtr<T> = <Sim as Memory>::AtomicPtr<T>;
    type Mutex<T: Send> = <Sim as Memory>::Mutex<T>;
    type Cell<T> = <Sim as Memory>::Cell<T>;
    type Arc<T: Send + Sync + 'static> = <Sim as Memory>::Arc<T>;

    fn fence(order: Ordering) {
        Sim::fence(order);
    }

    fn spin_hint() {
        count(&SPINS);
        Sim::spin_hint();
    }

    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        Sim::catch_unwind(user_code)
    }

    fn resume_unwind(payload: Payload) -> ! {
        Sim::resume_unwind(payload)
    }

    fn must_not_unwind<R>(section: impl FnOnce() -> R) -> R {
        Sim::must_not_unwind(section)
    }

    fn panicking() -> bool {
        Sim::panicking()
    }
}

impl Threads for Patient {
    type Condvar = PatientCondvar;
    type Thread = <Sim as Threads>::Thread;
    type JoinHandle<T: Send + 'static> = <Sim as Threads>::JoinHandle<T>;

    const SPINS: u32 = 2;
    const YIELDS: u32 = 2;
    const LONGEST_RING: usize = 16;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Self::JoinHandle<T>> {
        Sim::spawn(name, body)
    }

    fn current() -> Self::Thread {
        Sim::current()
    }

    fn current_number() -> u64 {
        Sim::current_number()
    }

    fn park() {
        count(&PARKS);
        Sim::park();
    }

    fn yield_now() {
        count(&YIELDS);
        Sim::yield_now();
    }

    fn context() -> Option<NonNull<()>> {
        Sim::context()
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        Sim::set_context(context)
    }

    fn random_below(bound: usize) -> usize {
        Sim::random_below(bound)
    }
}

#[derive(Debug, Default)]
struct PatientCondvar(SimCondvar);

impl Condvar<Patient> for PatientCondvar {
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Patient, T>) -> Guard<'a, Patient, T> {
        Condvar::<Sim>::wait(&self.0, guard)
    }

    fn notify_one(&self) {
        Condvar::<Sim>::notify_one(&self.0);
    }

    fn notify_all(&self) {
        Condvar::<Sim>::notify_all(&self.0);
    }
}

const SENDERS: u32 = 2;

/// The number of a sender, and how many values it has sent before.
type Value = (u32, u32);

/// Each sender sends so many values, until the receiver is gone.
fn start(each: u32, bound: usize) -> (Receiver<Value, Patient>, Vec<thread::JoinHandle<u32>>) {
    let (sender, receiver) = sync_channel_on(bound);
    let send = |number: u32, sender: SyncSender<Value, Patient>| {
        move || (0..each).take_while(|value| sender.send((number, *value)).is_ok()).count() as u32
    };
    let senders = (0..SENDERS).map(|number| thread::spawn(send(number, sender.clone()))).collect();
    (receiver, senders)
}

/// The values of each sender come in order. How many came of each.
fn in_order(values: impl Iterator<Item = Value>) -> [u32; SENDERS as usize] {
    let mut next = [0; SENDERS as usize];
    for (number, value) in values {
        assert_eq!(value, std::mem::replace(&mut next[number as usize], value + 1));
    }
    next
}

#[test]
fn all_values_come_in_the_order_of_their_senders() {
    // One slot; a few; one more than a group has; all that a ring can have.
    for bound in [1, 3, 8, 16] {
        let check = Check::new().schedules(10_000);
        let hand_over = move || {
            let each = bound as u32 + 2;
            let (receiver, senders) = start(each, bound);
            assert_eq!(in_order(receiver.iter()), [each; SENDERS as usize]);
            for sender in senders {
                assert_eq!(sender.join().unwrap(), each);
            }
        };
        check.try_run(hand_over).unwrap_or_else(|failed| panic!("{bound}: {failed}"));
    }
    for counter in [&SPINS, &YIELDS, &PARKS] {
        assert!(counter.load(Ordering::Relaxed) > 0, "a channel spins, yields and parks");
    }
}

#[test]
fn senders_end_when_the_receiver_does() {
    for bound in [1, 8] {
        let give_up = move || {
            let (receiver, senders) = start(bound as u32 + 2, bound);
            let came = in_order(receiver.iter().take(bound));
            drop(receiver);
            for (sender, came) in senders.into_iter().zip(came) {
                assert!(sender.join().unwrap() >= came);
            }
        };
        Check::new().schedules(10_000).try_run(give_up).unwrap_or_else(|failed| panic!("{bound}: {failed}"));
    }
}

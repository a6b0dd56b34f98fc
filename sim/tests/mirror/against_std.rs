//! The same code on `std` and on the mirror, outside of an execution and inside: it must not be able to tell.

/// Writes each function twice, with the names of `std` and with those of the mirror, and compares what they return.
macro_rules! same_everywhere {
    ($($(#[$attribute:meta])* fn $name:ident() -> $type:ty $body:block)*) => { $(
        mod $name {
            mod on_std {
                #[allow(unused_imports, reason = "each body uses some")]
                use std::{cell, sync, thread, thread_local, time};
                pub(super) fn body() -> $type $body
            }
            mod on_mirror {
                #[allow(unused_imports, reason = "each body uses some")]
                use raddle_sim::{cell, sync, thread, thread_local, time};
                pub(super) fn body() -> $type $body
            }
            #[test]
            fn is_the_same_everywhere() {
                crate::compare(on_std::body, on_mirror::body);
            }
        }
    )* };
}

same_everywhere! {
    fn a_mutex_is_poisoned_by_a_panic_and_can_be_cleared() -> Vec<String> {
        let lock = sync::Arc::new(sync::Mutex::new(1));
        let theirs = lock.clone();
        let joined = thread::spawn(move || {
            let mut guard = theirs.lock().unwrap();
            *guard = 2;
            panic!("on purpose");
        })
        .join();
        let message = joined.unwrap_err().downcast_ref::<&str>().map(|text| (*text).to_owned()).unwrap();
        let poisoned = lock.is_poisoned();
        let seen = *lock.lock().unwrap_err().into_inner();
        let tried = matches!(lock.try_lock(), Err(sync::TryLockError::Poisoned(_)));
        lock.clear_poison();
        let healthy = *lock.lock().unwrap();
        let shown = format!("{lock:?}");
        let last = sync::Arc::try_unwrap(lock).unwrap().into_inner().unwrap();
        vec![message, format!("{poisoned} {seen} {tried} {healthy} {last}"), shown]
    }

    fn a_rwlock_is_poisoned_by_a_writer_but_not_by_a_reader() -> Vec<String> {
        let lock = sync::RwLock::new(1);
        let mut notes = Vec::new();
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let _guard = lock.read().unwrap();
                panic!("on purpose");
            });
            notes.push(format!("{} {}", reader.join().is_err(), lock.is_poisoned()));
            let writer = scope.spawn(|| {
                let _guard = lock.write().unwrap();
                panic!("on purpose");
            });
            notes.push(format!("{} {}", writer.join().is_err(), lock.is_poisoned()));
        });
        notes.push(format!("{:?} {:?}", lock.read().is_err(), lock.try_write().is_err()));
        notes.push(format!("{lock:?}"));
        lock.clear_poison();
        notes.push(format!("{:?}", lock.into_inner().unwrap()));
        notes
    }

    fn a_lock_taken_while_unwinding_is_not_poisoned_by_that() -> bool {
        struct Locks(sync::Arc<sync::Mutex<i32>>);
        impl Drop for Locks {
            fn drop(&mut self) {
                *self.0.lock().unwrap() += i32::from(thread::panicking());
            }
        }
        let lock = sync::Arc::new(sync::Mutex::new(0));
        let theirs = Locks(lock.clone());
        let joined = thread::spawn(move || {
            let _theirs = theirs;
            panic!("on purpose");
        })
        .join();
        assert!(joined.is_err() && !thread::panicking());
        !lock.is_poisoned() && *lock.lock().unwrap() == 1
    }

    fn an_initialisation_is_poisoned_by_a_panic_until_forced() -> Vec<bool> {
        let once = sync::Once::new();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| once.call_once(|| panic!("on purpose"))));
        let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| once.call_once(|| ())));
        let waited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| once.wait()));
        let mut seen = vec![caught.is_err(), again.is_err(), waited.is_err(), once.is_completed()];
        once.call_once_force(|state| seen.push(state.is_poisoned()));
        once.call_once(|| seen.push(false));
        once.wait();
        seen.push(once.is_completed());
        seen
    }

    fn values_are_made_once() -> Vec<String> {
        let lock = sync::OnceLock::new();
        let made = sync::atomic::AtomicUsize::new(0);
        let make = || 7 + made.fetch_add(1, sync::atomic::Ordering::SeqCst);
        let seen: Vec<usize> = thread::scope(|scope| {
            let threads = [(); 2].map(|()| scope.spawn(|| *lock.get_or_init(make)));
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut clone = lock.clone();
        let set = lock.set(9);
        let taken = (clone.get_mut().copied(), clone.take(), clone.get().copied(), clone.set(3), clone.get().copied());
        let lazy = sync::LazyLock::new(|| 5);
        vec![
            format!("{seen:?} {set:?} {lock:?} {:?} {}", lock.get(), *lock.wait()),
            format!("{taken:?} {}", clone == lock),
            format!("{:?} {} {lazy:?}", sync::LazyLock::get(&lazy), *lazy),
            format!("{:?}", sync::OnceLock::<u8>::new()),
        ]
    }

    fn a_barrier_has_one_leader_per_turn() -> Vec<usize> {
        let barrier = sync::Barrier::new(2);
        let turns: Vec<[bool; 2]> = thread::scope(|scope| {
            let threads = [(); 2].map(|()| scope.spawn(|| [(); 2].map(|()| barrier.wait().is_leader())));
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(sync::Barrier::new(0).wait().is_leader());
        [0, 1].map(|turn| turns.iter().filter(|leads| leads[turn]).count()).to_vec()
    }

    fn channels_report_their_ends() -> Vec<String> {
        use sync::mpsc::{channel, sync_channel};
        let mut notes = Vec::new();
        let (sender, receiver) = channel::<i32>();
        notes.push(format!("{:?} {sender:?} {receiver:?}", receiver.try_recv()));
        let second = sender.clone();
        second.send(1).unwrap();
        sender.send(2).unwrap();
        drop((sender, second));
        notes.push(format!("{:?} {:?} {:?}", receiver.recv(), receiver.try_recv(), receiver.try_recv()));
        notes.push(format!("{:?} {:?}", receiver.recv(), receiver.recv_timeout(time::Duration::ZERO)));
        let (sender, receiver) = sync_channel(1);
        sender.send(1).unwrap();
        notes.push(format!("{:?}", sender.try_send(2)));
        notes.push(format!("{:?}", receiver.try_iter().collect::<Vec<_>>()));
        drop(receiver);
        notes.push(format!("{:?} {:?}", sender.try_send(3), sender.send(4)));
        let (sender, receiver) = sync_channel::<i32>(0);
        notes.push(format!("{:?} {:?}", sender.try_send(1), receiver.try_recv()));
        let total = thread::scope(|scope| {
            scope.spawn(move || (1..4).for_each(|number| sender.send(number).unwrap()));
            receiver.into_iter().sum::<i32>()
        });
        notes.push(format!("{total}"));
        notes
    }

    fn threads_have_names_and_results() -> Vec<String> {
        let named = thread::Builder::new().name("weaver".to_owned()).stack_size(1 << 20).spawn(|| {
            let me = thread::current();
            (me.name().map(str::to_owned), me.id())
        });
        let named = named.unwrap();
        let (outer_name, outer_id) = (named.thread().name().map(str::to_owned), named.thread().id());
        let (name, id) = named.join().unwrap();
        let unnamed = thread::spawn(|| thread::current().name().map(str::to_owned)).join().unwrap();
        let failed = thread::spawn(|| -> i32 { std::panic::resume_unwind(Box::new(17)) }).join();
        let payload = failed.unwrap_err().downcast_ref::<i32>().copied();
        let null = std::panic::catch_unwind(|| {
            drop(thread::Builder::new().name("a\0b".to_owned()).spawn(|| ()));
        });
        vec![
            format!("{name:?} {} {}", name == outer_name, id == outer_id),
            format!("{unnamed:?} {payload:?} {}", id == thread::current().id()),
            format!("{} {}", thread::available_parallelism().unwrap().get() > 0, null.is_err()),
        ]
    }

    fn a_scope_waits_for_its_threads_and_panics_with_them() -> Vec<i32> {
        let mut numbers = vec![1, 2, 3];
        let total = thread::scope(|scope| {
            for number in &mut numbers {
                scope.spawn(move || *number *= 10);
            }
            5
        });
        numbers.push(total);
        let seen = sync::atomic::AtomicI32::new(0);
        let joined = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            thread::scope(|scope| {
                assert!(scope.spawn(|| panic!("on purpose")).join().is_err());
                scope.spawn(|| {
                    scope.spawn(|| seen.fetch_add(1, sync::atomic::Ordering::SeqCst));
                });
            });
        }));
        let unjoined = std::panic::catch_unwind(|| {
            thread::scope(|scope| {
                scope.spawn(|| panic!("on purpose"));
            });
        });
        let message = unjoined.unwrap_err().downcast_ref::<&str>().map(|text| text.len() as i32);
        numbers.extend([i32::from(joined.is_err()), seen.into_inner(), message.unwrap()]);
        numbers
    }

    fn thread_locals_belong_to_their_threads() -> Vec<String> {
        thread_local! {
            static NUMBER: cell::Cell<i32> = const { cell::Cell::new(1) };
            static NAMES: cell::RefCell<Vec<i32>> = cell::RefCell::new(vec![7]);
        }
        let before = NUMBER.replace(5);
        NAMES.with_borrow_mut(|names| names.push(8));
        let theirs = thread::spawn(|| {
            NAMES.set(vec![]);
            (NUMBER.get(), NAMES.take(), NUMBER.take(), NUMBER.get())
        });
        let theirs = theirs.join().unwrap();
        let mine = (before, NUMBER.get(), NAMES.with_borrow(Vec::clone));
        NUMBER.set(1);
        NAMES.set(vec![7]);
        vec![format!("{theirs:?}"), format!("{mine:?}")]
    }

    fn thread_locals_are_destroyed_before_a_join_returns() -> Vec<String> {
        static LOG: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
        struct Logs(&'static str);
        impl Drop for Logs {
            fn drop(&mut self) {
                let second = SECOND.try_with(|second| second.0).map_err(|error| error.to_string());
                LOG.lock().unwrap().push(format!("{} {second:?}", self.0));
            }
        }
        thread_local! {
            static FIRST: Logs = const { Logs("first") };
            static SECOND: Logs = const { Logs("second") };
        }
        LOG.lock().unwrap().clear();
        let log = |body: fn()| {
            thread::spawn(body).join().unwrap();
            std::mem::take(&mut *LOG.lock().unwrap())
        };
        let mut seen = log(|| FIRST.with(|_| ()));
        seen.extend(log(|| SECOND.with(|_| ())));
        seen
    }

    fn every_method_of_an_integer() -> Vec<i8> {
        use sync::atomic::{AtomicI8, Ordering::*};
        let atomic = AtomicI8::new(5);
        let mut seen = vec![
            atomic.swap(-7, AcqRel),
            atomic.fetch_add(-128, Relaxed),
            atomic.fetch_sub(3, SeqCst),
            atomic.fetch_and(0b0111_1010, Acquire),
            atomic.fetch_nand(0b0011_0000, Release),
            atomic.fetch_or(0b0100_0001, SeqCst),
            atomic.fetch_xor(0b0001_1111, SeqCst),
            atomic.fetch_max(100, SeqCst),
            atomic.fetch_min(-3, SeqCst),
        ];
        seen.extend(atomic.compare_exchange(-3, 4, SeqCst, Relaxed));
        seen.extend(atomic.compare_exchange(-3, 5, SeqCst, Relaxed).err());
        seen.extend(atomic.fetch_update(SeqCst, SeqCst, |value| value.checked_add(100)));
        seen.extend(atomic.try_update(SeqCst, SeqCst, |value| value.checked_add(100)).err());
        seen.push(atomic.update(SeqCst, SeqCst, |value| value / 2));
        atomic.store(atomic.load(Acquire) + 1, Release);
        let mut atomic = atomic;
        *atomic.get_mut() += 1;
        seen.push(atomic.into_inner());
        seen
    }

    fn every_method_of_a_bool_and_of_a_pointer() -> Vec<String> {
        use sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};
        let flag = AtomicBool::default();
        let seen = [
            flag.fetch_or(true, SeqCst),
            flag.fetch_and(true, SeqCst),
            flag.fetch_nand(true, SeqCst),
            flag.fetch_xor(true, SeqCst),
            flag.fetch_not(SeqCst),
            flag.load(SeqCst),
        ];
        let mut numbers = [1_u16, 2, 3];
        let start = numbers.as_mut_ptr();
        let pointer = AtomicPtr::new(start);
        let offsets = [
            pointer.fetch_ptr_add(2, SeqCst),
            pointer.fetch_byte_sub(2, SeqCst),
            pointer.fetch_byte_add(2, SeqCst),
            pointer.fetch_ptr_sub(1, SeqCst),
            pointer.fetch_or(1, SeqCst),
            pointer.fetch_xor(1, SeqCst),
            pointer.fetch_and(usize::MAX, SeqCst),
            pointer.load(SeqCst),
        ];
        let offsets = offsets.map(|pointer| pointer.addr() - start.addr());
        let null = AtomicPtr::<u8>::default();
        vec![format!("{seen:?} {flag:?} {offsets:?} {:?}", null.load(SeqCst).is_null())]
    }

    fn counts_count() -> Vec<String> {
        let mut one = sync::Arc::new(5);
        *sync::Arc::get_mut(&mut one).unwrap() += 1;
        let weak = sync::Arc::downgrade(&one);
        let two = weak.upgrade().unwrap();
        let counts = (sync::Arc::strong_count(&one), sync::Arc::weak_count(&one), weak.strong_count());
        let refused = sync::Arc::try_unwrap(two).unwrap_err();
        *sync::Arc::make_mut(&mut one) += 1;
        let apart = (*one, *refused, sync::Arc::ptr_eq(&one, &refused));
        let inner = (sync::Arc::into_inner(refused), weak.upgrade().is_none());
        struct Node(bool, sync::Weak<Node>);
        let cyclic = sync::Arc::new_cyclic(|weak| Node(weak.upgrade().is_none(), weak.clone()));
        let cycle = (cyclic.0, cyclic.1.upgrade().is_some_and(|again| sync::Arc::ptr_eq(&again, &cyclic)));
        let raw = sync::Arc::into_raw(one);
        // SAFETY: it comes from `into_raw`, and that reference is still there.
        unsafe { sync::Arc::increment_strong_count(raw) };
        // SAFETY: it comes from `into_raw`, and takes back what the line above gave.
        unsafe { sync::Arc::decrement_strong_count(raw) };
        // SAFETY: it comes from `into_raw`, and is taken back once.
        let back = unsafe { sync::Arc::from_raw(raw) };
        vec![format!("{counts:?} {apart:?} {inner:?} {cycle:?} {} {back:?}", sync::Arc::unwrap_or_clone(back.clone()))]
    }

    fn time_limits_are_used_up() -> Vec<bool> {
        let limit = time::Duration::from_millis(1);
        let start = time::Instant::now();
        thread::sleep(limit);
        let slept = start.elapsed() >= limit;
        thread::park_timeout(limit);
        let (_sender, receiver) = sync::mpsc::channel::<()>();
        let received = receiver.recv_timeout(limit) == Err(sync::mpsc::RecvTimeoutError::Timeout);
        let (lock, condvar) = (sync::Mutex::new(()), sync::Condvar::new());
        let waited = condvar.wait_timeout_while(lock.lock().unwrap(), limit, |()| true).unwrap().1.timed_out();
        let later = start + limit;
        vec![slept, received, waited, later - start == limit, later > start, start - later == time::Duration::ZERO]
    }
}

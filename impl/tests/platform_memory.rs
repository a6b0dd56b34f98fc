//! What the platforms without a checker promise about memory.

use std::sync::Arc as StdArc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::thread;

use raddle::platform::{Atomic, AtomicInt, Cell, Memory, Mutex, Native, Shared, Spin};

/// Runs each of the generic tests on each platform.
macro_rules! on_each_platform {
    ($($test:ident),+ $(,)?) => {
        mod native {
            $(#[test] fn $test() { super::$test::<super::Native>(); })+
        }
        mod spin {
            $(#[test] fn $test() { super::$test::<super::Spin>(); })+
        }
    };
}

on_each_platform!(
    atomics_do_what_those_of_core_do,
    integers_wrap_around,
    a_pointer_is_kept,
    a_mutex_excludes,
    a_mutex_survives_a_panic_of_its_holder,
    a_cell_has_one_address,
    a_reference_count_counts,
    a_fence_publishes,
    a_section_returns_what_it_computes,
);

fn atomics_do_what_those_of_core_do<P: Memory>() {
    let mut flag = P::AtomicBool::new(false);
    flag.store(true, Release);
    assert!(flag.load(Acquire));
    assert!(flag.swap(false, AcqRel));
    assert_eq!(flag.compare_exchange(true, true, SeqCst, Relaxed), Err(false));
    assert_eq!(flag.compare_exchange(false, true, SeqCst, Relaxed), Ok(false));
    while flag.compare_exchange_weak(true, false, SeqCst, Relaxed).is_err() {
        P::spin_hint();
    }
    assert!(!*flag.get_mut());
}

fn integers_wrap_around<P: Memory>() {
    let number = P::AtomicUsize::new(usize::MAX);
    assert_eq!(number.fetch_add(2, Relaxed), usize::MAX);
    assert_eq!(number.fetch_sub(2, Relaxed), 1);
    assert_eq!(number.fetch_and(0b110, Relaxed), usize::MAX);
    assert_eq!(number.fetch_or(0b001, Relaxed), 0b110);
    assert_eq!(number.load(Relaxed), 0b111);
    let wide = P::AtomicU64::new(u64::MAX);
    assert_eq!(wide.fetch_add(1, Relaxed), u64::MAX);
    assert_eq!(wide.load(Relaxed), 0);
}

fn a_pointer_is_kept<P: Memory>() {
    let mut one = 1;
    let pointer = P::AtomicPtr::<i32>::new(core::ptr::null_mut());
    assert!(pointer.swap(&raw mut one, AcqRel).is_null());
    assert_eq!(pointer.load(Acquire), &raw mut one);
}

fn a_mutex_excludes<P: Memory>() {
    let mut mutex = P::Mutex::<u32>::new(0);
    {
        let guard = mutex.lock();
        assert!(mutex.try_lock().is_none());
        drop(guard);
        assert!(mutex.try_lock().is_some());
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    *mutex.lock() += 1;
                }
            });
        }
    });
    assert_eq!(*mutex.get_mut(), 4_000);
    assert!(format!("{mutex:?}").ends_with("Mutex { .. }"));
}

fn a_mutex_survives_a_panic_of_its_holder<P: Memory>() {
    let mutex = StdArc::new(P::Mutex::<u32>::new(1));
    let shared = mutex.clone();
    let holder = thread::spawn(move || {
        let _guard = shared.lock();
        panic!("with the lock held");
    });
    assert!(holder.join().is_err());
    assert_eq!(mutex.try_lock().map(|value| *value), Some(1));
    assert_eq!(*mutex.lock(), 1);
    let mut mutex = StdArc::into_inner(mutex).expect("the holder is gone");
    assert_eq!(*mutex.get_mut(), 1);
}

fn a_cell_has_one_address<P: Memory>() {
    let mut cell = P::Cell::<u32>::new(1);
    // SAFETY: no other thread has the cell.
    cell.with_mut(|value| unsafe { *value += 1 });
    // SAFETY: as above.
    assert_eq!(cell.with(|value| unsafe { *value }), 2);
    assert_eq!(cell.with(|value| value.addr()), cell.with_mut(|value| value.addr()));
    *cell.get_mut() += 1;
    assert_eq!(*cell.get_mut(), 3);
}

fn a_reference_count_counts<P: Memory>() {
    let one = P::Arc::<u32>::new(5);
    let two = one.clone();
    assert_eq!((*one, P::Arc::<u32>::strong_count(&two)), (5, 2));
    assert!(<P::Arc<u32> as Shared<u32>>::ptr_eq(&one, &two));
    assert!(!<P::Arc<u32> as Shared<u32>>::ptr_eq(&one, &P::Arc::<u32>::new(5)));
    assert_eq!(<P::Arc<u32> as Shared<u32>>::into_inner(one), None);
    assert_eq!(<P::Arc<u32> as Shared<u32>>::into_inner(two), Some(5));
}

fn a_fence_publishes<P: Memory>() {
    let (data, ready) = (P::AtomicUsize::new(0), P::AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            data.store(1, Relaxed);
            P::fence(Release);
            ready.store(true, Relaxed);
        });
        while !ready.load(Relaxed) {
            P::spin_hint();
        }
        P::fence(Acquire);
        assert_eq!(data.load(Relaxed), 1);
    });
}

fn a_section_returns_what_it_computes<P: Memory>() {
    assert_eq!(P::must_not_unwind(|| 7), 7);
}

#[cfg(feature = "std")]
mod panics {
    use super::{Memory, Native, Spin};

    fn a_panic_is_caught_and_goes_on<P: Memory>() {
        assert_eq!(P::catch_unwind(|| 7).ok(), Some(7));
        assert!(!P::panicking());
        struct Observer<'a>(&'a std::cell::Cell<bool>, fn() -> bool);
        impl Drop for Observer<'_> {
            fn drop(&mut self) {
                self.0.set((self.1)());
            }
        }
        let seen = std::cell::Cell::new(false);
        let payload = P::catch_unwind(|| {
            let _observer = Observer(&seen, P::panicking);
            std::panic::panic_any(42_u32);
        });
        assert!(seen.get(), "unwinding was seen from a destructor");
        let again = P::catch_unwind(|| P::resume_unwind(payload.expect_err("it panicked")));
        let payload = match again {
            Ok(()) => panic!("resuming never returns"),
            Err(payload) => payload,
        };
        assert_eq!(payload.downcast_ref::<u32>(), Some(&42));
    }

    #[test]
    fn native() {
        a_panic_is_caught_and_goes_on::<Native>();
    }

    #[test]
    fn spin() {
        a_panic_is_caught_and_goes_on::<Spin>();
    }
}

/// Says to this test binary, started by itself, that it is to do what ends a process.
const CHILD: &str = "RADDLE_TEST_CHILD";

#[test]
fn a_section_that_unwinds_ends_the_process() {
    if std::env::var(CHILD).as_deref() == Ok("unwind") {
        let caught = std::panic::catch_unwind(|| Native::must_not_unwind(|| panic!("in the section")));
        println!("still alive: {}", caught.is_err());
        return;
    }
    let output = std::process::Command::new(std::env::current_exe().expect("this test binary"))
        .args(["--exact", "a_section_that_unwinds_ends_the_process", "--nocapture"])
        .env(CHILD, "unwind")
        .output()
        .expect("it starts");
    assert!(!output.status.success());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!out.contains("still alive"));
    assert!(err.contains("in the section") && err.contains("must not be broken off"), "{err}");
}

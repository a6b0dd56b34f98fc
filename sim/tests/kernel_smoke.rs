//! First slice.
use raddle::platform::{Atomic, AtomicInt, Condvar, Join, Memory, Mutex, Shared, Threads, Unpark};
use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::Random;
use std::sync::atomic::Ordering::SeqCst;

#[test]
fn smoke() {
    let mut kernel = Kernel::new(Limits::default());
    let mut random = Random::new(1);
    let mut values = std::collections::BTreeMap::new();
    for _ in 0..1000 {
        let mut value = 0;
        let run = kernel
            .run(&mut random, || {
                let counter = <Sim as Memory>::Arc::new(<Sim as Memory>::AtomicUsize::new(0));
                let mutex = <Sim as Memory>::Arc::new(<Sim as Memory>::Mutex::<usize>::new(0));
                let handles: Vec<_> = (0..3)
                    .map(|_| {
                        let counter = counter.clone();
                        let mutex = mutex.clone();
                        Sim::spawn("worker", move || {
                            let seen = counter.load(SeqCst);
                            counter.store(seen + 1, SeqCst);
                            *mutex.lock() += 1;
                        })
                        .unwrap()
                    })
                    .collect();
                for handle in handles {
                    handle.join().unwrap();
                }
                value = counter.load(SeqCst);
                assert_eq!(*mutex.lock(), 3);
            })
            .unwrap();
        assert_eq!(run.end, End::Finished, "{:?}", kernel.threads());
        assert_eq!(run.panics, 0, "{:?}", kernel.threads());
        *values.entry(value).or_insert(0) += 1;
    }
    println!("{values:?}");
    assert_eq!(values.len(), 3);
}

#[test]
fn deadlock() {
    let mut kernel = Kernel::new(Limits::default());
    let mut random = Random::new(1);
    let mut stuck = 0;
    for _ in 0..1000 {
        let run = kernel
            .run(&mut random, || {
                let a = <Sim as Memory>::Arc::new(<Sim as Memory>::Mutex::<usize>::new(0));
                let b = <Sim as Memory>::Arc::new(<Sim as Memory>::Mutex::<usize>::new(0));
                let (a2, b2) = (a.clone(), b.clone());
                let handle = Sim::spawn("other", move || {
                    let _b = b2.lock();
                    let _a = a2.lock();
                })
                .unwrap();
                {
                    let _a = a.lock();
                    let _b = b.lock();
                }
                handle.join().unwrap();
            })
            .unwrap();
        if run.end == End::Stuck {
            if stuck == 0 {
                for thread in kernel.threads() {
                    println!("{thread}");
                }
                println!("{run:?}");
            }
            assert_eq!(run.leaked_threads, 0);
            stuck += 1;
        }
    }
    println!("{stuck}");
}

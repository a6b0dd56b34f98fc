//! What the compiler has to refuse. Each example differs from working code by its last line, or by the one
//! that is marked.

/// A wait is linked where it stands, so it cannot be polled unless it is pinned for good.
///
/// ```compile_fail,E0277
/// let map = raddle::WaitMap::<u32, u32>::new();
/// let mut wait = map.wait(1);
/// let pinned = std::pin::pin!(map.wait(2));
/// let pinned = std::pin::Pin::new(&mut wait);
/// ```
pub struct AWaitIsNotUnpin;

/// A wait cannot outlive the map that it borrows.
///
/// ```compile_fail,E0505
/// let map = raddle::WaitMap::<u32, u32>::new();
/// let wait = map.wait(1);
/// drop(map); // here
/// drop(wait);
/// ```
pub struct AWaitDoesNotOutliveItsMap;

/// A leaked wait stays linked for as long as its map lives, so its key must live as long as that, too.
///
/// ```compile_fail,E0597
/// let map = raddle::WaitMap::<&str, u32>::new();
/// {
///     let text = String::from("key");
///     std::mem::forget(Box::pin(map.wait(&text))); // here
/// }
/// let _ = map.wake(&"key", 1);
/// ```
pub struct AKeyOutlivesTheMap;

/// A map of keys that must stay on their thread stays there.
///
/// ```compile_fail,E0277
/// let map = raddle::WaitMap::<std::rc::Rc<u32>, u32>::new();
/// map.close();
/// std::thread::spawn(move || map.close());
/// ```
pub struct AMapIsSentOnlyWithItsKeys;

/// A map of values that must stay on their thread is not shared.
///
/// ```compile_fail,E0277
/// let map = raddle::WaitMap::<u32, std::rc::Rc<u32>>::new();
/// map.close();
/// std::thread::scope(|scope| drop(scope.spawn(|| map.close())));
/// ```
pub struct AMapIsSharedOnlyWithItsValues;

/// An owned wait keeps a reference count, so it needs one.
///
/// ```compile_fail,E0599
/// let map = raddle::WaitMap::<u32, u32>::new();
/// let wait = map.wait(1);
/// let wait = map.wait_owned(1);
/// ```
pub struct AnOwnedWaitNeedsAnArc;

/// `new` is for the native platform alone; no other is ever guessed.
///
/// ```compile_fail,E0308
/// use raddle::{WaitMap, platform::Spin};
/// fn on_spin(_: WaitMap<u32, u32, Spin>) {}
/// on_spin(WaitMap::new_on());
/// on_spin(WaitMap::new());
/// ```
#[cfg(feature = "std")] // Without it, `Spin` is the native one.
pub struct NewIsNative;

/// A worker's sender stays on its thread.
///
/// ```compile_fail,E0277
/// let mut pool = raddle::WorkerPool::<u32, ()>::new(1);
/// pool.execute(|tx, _rx| {
///     let local = std::thread::spawn(|| ());
///     drop(std::thread::spawn(move || tx.send(1)));
/// });
/// ```
#[cfg(feature = "std")]
pub struct AWorkerSenderIsNotSent;

/// Nor is a reference to it, of which a clone could be made elsewhere.
///
/// ```compile_fail,E0277
/// let mut pool = raddle::WorkerPool::<u32, ()>::new(1);
/// pool.execute(|tx, _rx| {
///     let reference = &tx;
///     std::thread::scope(|scope| drop(scope.spawn(|| reference.send(1))));
/// });
/// ```
#[cfg(feature = "std")]
pub struct AWorkerSenderIsNotShared;

/// A channel has one receiver.
///
/// ```compile_fail,E0277
/// let (sender, receiver) = raddle::channel::channel::<u32>();
/// std::thread::scope(|scope| drop(scope.spawn(|| receiver.try_recv())));
/// ```
#[cfg(feature = "std")]
pub struct AReceiverIsNotShared;

/// A burst borrows its pool.
///
/// ```compile_fail,E0499
/// let mut pool = raddle::WorkerPool::<u32, ()>::new(1);
/// let mut burst = pool.recv_burst();
/// let value = pool.recv(); // here
/// burst.next();
/// ```
#[cfg(feature = "std")]
pub struct ABurstBorrowsItsPool;

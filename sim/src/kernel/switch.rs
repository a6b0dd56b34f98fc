//! How the turn goes from the stack of one simulated thread to that of another.
//!
//! Changing stacks is the dearest thing that a step can do. Where it can, the kernel does it directly (`direct`): from one
//! thread to the next. Elsewhere threads are coroutines of corosensei, and the turn is relayed by the root loop
//! (`relay`), which takes two changes. The feature `relay` asks for the latter: tools that watch stacks, as the address
//! sanitizer does, know of the changes that corosensei makes.
//!
//! Both offer the same: a [`Thread`], and the methods of [`Execution`](super::core::Execution) by which the root loop starts
//! one (`drive`) and a thread gives its turn away (`give_turn`).

#[cfg(all(target_arch = "x86_64", unix, not(feature = "relay")))]
mod direct;
#[cfg(not(all(target_arch = "x86_64", unix, not(feature = "relay"))))]
mod relay;

#[cfg(all(target_arch = "x86_64", unix, not(feature = "relay")))]
pub(crate) use self::direct::{Root, Thread};
#[cfg(not(all(target_arch = "x86_64", unix, not(feature = "relay"))))]
pub(crate) use self::relay::{Root, Thread};

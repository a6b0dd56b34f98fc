//! What an execution leaves behind although everybody has ended, and what it has found of those before it.

use crate::kernel::{End, Kernel, Run, Survivor, ValueKind};
use crate::report::count;

use super::judgement::{Class, Finding};

/// How many places of birth are told, beside the first.
const SHOWN: usize = 8;

/// What the last execution of `kernel`, in which all threads have ended, has left behind.
///
/// Nothing is said where a thread has panicked, which may keep it from cleaning up, or where a static was touched that may keep
/// what is left.
pub(crate) fn leak(kernel: &Kernel, run: &Run) -> Option<Finding> {
    let survivors = kernel.survivors();
    if survivors.is_empty() || run.end != End::Finished || run.panics > 0 {
        return None;
    }
    if !kernel.touched_statics().is_empty() {
        return None;
    }
    // Those of one place are told together.
    let mut groups: Vec<(Survivor, u64)> = Vec::new();
    for survivor in survivors {
        match groups.iter_mut().find(|(first, _)| *first == survivor) {
            Some((_, many)) => *many += 1,
            None => groups.push((survivor, 1)),
        }
    }
    let told = |(survivor, many): &(Survivor, u64)| match many {
        1 => format!("the {survivor}"),
        many => format!("{} created at {}", count(*many, &survivor.kind.to_string()), survivor.birthplace),
    };
    let is_or_are = if groups[0].1 == 1 { "is" } else { "are" };
    let headline =
        format!("leak: {} {is_or_are} still there after all threads have ended.", told(&groups[0]));
    let mut finding = Finding::new(Class::Leak, headline);
    finding.details = groups[1..].iter().take(SHOWN).map(|group| format!("So is {}.", told(group))).collect();
    if groups.len() - 1 > SHOWN {
        finding.details.push(format!("and {} more", groups.len() - 1 - SHOWN));
    }
    if groups.iter().any(|(survivor, _)| survivor.kind == ValueKind::Channel) {
        finding.details.push("What was sent to a channel and not received is still in it.".to_owned());
    }
    finding.details.push("Nothing drops what was forgotten, or a circle of counts.".to_owned());
    Some(finding)
}

/// The first object of the last execution of `kernel` that an earlier one has changed.
pub(crate) fn carried_over(kernel: &Kernel) -> Option<Finding> {
    let object = kernel.carried_over().into_iter().next()?;
    let headline = format!(
        "the {object} was changed by an earlier run and is used again, so what a run does depends on those before it. Make it \
         anew in each run."
    );
    Some(Finding::new(Class::Nondeterminism, headline))
}

//! What the fuzz targets do with their bytes. Each target is one call into this library, so that ordinary tests can make the
//! same call without a fuzzer.
//!
//! | target | its bytes are | judged by |
//! |---|---|---|
//! | `waitmap_ops` | a sequence of operations on a WaitMap ([`operations::waitmap`]) | the spec, the accounts, the address sanitizer |
//! | `pool_ops` | a sequence of steps of a manager and its workers ([`operations::pool`]) | the spec, the accounts, the address sanitizer |
//! | `waitmap_schedule`, `pool_schedule` | a scenario and the choices of one run of it ([`schedule`]) | all oracles of the simulator, the address sanitizer |
//! | `token_parse` | the text of a token ([`token`]) | the laws of reading and printing |
//! | `trace_parse` | a file with a trace, or the events of one ([`trace`]) | the laws of reading and writing |
//!
//! What is wrong comes back as text: the verdict, the table of the run, and what to type to see it again.

pub mod canary;
pub mod operations;
pub mod schedule;
pub mod tally;
pub mod token;
pub mod trace;

use std::env;

use arbitrary::Arbitrary;
use raddle_sim::campaign::Judgement;
use raddle_sim::report::Transcript;

/// Which of the two maps an input is for, by its first byte.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Index(pub u8);

impl Index {
    /// Whether it is the map that finds its waiters by hash, rather than by comparing them one after the other.
    #[must_use]
    pub fn is_hashed(self) -> bool {
        self.0 % 2 == 1
    }

    /// The name of the subject.
    #[must_use]
    pub fn subject(self) -> &'static str {
        schedule::WAITMAPS[usize::from(self.is_hashed())]
    }
}

/// The subject that all inputs are for, whatever their first byte says, if the environment names one by `RADDLE_FUZZ_SUBJECT`. To
/// see that a target finds its planted bug, say `canary`.
#[must_use]
pub fn subject() -> Option<String> {
    env::var("RADDLE_FUZZ_SUBJECT").ok()
}

/// Tells the address sanitizer that simulated threads run on stacks of their own, which it would take for used-up frames. To be written
/// once in each target that simulates.
#[macro_export]
macro_rules! simulates {
    () => {
        /// Asked by the address sanitizer when the process starts; nobody asks in a build without it.
        // SAFETY: the sanitizer defines what this symbol means, and nobody else does.
        #[unsafe(no_mangle)]
        extern "C" fn __asan_default_options() -> *const ::core::ffi::c_char {
            c"detect_stack_use_after_return=0".as_ptr()
        }
    };
}

/// A finding and the run that shows it, as text.
fn told(judgement: &Judgement, transcript: &Transcript) -> String {
    let mut text = format!("{}\n", judgement.sentence());
    let mut wrong = None;
    if let Judgement::Failed(finding) = judgement {
        wrong = finding.event;
        let lines = finding.details.iter().cloned().chain(finding.rules.iter().map(ToString::to_string));
        lines.for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    let shown = wrong.map_or_else(|| transcript.clone(), |wrong| transcript.up_to(wrong));
    text.push('\n');
    shown.write(&mut text, wrong).expect("a string takes all that is written");
    text
}

//! Where answers go: text or JSON to stdout, progress and complaints to stderr.
//!
//! Colour and progress appear on terminals only, and never with `NO_COLOR`. When the reader of stdout goes away, what is
//! left is not written, and the exit code is what it would have been.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use raddle_sim::campaign::Progress;
use raddle_sim::report::thousands;

/// Stdout and stderr of the process.
#[derive(Debug)]
pub(crate) struct Console {
    json: bool,
    colour: bool,
    shows_progress: bool,
    progress_shown: bool,
    drawn: Option<Instant>,
}

/// How often the progress line changes.
const REDRAW_EVERY: Duration = Duration::from_millis(100);

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Console {
            json,
            colour: !no_colour && !json && io::stdout().is_terminal(),
            shows_progress: io::stderr().is_terminal(),
            progress_shown: false,
            drawn: None,
        }
    }

    /// Whether the answer is to be a JSON document.
    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    /// Writes text to stdout, with the words of outcomes in colour where there is colour.
    pub(crate) fn print(&mut self, text: &str) {
        self.clear_progress();
        let text = if self.colour { paint(text) } else { text.to_owned() };
        // Nobody reads any more: there is nobody to tell.
        let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    }

    /// Writes a JSON document to stdout.
    pub(crate) fn print_json(&mut self, document: &impl serde::Serialize) {
        let text = serde_json::to_string_pretty(document).expect("reports have no maps with strange keys");
        self.print(&(text + "\n"));
    }

    /// Writes a line to stderr.
    pub(crate) fn remark(&mut self, line: &str) {
        self.clear_progress();
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Writes the line that says why a question cannot be answered.
    pub(crate) fn complain(&mut self, line: &str) {
        self.clear_progress();
        complain(line);
    }

    /// Redraws the progress line, if anybody looks.
    pub(crate) fn progress(&mut self, progress: Progress) {
        if !self.shows_progress || self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW_EVERY) {
            return;
        }
        let Progress { cells_done, cells, schedules, elapsed } = progress;
        let line = format!(
            "{cells_done} of {cells} searches, {} schedules, {:.0} s",
            thousands(schedules),
            elapsed.as_secs_f64()
        );
        let _ = write!(io::stderr(), "\r\x1b[2K{line}").and_then(|()| io::stderr().flush());
        self.progress_shown = true;
        self.drawn = Some(Instant::now());
    }

    fn clear_progress(&mut self) {
        if self.progress_shown {
            let _ = write!(io::stderr(), "\r\x1b[2K").and_then(|()| io::stderr().flush());
            self.progress_shown = false;
        }
    }
}

/// Writes the line that says why a question cannot be answered: one line, whatever was in the question.
pub(crate) fn complain(line: &str) {
    let shown = |letter: char| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    };
    let line: String = line.chars().map(shown).collect();
    let _ = writeln!(io::stderr(), "raddle: {line}");
}

/// A flag that Ctrl-C sets. A second Ctrl-C ends the process at once.
pub(crate) fn interruption() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let set = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(super::Exit::Inconclusive as i32);
        }
    });
    if let Err(error) = set {
        complain(&format!("Ctrl-C will end this at once, without a report: {error}"));
    }
    interrupted
}

const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";

/// Colours the words of outcomes.
fn paint(text: &str) -> String {
    let words =
        [("FAILED", RED), ("failed", RED), ("passed", GREEN), ("caught", GREEN), ("inconclusive", YELLOW)];
    words
        .iter()
        .fold(text.to_owned(), |text, (word, colour)| text.replace(word, &format!("{colour}{word}\x1b[0m")))
}

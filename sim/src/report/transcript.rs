//! The table of a run: one column per thread, time running downwards.
//!
//! ```text
//!   main                 | closer
//!   ---------------------+----------
//!   wait(key 1) = wait 0 |
//!                        | close ...
//!   poll of wait 0 ...   |
//!                        | ... = ()
//! * ... = Pending        |
//! ```
//!
//! A call and its return are one row if nothing came between them; otherwise the call ends with `...` and the return begins with it.
//! User code that the system entered is set in braces. The row that is wrong carries a star.

use std::fmt::{self, Display};

use raddle_spec::{Event, Kind};

use crate::world::Book;

/// The events of one execution, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The name of each column.
    pub names: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The column it stands in.
    pub actor: usize,
    /// What happened.
    pub text: String,
    /// The index of the (last) event that it shows.
    pub event: usize,
    /// How many steps the execution had made before it.
    pub step: u64,
}

impl Transcript {
    /// The transcript of the events in `book`.
    pub fn of<Op, Ret, Cb, Reply>(book: &Book<Kind<Op, Ret, Cb, Reply>>) -> Self
    where
        Op: Display,
        Ret: Display,
        Cb: Display,
        Reply: Display,
    {
        let mut rows = Vec::with_capacity(book.events.len());
        let mut at = 0;
        while at < book.events.len() {
            let (text, taken) = show(&book.events, at);
            let actor = book.events[at].actor.0 as usize;
            rows.push(Row { actor, text, event: at + taken - 1, step: book.steps[at] });
            at += taken;
        }
        Transcript { names: book.names.clone(), rows }
    }

    /// Writes the table, with a star at the row that shows event `wrong`.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&self, out: &mut impl fmt::Write, wrong: Option<usize>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.names.len()).map(|column| self.width(column)).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>, mark: &str| {
            let padded: Vec<String> =
                cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
            format!("{mark} {}", padded.join(" | ")).trim_end().to_owned()
        };
        writeln!(out, "{}", line(&mut self.names.iter().map(String::as_str), " "))?;
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(out, "  {}", rules.join("-+-"))?;
        for row in &self.rows {
            let mark = if wrong == Some(row.event) { "*" } else { " " };
            let mut cells =
                (0..self.names.len()).map(|column| if column == row.actor { row.text.as_str() } else { "" });
            writeln!(out, "{}", line(&mut cells, mark))?;
        }
        Ok(())
    }

    fn width(&self, column: usize) -> usize {
        let rows = self.rows.iter().filter(|row| row.actor == column).map(|row| row.text.chars().count());
        rows.chain([self.names[column].chars().count()]).max().unwrap_or(0)
    }
}

/// The text of the event at `at`, and how many events it covers.
fn show<Op: Display, Ret: Display, Cb: Display, Reply: Display>(
    events: &[Event<Kind<Op, Ret, Cb, Reply>>],
    at: usize,
) -> (String, usize) {
    let event = &events[at];
    let next = events.get(at + 1).filter(|next| next.actor == event.actor).map(|next| &next.kind);
    match (&event.kind, next) {
        (Kind::Call(op), Some(Kind::Return(ret))) => (format!("{op} = {ret}"), 2),
        (Kind::Call(op), _) => (format!("{op} ..."), 1),
        (Kind::Return(ret), _) => (format!("... = {ret}"), 1),
        (Kind::Enter(cb), Some(Kind::Leave(reply))) => (format!("{{ {cb} }} = {reply}"), 2),
        (Kind::Enter(cb), _) => (format!("{{ {cb}"), 1),
        (Kind::Leave(reply), _) => (format!("}} = {reply}"), 1),
    }
}

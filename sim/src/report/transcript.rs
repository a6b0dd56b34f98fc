//! The table of a run: one column per thread, time running downwards.
//!
//! ```text
//!   main            | closer
//!   ----------------+------------------------
//!   wait(key 1)     |
//!                   | close ...
//!   poll ...        |
//!                   | { the waker of task 0 }
//!                   | ... returns
//! * ... = Pending   |
//! ```
//!
//! A call and its return are one row if nothing came between them; otherwise the call ends with `...` and the return begins with it.
//! User code that the system entered is set in braces. Results that say nothing are left out, and so are threads that did nothing
//! that can be seen. The row that is wrong carries a star.

use std::fmt::{self, Display};

use raddle_spec::{Event, Kind};

use super::count;
use crate::world::Book;

/// The events of one execution, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The name of each column.
    pub names: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// How many rows of a long table are shown of its beginning, and of its end.
const FIRST_ROWS: usize = 100;
const LAST_ROWS: usize = 40;

/// Rows that are left out.
#[derive(Clone, Copy)]
struct Gap {
    /// Before which of the rows that are shown.
    at: usize,
    /// How many.
    rows: usize,
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

    /// The rows up to the one that shows event `last`: what came after a wrong event explains nothing.
    #[must_use]
    pub fn up_to(&self, last: usize) -> Transcript {
        let shown = self.rows.iter().position(|row| row.event >= last).map_or(self.rows.len(), |at| at + 1);
        Transcript { names: self.names.clone(), rows: self.rows[..shown].to_vec() }
    }

    /// How often the next row is another thread's.
    #[must_use]
    pub fn turns(&self) -> usize {
        self.rows.windows(2).filter(|pair| pair[0].actor != pair[1].actor).count()
    }

    /// How much there is to read up to event `wrong`: rows, and turns from one column to another.
    #[must_use]
    pub fn length(&self, wrong: Option<usize>) -> usize {
        let shown = wrong.map_or_else(|| self.clone(), |wrong| self.up_to(wrong));
        shown.rows.len() + shown.turns()
    }

    /// The same without the rows in the middle, if there are more than a reader goes through; and what was left out.
    fn shortened(&self) -> (Transcript, Option<Gap>) {
        let Some(rows) = self.rows.len().checked_sub(FIRST_ROWS + LAST_ROWS).filter(|rows| *rows > 0) else {
            return (self.clone(), None);
        };
        let (first, rest) = self.rows.split_at(FIRST_ROWS);
        let rows_shown = [first, &rest[rows..]].concat();
        (Transcript { names: self.names.clone(), rows: rows_shown }, Some(Gap { at: FIRST_ROWS, rows }))
    }

    /// Writes the table, with a star at the row that shows event `wrong`.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(&self, out: &mut impl fmt::Write, wrong: Option<usize>) -> fmt::Result {
        self.write_around(out, wrong, None)
    }

    /// Writes the table, as long as readers go through: of more rows, the middle is left out.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_shortened(&self, out: &mut impl fmt::Write, wrong: Option<usize>) -> fmt::Result {
        let (shown, gap) = self.shortened();
        shown.write_around(out, wrong, gap)
    }

    fn write_around(&self, out: &mut impl fmt::Write, wrong: Option<usize>, gap: Option<Gap>) -> fmt::Result {
        let acts = |actor: &usize| self.rows.iter().any(|row| row.actor == *actor);
        let columns: Vec<usize> = (0..self.names.len()).filter(acts).collect();
        let widths: Vec<usize> = columns.iter().map(|actor| self.width(*actor)).collect();
        let line = |cell: &dyn Fn(usize) -> String, mark: &str, between: &str| {
            let cells: Vec<String> = columns.iter().map(|actor| cell(*actor)).collect();
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}", width = *width))
                .collect();
            format!("{mark} {}", padded.join(between)).trim_end().to_owned()
        };
        writeln!(out, "{}", line(&|actor| self.names[actor].clone(), " ", " | "))?;
        writeln!(out, "{}", line(&|actor| "-".repeat(self.width(actor)), " ", "-+-"))?;
        let wrong = wrong.and_then(|wrong| self.rows.iter().position(|row| row.event >= wrong));
        for (at, row) in self.rows.iter().enumerate() {
            if let Some(Gap { rows, .. }) = gap.filter(|gap| gap.at == at) {
                writeln!(out, "  ({} left out)", count(rows as u64, "row"))?;
            }
            let mark = if wrong == Some(at) { "*" } else { " " };
            let cell = |actor| if actor == row.actor { row.text.clone() } else { String::new() };
            writeln!(out, "{}", line(&cell, mark, " | "))?;
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
        (Kind::Call(op), Some(Kind::Return(ret))) => (format!("{op}{}", result(ret)), 2),
        (Kind::Call(op), _) => (format!("{op} ..."), 1),
        (Kind::Return(ret), _) if result(ret).is_empty() => ("... returns".to_owned(), 1),
        (Kind::Return(ret), _) => (format!("...{}", result(ret)), 1),
        (Kind::Enter(cb), Some(Kind::Leave(reply))) => (format!("{{ {cb} }}{}", result(reply)), 2),
        (Kind::Enter(cb), _) => (format!("{{ {cb}"), 1),
        (Kind::Leave(reply), _) => (format!("}}{}", result(reply)), 1),
    }
}

/// What came out, behind an equals sign; nothing if it says nothing.
fn result(value: &impl Display) -> String {
    match value.to_string() {
        unit if unit == "()" => String::new(),
        value => format!(" = {value}"),
    }
}

#[cfg(test)]
mod tests {
    use raddle_spec::Actor;
    use raddle_spec::waitmap::{Cb, Key, Op, Reply, Ret, TaskId, WaitId};

    use super::*;

    fn transcript() -> Transcript {
        let poll = Op::Poll { wait: WaitId(0), task: TaskId(0) };
        let kinds = [
            (0, Kind::Call(Op::Wait { wait: WaitId(0), key: Key(1) })),
            (0, Kind::Return(Ret::Done)),
            (2, Kind::Call(Op::Close)),
            (0, Kind::Call(poll)),
            (2, Kind::Enter(Cb::Wake { task: TaskId(0) })),
            (2, Kind::Leave(Reply::Done)),
            (2, Kind::Return(Ret::Done)),
            (0, Kind::Return(Ret::Pending)),
            (2, Kind::Call(Op::IsClosed)),
            (2, Kind::Return(Ret::IsClosed(true))),
        ];
        let mut book = crate::world::World::new(crate::world::SIMULATED).take_book();
        book.names = ["main", "idle", "closer"].map(str::to_owned).to_vec();
        book.steps = vec![0; kinds.len()];
        book.events = kinds.into_iter().map(|(actor, kind)| Event::new(Actor(actor), kind)).collect();
        Transcript::of(&book)
    }

    fn written(transcript: &Transcript, wrong: Option<usize>) -> String {
        let mut text = String::new();
        transcript.write(&mut text, wrong).expect("a string takes all that is written");
        text
    }

    #[test]
    fn each_thread_that_did_something_has_a_column_and_the_wrong_row_a_star() {
        let expected = [
            "  main                          | closer",
            "  ------------------------------+------------------------",
            "  wait(key 1) making wait 0     |",
            "                                | close ...",
            "  poll of wait 0 for task 0 ... |",
            "                                | { the waker of task 0 }",
            "                                | ... returns",
            "* ... = Pending                 |",
            "                                | is_closed = true",
        ];
        assert_eq!(written(&transcript(), Some(7)).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_wrong_event_in_the_middle_of_a_row_stars_that_row() {
        let text = written(&transcript(), Some(4));
        let starred: Vec<&str> = text.lines().filter(|line| line.starts_with('*')).collect();
        assert_eq!(starred, ["*                               | { the waker of task 0 }"]);
    }

    #[test]
    fn of_more_rows_than_one_reads_the_middle_is_left_out_and_counted() {
        let row = |number: usize| Row { actor: 0, text: format!("row {number}"), event: number, step: 0 };
        let of =
            |rows: usize| Transcript { names: vec!["main".to_owned()], rows: (0..rows).map(row).collect() };
        let shown = |rows: usize| {
            let mut text = String::new();
            of(rows).write_shortened(&mut text, Some(rows - 1)).expect("a string takes all that is written");
            text.lines().skip(2).map(str::to_owned).collect::<Vec<String>>()
        };
        let whole = FIRST_ROWS + LAST_ROWS;
        assert_eq!(shown(whole).len(), whole);
        assert!(shown(whole).iter().all(|line| line.contains("row ")));
        let short = shown(whole + 1_234);
        assert_eq!(short.len(), whole + 1);
        assert_eq!(short[FIRST_ROWS - 1].trim(), format!("row {}", FIRST_ROWS - 1));
        assert_eq!(short[FIRST_ROWS], "  (1,234 rows left out)");
        assert_eq!(short[whole], format!("* row {}", whole + 1_233));
    }

    #[test]
    fn a_transcript_ends_where_one_wants_it_to() {
        let shown = transcript().up_to(7);
        assert_eq!(shown.rows.last().expect("there are rows").text, "... = Pending");
        assert_eq!((shown.rows.len(), shown.turns()), (6, 4));
    }
}

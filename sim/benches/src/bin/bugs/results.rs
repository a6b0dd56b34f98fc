//! What was measured, as tables.

use raddle_sim_benches::bugs::Program;

use crate::table;
use crate::trial::{Cell, Searcher};

/// All cells: programs × searchers.
#[derive(Debug)]
pub struct Results {
    pub programs: Vec<Program>,
    pub searchers: Vec<Searcher>,
    /// One row for each program.
    pub cells: Vec<Vec<Cell>>,
}

impl Results {
    pub fn cell(&self, program: &str, searcher: &str) -> Option<&Cell> {
        let row = self.programs.iter().position(|other| other.name() == program)?;
        let column = self.searchers.iter().position(|other| other.name() == searcher)?;
        Some(&self.cells[row][column])
    }

    pub fn print(&self, is_markdown: bool) {
        println!(
            "Schedules up to the first failure: mean ± deviation, (found/searches) if not all have found it."
        );
        println!("* The cell's time was used up before all seeds had their search.\n");
        self.print_cells(is_markdown, true, schedules);
        println!("\nSchedules per CPU second, in thousands.\n");
        self.print_cells(is_markdown, false, |cell| {
            let thousands = cell.schedules_per_second() / 1e3;
            if thousands < 10.0 { format!("{thousands:.1}") } else { format!("{thousands:.0}") }
        });
    }

    fn print_cells(&self, is_markdown: bool, with_artifact: bool, text: impl Fn(&Cell) -> String) {
        let mut head = vec!["program".to_owned()];
        head.extend(self.searchers.iter().map(|searcher| searcher.name().to_owned()));
        if with_artifact {
            head.push("SURW's artifact".to_owned());
        }
        let mut rows = vec![head];
        for (program, cells) in self.programs.iter().zip(&self.cells) {
            let mut row = vec![program.name()];
            row.extend(cells.iter().map(&text));
            if with_artifact {
                row.push(program.artifact.map_or_else(|| "–".to_owned(), |mean| mean.to_string()));
            }
            rows.push(row);
        }
        table::print(&rows, is_markdown);
    }
}

fn schedules(cell: &Cell) -> String {
    let (found, run) = (cell.found(), cell.run());
    let cut = if cell.is_cut() { "*" } else { "" };
    match cell.mean() {
        None => format!("0/{run}{cut}"),
        Some((mean, deviation)) if found < run => format!("{mean:.0}±{deviation:.0} ({found}/{run}){cut}"),
        Some((mean, deviation)) if cell.is_cut() => format!("{mean:.0}±{deviation:.0} ({run}){cut}"),
        Some((mean, deviation)) => format!("{mean:.0}±{deviation:.0}"),
    }
}

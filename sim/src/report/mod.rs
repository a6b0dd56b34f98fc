//! What people and programs get to see.

mod failure;
mod json;
mod table;
mod transcript;

pub use failure::{replay_line, write_failure};
pub use json::{CellJson, FailureJson, RowJson, RuleJson};
pub use table::{Align, Table};
pub use transcript::{Row, Transcript};

/// A number with its thousands set apart: `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of a thing: `1 search`, `1,000 searches`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    let plural = match noun {
        _ if number == 1 => "",
        noun if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{} {noun}{plural}", thousands(number))
}

#[cfg(test)]
mod tests {
    use super::{count, thousands};

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!(count(1, "search"), "1 search");
        assert_eq!(count(0, "search"), "0 searches");
        assert_eq!(count(1_000, "step"), "1,000 steps");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}

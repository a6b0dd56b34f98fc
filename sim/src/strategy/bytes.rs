//! Bytes: answers the questions of an execution from raw bytes, as a fuzzer makes them up.
//!
//! One byte answers one question with up to 256 options, more bytes, lowest first, one with more; the number is taken modulo
//! the options. When the bytes are used up, every answer is 0. So every byte string is one valid run, neighbouring
//! strings are neighbouring runs, and a fuzzer that learns which bytes lead to new code learns which choices do.

use crate::choice::Kind;
use crate::strategy::{Now, Strategy};

/// One execution by bytes.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    rest: &'a [u8],
    has_begun: bool,
}

impl<'a> Bytes<'a> {
    /// One execution by `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Bytes { rest: bytes, has_begun: false }
    }

    /// The bytes that no question has used up.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn next(&mut self, options: u32) -> u32 {
        let needed = (u32::BITS - (options - 1).leading_zeros()).div_ceil(8) as usize;
        let (used, rest) = self.rest.split_at(needed.min(self.rest.len()));
        self.rest = rest;
        used.iter().rfold(0, |number, byte| number << 8 | u32::from(*byte)) % options
    }
}

impl Strategy for Bytes<'_> {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        Some(self.next(now.options() as u32) as usize)
    }

    fn value(&mut self, _kind: Kind, options: u32) -> u32 {
        self.next(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(bytes: &[u8], options: &[u32]) -> Vec<u32> {
        let mut strategy = Bytes::new(bytes);
        options.iter().map(|options| strategy.value(Kind::Scenario, *options)).collect()
    }

    #[test]
    fn a_byte_answers_a_question() {
        assert_eq!(answers(&[1, 5, 255], &[2, 3, 256]), [1, 2, 255]);
    }

    #[test]
    fn a_question_with_many_options_takes_as_many_bytes_as_its_answers_need() {
        assert_eq!(answers(&[1, 2, 9, 0, 0, 1, 7], &[257, 1 << 24, 8]), [(2 << 8 | 1) % 257, 9, 1]);
        assert_eq!(answers(&[0, 0, 0, 128, 3], &[u32::MAX, 4]), [1 << 31, 3]);
    }

    #[test]
    fn exhausted_bytes_give_the_dullest_answers() {
        assert_eq!(answers(&[7], &[8, 8, 300]), [7, 0, 0]);
        assert_eq!(answers(&[3], &[1 << 16, 5]), [3, 0]);
        assert_eq!(answers(&[], &[2, u32::MAX]), [0, 0]);
    }

    #[test]
    fn bytes_are_one_execution() {
        let mut strategy = Bytes::new(&[1, 2]);
        assert!(strategy.begin());
        strategy.value(Kind::Cancel, 2);
        assert!(!strategy.begin());
        assert_eq!(strategy.rest(), [2]);
    }
}

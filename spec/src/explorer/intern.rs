//! States as bytes, each kept once.
//!
//! A state of nested vectors takes some hundred bytes; what it says fits into a few dozen. A derived `Hash` feeds a
//! hasher with exactly that: every discriminant, every length, every field, in order. So the hasher here keeps all
//! that it is fed, numbers in as few bytes as they need. As long as the shape of what follows is decided by what came
//! before, as it is in derived code, two states are equal exactly if their bytes are.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Appends the byte form of a state.
pub(super) fn write_bytes(state: &impl Hash, bytes: &mut Vec<u8>) {
    state.hash(&mut ByteForm(bytes));
}

struct ByteForm<'a>(&'a mut Vec<u8>);

impl ByteForm<'_> {
    /// Seven bits at a time, the last byte without the high bit.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

impl Hasher for ByteForm<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_u8(&mut self, number: u8) {
        self.0.push(number);
    }

    fn write_u16(&mut self, number: u16) {
        self.number(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.number(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.number(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.number(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.number(number as u64);
    }

    fn finish(&self) -> u64 {
        unreachable!("a byte form is read as bytes")
    }
}

const FREE: u32 = u32::MAX;

/// Byte strings, numbered in the order in which they came.
#[derive(Debug)]
pub(super) struct Interner {
    bytes: Vec<u8>,
    /// Where each string ends; it begins where the one before it ends.
    ends: Vec<u64>,
    /// Open addressing with linear probing, at most half full. Nothing is ever read in the order of this table.
    slots: Vec<u32>,
}

impl Interner {
    pub(super) fn new() -> Self {
        Interner { bytes: Vec::new(), ends: Vec::new(), slots: vec![FREE; 1 << 10] }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<u64>() + self.slots.len() * size_of::<u32>()
    }

    pub(super) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.bytes[start..self.ends[number] as usize]
    }

    /// The number of a string, and whether it is new.
    pub(super) fn intern(&mut self, string: &[u8]) -> (u32, bool) {
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(string);
        if self.slots[slot] != FREE {
            return (self.slots[slot], false);
        }
        let number = self.ends.len() as u32;
        assert!(number != FREE, "states are numbered in 32 bits");
        self.slots[slot] = number;
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len() as u64);
        (number, true)
    }

    /// Where the string is, or where it goes.
    fn slot(&self, string: &[u8]) -> usize {
        let mut hasher = DefaultHasher::new();
        hasher.write(string);
        let mask = self.slots.len() - 1;
        let mut slot = hasher.finish() as usize & mask;
        while self.slots[slot] != FREE && self.get(self.slots[slot]) != string {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; self.slots.len() * 2];
        for number in 0..self.ends.len() as u32 {
            let slot = self.slot(self.get(number));
            self.slots[slot] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(state: &impl Hash) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_bytes(state, &mut bytes);
        bytes
    }

    #[test]
    fn different_states_have_different_bytes() {
        let states: [(Vec<u32>, Option<u64>, &str); 8] = [
            (vec![], None, ""),
            (vec![0], None, ""),
            (vec![0, 0], None, ""),
            (vec![], Some(0), ""),
            (vec![], Some(127), ""),
            (vec![], Some(128), ""),
            (vec![], None, "a"),
            (vec![], Some(1 << 40), "a"),
        ];
        for (index, state) in states.iter().enumerate() {
            for other in &states[..index] {
                assert_ne!(bytes(state), bytes(other));
            }
        }
        assert_eq!(bytes(&300_u32).len(), 2);
    }

    #[test]
    fn a_string_keeps_its_number_however_many_come_after_it() {
        let mut interner = Interner::new();
        for number in 0..10_000_u32 {
            assert_eq!(interner.intern(&number.to_le_bytes()), (number, true));
        }
        for number in 0..10_000_u32 {
            assert_eq!(interner.intern(&number.to_le_bytes()), (number, false));
            assert_eq!(interner.get(number), number.to_le_bytes());
        }
        assert_eq!(interner.intern(&[]), (10_000, true));
        assert_eq!(interner.len(), 10_001);
    }
}

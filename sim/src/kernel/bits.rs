//! The set bits of a word, by rank.

/// The place of the set bit number `rank`, or how many of the rank are left when the bits end.
#[inline]
pub(crate) fn nth_bit(word: u64, rank: u32) -> Result<u32, u32> {
    let count = word.count_ones();
    if rank >= count { Err(rank - count) } else { Ok(select(word, rank)) }
}

/// The largest word that the tables know.
pub(super) const LAST_BYTE: u64 = 0xFF;

/// The place of the set bit number `rank`, which exists. Without branches that depend on the rank: who goes on is random, so
/// the processor would guess wrong.
#[inline]
pub(super) fn select(word: u64, rank: u32) -> u32 {
    if word <= LAST_BYTE {
        return SELECT_IN_BYTE[word as usize][rank as usize & 7].into();
    }
    select_broadword(word, rank)
}

/// The same by the broadword method of Vigna ("Broadword implementation of rank/select queries", WEA 2008): the sums of bits
/// for all bytes at once tell the byte, and a table the bit in it.
fn select_broadword(word: u64, rank: u32) -> u32 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let pairs = word - ((word >> 1) & 0x5555_5555_5555_5555);
    let fours = (pairs & 0x3333_3333_3333_3333) + ((pairs >> 2) & 0x3333_3333_3333_3333);
    // Byte by byte, how many bits are set in this and all lower bytes.
    let sums = ((fours + (fours >> 4)) & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(ONES);
    // The top bit of each byte whose sum does not exceed the rank: the bytes below the one that is looked for.
    let below = (((u64::from(rank) * ONES) | TOPS) - sums) & TOPS;
    let place = ((below >> 7).wrapping_mul(ONES) >> 56) * 8;
    let rank_in_byte = rank - (((sums << 8) >> place) & 0xFF) as u32;
    let byte = ((word >> place) & 0xFF) as usize;
    place as u32 + u32::from(SELECT_IN_BYTE[byte][rank_in_byte as usize & 7])
}

/// How many bits are set in each byte. Without an instruction for it, which not every processor has, counting takes longer.
pub(super) static COUNT_IN_BYTE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte.count_ones() as u8;
        byte += 1;
    }
    table
};

/// The place of each set bit of each byte.
pub(super) static SELECT_IN_BYTE: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rank = 0;
        let mut place = 0;
        while place < 8 {
            if byte & (1 << place) != 0 {
                table[byte][rank] = place as u8;
                rank += 1;
            }
            place += 1;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selecting_agrees_with_counting() {
        let mut word = 1_u64;
        for _ in 0..1000 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let places = (0..64).filter(|place| word & (1 << place) != 0);
            for (rank, place) in (0..).zip(places) {
                assert_eq!(nth_bit(word, rank), Ok(place), "bit {rank} of {word:#x}");
            }
            assert_eq!(nth_bit(word, word.count_ones() + 5), Err(5));
        }
        assert_eq!(nth_bit(u64::MAX, 63), Ok(63));
    }
}

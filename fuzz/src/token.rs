//! Tokens: text that people paste, so text that may be anything.

use data_encoding::BASE64URL_NOPAD;
use raddle_sim::token::{Expected, Token, TokenError};

/// What the forged tokens belong to.
const OWNER: Expected<'_> = Expected { scenario: "waitmap/two-keys", version: 1, settings: "memory=sc" };

/// How many choices a character of a token may stand for: six bits hold one and a half half bytes, and each is at most eight.
const CHOICES_PER_CHARACTER: usize = 12;

/// Holds the laws of tokens on `bytes`: as text, as the content of a token whose checksum is right, and as choices.
///
/// # Panics
///
/// If a law is broken.
pub fn check(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_text(text);
    }
    check_text(&forged(bytes));
    check_choices(bytes);
}

/// Text is refused, or it is a token, and then it says the same when it is printed and read again.
fn check_text(text: &str) {
    let token: Token = match text.parse() {
        Ok(token) => token,
        Err(error) => return check_refusal(&error),
    };
    let printed = token.to_string();
    assert!(printed.len() <= text.len(), "{text} is printed as the longer {printed}");
    assert_eq!(printed.parse().as_ref(), Ok(&token), "{text} is printed as {printed}");
    match token.choices_for(OWNER, &[OWNER.scenario]) {
        Ok(choices) => {
            assert!(choices.len() <= CHOICES_PER_CHARACTER * text.len(), "{text} unpacks to too much")
        }
        Err(error) => check_refusal(&error),
    }
}

/// A refusal says what to do, in one line.
fn check_refusal(error: &TokenError) {
    let message = error.to_string();
    assert!(!message.is_empty() && !message.contains('\n'), "{message}");
}

/// The token of [`OWNER`] with `content` in the place of its choices: a fuzzer does not guess checksums.
fn forged(content: &[u8]) -> String {
    let empty = Token::new(OWNER, Vec::new()).to_string();
    let (prefix, body) = empty.split_once('-').expect("a token has a prefix");
    let body = BASE64URL_NOPAD.decode(body.as_bytes()).expect("a token is printed in this alphabet");
    let (header, _checksum) = body.split_last_chunk::<4>().expect("a token has a checksum");
    let bytes = [header, content].concat();
    let checksum = crc32fast::hash(&bytes).to_le_bytes();
    format!("{prefix}-{}", BASE64URL_NOPAD.encode(&[&bytes, checksum.as_slice()].concat()))
}

/// Any choices survive being written down.
fn check_choices(bytes: &[u8]) {
    let choices: Vec<u32> = bytes.chunks(4).map(word).collect();
    let token = Token::new(OWNER, choices.clone());
    let read: Token = token.to_string().parse().expect("what was printed can be read");
    assert_eq!(read.choices_for(OWNER, &[]), Ok(choices.as_slice()));
}

/// Shifted by its own top bits, so that small values are as likely as large ones.
fn word(chunk: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    bytes[..chunk.len()].copy_from_slice(chunk);
    u32::from_le_bytes(bytes) >> (bytes[3] & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_token_reaches_the_choices() {
        // A choice of 3, then five choices of 0.
        let token: Token = forged(&[0x3 | 0xB << 4]).parse().expect("the checksum is right");
        assert_eq!(token.choices_for(OWNER, &[]), Ok([3, 0, 0, 0, 0, 0].as_slice()));
    }

    #[test]
    fn content_that_is_no_list_of_choices_is_refused() {
        // A larger value that never ends.
        assert_eq!(forged(&[0xFF; 9]).parse::<Token>(), Err(TokenError::Malformed));
    }
}

//! Tokens survive writing and reading, and nothing else is taken for one.

use quickcheck::{Gen, QuickCheck};

use super::*;

const EXPECTED: Expected<'_> = Expected { scenario: "waitmap/close", version: 3, settings: "memory=sc" };

fn quickcheck() -> QuickCheck {
    QuickCheck::new().rng(Gen::from_size_and_seed(200, 1)).tests(500)
}

fn refusal(text: &str) -> TokenError {
    text.parse::<Token>().expect_err("it is refused")
}

/// The text of a token with these bytes and a correct checksum.
fn with_checksum(bytes: &[u8]) -> String {
    let bytes = [bytes, &crc32fast::hash(bytes).to_le_bytes()].concat();
    format!("r1-{}", BASE64URL_NOPAD.encode(&bytes))
}

#[test]
fn any_choices_survive_being_written_and_read() {
    fn survives(small: Vec<u8>, large: Vec<u32>) -> bool {
        let mostly_zero = small.iter().map(|&value| u32::from(value).saturating_sub(200));
        let choices: Vec<u32> = mostly_zero.chain(large).collect();
        let token = Token::new(EXPECTED, choices.clone());
        let read: Token = token.to_string().parse().expect("it was just written");
        read == token && read.choices_for(EXPECTED, &[]) == Ok(&choices[..])
    }
    quickcheck().quickcheck(survives as fn(Vec<u8>, Vec<u32>) -> bool);
    for extreme in [vec![], vec![0], vec![u32::MAX], vec![8], vec![7, 8, 15, 16, 71, 72], vec![0; 1000]] {
        assert!(survives(vec![], extreme));
    }
}

#[test]
fn the_text_of_a_token_never_changes() {
    let token = Token::new(EXPECTED, vec![0, 0, 0, 1, 2, 0, 9, 100]);
    assert_eq!(token.to_string(), "r1-QZvQGgMAAAD3L8EMGQIfzxvYaLLj");
}

#[test]
fn a_dull_run_has_a_short_token() {
    let token = Token::new(EXPECTED, vec![0; 1000]).to_string();
    assert!(token.len() < 115, "{} characters", token.len());
}

#[test]
fn white_space_from_pasting_is_ignored() {
    let token = Token::new(EXPECTED, (0..40).collect());
    let text = token.to_string();
    let (left, right) = text.split_at(20);
    assert_eq!(format!("  {left}\n  {right}\n").parse(), Ok(token));
}

#[test]
fn hostile_text_is_refused_without_a_panic() {
    fn is_handled(text: String) -> bool {
        let _ = text.parse::<Token>();
        let _ = format!("r1-{text}").parse::<Token>();
        true
    }
    fn bytes_are_handled(bytes: Vec<u8>) -> bool {
        // Behind a correct checksum everything is looked at.
        let longest = bytes.len() * 2 * LONGEST_RUN;
        match with_checksum(&bytes).parse::<Token>() {
            Ok(token) => token.choices.len() <= longest,
            Err(_) => true,
        }
    }
    quickcheck().quickcheck(is_handled as fn(String) -> bool);
    quickcheck().quickcheck(bytes_are_handled as fn(Vec<u8>) -> bool);
}

#[test]
fn what_is_no_token_is_malformed() {
    for text in
        ["", "r", "r-", "r1", "r1-", "x1-AAAA", "r+1-AAAA", "r99999999999-AAAA", "r1-AAA=", "r1-ä", "hello"]
    {
        assert_eq!(refusal(text), TokenError::Malformed, "{text:?}");
    }
    assert_eq!(refusal(&with_checksum(&[0; HEADER_BYTES - 1])), TokenError::Malformed, "no whole header");
    let header_and = |halves: &[u8]| with_checksum(&[&[0; HEADER_BYTES], halves].concat());
    assert_eq!(refusal(&header_and(&[0xFF])), TokenError::Malformed, "a large value that does not end");
    assert_eq!(refusal(&header_and(&[0xFF; 10])), TokenError::Malformed, "a value beyond 32 bits");
}

#[test]
fn a_changed_character_is_noticed() {
    let text = Token::new(EXPECTED, (0..20).collect()).to_string();
    for place in "r1-".len()..text.len() - 1 {
        let other = if text.as_bytes()[place] == b'A' { 'B' } else { 'A' };
        let changed: String = text
            .chars()
            .enumerate()
            .map(|(index, letter)| if index == place { other } else { letter })
            .collect();
        assert_eq!(refusal(&changed), TokenError::Checksum, "{changed}");
    }
}

#[test]
fn a_token_that_does_not_belong_here_is_refused_with_the_reason() {
    let token = Token::new(EXPECTED, vec![1]);
    let refusal = |expected, known: &[&str]| token.choices_for(expected, known).expect_err("it is refused");
    let other = Expected { scenario: "waitmap/cancel", ..EXPECTED };
    assert_eq!(refusal(other, &["waitmap/cancel"]), TokenError::Scenario(None));
    let known = ["waitmap/cancel", "waitmap/close"];
    assert_eq!(refusal(other, &known), TokenError::Scenario(Some("waitmap/close".to_owned())));
    let newer = Expected { version: 4, ..EXPECTED };
    assert_eq!(refusal(newer, &known), TokenError::Version { token: 3, scenario: 4 });
    let elsewhere = Expected { settings: "memory=weak", ..EXPECTED };
    assert_eq!(refusal(elsewhere, &known), TokenError::Settings);
}

#[test]
fn every_refusal_says_what_to_do() {
    let version = |token, scenario| TokenError::Version { token, scenario };
    for (refusal, part) in [
        (TokenError::Malformed, "paste the whole word"),
        (TokenError::Checksum, "paste it again"),
        (refusal("r2-AAAA"), "with a newer one"),
        (refusal("r0-AAAA"), "or search again"),
        (TokenError::Scenario(Some("a/b".to_owned())), "the scenario a/b: replay it there"),
        (TokenError::Scenario(None), "with the version that made it"),
        (version(1, 2), "an older version of the scenario (1, here it is 2)"),
        (version(2, 1), "a newer version of the scenario (2, here it is 1)"),
        (TokenError::Settings, "with the settings of the run"),
    ] {
        let text = refusal.to_string();
        assert!(text.contains(part) && !text.contains('\n'), "{text}");
    }
}

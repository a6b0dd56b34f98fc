//! Tokens: the choices of a run written down, short enough to paste into a terminal.
//!
//! A token carries what it needs to be refused when it does not fit: the scenario it belongs to, that scenario's version, a
//! fingerprint of the settings that change what a choice means, and a checksum. Choice streams are tolerant, tokens are
//! strict: a stream that is replayed in the wrong place would run and show something else.
//!
//! The text is `r1-` and base64url of
//!
//! | bytes | content |
//! |---|---|
//! | 4 | fingerprint of the scenario's name |
//! | 4 | version of the scenario |
//! | 4 | fingerprint of the settings |
//! | … | the choices, in half bytes |
//! | 4 | CRC-32 of all before |
//!
//! with numbers in little-endian order. A half byte of 0 to 7 is a choice of that value; 8 to 14 are 2 to 8 choices of 0; 15
//! begins a larger value, less 8, in groups of three bits, lowest first, each but the last with the top bit set. A lone 15 at
//! the end is padding. So a text never unpacks to more than a fixed multiple of its length.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;

/// The version of the format.
const FORMAT: u32 = 1;

const HEADER_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
const LARGE: u8 = 15;
const LONGEST_RUN: usize = 8;

/// The choices of one run, and what they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    scenario: u32,
    version: u32,
    settings: u32,
    choices: Vec<u32>,
}

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The text is no token.
    Malformed,
    /// The text was a token once, and was damaged.
    Checksum,
    /// The token is of another format, of this version.
    Format(u32),
    /// The token belongs to another scenario: this one, if it is known.
    Scenario(Option<String>),
    /// The token belongs to another version of the scenario.
    Version {
        /// The token's.
        token: u32,
        /// The scenario's.
        scenario: u32,
    },
    /// The token was made under other settings.
    Settings,
}

/// What a token must belong to.
#[derive(Copy, Clone, Debug)]
pub struct Expected<'a> {
    /// The name of the scenario.
    pub scenario: &'a str,
    /// Its version.
    pub version: u32,
    /// All settings that change what a choice means, in any fixed notation.
    pub settings: &'a str,
}

impl Token {
    /// A token of a run.
    pub fn new(expected: Expected<'_>, choices: Vec<u32>) -> Self {
        Token {
            scenario: fingerprint(expected.scenario),
            version: expected.version,
            settings: fingerprint(expected.settings),
            choices,
        }
    }

    /// The choices, if the token belongs to what is `expected`. `known` are the names of all scenarios: a token of another
    /// one can then be told by name.
    ///
    /// # Errors
    ///
    /// What does not fit.
    pub fn choices_for(&self, expected: Expected<'_>, known: &[&str]) -> Result<&[u32], TokenError> {
        if self.scenario != fingerprint(expected.scenario) {
            let named = known.iter().find(|name| fingerprint(name) == self.scenario);
            return Err(TokenError::Scenario(named.map(|&name| name.to_owned())));
        }
        if self.version != expected.version {
            return Err(TokenError::Version { token: self.version, scenario: expected.version });
        }
        if self.settings != fingerprint(expected.settings) {
            return Err(TokenError::Settings);
        }
        Ok(&self.choices)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.choices.len() / 2 + CHECKSUM_BYTES);
        for number in [self.scenario, self.version, self.settings] {
            bytes.extend(number.to_le_bytes());
        }
        let mut halves = pack(&self.choices);
        if halves.len() % 2 == 1 {
            halves.push(LARGE);
        }
        bytes.extend(halves.chunks_exact(2).map(|pair| pair[0] | (pair[1] << 4)));
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        write!(formatter, "r{FORMAT}-{}", BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    /// Reads a token. White space, as a wrapped line leaves it, is ignored.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text: String = text.split_ascii_whitespace().collect();
        let (format, body) =
            text.strip_prefix('r').and_then(|rest| rest.split_once('-')).ok_or(TokenError::Malformed)?;
        if format.is_empty() || !format.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TokenError::Malformed);
        }
        let format: u32 = format.parse().map_err(|_| TokenError::Malformed)?;
        if format != FORMAT {
            return Err(TokenError::Format(format));
        }
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| TokenError::Malformed)?;
        let (bytes, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(TokenError::Malformed)?;
        if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
            return Err(TokenError::Checksum);
        }
        let (scenario, rest) = number(bytes)?;
        let (version, rest) = number(rest)?;
        let (settings, rest) = number(rest)?;
        let halves: Vec<u8> = rest.iter().flat_map(|byte| [byte & 0xF, byte >> 4]).collect();
        let choices = unpack(&halves).ok_or(TokenError::Malformed)?;
        Ok(Token { scenario, version, settings, choices })
    }
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), TokenError> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or(TokenError::Malformed)?;
    Ok((u32::from_le_bytes(*number), rest))
}

/// The choices in half bytes.
fn pack(choices: &[u32]) -> Vec<u8> {
    let mut halves = Vec::with_capacity(choices.len());
    let mut rest = choices;
    while let Some(&choice) = rest.first() {
        let zeros = rest.iter().take(LONGEST_RUN).take_while(|&&choice| choice == 0).count();
        if zeros >= 2 {
            halves.push(zeros as u8 + 6);
            rest = &rest[zeros..];
            continue;
        }
        rest = &rest[1..];
        if choice < 8 {
            halves.push(choice as u8);
            continue;
        }
        halves.push(LARGE);
        let mut left = choice - 8;
        while left > 7 {
            halves.push((left & 7) as u8 | 8);
            left >>= 3;
        }
        halves.push(left as u8);
    }
    halves
}

/// The choices that the half bytes stand for; `None` if they stand for none.
fn unpack(halves: &[u8]) -> Option<Vec<u32>> {
    let mut choices = Vec::with_capacity(halves.len());
    let mut halves = halves.iter();
    while let Some(&half) = halves.next() {
        match half {
            0..=7 => choices.push(u32::from(half)),
            8..LARGE => choices.extend(std::iter::repeat_n(0, usize::from(half) - 6)),
            _ if halves.len() == 0 => break,
            _ => {
                let mut value = 0_u64;
                let mut shift = 0;
                loop {
                    let group = *halves.next()?;
                    // Eleven groups hold 33 bits; a longer number does not fit, and would shift out of the value.
                    if shift > 30 {
                        return None;
                    }
                    value |= u64::from(group & 7) << shift;
                    shift += 3;
                    if group & 8 == 0 {
                        break;
                    }
                }
                choices.push(u32::try_from(value + 8).ok()?);
            }
        }
    }
    Some(choices)
}

/// 32-bit FNV-1a: a name for a text that is the same on every machine and in every version.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl fmt::Display for TokenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Malformed => {
                write!(formatter, "this is no token: paste the whole word that begins with 'r{FORMAT}-'")
            }
            TokenError::Checksum => {
                write!(
                    formatter,
                    "the token is damaged: paste it again, without leaving out or changing a character"
                )
            }
            TokenError::Format(found) if *found > FORMAT => write!(
                formatter,
                "the token has format {found} and this version of raddle reads format {FORMAT}: replay it with a newer one"
            ),
            TokenError::Format(found) => write!(
                formatter,
                "the token has format {found} and this version of raddle reads format {FORMAT}: replay it with the version \
                 that made it, or search again"
            ),
            TokenError::Scenario(Some(name)) => {
                write!(formatter, "the token belongs to the scenario {name}: replay it there")
            }
            TokenError::Scenario(None) => write!(
                formatter,
                "the token belongs to another scenario, one that this version does not have: replay it with the version that \
                 made it"
            ),
            TokenError::Version { token, scenario } => {
                let age = if token < scenario { "an older" } else { "a newer" };
                write!(
                    formatter,
                    "the token belongs to {age} version of the scenario ({token}, here it is {scenario}): replay it with the \
                     version of raddle that made it, or search again"
                )
            }
            TokenError::Settings => write!(
                formatter,
                "the token was made with other settings, under which its choices mean something else: replay it with the \
                 settings of the run that made it"
            ),
        }
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests;

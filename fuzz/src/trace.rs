//! Traces: files that come from anywhere.

use raddle_spec::trace::{self, Bounds};

/// So small that the verdict on whatever they let through comes soon.
const BOUNDS: Bounds = Bounds { line_bytes: 512, events: 32, name_bytes: 16 };

/// A header, which a fuzzer takes long to guess.
const HEADER: &[u8] = b"{\"raddle_trace\":1,\"system\":\"waitmap\",\"end\":\"rest\"}\n";

/// Holds the laws of traces on `bytes`: as a file, and as the events of one.
///
/// # Panics
///
/// If a law is broken.
pub fn check(bytes: &[u8]) {
    check_file(bytes);
    check_file(&[HEADER, bytes].concat());
}

/// A file is refused in one line, or it is a trace: then there is a verdict on it, and it is the same when it was written and is read
/// again.
fn check_file(file: &[u8]) {
    let trace = match trace::waitmap::read(file, BOUNDS) {
        Ok(trace) => trace,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.is_empty() && !message.contains('\n'), "{message}");
            return;
        }
    };
    assert!(trace.events.len() <= BOUNDS.events);
    assert!(
        trace.names.values().flatten().all(|name| name.len() <= BOUNDS.name_bytes.max(20)),
        "20 digits at most"
    );
    let verdict = trace::waitmap::judge(&trace);
    assert!(!trace.told(&verdict.to_string()).is_empty());
    let mut written = Vec::new();
    trace::waitmap::write(&trace, &mut written).expect("a vector takes all that is written");
    // What is written is longer where names are escaped, so other bounds hold.
    let again =
        trace::waitmap::read(written.as_slice(), Bounds::default()).expect("what was written can be read");
    assert_eq!(again, trace);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_trace_is_refused() {
        check(b"");
        check(b"\xFF\xFE");
        check(&[b'['; 511]);
        check(br#"{"actor":"\u001b[2J","call":"close"}"#);
        check(br#"{"actor":1,"call":"wake","key":"unequal","value":18446744073709551615}"#);
    }
}

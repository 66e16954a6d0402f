//! Output as lines of Docker's json-file format, byte for byte as Docker writes them.
//!
//! ```text
//! {"log":"text\n","stream":"stdout","attrs":{…},"time":"2026-01-02T03:04:05.6Z"}
//! ```
//!
//! - [`write_text`]: the text of one line as the inside of a JSON string
//! - [`Tail`]: what stands behind the text, the same for all lines of one moment
//! - [`LONGEST_PIECE`]: where a long line is cut
//!
//! Go's encoder is the measure: `<`, `>` and `&` are escaped, and so are U+2028 and U+2029; of the
//! control characters only line feed and carriage return have a short form; each byte that is not
//! UTF-8 becomes `\ufffd`. One pass: eight bytes at a time as long as none of them is special.

use alloc::vec::Vec;

/// A line is cut into pieces of so many bytes; only the last of them has the line feed.
pub const LONGEST_PIECE: usize = 16 * 1024;
/// No byte of a text becomes longer than `\u0000`.
pub const LONGEST_ESCAPE: usize = 6;
pub const HEAD: &[u8] = b"{\"log\":\"";

/// U+2028 and U+2029 begin so.
const SEPARATORS: &[u8] = b"\xe2\x80";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes `text` up to its first line feed, and says how long that part is.
pub fn write_text(out: &mut Vec<u8>, text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let plain = plain_run(&text[at..]);
        out.extend_from_slice(&text[at..at + plain]);
        at += plain;
        match text.get(at) {
            None | Some(b'\n') => return at,
            Some(byte) => at += write_special(out, *byte, &text[at..]),
        }
    }
}

/// How many bytes from the start are written as they are.
fn plain_run(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let words = text[at..].as_chunks::<8>().0;
        at += words.iter().take_while(|word| is_plain(word)).count() * 8;
        let rest = text[at..].iter().take_while(|byte| !is_special(**byte));
        at += rest.count();
        match character_length(&text[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}

fn is_special(byte: u8) -> bool {
    !(0x20..0x80).contains(&byte) || matches!(byte, b'"' | b'&' | b'<' | b'>' | b'\\')
}

/// Whether none of eight bytes is special. Borrows between bytes can only make a plain word look
/// special, and then its bytes are looked at one by one.
fn is_plain(word: &[u8; 8]) -> bool {
    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let word = u64::from_ne_bytes(*word);
    let zero_in = |difference: u64| difference.wrapping_sub(all(1)) & !difference;
    let control = word.wrapping_sub(all(0x20)) & !word;
    // `"` and `&` differ in one bit, `<` and `>` in another.
    let quote = zero_in((word & !all(0x04)) ^ all(b'"'));
    let angle = zero_in((word & !all(0x02)) ^ all(b'<'));
    let backslash = zero_in(word ^ all(b'\\'));
    (control | quote | angle | backslash | word) & all(0x80) == 0
}

/// One character that is not written as it is, and how many bytes of `text` it was.
fn write_special(out: &mut Vec<u8>, byte: u8, text: &[u8]) -> usize {
    let hex = |digit: u8| HEX[usize::from(digit & 15)];
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\r' => out.extend_from_slice(b"\\r"),
        0..0x80 => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte)]),
        _ if text.starts_with(SEPARATORS) && matches!(text.get(2), Some(0xa8 | 0xa9)) => {
            out.extend_from_slice(&[b'\\', b'u', b'2', b'0', b'2', hex(text[2])]);
            return 3;
        }
        _ => out.extend_from_slice(b"\\ufffd"),
    }
    1
}

/// The bytes of the character beyond ASCII at the start of `text`; 0 if there is none (table 3-7
/// of the Unicode standard), or one that is escaped.
fn character_length(text: &[u8]) -> usize {
    let Some(first) = text.first() else { return 0 };
    let (length, second) = match *first {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return 0,
    };
    let Some(character) = text.get(..length) else {
        return 0;
    };
    let rest_is_good = character[2..].iter().all(|byte| byte & 0xc0 == 0x80);
    let is_separator = character.starts_with(SEPARATORS) && matches!(character[2], 0xa8 | 0xa9);
    match second.contains(&character[1]) && rest_is_good && !is_separator {
        true => length,
        false => 0,
    }
}

/// `","stream":…,"time":…}` and a line feed.
pub struct Tail(Vec<u8>);

impl Tail {
    pub fn new(stream: &str, attributes: &str, at_ns: u64) -> Self {
        let mut text = Vec::with_capacity(80 + attributes.len());
        text.extend_from_slice(b"\",\"stream\":\"");
        text.extend_from_slice(stream.as_bytes());
        text.push(b'"');
        if !attributes.is_empty() {
            text.extend_from_slice(b",\"attrs\":");
            text.extend_from_slice(attributes.as_bytes());
        }
        text.extend_from_slice(b",\"time\":\"");
        write_time(&mut text, at_ns);
        text.extend_from_slice(b"\"}\n");
        Self(text)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// RFC 3339 in UTC, with as many digits behind the second as are needed.
fn write_time(out: &mut Vec<u8>, at_ns: u64) {
    let (seconds, fraction) = (at_ns / 1_000_000_000, at_ns % 1_000_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date_of(days);
    write_digits(out, year, 4);
    for (separator, value) in [
        (b'-', month),
        (b'-', day),
        (b'T', second / 3600),
        (b':', second / 60 % 60),
        (b':', second % 60),
    ] {
        out.push(separator);
        write_digits(out, value, 2);
    }
    if fraction != 0 {
        out.push(b'.');
        write_digits(out, fraction, 9);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.push(b'Z');
}

fn write_digits(out: &mut Vec<u8>, value: u64, count: u32) {
    for place in (0..count).rev() {
        out.push(b'0' + (value / 10u64.pow(place) % 10) as u8);
    }
}

/// Year, month and day of the day that is `days` after 1 January 1970, in the Gregorian calendar.
///
/// Years begin in March here, so that the leap day is a year's last; 400 years have 146,097 days.
fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (usize, String) {
        let mut out = Vec::new();
        let taken = write_text(&mut out, bytes);
        (
            taken,
            String::from_utf8(out).expect("only UTF-8 is written"),
        )
    }

    #[test]
    fn a_text_ends_at_its_line_feed() {
        assert_eq!(text(b"hello\nworld"), (5, "hello".into()));
        assert_eq!(text(b"\n"), (0, String::new()));
        assert_eq!(text(b""), (0, String::new()));
    }

    #[test]
    fn what_go_escapes_is_escaped() {
        let plain = "a \"quoted\" <b> & \\ \t\r\x00\x1f\x7f";
        let escaped = r#"a \"quoted\" \u003cb\u003e \u0026 \\ \u0009\r\u0000\u001f"#;
        assert_eq!(text(plain.as_bytes()).1, escaped.to_owned() + "\x7f");
        assert_eq!(
            text("\u{2028}\u{2029}\u{202a}".as_bytes()).1,
            "\\u2028\\u2029\u{202a}"
        );
    }

    #[test]
    fn a_special_byte_is_found_at_every_place_of_a_word() {
        for place in 0..24 {
            for byte in (0..=0xffu8).filter(|byte| *byte != b'\n') {
                let mut line = [b'x'; 24];
                line[place] = byte;
                let plain = plain_run(&line);
                assert_eq!(
                    plain,
                    if is_special(byte) { place } else { 24 },
                    "{byte:#x}"
                );
            }
        }
    }

    #[test]
    fn each_byte_that_is_not_utf_8_is_replaced_alone() {
        assert_eq!(text("ä€𝄞".as_bytes()).1, "ä€𝄞");
        assert_eq!(text(b"\xff\xe2\x82").1, "\\ufffd\\ufffd\\ufffd");
        assert_eq!(
            text(b"\xed\xa0\x80 \xc0\x80").1,
            "\\ufffd\\ufffd\\ufffd \\ufffd\\ufffd"
        );
        assert_eq!(text(b"\xf4\x90\x80\x80").1, "\\ufffd".repeat(4));
    }

    #[test]
    fn a_time_has_the_digits_that_it_needs() {
        let time = |at_ns| {
            let mut out = Vec::new();
            write_time(&mut out, at_ns);
            String::from_utf8(out).expect("digits")
        };
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(951_827_696_120_000_000), "2000-02-29T12:34:56.12Z");
        assert_eq!(
            time(1_709_251_199_999_999_999),
            "2024-02-29T23:59:59.999999999Z"
        );
        assert_eq!(
            time(1_709_251_200_000_000_001),
            "2024-03-01T00:00:00.000000001Z"
        );
        assert_eq!(time(4_107_542_399_000_000_000), "2100-02-28T23:59:59Z");
        assert_eq!(time(4_107_542_400_000_000_000), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn the_tail_has_attributes_only_if_there_are_some() {
        let tail = |attributes| String::from_utf8(Tail::new("stderr", attributes, 0).0);
        let time = r#""time":"1970-01-01T00:00:00Z"}"#;
        let stream = r#"","stream":"stderr","#;
        assert_eq!(tail(""), Ok(format!("{stream}{time}\n")));
        assert_eq!(
            tail(r#"{"a":"b"}"#),
            Ok(format!(r#"{stream}"attrs":{{"a":"b"}},{time}"#) + "\n")
        );
    }
}

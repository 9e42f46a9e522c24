//! As much of DER (X.690) as a time stamp needs: values one after another, each in its one spelling; names; instants.

use std::fmt::Write as _;

use crate::model::Time;

/// Tags.
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const UTF8: u8 = 0x0C;
const BMP: u8 = 0x1E;

/// The tag of a member that has a number in its context, of values in it.
pub(super) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// What is left to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next value: its tag, its content, and it whole.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of more than one byte are nowhere in a time stamp.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            // Three bytes say more than may ever come. A length has one spelling, the shortest, and is always told.
            let count = usize::from(first & 0x7F);
            if count == 0 || count > 3 || rest.len() < count {
                return None;
            }
            let (digits, after) = rest.split_at(count);
            length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = after;
            if length < 0x80 || digits[0] == 0 {
                return None;
            }
        }
        let content = rest.get(..length)?;
        let (whole, left) = self.0.split_at(self.0.len() - rest.len() + length);
        self.0 = left;
        Some((tag, content, whole))
    }

    /// The next value's content, where it has this tag; another leaves everything as it was.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (_, content, _) = ahead.any().filter(|(found, ..)| *found == tag)?;
        *self = ahead;
        Some(content)
    }

    /// What is in the next value, where it has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }
}

/// An instant as RFC 3161 §2.4.2 writes it: `20261127093000Z`, with a fraction that does not end in 0.
pub(super) fn time(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !fraction.is_none_or(|part| digits(part) && part.len() <= 9 && !part.ends_with('0'))
    {
        return None;
    }
    let part = |from: usize, to: usize| &whole[from..to];
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    Time::parse(&format!(
        "{}-{}-{}T{}:{}:{}{fraction}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    ))
}

/// A distinguished name as people read it: `CN=Stamp, O=Office`. Nothing in it can steer a terminal.
pub(super) fn name(mut rdns: Reader<'_>) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    while !rdns.is_empty() {
        let mut set = rdns.inside(SET)?;
        while !set.is_empty() {
            let mut pair = set.inside(SEQUENCE)?;
            let kind = pair.take(OID)?;
            let (tag, text, _) = pair.any()?;
            let text = match tag {
                UTF8 => String::from_utf8_lossy(text).into_owned(),
                BMP => String::from_utf16_lossy(
                    &text.chunks(2).map(|two| u16::from_be_bytes([two[0], two.get(1).copied().unwrap_or(0)])).collect::<Vec<_>>(),
                ),
                _ => text.iter().map(|byte| char::from(*byte)).collect(),
            };
            let text: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
            let kind = match kind {
                [0x55, 4, 3] => "CN".to_owned(),
                [0x55, 4, 6] => "C".to_owned(),
                [0x55, 4, 7] => "L".to_owned(),
                [0x55, 4, 8] => "ST".to_owned(),
                [0x55, 4, 10] => "O".to_owned(),
                [0x55, 4, 11] => "OU".to_owned(),
                other => oid(other),
            };
            said.push(format!("{kind}={text}"));
        }
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// An object identifier with dots.
pub(super) fn oid(bytes: &[u8]) -> String {
    let mut said = String::new();
    let mut number: u64 = 0;
    for byte in bytes {
        number = number << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 != 0 {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = if said.is_empty() {
            let first = (number / 40).min(2);
            write!(said, "{first}.{}", number - 40 * first)
        } else {
            write!(said, ".{number}")
        };
        number = 0;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_one_spelling() {
        let rows = [
            ("20261127093000Z", Some("2026-11-27T09:30:00.000000Z")),
            ("19990609001326.34352Z", Some("1999-06-09T00:13:26.343520Z")),
            ("20261127093000", None),
            ("202611270930Z", None),
            ("20261127093000.Z", None),
            ("20261127093000.50Z", None),
            ("20261127093000+0530", None),
            ("20261327093000Z", None),
            ("2026112709300\u{e9}Z", None),
        ];
        for (text, expected) in rows {
            assert_eq!(time(text.as_bytes()).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn values_have_one_spelling() {
        let rows: [(&[u8], bool); 9] = [
            (&[0x02, 0x01, 0x05], true),
            (&[0x02, 0x01], false),
            (&[0x02], false),
            (&[0x02, 0x81, 0x01, 0x05], false),
            (&[0x02, 0x80, 0x05, 0x00, 0x00], false),
            (&[0x02, 0x82, 0x00, 0x81], false),
            (&[0x02, 0x84, 0x00, 0x00, 0x00, 0x01, 0x05], false),
            (&[0x1F, 0x01, 0x05], false),
            (&[], false),
        ];
        for (bytes, read) in rows {
            assert_eq!(Reader::new(bytes).any().is_some(), read, "{bytes:?}");
        }
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(Reader::new(&long).take(OCTETS), Some(&[7; 0x80][..]));
    }

    #[test]
    fn names_are_for_people() {
        let said = |name: &[u8]| super::name(Reader::new(name));
        assert_eq!(
            said(&[0x31, 11, 0x30, 9, 0x06, 3, 0x55, 4, 3, UTF8, 2, b'A', 0x0A]),
            Some("CN=A?".to_owned()),
            "no line of its own"
        );
        assert_eq!(said(&[0x31, 12, 0x30, 10, 0x06, 3, 0x55, 4, 10, BMP, 3, 0, b'A', 9]), Some("O=A\u{900}".to_owned()));
        assert_eq!(said(&[0x31, 11, 0x30, 9, 0x06, 3, 0x2A, 0x86, 0x48, 0x13, 2, b'x', b'y']), Some("1.2.840=xy".to_owned()));
        assert_eq!((said(&[]), said(&[0x31, 2, 0x30])), (None, None));
        assert_eq!(oid(&[0x88, 0x37, 0x03]), "2.999.3");
    }
}

//! What a form with a file posts, as `multipart/form-data` (RFC 7578): its parts by name, of which nothing is copied.

/// More parts than any form of these pages has.
const PARTS_MAX: usize = 16;
/// Bytes of the headers of one part.
const HEADERS_BYTES_MAX: usize = 4_096;
/// Characters of a boundary (RFC 2046).
const BOUNDARY_CHARS_MAX: usize = 70;

/// The parts of a body, in their order, by the names that the form gave them; none where it has another form.
pub(super) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<(String, &'a [u8])>> {
    let delimiter = format!("\r\n--{}", boundary(content_type)?).into_bytes();
    // The first one has no line before it.
    let mut rest = body.strip_prefix(&delimiter[2..])?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let (part, after) = part.split_at(find(part, &delimiter)?);
        let end = find(&part[..part.len().min(HEADERS_BYTES_MAX)], b"\r\n\r\n")?;
        let name = name(std::str::from_utf8(&part[..end]).ok()?)?;
        if parts.len() == PARTS_MAX {
            return None;
        }
        parts.push((name, &part[end + 4..]));
        rest = &after[delimiter.len()..];
    }
}

fn find(text: &[u8], sought: &[u8]) -> Option<usize> {
    text.windows(sought.len()).position(|window| window == sought)
}

fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').map(str::trim);
    if !parameters.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
    })?;
    (1..=BOUNDARY_CHARS_MAX).contains(&boundary.len()).then_some(boundary)
}

/// The name that the form gave a part. What the file was called on the other machine is of no use here.
fn name(headers: &str) -> Option<String> {
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then(|| value.trim())
    })?;
    let parameters = disposition.strip_prefix("form-data")?;
    let (_, name) = parameters.split_once("; name=\"")?;
    name.split_once('"').map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=----x9";

    fn check(content_type: &str, body: &str, expected: Option<&[(&str, &str)]>) {
        let found = parts(content_type, body.as_bytes());
        let expected =
            expected.map(|all| all.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes())).collect::<Vec<_>>());
        assert_eq!(found, expected, "{content_type}: {body:?}");
    }

    #[test]
    fn a_form_with_a_file_is_read_and_nothing_else() {
        let part =
            |name: &str, text: &str| format!("------x9\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        let file = "------x9\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a;name=b.zip\"\r\nContent-Type: application/zip\r\n\r\nPK\r\n--no\r\n\r\n\0\r\n";
        let both = part("key", "k-1") + file + "------x9--\r\n";
        check(TYPE, &both, Some(&[("key", "k-1"), ("file", "PK\r\n--no\r\n\r\n\0")]));
        check(
            "Multipart/Form-Data; charset=x; Boundary=\"----x9\"",
            &both,
            Some(&[("key", "k-1"), ("file", "PK\r\n--no\r\n\r\n\0")]),
        );
        check(TYPE, "------x9--\r\n", Some(&[]));
        check(TYPE, &(part("a", "") + "------x9--"), Some(&[("a", "")]));
        for (kind, body) in [
            (TYPE, String::new()),
            (TYPE, part("key", "k-1")),
            (TYPE, both.replace("------x9", "------x8")),
            (TYPE, format!(" {both}")),
            (TYPE, both.replace("form-data; name=\"key\"", "attachment")),
            (TYPE, both.replace("\r\n\r\nk-1", "\r\nk-1")),
            (TYPE, part("a", "").repeat(PARTS_MAX + 1) + "------x9--"),
            (TYPE, part(&"a".repeat(HEADERS_BYTES_MAX), "") + "------x9--"),
            ("multipart/form-data", both.clone()),
            ("multipart/form-data; boundary=", both.clone()),
            ("application/x-www-form-urlencoded; boundary=----x9", both.clone()),
        ] {
            check(kind, &body, None);
        }
        // However it is cut off, it is no form.
        for end in 0..both.len() - 4 {
            check(TYPE, &both[..end], None);
        }
    }
}

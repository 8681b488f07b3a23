//! E-mail addresses as people type them: enough to refuse a slip, the rest is for the mail server to say.
use crate::spreadsheet::half_width;

/// The longest address that a mail server has to take, bytes (RFC 5321 4.5.3.1.3).
const LONGEST: usize = 254;

/// The address in lower case, if the text can be one.
pub fn read(text: &str) -> Option<String> {
    let address = half_width(text).trim().to_lowercase();
    let (local, host) = address.split_once('@')?;
    let is_host = host
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let is_local = !local.is_empty()
        && local
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b));
    (is_local && is_host && host.contains('.') && address.len() <= LONGEST).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_a_slip_is_not() {
        assert_eq!(
            read(" Wang.Fang＠example.org "),
            Some("wang.fang@example.org".to_owned())
        );
        for wrong in [
            "",
            "wang",
            "@example.org",
            "wang@",
            "wang@org",
            "wang@example..org",
            "a b@example.org",
            "a@b@c.org",
            "a@b.org\nBcc: x@y.org",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

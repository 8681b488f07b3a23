//! What a person reads off paper and types: activation codes, first passwords and generated logins.
use rand::RngExt;

/// Letters and digits that nobody takes for another: no 0 and O, no 1, I and L.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// So many random characters of the alphabet.
pub fn random(length: usize) -> String {
    let mut rng = rand::rng();
    std::iter::repeat_with(|| ALPHABET.get(rng.random_range(0..ALPHABET.len())))
        .flatten()
        .take(length)
        .map(|byte| char::from(*byte))
        .collect()
}

/// An activation code: 10 characters, 49 bits.
pub(crate) fn activation() -> String {
    random(10)
}

/// A code as it was meant: in capitals, without the spaces and dashes that people put between groups.
pub(crate) fn as_meant(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_read_aloud() {
        let code = activation();
        assert_eq!(code.len(), 10);
        assert!(code.bytes().all(|b| ALPHABET.contains(&b)), "{code}");
        let spoken = format!("{} - {}", &code[..5].to_lowercase(), &code[5..]);
        assert_eq!(as_meant(&spoken), code);
        assert_ne!(activation(), code);
    }
}

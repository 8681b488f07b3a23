//! Fields of a change: absent stays as it is, null is cleared.
use serde::{Deserialize, Deserializer};

#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
/// Tells null (`Some(None)`) from absent (`None`, with `#[serde(default)]`).
pub(crate) fn clearable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(field).map(Some)
}

#[cfg(test)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "clearable")]
        email: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let read = |text: &str| serde_json::from_str::<Change>(text).unwrap().email;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"email": null}"#), Some(None));
        assert_eq!(
            read(r#"{"email": "a@example.org"}"#),
            Some(Some("a@example.org".to_owned()))
        );
    }
}

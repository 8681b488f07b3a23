//! Fields of a change: absent stays as it is, null is cleared.
use serde::{Deserialize, Deserializer};

/// A field that a change may leave, clear or set; goes with `#[serde(default, deserialize_with = "clearable")]`.
pub(crate) type Clearable<T> = Option<Option<T>>;

/// Tells null (`Some(None)`) from absent (`None`).
pub(crate) fn clearable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Clearable<T>, D::Error> {
    Option::<T>::deserialize(field).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "clearable")]
        email: Clearable<String>,
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

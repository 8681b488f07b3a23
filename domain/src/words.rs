//! Enumerations whose variants are stable words in the API, the database and the files.

/// Declares an enumeration with one word a variant: `as_str`, `Display`, `FromStr`, `ALL` and serde all use it. Its name in
/// the contract, where another module's enumeration has the same, follows after `as`.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(as $contract:literal)? { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        #[cfg(feature = "contract")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::words::schema(&[$($word),+])
            }
        }
        #[cfg(feature = "contract")]
        impl utoipa::ToSchema for $name {
            $(fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($contract)
            })?
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::words::UnknownWord { list: stringify!($name), expected: &[$($word),+] }),
                }
            }
        }
    };
}

/// The word is not on the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {list}; expected one of {}", expected.join(", "))]
pub struct UnknownWord {
    /// The list's name.
    pub list: &'static str,
    /// The words on it.
    pub expected: &'static [&'static str],
}

/// The schema of a word: a string from the list.
#[cfg(feature = "contract")]
pub fn schema(list: &[&'static str]) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(list.iter().copied()))
        .into()
}

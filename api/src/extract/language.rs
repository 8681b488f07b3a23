//! The caller's language, from `Accept-Language`: Chinese unless English is preferred.
use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, AcceptLanguage, Header};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

/// A language that Kiteline speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// zh-CN.
    #[default]
    Chinese,
    /// en.
    English,
}

impl Language {
    /// Its tag.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// What is said in this language.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The first of the caller's languages that is spoken here.
    pub(crate) fn of(message: &impl HttpMessage) -> Self {
        if !message.headers().contains_key(ACCEPT_LANGUAGE) {
            return Self::default();
        }
        let ranked = AcceptLanguage::parse(message)
            .map(|header| header.ranked())
            .unwrap_or_default();
        let spoken = ranked.iter().filter_map(|wish| {
            let tag = wish.item()?.primary_language().to_owned();
            match tag.as_str() {
                "zh" => Some(Self::Chinese),
                "en" => Some(Self::English),
                _ => None,
            }
        });
        spoken.into_iter().next().unwrap_or_default()
    }
}

impl FromRequest for Language {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn chinese_unless_english_is_preferred() {
        let asks = |header: &str| {
            Language::of(
                &TestRequest::default()
                    .insert_header((ACCEPT_LANGUAGE, header))
                    .to_request(),
            )
        };
        assert_eq!(Language::of(&TestRequest::default().to_request()), Language::Chinese);
        assert_eq!(asks("en-GB,en;q=0.9,zh;q=0.2"), Language::English);
        assert_eq!(asks("zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(asks("fr,en;q=0.5"), Language::English);
        assert_eq!(asks("fr, *"), Language::Chinese);
    }
}

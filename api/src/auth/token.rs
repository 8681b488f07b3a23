//! Access tokens: signed with `EdDSA`, good for a quarter of an hour, saying who and in which session and nothing more.
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::id::{AccountId, SessionId};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::Rng;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long an access token is good, seconds.
pub(crate) const ACCESS_SECONDS: i64 = 900;

/// What the header of an access token says that it is.
const TYPE: &str = "JWT";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Signs with the newest key, verifies with all.
pub struct Signer {
    issuer: String,
    kid: String,
    key: EncodingKey,
    known: HashMap<String, DecodingKey>,
    published: Jwks,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("issuer", &self.issuer)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The public keys that verify tokens (RFC 7517).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Jwks {
    /// One entry a key.
    keys: Vec<Jwk>,
}

/// A public key (RFC 8037).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Jwk {
    /// The family of the key.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The algorithm of its signatures.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// What it is for.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// Its name in a token's header.
    #[schema(example = "5f1c2a90")]
    kid: String,
    /// The public key, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

impl Signer {
    /// A signer with these keys, the newest last.
    pub(super) fn new<'a>(issuer: &str, keys: impl Iterator<Item = (&'a str, &'a SigningKey)>) -> Result<Self, Error> {
        let mut known = HashMap::new();
        let mut newest = None;
        let mut published = Vec::new();
        for (kid, key) in keys {
            let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
            known.insert(kid.to_owned(), DecodingKey::from_ed_components(&x)?);
            published.push(Jwk {
                kty: "OKP",
                crv: "Ed25519",
                alg: "EdDSA",
                purpose: "sig",
                kid: kid.to_owned(),
                x,
            });
            newest = Some((kid.to_owned(), key));
        }
        let (kid, key) = newest.ok_or_else(|| Error::from(ErrorKind::InvalidEddsaKey))?;
        let der = key
            .to_pkcs8_der()
            .map_err(|_pkcs8| Error::from(ErrorKind::InvalidEddsaKey))?;
        Ok(Self {
            issuer: issuer.to_owned(),
            kid,
            key: EncodingKey::from_ed_der(der.as_bytes()),
            known,
            published: Jwks { keys: published },
        })
    }

    /// An access token.
    pub(crate) fn sign(&self, account: AccountId, session: SessionId, now: DateTime<Utc>) -> Result<String, Error> {
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: account,
            sid: session,
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
        };
        self.write(TYPE, &claims)
    }

    /// A token of the kind `typ`, signed with the newest key.
    pub(super) fn write(&self, typ: &str, claims: &impl Serialize) -> Result<String, Error> {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &self.key)
    }

    /// The key of that name, if it is one of ours.
    pub(super) fn key(&self, kid: &str) -> Option<&DecodingKey> {
        self.known.get(kid)
    }

    /// The account and session of a token that is ours and good at `now`.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<(AccountId, SessionId)> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let kid = header.kid?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "sub", "exp"]);
        // The library would ask the machine's clock; ours comes in by the door.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, self.known.get(&kid)?, &rules)
            .ok()?
            .claims;
        (claims.exp > now.timestamp()).then_some((claims.sub, claims.sid))
    }

    /// The public keys.
    pub(crate) const fn published(&self) -> &Jwks {
        &self.published
    }
}

/// A refresh token: 32 random bytes, base64url.
pub(crate) fn refresh_token() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "kiteline";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn signer(keys: &[(&str, u8)]) -> Signer {
        let keys: Vec<_> = keys.iter().map(|(kid, seed)| (*kid, key(*seed))).collect();
        Signer::new(ISSUER, keys.iter().map(|(kid, key)| (*kid, key))).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn ids() -> (AccountId, SessionId) {
        (AccountId(uuid::Uuid::from_u128(1)), SessionId(uuid::Uuid::from_u128(2)))
    }

    #[test]
    fn a_token_is_good_for_a_quarter_of_an_hour() {
        let signer = signer(&[("a", 1)]);
        let token = signer.sign(ids().0, ids().1, now()).unwrap();
        assert_eq!(signer.verify(&token, now()), Some(ids()));
        let last = now() + chrono::Duration::seconds(ACCESS_SECONDS - 1);
        assert_eq!(signer.verify(&token, last), Some(ids()));
        assert_eq!(signer.verify(&token, last + chrono::Duration::seconds(1)), None);
    }

    #[test]
    fn after_a_rotation_old_tokens_are_still_good_until_their_key_is_gone() {
        let token = signer(&[("a", 1)]).sign(ids().0, ids().1, now()).unwrap();
        let rotated = signer(&[("a", 1), ("b", 2)]);
        assert_eq!(rotated.verify(&token, now()), Some(ids()));
        let newer = rotated.sign(ids().0, ids().1, now()).unwrap();
        assert_eq!(jsonwebtoken::decode_header(&newer).unwrap().kid.as_deref(), Some("b"));
        assert_eq!(signer(&[("b", 2)]).verify(&token, now()), None);
        assert_eq!(rotated.published().keys.len(), 2);
    }

    #[test]
    fn a_foreign_or_changed_token_is_refused() {
        let ours = signer(&[("a", 1)]);
        let forged = signer(&[("a", 9)]).sign(ids().0, ids().1, now()).unwrap();
        assert_eq!(ours.verify(&forged, now()), None);
        let other = Signer::new("elsewhere", [("a", &key(1))].into_iter()).unwrap();
        let elsewhere = other.sign(ids().0, ids().1, now()).unwrap();
        assert_eq!(ours.verify(&elsewhere, now()), None);
        let token = ours.sign(ids().0, ids().1, now()).unwrap();
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let claims = rest.split_once('.').unwrap().1;
        for header in [
            r#"{"alg":"none","kid":"a"}"#,
            r#"{"alg":"HS256","kid":"a"}"#,
            r#"{"alg":"EdDSA"}"#,
        ] {
            let forged = format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(ours.verify(&forged, now()), None, "{header}");
        }
        for nonsense in ["", "a.b.c", rest] {
            assert_eq!(ours.verify(nonsense, now()), None, "{nonsense}");
        }
    }
}

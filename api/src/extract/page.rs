//! Keyset pages: an opaque, signed cursor, `{items, next_cursor}` and a `Link` to the next page.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use persistence::vault::Vault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Failure, Fault};

const DEFAULT_LIMIT: i64 = 50;
const SIGNATURE_BYTES: usize = 16;

/// Which page.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    pub(crate) limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, in the list's order.
    pub(crate) items: Vec<T>,
    /// For the next page; absent on the last.
    pub(crate) next_cursor: Option<String>,
}

impl<T: Serialize> Page<T> {
    /// The answer, with a `Link` to the next page.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &self.next_cursor {
            let kept = request
                .query_string()
                .split('&')
                .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
            let query: Vec<_> = kept
                .map(ToOwned::to_owned)
                .chain([format!("cursor={cursor}")])
                .collect();
            let link = format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"));
            response.insert_header((header::LINK, link));
        }
        response.json(self)
    }
}

/// Signs cursors, so that nobody builds one that the store never gave.
#[derive(Clone)]
pub(crate) struct CursorKey(std::sync::Arc<Vault>);

impl CursorKey {
    /// Cursors are signed with the vault's keyed hash.
    pub(crate) const fn new(vault: std::sync::Arc<Vault>) -> Self {
        Self(vault)
    }

    fn signature(&self, payload: &str) -> Result<Vec<u8>, Failure> {
        let mut hash = self
            .0
            .hash("cursor", payload)
            .map_err(|error| Failure::Internal(error.to_string()))?;
        hash.truncate(SIGNATURE_BYTES);
        Ok(hash)
    }

    /// A cursor that says where the next page begins.
    pub(crate) fn write(&self, position: &impl Serialize) -> Result<String, Failure> {
        let payload = serde_json::to_string(position).map_err(|error| Failure::Internal(error.to_string()))?;
        let mut bytes = self.signature(&payload)?;
        bytes.extend_from_slice(payload.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What [`CursorKey::write`] wrote.
    pub(crate) fn read<P: DeserializeOwned>(&self, cursor: &str) -> Result<P, Failure> {
        let foreign = || Failure::Invalid(vec![Fault::new("?cursor", "cursor_foreign", "")]);
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_base64| foreign())?;
        let (signature, payload) = bytes.split_at_checked(SIGNATURE_BYTES).ok_or_else(foreign)?;
        let payload = std::str::from_utf8(payload).map_err(|_utf8| foreign())?;
        if !bool::from(self.signature(payload)?.ct_eq(signature)) {
            return Err(foreign());
        }
        serde_json::from_str(payload).map_err(|_shape| foreign())
    }
}

impl PageQuery {
    /// How many items.
    pub(crate) fn limit(&self) -> Result<i64, Failure> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=500 => Ok(limit),
            limit if limit < 1 => Err(Failure::Invalid(vec![Fault::new("?limit", "too_small", "1")])),
            _ => Err(Failure::Invalid(vec![Fault::new("?limit", "too_big", "500")])),
        }
    }

    /// Where the page begins.
    pub(crate) fn position<P: DeserializeOwned>(&self, key: &CursorKey) -> Result<Option<P>, Failure> {
        self.cursor.as_deref().map(|cursor| key.read(cursor)).transpose()
    }
}

/// Cuts the list of `limit + 1` rows that the store gave to a page; `position` says where the next one begins.
pub(crate) fn cut<R, P: Serialize>(
    mut rows: Vec<R>,
    limit: i64,
    key: &CursorKey,
    position: impl Fn(&R) -> P,
) -> Result<(Vec<R>, Option<String>), Failure> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= wanted {
        return Ok((rows, None));
    }
    rows.truncate(wanted);
    let cursor = rows.last().map(|last| key.write(&position(last))).transpose()?;
    Ok((rows, cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_by_who_wrote_it_and_nobody_elses_is() {
        let key = CursorKey::new(std::sync::Arc::new(Vault::new([(1, [1; 32])], [2; 32])));
        let cursor = key.write(&("/320685/", 7)).unwrap();
        assert_eq!(key.read::<(String, i32)>(&cursor).unwrap(), ("/320685/".to_owned(), 7));
        let other = CursorKey::new(std::sync::Arc::new(Vault::new([(1, [1; 32])], [3; 32])));
        assert!(other.read::<(String, i32)>(&cursor).is_err());
        for forged in ["", "x", "AAAA", &cursor[1..]] {
            assert!(key.read::<(String, i32)>(forged).is_err(), "{forged}");
        }
    }
}

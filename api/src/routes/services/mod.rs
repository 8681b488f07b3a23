//! What an organisation does for people besides keeping in touch: wishes (微心愿), service requests (服务事项), gifts.
mod attachments;
mod gifts;
mod pictures;
mod request_view;
mod requests;
mod view;
mod wishes;

use actix_web::HttpResponse;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use chrono::{DateTime, NaiveDate, Utc};
use domain::file::FileType;
use domain::id::FileId;
use domain::service::Side;
use persistence::files::{FileRecord, NewFile};
use persistence::{Message, Store, StoreError, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kite::said;
use crate::extract::form::HandedIn;
use crate::extract::{Faults, Input};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) use attachments::{AttachmentBody, AttachmentPath};
pub(crate) use gifts::GiftView;
pub(crate) use pictures::{PictureBody, bare};
pub(crate) use request_view::ServiceRequestView;
pub(crate) use requests::{Asked, ServiceRequestPath};
pub(crate) use view::{WishPath, WishView};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(wishes::configure)
        .configure(requests::configure)
        .configure(attachments::configure)
        .configure(gifts::configure);
}

/// Something that was said about a wish or a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceMessageView {
    /// For whom.
    side: Side,
    /// Who; none for an anonymous author.
    #[schema(example = "陈干事")]
    who: Option<String>,
    /// What.
    #[schema(example = "已放在村部，报编号领取")]
    said: String,
    /// On which day.
    said_on: NaiveDate,
}

impl From<Message> for ServiceMessageView {
    fn from(message: Message) -> Self {
        Self {
            side: message.side,
            who: message.who,
            said: message.body,
            said_on: message.said_on,
        }
    }
}

/// A file that is attached to a wish or a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachmentView {
    /// Its id.
    id: FileId,
    /// What it is.
    file_type: FileType,
    /// How many bytes.
    #[schema(example = 183_204)]
    size: i32,
    /// Who handed it in; none for an anonymous author.
    #[schema(example = "陈干事")]
    uploaded_by: Option<String>,
    /// When; of an anonymous author's file the day alone is kept, and its noon stands here.
    uploaded_at: DateTime<Utc>,
}

impl From<FileRecord> for AttachmentView {
    fn from(file: FileRecord) -> Self {
        Self {
            id: file.id,
            file_type: file.file_type,
            size: file.size,
            uploaded_by: Some(file.uploaded_by).filter(|name| !name.is_empty()),
            uploaded_at: file.uploaded_at,
        }
    }
}

/// What is said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidBody {
    /// In one's own words.
    #[schema(min_length = 1, max_length = 1000, example = "请问多大尺码？")]
    said: String,
}

impl Input for SaidBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        words("/said", self.said, faults)
    }
}

/// What is said with it, if anything.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaybeSaidBody {
    /// In one's own words.
    #[schema(max_length = 1000, example = "已放在村部，报编号领取")]
    said: Option<String>,
}

impl Input for MaybeSaidBody {
    type Meaning = Option<String>;

    fn read(self, _: &mut Faults) -> Option<Option<String>> {
        Some(said(self.said))
    }
}

/// Words that have to be there.
pub(crate) fn words(pointer: &str, text: String, faults: &mut Faults) -> Option<String> {
    let text = said(Some(text));
    if text.is_none() {
        faults.add(pointer, "required");
    }
    text
}

/// Stores a file that was handed in, then its row; a row that is refused takes the file along.
pub(crate) async fn keep<R: Send + 'static>(
    store: &Store,
    file: HandedIn,
    attach: impl FnOnce(&mut Tx<'_>, NewFile) -> Result<R, StoreError> + Send + 'static,
) -> Result<R, Failure> {
    // The id tells the day alone, whoever hands it in.
    let row = file.row(store.fresh_of_day());
    let id = row.id;
    store.files().put(id, &file.bytes).await?;
    let kept = store.write(move |tx| attach(tx, row)).await;
    // Where the answer was lost the row may be there; what has none is swept.
    let row_may_be = matches!(kept, Ok(_) | Err(StoreError::Unavailable(_) | StoreError::Bug(_)));
    if !row_may_be {
        drop(store.files().remove(id).await);
    }
    Ok(kept?)
}

/// The bytes of a file, for the caller to keep.
pub(crate) async fn fetched(store: &Store, file: FileRecord) -> Result<HttpResponse, Failure> {
    let bytes = store.files().get(file.id).await?;
    let name = format!("{}.{}", file.id, file.file_type.extension());
    Ok(HttpResponse::Ok()
        .content_type(file.file_type.as_str())
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .body(bytes))
}

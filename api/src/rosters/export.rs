//! A whole roster on its way out, in constant memory: the store writes as fast as the client reads, and stops when the
//! client is gone.
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, DispositionParam, DispositionType};
use actix_web::web::Bytes;
use futures_util::stream;
use persistence::{Store, StoreError, Tx};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::csv::Table;
use super::workbook::Workbook;
use super::{Column, Said};
use crate::problem::Failure;

/// Whole rosters at one time: each holds one of the store's connections.
const AT_ONCE: usize = 2;
/// Chunks that may wait for the client.
const WAITING: usize = 4;
/// How long a client may read nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// Lets few exports run at a time, so that they leave room for check-ins.
#[derive(Clone)]
pub(crate) struct Exports(Arc<Semaphore>);

impl Exports {
    /// With all places free.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// A place for one export.
    ///
    /// # Errors
    /// 503 when all are taken.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let busy = |error| Failure::Store(StoreError::Unavailable(Box::new(error)));
        Arc::clone(&self.0).try_acquire_owned().map_err(busy)
    }
}

/// Where a walk puts its lines.
type Put<'a, L> = &'a mut dyn FnMut(L) -> ControlFlow<()>;

/// A table that is written line by line.
pub(super) trait Sheet<L> {
    /// Adds a line.
    fn add(&mut self, line: &L) -> io::Result<()>;

    /// Hands on what is left.
    fn end(self: Box<Self>) -> io::Result<()>;
}

/// What kind of file a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CSV.
    Csv,
    /// An Excel workbook.
    Workbook,
}

impl Kind {
    /// How a file's name ends.
    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Workbook => "xlsx",
        }
    }

    /// The media type.
    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    fn begin<L>(self, columns: &'static [Column<L>], said: Said, out: Chunks) -> io::Result<Box<dyn Sheet<L>>> {
        Ok(match self {
            Self::Csv => Box::new(Table::begin(columns, said, out)?),
            Self::Workbook => Box::new(Workbook::begin(columns, said, out)?),
        })
    }
}

/// Streams the lines that `walk` puts, as a file of that name and kind.
pub(crate) fn stream<L: 'static>(
    store: Store,
    place: OwnedSemaphorePermit,
    (name, kind): (&str, Kind),
    columns: &'static [Column<L>],
    said: Said,
    walk: impl FnOnce(&mut Tx<'_>, Put<'_, L>) -> Result<(), StoreError> + Send + 'static,
) -> HttpResponse {
    let (sender, chunks) = channel(WAITING);
    let failed = sender.clone();
    tokio::spawn(async move {
        let written = store
            .read(move |tx| write(tx, columns, said, (kind, Chunks::to(sender)), walk))
            .await;
        drop(place);
        if let Err(error) = written {
            tracing::error!(error = %error, "a roster broke off");
            // The answer ends without its end, so that nobody takes the half for the whole.
            let _client_may_be_gone = failed.send(Err(io::Error::other(error))).await;
        }
    });
    let disposition = header::ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(format!("{name}.{}", kind.extension()))],
    };
    HttpResponse::Ok()
        .content_type(kind.media_type())
        .insert_header(disposition)
        .insert_header((header::CONTENT_LANGUAGE, said.language.as_str()))
        .streaming(body(chunks))
}

fn body(chunks: Receiver<io::Result<Bytes>>) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    stream::unfold(chunks, |mut chunks| async move {
        chunks.recv().await.map(|chunk| (chunk, chunks))
    })
}

/// Writes the whole table; that the client went away is no failure.
fn write<L: 'static>(
    tx: &mut Tx<'_>,
    columns: &'static [Column<L>],
    said: Said,
    (kind, out): (Kind, Chunks),
    walk: impl FnOnce(&mut Tx<'_>, Put<'_, L>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut ended = Ok(());
    match kind.begin(columns, said, out) {
        Err(error) => ended = Err(error),
        Ok(mut table) => {
            walk(tx, &mut |line| {
                ended = table.add(&line);
                if ended.is_err() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            ended = ended.and_then(|()| table.end());
        }
    }
    match ended {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            tracing::info!("the reader of a roster went away");
            Ok(())
        }
        ended => ended.map_err(|error| StoreError::Bug(Box::new(error))),
    }
}

/// Hands bytes to the client, from a thread that may wait.
struct Chunks {
    sender: Sender<io::Result<Bytes>>,
    runtime: Handle,
}

impl Chunks {
    fn to(sender: Sender<io::Result<Bytes>>) -> Self {
        Self {
            sender,
            runtime: Handle::current(),
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = Ok(Bytes::copy_from_slice(bytes));
        let sent = self
            .runtime
            .block_on(tokio::time::timeout(PATIENCE, self.sender.send(chunk)));
        match sent {
            Ok(Ok(())) => Ok(bytes.len()),
            Ok(Err(_)) | Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

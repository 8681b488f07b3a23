//! Files that people hand in: which kinds are taken, and how large they may be.
use crate::words;

words! {
    /// What a file is, told by its bytes; the word is its media type.
    pub enum FileType {
        /// A picture.
        Png = "image/png",
        /// A photograph.
        Jpeg = "image/jpeg",
        /// A picture or photograph.
        WebP = "image/webp",
        /// A document.
        Pdf = "application/pdf",
    }
}

words! {
    /// What a file is for.
    pub enum FilePurpose {
        /// 介绍信: the letter by which a stay was verified.
        Letter = "letter",
        /// What shows what a wish (微心愿) is about, or that it has come true.
        Wish = "wish",
        /// What goes with a service request (服务事项) or its answer.
        ServiceRequest = "service_request",
    }
}

/// The largest letter, bytes: 10 MiB.
pub const LARGEST_LETTER: usize = 10 * 1024 * 1024;

/// The largest attachment of a wish or a service request, bytes: 10 MiB.
pub const LARGEST_ATTACHMENT: usize = 10 * 1024 * 1024;

/// The most attachments that a wish or a service request has.
pub const MOST_ATTACHMENTS: usize = 6;

impl FileType {
    /// The end of a name that we give such a file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Pdf => "pdf",
        }
    }
}

//! Pictures that go with wishes: taken without what a camera or a program wrote beside them, such as a place or a name.
use domain::file::FileType;
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;
use utoipa::ToSchema;

use crate::extract::form::HandedIn;
use crate::problem::{Failure, Fault};

/// The picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct PictureBody {
    /// A picture (PNG, JPEG, WebP) of at most 10 MiB; what it is is told by its bytes. What a camera or a program wrote
    /// beside the picture is taken out.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Parts of a PNG that make up the picture and its colours.
const PNG_PARTS: [&[u8; 4]; 11] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs",
];
/// Parts of a WebP that make up the picture and its colours.
const WEBP_PARTS: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Segments of a JPEG that programs write beside the picture: all but that of the colours' model.
const JPEG_BESIDE: [u8; 16] = [
    markers::APP0,
    markers::APP1,
    markers::APP2,
    markers::APP3,
    markers::APP4,
    markers::APP5,
    markers::APP6,
    markers::APP7,
    markers::APP8,
    markers::APP9,
    markers::APP10,
    markers::APP11,
    markers::APP12,
    markers::APP13,
    markers::APP15,
    markers::COM,
];

/// The picture alone.
///
/// # Errors
/// [`Failure::Invalid`] for what is no picture, or can't be read as one.
pub(crate) fn bare(file: HandedIn) -> Result<HandedIn, Failure> {
    let bytes = file.bytes.into();
    let picture = match file.file_type {
        FileType::Jpeg => Jpeg::from_bytes(bytes).ok().map(|mut jpeg| {
            jpeg.segments_mut().retain(|part| !JPEG_BESIDE.contains(&part.marker()));
            jpeg.encoder().bytes()
        }),
        FileType::Png => Png::from_bytes(bytes).ok().map(|mut png| {
            png.chunks_mut().retain(|part| PNG_PARTS.contains(&&part.kind()));
            png.encoder().bytes()
        }),
        FileType::WebP => WebP::from_bytes(bytes).ok().map(|mut webp| {
            webp.chunks_mut().retain(|part| WEBP_PARTS.contains(&&part.id()));
            webp.encoder().bytes()
        }),
        FileType::Pdf => None,
    };
    let bytes = picture.ok_or_else(|| {
        let fault = Fault::new("/file", "not_a_picture", "PNG, JPEG, WebP");
        Failure::Invalid(vec![fault])
    })?;
    Ok(HandedIn {
        file_type: file.file_type,
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bared(file_type: FileType, bytes: &[u8]) -> Option<Vec<u8>> {
        let file = HandedIn {
            file_type,
            bytes: bytes.to_vec(),
        };
        bare(file).ok().map(|file| file.bytes)
    }

    #[test]
    fn nothing_that_is_written_beside_a_picture_stays() {
        let secret = "Zhang San".as_bytes();
        let says = |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
        let exif = [&[0xFF, 0xE1, 0, 17][..], b"Exif\0\0", secret].concat();
        let comment = [&[0xFF, 0xFE, 0, 11][..], secret].concat();
        let jpeg = [
            &[0xFF, 0xD8][..],
            &exif,
            &comment,
            &[0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xD9],
        ]
        .concat();
        let bare = bared(FileType::Jpeg, &jpeg).unwrap();
        assert!(says(&jpeg) && !says(&bare));
        assert_eq!(bare, [0xFF, 0xD8, 0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xD9]);

        let part = |kind: &[u8; 4], body: &'static [u8]| {
            let part = img_parts::png::PngChunk::new(*kind, body.into());
            part.encoder().bytes().to_vec()
        };
        let parts = [part(b"IHDR", &[0; 13]), part(b"tEXt", b"Zhang San"), part(b"IEND", &[])].concat();
        let png = [&b"\x89PNG\r\n\x1a\n"[..], &parts].concat();
        let bare = bared(FileType::Png, &png).unwrap();
        assert!(says(&png) && !says(&bare) && bare.len() < png.len());

        assert_eq!(bared(FileType::Jpeg, b"\xFF\xD8"), None);
        assert_eq!(bared(FileType::Pdf, b"%PDF-1.7 Zhang San"), None);
    }
}

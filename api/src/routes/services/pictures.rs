//! Pictures that go with wishes: taken without what a camera or a program wrote beside them, such as a place or a name.
mod scans;

use std::io::Cursor;

use domain::file::FileType;
use exif::experimental::Writer;
use exif::{Field, In, Reader, Tag, Value};
use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF};
use utoipa::ToSchema;

use crate::extract::form::HandedIn;
use crate::problem::{Failure, Fault};

/// The picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct PictureBody {
    /// A picture (PNG, JPEG, WebP) of at most 10 MiB; what it is is told by its bytes. What a camera or a program wrote
    /// beside the picture is taken out, but for the side that is up.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Parts of a PNG that make up the picture. Not its profile of colours, which may have the name of a screen's owner.
const PNG_PARTS: [&[u8; 4]; 10] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs",
];
/// Parts of a WebP that make up the picture.
const WEBP_PARTS: [&[u8; 4]; 6] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"];

/// The picture alone, and which of its sides is up.
///
/// # Errors
/// [`Failure::Invalid`] for what is no picture, or can't be read as one.
pub(crate) fn bare(file: HandedIn) -> Result<HandedIn, Failure> {
    let bytes = file.bytes.into();
    let picture = match file.file_type {
        FileType::Jpeg => Jpeg::from_bytes(bytes).ok().map(|mut jpeg| {
            let side = side_up(&jpeg);
            let parts = std::mem::take(jpeg.segments_mut()).into_iter();
            let parts = parts.filter(|part| scans::is_of_picture(part.marker(), part.contents()));
            *jpeg.segments_mut() = parts.map(with_scans_alone).collect();
            jpeg.set_exif(side);
            jpeg.encoder().bytes()
        }),
        FileType::Png => Png::from_bytes(bytes).ok().map(|mut png| {
            let side = side_up(&png);
            png.chunks_mut().retain(|part| PNG_PARTS.contains(&&part.kind()));
            png.set_exif(side);
            png.encoder().bytes()
        }),
        FileType::WebP => WebP::from_bytes(bytes).ok().map(|mut webp| {
            let side = side_up(&webp);
            webp.chunks_mut().retain(|part| WEBP_PARTS.contains(&&part.id()));
            webp.set_exif(side);
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

/// A segment of a JPEG; the first with a scan has all that follows as well.
fn with_scans_alone(part: JpegSegment) -> JpegSegment {
    if !part.has_entropy() {
        return part;
    }
    let (marker, contents, length) = (part.marker(), part.contents().clone(), part.len());
    let written = part.encoder().bytes();
    let scans = scans::alone(written.get(length..).unwrap_or_default());
    JpegSegment::new_with_entropy(marker, contents, scans.into())
}

/// EXIF that says which side of the picture is up, and nothing else; none where that is the usual one.
fn side_up(picture: &impl ImageEXIF) -> Option<Bytes> {
    let said = Reader::new().read_raw(picture.exif()?.to_vec()).ok()?;
    let side = said.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    let side = u16::try_from(side).ok().filter(|side| (2..=8).contains(side))?;
    let field = Field {
        tag: Tag::Orientation,
        ifd_num: In::PRIMARY,
        value: Value::Short(vec![side]),
    };
    let (mut writer, mut written) = (Writer::new(), Cursor::new(Vec::new()));
    writer.push_field(&field);
    writer.write(&mut written, false).ok()?;
    Some(written.into_inner().into())
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

    const SECRET: &[u8] = b"Zhang San";

    fn says(bytes: &[u8]) -> bool {
        bytes.windows(SECRET.len()).any(|part| part == SECRET)
    }

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let part = JpegSegment::new_with_contents(marker, contents.to_vec().into());
        part.encoder().bytes().to_vec()
    }

    /// EXIF as a camera writes it: whose it is, and that the picture was taken with the camera on its side.
    fn of_camera() -> Vec<u8> {
        let field = |tag, value| Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        };
        let artist = field(Tag::Artist, Value::Ascii(vec![SECRET.to_vec()]));
        let side = field(Tag::Orientation, Value::Short(vec![6]));
        let (mut writer, mut written) = (Writer::new(), Cursor::new(Vec::new()));
        writer.push_field(&artist);
        writer.push_field(&side);
        writer.write(&mut written, true).unwrap();
        written.into_inner()
    }

    fn side_of(picture: &impl ImageEXIF) -> Option<u32> {
        let exif = Reader::new().read_raw(picture.exif()?.to_vec()).unwrap();
        assert_eq!(exif.fields().count(), 1);
        exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)
    }

    #[test]
    fn of_a_jpeg_the_picture_stays_and_which_side_is_up() {
        let (table, scan) = (
            segment(0xDB, &[1, 2]),
            [&segment(0xDA, &[1])[..], &[7, 0xFF, 0, 8]].concat(),
        );
        let beside = [
            segment(0xE0, b"JFIF\0Zhang San"),
            segment(0xE1, &[b"Exif\0\0", &of_camera()[..]].concat()),
            segment(0xE2, b"MPF\0Zhang San"),
            segment(0xEE, b"Adobe Zhang San"),
            segment(0xFE, SECRET),
        ]
        .concat();
        let colours = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01");
        let second = [&[0xFF, 0xD9, 0xFF, 0xD8][..], &beside, &scan, &[0xFF, 0xD9], SECRET].concat();
        let jpeg = [
            &[0xFF, 0xD8][..],
            &beside,
            &colours,
            &table,
            &scan,
            &beside,
            &scan,
            &second,
        ]
        .concat();
        let bare = bared(FileType::Jpeg, &jpeg).unwrap();
        assert!(says(&jpeg) && !says(&bare));
        assert_eq!(side_of(&Jpeg::from_bytes(bare.clone().into()).unwrap()), Some(6));
        let picture = [&colours[..], &table, &scan, &scan, &[0xFF, 0xD9]].concat();
        assert!(bare.ends_with(&picture), "{bare:x?}");
        assert_eq!(bared(FileType::Jpeg, &bare), Some(bare), "what is bare stays as it is");

        let upright = [&[0xFF, 0xD8][..], &segment(0xFE, SECRET), &table, &[0xFF, 0xD9]].concat();
        let expected = [&[0xFF, 0xD8][..], &table, &[0xFF, 0xD9]].concat();
        assert_eq!(bared(FileType::Jpeg, &upright), Some(expected));
        assert_eq!(bared(FileType::Jpeg, b"\xFF\xD8"), None);
        assert_eq!(bared(FileType::Pdf, b"%PDF-1.7 Zhang San"), None);
    }

    #[test]
    fn of_other_pictures_too() {
        let part = |kind: &[u8; 4], body: &[u8]| {
            let part = img_parts::png::PngChunk::new(*kind, body.to_vec().into());
            part.encoder().bytes().to_vec()
        };
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            part(b"IHDR", &[0; 13]),
            part(b"iCCP", b"Zhang San's screen"),
            part(b"tEXt", SECRET),
            part(b"eXIf", &of_camera()),
            part(b"IEND", &[]),
            SECRET.to_vec(),
        ]
        .concat();
        let bare = bared(FileType::Png, &png).unwrap();
        assert!(says(&png) && !says(&bare));
        assert_eq!(side_of(&Png::from_bytes(bare.into()).unwrap()), Some(6));

        let part = |kind: &[u8; 4], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_le_bytes();
            let even = vec![0; body.len() % 2];
            [kind, &length[..], body, &even].concat()
        };
        let parts = [
            part(b"VP8X", &[0b0010_1100, 0, 0, 0, 9, 0, 0, 9, 0, 0]),
            part(b"ICCP", b"Zhang San's screen"),
            part(b"VP8L", &[0x2F, 9, 0x40, 2, 0]),
            part(b"EXIF", &of_camera()),
            part(b"XMP ", SECRET),
        ]
        .concat();
        let webp = part(b"RIFF", &[b"WEBP", &parts[..]].concat());
        let bare = bared(FileType::WebP, &webp).unwrap();
        assert!(says(&webp) && !says(&bare));
        assert_eq!(side_of(&WebP::from_bytes(bare.into()).unwrap()), Some(6));
    }
}

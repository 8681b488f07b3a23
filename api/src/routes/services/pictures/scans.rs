//! What follows the header of the first scan of a JPEG (ITU-T T.81, annex B). A progressive picture has several scans, and
//! programs write segments of their own between them and files of their own behind the picture: a second picture, a film.
use img_parts::jpeg::markers;

const MARK: u8 = markers::P;
/// A byte of the scan that looks like the beginning of a marker.
const STUFFED: u8 = markers::Z;

/// Whether a segment makes up the picture and its colours.
pub(super) fn is_of_picture(marker: u8, contents: &[u8]) -> bool {
    match marker {
        markers::SOF0..=markers::SOF7 | markers::SOF9..=markers::SOF15 | markers::SOS..=markers::EXP => true,
        // The model of the colours, by Adobe: seven bytes, and no more.
        markers::APP14 => contents.starts_with(b"Adobe") && contents.len() == 12,
        _ => false,
    }
}

/// The scans and what they need, and the end of the picture. What was cut off in the middle of a scan stays so.
pub(super) fn alone(rest: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(rest.len());
    let (mut rest, mut in_scan) = (rest, true);
    loop {
        let length = rest.iter().position(|byte| *byte == MARK).unwrap_or(rest.len());
        let (scan, behind) = rest.split_at(length);
        if in_scan {
            kept.extend_from_slice(scan);
        }
        let fill = behind.iter().take_while(|byte| **byte == MARK).count();
        let Some((marker, after)) = behind.get(fill..).and_then(<[u8]>::split_first) else {
            break;
        };
        match *marker {
            markers::EOI => break,
            STUFFED | markers::RST0..=markers::RST7 => {
                if in_scan {
                    kept.extend_from_slice(&[MARK, *marker]);
                }
                rest = after;
            }
            // No segment, and nothing that stands in a picture.
            ..markers::SOF0 | markers::SOI => rest = after,
            marker => {
                let Some((segment, after)) = segment(after) else { break };
                if is_of_picture(marker, segment.get(2..).unwrap_or_default()) {
                    kept.extend_from_slice(&[MARK, marker]);
                    kept.extend_from_slice(segment);
                }
                (rest, in_scan) = (after, marker == markers::SOS);
            }
        }
    }
    kept.extend_from_slice(&[MARK, markers::EOI]);
    kept
}

/// A segment, which begins with its length, and what follows it.
fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u16::from_be_bytes(*bytes.first_chunk()?);
    bytes.split_at_checked(length.max(2).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCAN: [u8; 6] = [0xFF, 0xDA, 0, 2, 7, 8];

    #[test]
    fn only_scans_and_what_they_need_stay() {
        let beside = [
            &[0xFF, 0xFE, 0, 11][..],
            b"Zhang San",
            &[0xFF, 0xE1, 0, 11],
            b"Zhang San",
        ]
        .concat();
        let tables = [0xFF, 0xC4, 0, 3, 9];
        let first = [1, 0xFF, 0, 2, 0xFF, 0xD0, 3];
        let film = [&[0xFF, 0xD9][..], b"ftyp", &SCAN, b"Zhang San", &[0xFF, 0xD9]].concat();
        let rest = [&first[..], &beside, b"Zhang San", &tables, &beside, &SCAN, &film].concat();
        let expected = [&first[..], &tables, &SCAN, &[0xFF, 0xD9]].concat();
        assert_eq!(alone(&rest), expected);
        assert_eq!(alone(&expected), expected);
    }

    #[test]
    fn a_picture_that_was_cut_off_is_shown_as_far_as_it_goes() {
        assert_eq!(alone(&[1, 2]), [1, 2, 0xFF, 0xD9]);
        assert_eq!(alone(&[1, 0xFF]), [1, 0xFF, 0xD9]);
        assert_eq!(alone(&[1, 0xFF, 0xFE, 0]), [1, 0xFF, 0xD9]);
        assert_eq!(alone(&[1, 0xFF, 0xFE, 0, 9, b'Z']), [1, 0xFF, 0xD9]);
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(rest in prop::collection::vec(prop_oneof![Just(0xFF_u8), any::<u8>()], 0..200)) {
            let once = alone(&rest);
            prop_assert!(once.ends_with(&[0xFF, 0xD9]) && once.len() <= rest.len() + 2);
            prop_assert_eq!(alone(&once), once);
        }
    }
}

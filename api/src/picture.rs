//! Pictures (QR codes) of short texts, for a phone's screen: as PNG and as SVG.
use png::{BitDepth, ColorType, Encoder};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

use crate::problem::Failure;

/// Of a module's side, in pixels.
const MODULE: usize = 8;
/// Light modules around the picture, which readers need.
const QUIET: usize = 4;

/// The picture's modules. A quarter of them at most may be dirty or blurred: more would make the modules smaller.
fn modules(text: &str) -> Result<QrCode, Failure> {
    let picture = QrCode::with_error_correction_level(text, EcLevel::M);
    picture.map_err(|error| Failure::Internal(error.to_string()))
}

/// As PNG, black on white, a bit a pixel.
///
/// # Errors
/// When the text is too long for any picture.
pub(crate) fn png(text: &str) -> Result<Vec<u8>, Failure> {
    let picture = modules(text)?;
    let width = picture.width();
    let colours = picture.to_colors();
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| (at / MODULE).checked_sub(QUIET).filter(|at| *at < width);
        let at = inside(x).zip(inside(y)).map(|(x, y)| y * width + x);
        at.and_then(|at| colours.get(at)) == Some(&Color::Dark)
    };
    let side = (width + 2 * QUIET) * MODULE;
    let mut bits = Vec::with_capacity(side * side / 8);
    for y in 0..side {
        for first in (0..side).step_by(8) {
            // A set bit is white.
            let byte = (first..first + 8).fold(0_u8, |byte, x| (byte << 1) | u8::from(!dark(x, y)));
            bits.push(byte);
        }
    }
    written(side, &bits).map_err(|error| Failure::Internal(error.to_string()))
}

fn written(side: usize, bits: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let side = u32::try_from(side)?;
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(bits)?;
    writer.finish()?;
    Ok(file)
}

/// As SVG.
///
/// # Errors
/// When the text is too long for any picture.
pub(crate) fn svg(text: &str) -> Result<String, Failure> {
    Ok(modules(text)?.render::<svg::Color<'_>>().build())
}

//! The fonts of the forms: how each character is drawn, how wide it is, and where a line of text may end.
//!
//! Chinese names hold rare characters, so there are two fonts: the second has what the first lacks. What neither has is
//! drawn as 〓, the sign of printers for a missing type, and named by its code point on the paper.
use std::collections::BTreeSet;
use std::sync::LazyLock;

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

/// Stands where a type is missing.
const MISSING: char = '〓';

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    Some(Fonts {
        han: Face::read(include_bytes!("../../data/fonts/han.ttf"))?,
        rare: Face::read(include_bytes!("../../data/fonts/rare.otf"))?,
    })
});

/// One font.
struct Face {
    font: Font,
    signs: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    /// Units of the font in its size.
    units: f32,
}

impl Face {
    fn read(file: &'static [u8]) -> Option<Self> {
        let font = Font::new(file.into(), 0)?;
        let read = FontRef::new(file).ok()?;
        Some(Self {
            units: font.units_per_em(),
            font,
            signs: read.charmap(),
            metrics: read.glyph_metrics(Size::unscaled(), LocationRef::default()),
        })
    }

    fn sign(&self, character: char) -> Option<Sign<'_>> {
        let glyph = self.signs.map(character)?;
        Some(Sign {
            font: &self.font,
            glyph: GlyphId::new(glyph.to_u32()),
            advance: self.metrics.advance_width(glyph)? / self.units,
        })
    }
}

/// A character as it is drawn.
struct Sign<'a> {
    font: &'a Font,
    glyph: GlyphId,
    /// Its width as a share of the font's size.
    advance: f32,
}

/// Characters of one font that stand side by side.
pub(super) struct Run<'a> {
    pub(super) font: &'a Font,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// As a share of the font's size.
    pub(super) advance: f32,
}

/// The fonts, in the order in which they are asked.
pub(super) struct Fonts {
    han: Face,
    rare: Face,
}

impl Fonts {
    /// The fonts; nothing when the program was damaged.
    pub(super) fn all() -> Option<&'static Self> {
        FONTS.as_ref()
    }

    fn sign(&self, character: char) -> Option<Sign<'_>> {
        self.han.sign(character).or_else(|| self.rare.sign(character))
    }

    /// The text as it can be printed: what no font has is replaced, and added to `missing`.
    pub(super) fn printable(&self, text: &str, missing: &mut BTreeSet<char>) -> String {
        let print = |character: char| match character {
            '\n' => Some('\n'),
            unseen if is_unseen(unseen) => None,
            blank if blank.is_control() || blank.is_whitespace() && self.sign(blank).is_none() => Some(' '),
            known if self.sign(known).is_some() => Some(known),
            unknown => {
                missing.insert(unknown);
                Some(MISSING)
            }
        };
        text.trim().chars().filter_map(print).collect()
    }

    /// How wide a printable text is.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let advances = text.chars().filter_map(|c| self.sign(c)).map(|sign| sign.advance);
        advances.sum::<f32>() * size
    }

    /// A printable text in lines that are not wider than `across`, by the rules of Chinese and Latin (UAX 14): a word
    /// that is wider by itself is cut.
    pub(super) fn lines(&self, text: &str, size: f32, across: f32) -> Vec<String> {
        let rules = LineSegmenter::new_for_non_complex_scripts(LineBreakOptions::default());
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let (mut line, mut from) = (String::new(), 0);
            for to in rules.segment_str(paragraph) {
                let piece = paragraph.get(from..to).unwrap_or_default();
                from = to;
                if self.width(&line, size) + self.width(piece.trim_end(), size) <= across {
                    line.push_str(piece);
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for character in piece.chars() {
                    line.push(character);
                    if self.width(line.trim_end(), size) > across && line.chars().nth(1).is_some() {
                        line.pop();
                        lines.push(std::mem::replace(&mut line, character.to_string()));
                    }
                }
            }
            lines.push(line);
        }
        lines.iter().map(|line| line.trim_end().to_owned()).collect()
    }

    /// A printable line in runs of one font each.
    pub(super) fn runs(&self, line: &str) -> Vec<Run<'_>> {
        let mut runs: Vec<Run<'_>> = Vec::new();
        for character in line.chars() {
            let Some(sign) = self.sign(character) else { continue };
            if runs.last().is_none_or(|run| run.font != sign.font) {
                runs.push(Run {
                    font: sign.font,
                    text: String::new(),
                    glyphs: Vec::new(),
                    advance: 0.0,
                });
            }
            if let Some(run) = runs.last_mut() {
                let from = run.text.len();
                run.text.push(character);
                let range = from..run.text.len();
                let glyph = KrillaGlyph::new(sign.glyph, sign.advance, 0.0, 0.0, 0.0, range, None);
                run.glyphs.push(glyph);
                run.advance += sign.advance;
            }
        }
        runs
    }
}

/// What chooses between shapes of the character before it, joins, or marks a file's beginning: drawn as nothing.
const fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fonts() -> &'static Fonts {
        Fonts::all().expect("the fonts")
    }

    /// As a form prints it, and what is missing.
    fn printed(text: &str) -> (String, Vec<char>) {
        let mut missing = BTreeSet::new();
        let printed = fonts().printable(text, &mut missing);
        (printed, missing.into_iter().collect())
    }

    #[test]
    fn rare_characters_of_names_are_there() {
        // Of GB 2312, of GBK, of extension A, and of the 通用规范汉字表 outside of the first plane.
        for text in [
            "王芳",
            "朱镕基陶喆堃頔〇",
            "䶮㛃㬎䴖",
            "𫖯𬀩𬭎𬱖𬘡𬤇𫓧",
            "阿依古丽·买买提",
            "Zoë №1",
        ] {
            assert_eq!(printed(text), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn what_no_font_has_is_said() {
        assert_eq!(
            printed("王\u{2ceb1}\u{e001}芳\u{e0100}\u{7}"),
            ("王〓〓芳 ".to_owned(), vec!['\u{e001}', '\u{2ceb1}'])
        );
    }

    #[test]
    fn lines_end_where_they_may() {
        let lines = |text: &str, across| fonts().lines(text, 10.0, across);
        assert_eq!(lines("江苏省海安市，三塘村", 60.0), ["江苏省海安", "市，三塘村"]);
        assert_eq!(
            lines("Hai'an construction site", 60.0),
            ["Hai'an", "construction", "site"]
        );
        assert_eq!(lines("一\n二", 60.0), ["一", "二"]);
        let cut = lines(&"x".repeat(40), 60.0);
        assert!(cut.len() > 2 && cut.concat() == "x".repeat(40), "{cut:?}");
        assert_eq!(lines("字", 1.0), ["字"]);
        assert!(lines("", 60.0).is_empty());
    }

    #[test]
    fn each_font_draws_its_own() {
        let runs = fonts().runs("王䶮芳");
        let texts: Vec<_> = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(texts, ["王", "䶮", "芳"]);
    }
}

//! Texts of cells: full-width characters, invisible ones, marks that mean "empty", `code_label`.

/// Full-width letters, digits and signs as half-width ones; every kind of space as a plain one; invisible characters gone.
pub fn half_width(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

/// The cell's text as typed, without the space around it; `None` when it is blank or a mark that means "empty".
///
/// Instructions for the national collection forbid empty cells and ask for 无 or — instead.
pub fn value(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
    (!means_empty(text)).then_some(text)
}

fn means_empty(text: &str) -> bool {
    const DASHES: &str = "-‐‑‒–—―－─━/／\\＼、";
    text.chars().all(|c| DASHES.contains(c) || c.is_whitespace())
        || matches!(
            text,
            "无" | "無" | "（无）" | "(无)" | "暂无" | "没有" | "空" | "NULL" | "null" | "N/A" | "#N/A"
        )
}

/// The label of a drop-down's `code_label` (`868_汉族` → `汉族`); any other text unchanged.
pub fn label(text: &str) -> &str {
    match text.split_once(['_', '＿']) {
        Some((code, label)) if !code.is_empty() && !label.is_empty() && code.chars().all(|c| c.is_ascii_digit()) => {
            label
        }
        _ => text,
    }
}

/// A person's name: no spaces inside a Chinese name (`王　芳` → `王芳`), one space between the words of any other.
pub fn person_name(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(half_width).collect();
    let latin = words.iter().any(|word| word.chars().any(|c| c.is_ascii_alphabetic()));
    words.join(if latin { " " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_becomes_half_width() {
        assert_eq!(half_width("１９９０６８５８２５５"), "19906858255");
        assert_eq!(half_width("（Ｘ）\u{3000}a\u{a0}b\u{200b}"), "(X) a b");
    }

    #[test]
    fn marks_mean_empty() {
        for text in ["", " ", "\u{3000}", "无", "—", "——", "-", "/", " 无\n", "－", "N/A"] {
            assert_eq!(value(text), None, "{text:?}");
        }
        assert_eq!(value("\u{3000}电子厂 "), Some("电子厂"));
        assert_eq!(value("无锡"), Some("无锡"));
    }

    #[test]
    fn a_drop_down_shows_its_label() {
        assert_eq!(label("868_汉族"), "汉族");
        assert_eq!(label("223_正式党员"), "正式党员");
        assert_eq!(label("a_b"), "a_b");
        assert_eq!(label("12_"), "12_");
    }

    #[test]
    fn names_lose_their_whole_width_spaces() {
        assert_eq!(person_name("王\u{3000}芳 "), "王芳");
        assert_eq!(person_name("迪丽热巴·迪力木拉提"), "迪丽热巴·迪力木拉提");
        assert_eq!(person_name(" Anna  Li "), "Anna Li");
    }
}

//! Headers of columns as they are compared: without line breaks, spaces, hints in brackets and decoration.

use super::text::half_width;

/// The header without what secretaries put around it: `出生\n年月（2019/10/24）*` → `出生年月`.
///
/// Book-title marks go, their content stays: `是否持有《中国共产党流动党员活动证》` is a header of its own.
pub fn normalise_header(text: &str) -> String {
    let mut depth = 0_usize;
    let mut header = String::new();
    for c in half_width(text).chars() {
        match c {
            '(' | '[' | '【' | '〔' | '〈' => depth += 1,
            ')' | ']' | '】' | '〕' | '〉' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() => {}
            '*' | ':' | '《' | '》' | '"' | '“' | '”' | '\'' | '★' => {}
            c => header.extend(c.to_lowercase()),
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_spaces_and_hints_are_no_part_of_a_header() {
        for (typed, meant) in [
            ("出生\n年月", "出生年月"),
            ("出生年月(2019/10/24)", "出生年月"),
            ("所在组织（请不要输入特殊符号）", "所在组织"),
            ("姓\u{3000}名", "姓名"),
            ("身份证号码*", "身份证号码"),
            (
                "是否持有《中国共产党流动党员活动证》",
                "是否持有中国共产党流动党员活动证",
            ),
            ("正式/预备党员", "正式/预备党员"),
            ("Name ", "name"),
            ("（备注", ""),
        ] {
            assert_eq!(normalise_header(typed), meant, "{typed:?}");
        }
    }
}

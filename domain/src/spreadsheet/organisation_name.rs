//! Names of organisations as they are compared: 谭港社区支部 is 谭港社区党支部.

use super::text::{half_width, label};

/// A name without what secretaries leave out or add: spaces, 中共 in front, 党 in 党支部, the long form of a committee.
///
/// Two names that mean one organisation have one key; two organisations may share a key only if their names differ in nothing but these.
pub fn organisation_key(name: &str) -> String {
    let half: String = half_width(label(name.trim()))
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let bare = half
        .strip_prefix("中国共产党")
        .or_else(|| half.strip_prefix("中共"))
        .unwrap_or(&half);
    bare.to_lowercase()
        .replace("支部委员会", "支部")
        .replace("党支部", "支部")
        .replace("党总支部", "总支")
        .replace("党总支", "总支")
        .replace("总支部", "总支")
        .replace("委员会", "委")
        .replace("党委", "委")
}

/// The place that a committee's name begins with: 中共海安市海安镇委员会 → 海安市海安镇.
pub fn place_of_organisation(name: &str) -> String {
    let key = organisation_key(name);
    ["工委", "委组织部", "委", "总支", "支部"]
        .iter()
        .find_map(|end| key.strip_suffix(end))
        .unwrap_or(&key)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_branch_has_one_key() {
        let key = organisation_key("谭港社区党支部");
        for typed in [
            "谭港社区支部",
            " 谭港 社区党支部",
            "中共谭港社区支部委员会",
            "中共谭港社区党支部",
            "12_谭港社区支部",
        ] {
            assert_eq!(organisation_key(typed), key, "{typed}");
        }
        assert_ne!(organisation_key("谭港村党支部"), key);
        assert_ne!(organisation_key("谭港社区党总支"), key);
    }

    #[test]
    fn a_committee_has_a_long_and_a_short_name() {
        assert_eq!(
            organisation_key("中共海安市海安镇委员会"),
            organisation_key("海安市海安镇党委")
        );
        assert_eq!(place_of_organisation("中共海安市海安镇委员会"), "海安市海安镇");
        assert_eq!(place_of_organisation("中共海安市委组织部"), "海安市");
    }
}

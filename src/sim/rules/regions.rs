//! What differs between Regions: their zones, and whether Backtrack is offered there.

/// Where Backtrack is offered (User Guide, Backtracking: Region and version availability).
const WITH_BACKTRACK: [&str; 15] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The letters of the zones where they are not a, b and c.
const ZONES: [(&str, &str); 5] = [
    ("ap-northeast-1", "acd"),
    ("ap-northeast-2", "abcd"),
    ("ca-central-1", "abd"),
    ("us-east-1", "abcdef"),
    ("us-west-2", "abcd"),
];

/// Whether Backtrack is offered in a Region.
pub fn has_backtrack(region: &str) -> bool {
    WITH_BACKTRACK.contains(&region)
}

/// The zones of a Region.
pub fn zones(region: &str) -> Vec<String> {
    let letters = ZONES.iter().find(|(own, _)| *own == region).map_or("abc", |(_, letters)| letters);
    letters.chars().map(|letter| format!("{region}{letter}")).collect()
}

/// Whether a Region may be called so: words of small letters, then a number.
pub fn is_name(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.len() <= 12 && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if (2..=4).contains(&words.len()) => {
            words.iter().all(is_word) && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("us-east-1", true)]
    #[case("us-gov-west-1", true)]
    #[case("eu-west", false)]
    #[case("EU-WEST-1", false)]
    #[case("eu-west-1a", false)]
    #[case("", false)]
    #[case("x:y-a-1", false)]
    fn names_of_regions(#[case] text: &str, #[case] good: bool) {
        assert_eq!(is_name(text), good);
    }

    #[test]
    fn every_region_has_three_zones_for_storage() {
        assert!(WITH_BACKTRACK.iter().all(|region| zones(region).len() >= 3));
        assert_eq!(zones("us-east-1").len(), 6);
    }
}

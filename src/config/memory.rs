//! What the dashboard remembers of how it was last used: `ui.toml` in the state directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const FILE: &str = "ui.toml";

/// What was last chosen by key. It goes before the settings, which say how things are at first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// Whether times are shown in UTC.
    #[serde(default)]
    pub utc: Option<bool>,
    /// The recipes that were run from here, the last one first.
    #[serde(default)]
    pub recipes: Vec<PathBuf>,
}

impl Memory {
    /// Reads it from the state directory `folder`. What is missing or cannot be read was never chosen: nothing of it is
    /// worth an error.
    pub fn load(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    /// Writes it. Another process never reads half of it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let new = folder.join(format!("{FILE}.{}", std::process::id()));
        fs::write(&new, text)?;
        fs::rename(&new, folder.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("not/yet");
        assert_eq!(Memory::load(&place), Memory::default());
        for utc in [true, false] {
            let memory = Memory { utc: Some(utc), recipes: vec!["recipes/shop.toml".into()] };
            memory.save(&place).unwrap();
            assert_eq!(Memory::load(&place), memory);
        }
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1, "no half-written file is left");
    }

    #[rstest::rstest]
    #[case("")]
    #[case("utc = 7")]
    #[case("later = true")]
    #[case("= =")]
    fn what_cannot_be_read_was_never_chosen(#[case] text: &str) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        assert_eq!(Memory::load(folder.path()), Memory::default());
    }
}

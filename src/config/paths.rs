//! Where files live.

use std::path::PathBuf;

use super::Env;

const NAME: &str = "aurewind";

/// The places of this program's own files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The settings; the file need not exist.
    pub config_file: PathBuf,
    /// The directory of the journal; it need not exist.
    pub state_dir: PathBuf,
}

impl Paths {
    /// Finds them: `AUREWIND_CONFIG` and `AUREWIND_STATE_DIR`, then the XDG directories on every system, then `~/.config`
    /// and `~/.local/state` (on macOS as well: that is where people of the terminal look), then what the system says.
    /// Nothing if there is no home directory.
    pub fn find(env: Env<'_>) -> Option<Self> {
        let given = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config_file = given("AUREWIND_CONFIG").or_else(|| {
            let base = absolute(env, "XDG_CONFIG_HOME").or_else(|| home(env, &[".config"])).or_else(system_config)?;
            Some(base.join(NAME).join("settings.toml"))
        })?;
        let state_dir = given("AUREWIND_STATE_DIR").or_else(|| {
            let base =
                absolute(env, "XDG_STATE_HOME").or_else(|| home(env, &[".local", "state"])).or_else(system_state)?;
            Some(base.join(NAME))
        })?;
        Some(Self { config_file, state_dir })
    }

    /// The folder in which every test run has one of its own; it need not exist.
    pub fn runs(&self) -> PathBuf {
        self.state_dir.join("runs")
    }
}

/// A directory that a variable names; a relative one is to be ignored (XDG Base Directory Specification).
fn absolute(env: Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn home(env: Env<'_>, parts: &[&str]) -> Option<PathBuf> {
    if cfg!(windows) {
        return None;
    }
    let mut path = absolute(env, "HOME")?;
    path.extend(parts);
    Some(path)
}

fn system_config() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.config_local_dir().to_owned())
}

fn system_state() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::home(&[("HOME", "/home/a")], "/home/a/.config/aurewind/settings.toml", "/home/a/.local/state/aurewind")]
    #[case::xdg(
        &[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s")],
        "/c/aurewind/settings.toml", "/s/aurewind"
    )]
    #[case::relative_xdg(
        &[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "c")],
        "/home/a/.config/aurewind/settings.toml", "/home/a/.local/state/aurewind"
    )]
    #[case::own(
        &[("HOME", "/home/a"), ("AUREWIND_CONFIG", "my.toml"), ("AUREWIND_STATE_DIR", "/var/a"), ("XDG_STATE_HOME", "/s")],
        "my.toml", "/var/a"
    )]
    #[case::own_may_be_empty(
        &[("HOME", "/home/a"), ("AUREWIND_CONFIG", "")],
        "/home/a/.config/aurewind/settings.toml", "/home/a/.local/state/aurewind"
    )]
    fn places(#[case] env: &[(&str, &str)], #[case] config: &str, #[case] state: &str) {
        let look = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let paths = Paths::find(&look).unwrap();
        assert_eq!((paths.config_file, paths.state_dir), (PathBuf::from(config), PathBuf::from(state)));
    }
}

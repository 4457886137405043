//! Option files of this user: clients of MySQL read them whether or not they are asked to.

use std::fs;
use std::path::{Path, PathBuf};

/// Groups that clients for queries and dumps read (MySQL Reference Manual and MariaDB documentation, Option Files).
const GROUPS: [&str; 7] =
    ["client", "client-server", "client-mariadb", "mysql", "mysqldump", "mariadb", "mariadb-dump"];

/// The option file in the folder `home`, if it says which server a client that is started without options goes to. Such a
/// line counts for more than the variables that commands get.
pub fn naming_a_server(home: &Path) -> Option<PathBuf> {
    let path = home.join(".my.cnf");
    let text = fs::read(&path).ok()?;
    names_a_server(&String::from_utf8_lossy(&text)).then_some(path)
}

fn names_a_server(text: &str) -> bool {
    let mut read = false;
    text.lines().map(str::trim).any(|line| {
        if let Some(group) = line.strip_prefix('[') {
            read = GROUPS.contains(&group.split(']').next().unwrap_or_default().trim());
        }
        let key = line.split(['=', ' ', '\t']).next().unwrap_or_default().replace('_', "-");
        // Options may be shortened, and be said not to matter if they are unknown.
        let key = key.strip_prefix("loose-").unwrap_or(&key);
        read && ["host", "hos", "ho"].contains(&key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("[client]\nhost=prod.example\n", true)]
    #[case("[client]\nuser = x\n  host = \"prod.example\"\n", true)]
    #[case("[mysql]\nloose_host prod\n", true)]
    #[case("[client]\nuser=x\npassword=y\n", false)]
    #[case("[client]\n#host=prod\n", false)]
    #[case("[mysqld]\nhost=prod\n[client]\nuser=x\n", false)]
    #[case("", false)]
    fn a_server_is_named(#[case] text: &str, #[case] want: bool) {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".my.cnf"), text).unwrap();
        assert_eq!(naming_a_server(home.path()).is_some(), want, "{text}");
    }
}

//! The arrows of `ARCHITECTURE.md` hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The code of a file without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The code of a room, by file; whole modules of tests are left out.
fn room(name: &str) -> BTreeMap<PathBuf, String> {
    let production =
        |path: &PathBuf| !path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
    sources(&root().join(name)).into_iter().filter(production).map(|path| (path.clone(), code(&path))).collect()
}

/// The rooms that `text` names as `crate::room`, also within braces.
fn rooms_named(text: &str) -> BTreeSet<String> {
    text.split("crate::")
        .skip(1)
        .flat_map(|rest| {
            let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            match rest.strip_prefix('{') {
                Some(list) => {
                    list.split('}').next().unwrap_or_default().split(',').map(|part| word(part.trim())).collect()
                }
                None => vec![word(rest)],
            }
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("aurora", &[][..]),
        ("config", &["aurora"][..]),
        ("aws", &["aurora"][..]),
        ("engine", &["aurora", "aws"][..]),
        ("sim", &["aurora"][..]),
        ("recipe", &["aurora", "aws", "engine"][..]),
        ("tui", &["aurora", "aws", "engine", "recipe", "config"][..]),
        ("cli", &["aurora", "aws", "engine", "recipe", "config", "tui", "sim"][..]),
    ]);
    let rooms: BTreeSet<String> = allowed.keys().map(ToString::to_string).collect();
    let folders: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, rooms, "every folder is a room, every room is in this test");
    for (name, targets) in allowed {
        for (path, text) in room(name) {
            for other in rooms_named(&text).intersection(&rooms) {
                let fine = other == name || targets.contains(&other.as_str());
                assert!(fine, "{} uses crate::{other}; {name} may only use {targets:?}", path.display());
            }
        }
    }
}

#[test]
fn only_the_aws_room_knows_the_sdk() {
    for name in ["aurora", "config", "engine", "recipe", "sim", "tui", "cli"] {
        for (path, text) in room(name) {
            for word in ["aws_sdk_", "aws_config", "aws_smithy_"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
}

/// Operations of RDS and CloudFormation that change something and that this program uses.
const MUTATING: [&str; 10] = [
    ".restore_db_cluster_to_point_in_time(",
    ".create_db_instance(",
    ".add_tags_to_resource(",
    ".remove_tags_from_resource(",
    ".backtrack_db_cluster(",
    ".modify_db_cluster(",
    ".delete_db_instance(",
    ".delete_db_cluster(",
    ".create_stack(",
    ".delete_stack(",
];

/// Beginnings of operations that only read.
const READING: [&str; 3] = ["describe_", "get_", "list_"];

#[test]
fn only_one_file_changes_anything_and_every_call_in_it_wants_a_permit() {
    let mutate = root().join("aws/mutate.rs");
    for path in sources(&root()) {
        let text = code(&path);
        for operation in MUTATING {
            assert!(path == mutate || !text.contains(operation), "{} calls {operation}", path.display());
        }
    }
    let text = code(&mutate);
    let functions = text.matches("pub async fn ").count();
    assert_eq!(functions, MUTATING.len());
    let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
    assert_eq!(count(&["permit: Permit", "permit: StackPermit"]), functions);
    assert_eq!(
        count(&["demand(&permit", "demand_on(&permit", "demand_arn(&permit", "demand_stack(&permit"]),
        functions
    );
    // No other operation of the clients is called anywhere in the room.
    for (path, text) in room("aws") {
        for rest in text.split(".rds").skip(1).chain(text.split("cloudformation").skip(1)) {
            let rest = rest.strip_prefix("()?").unwrap_or(rest).trim_start();
            let Some(rest) = rest.strip_prefix('.') else { continue };
            let operation: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let known = READING.iter().any(|start| operation.starts_with(start))
                || MUTATING.contains(&format!(".{operation}(").as_str());
            assert!(known, "{} calls {operation}", path.display());
        }
    }
}

#[test]
fn permits_are_made_by_the_policy_alone() {
    for path in sources(&root()) {
        let made = code(&path).matches("Permit {").count();
        let policy = path.ends_with("aurora/policy.rs") || path.ends_with("aurora/policy/stack.rs");
        assert!(policy || made == 0, "{} makes a permit", path.display());
    }
}

#[test]
fn the_domain_is_pure() {
    for (path, text) in room("aurora") {
        for word in
            ["tokio", "async fn", ".await;", ".await?", "ratatui", "crossterm", "std::fs", "std::net", "std::env"]
        {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn the_update_of_the_dashboard_is_synchronous_and_the_view_only_reads() {
    for folder in ["tui/update", "tui/view", "tui/state", "tui/dialogs", "tui/widgets"] {
        for (path, text) in room(folder) {
            for word in ["tokio", "async fn", ".await;", ".await?", "std::fs", "std::env", "std::thread"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
    for (path, text) in room("tui/view") {
        assert!(!text.contains("&mut State"), "{} writes the state", path.display());
    }
}

#[test]
fn files_stay_small() {
    for path in sources(&root()) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.split("#[cfg(test)]\nmod").next().unwrap_or_default().lines().count();
        let tests = path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
        assert!(tests || lines <= 450, "{} has {lines} lines", path.display());
    }
}

//! The table of `docs/simulator.md` is what the sources say: which actions there are, which rules they follow, and the
//! test of each rule.
//!
//! A test of what real databases do has a line `/// Real: …`; each test of `tests/it/dataplane.rs` has one.
//!
//! A test of a rule has two lines of documentation: `/// Rule: …` and `/// Action: …`, the latter with one action or more.
//! After a change, `AUREWIND_BLESS=1 cargo test --test it simulator_page` writes the table anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- begin: written by `AUREWIND_BLESS=1 cargo test --test it simulator_page` -->\n";
const END: &str = "<!-- end -->\n";

const REAL_BEGIN: &str = "<!-- begin: real databases, written likewise -->\n";
const REAL_END: &str = "<!-- end of real databases -->\n";

/// A rule and where it is tested.
struct Rule {
    text: String,
    actions: Vec<String>,
    test: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The rules of one file. The lines stand directly above the attributes of their test.
fn rules_of(path: &Path) -> Vec<Rule> {
    let module = path.strip_prefix(root().join("src/sim")).unwrap().with_extension("");
    let module = module.to_string_lossy().replace(['/', '\\'], "::");
    let module = module.strip_suffix("::mod").unwrap_or(&module);
    let text = fs::read_to_string(path).unwrap();
    let mut rules = Vec::new();
    let (mut rule, mut actions): (Option<String>, Option<Vec<String>>) = (None, None);
    for line in text.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// Rule: ") {
            assert!(rule.is_none(), "{}: the rule above {text:?} has no test", path.display());
            rule = Some(text.to_owned());
        } else if let Some(list) = line.strip_prefix("/// Action: ") {
            assert!(rule.is_some(), "{}: {list} has no rule", path.display());
            actions = Some(list.split(',').map(|name| name.trim().to_owned()).collect());
        } else if let (Some(name), Some(text)) = (line.trim_start_matches("async ").strip_prefix("fn "), &rule) {
            let name = name.split('(').next().unwrap();
            let actions = actions.take().unwrap_or_else(|| panic!("{}: {name} names no action", path.display()));
            rules.push(Rule { text: text.clone(), actions, test: format!("{module}::{name}") });
            rule = None;
        }
    }
    rules
}

/// The names of the actions of the table, by the services that have them.
fn actions() -> BTreeMap<&'static str, BTreeSet<String>> {
    let table = fs::read_to_string(root().join("src/sim/actions/table.rs")).unwrap();
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for entry in table.split("answering(").flat_map(|part| part.split("silent(")).skip(1) {
        let Some(name) = entry.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
        let own = |api: &str| entry.contains(&format!(".of(Api::{api})"));
        let service = match () {
            () if own("CloudFormation") => "AWS CloudFormation",
            () if own("CloudWatch") => "Amazon CloudWatch",
            () if own("SecretsManager") => "AWS Secrets Manager",
            () if own("Sts") => "AWS STS",
            () => "Amazon RDS",
        };
        found.entry(service).or_default().insert(name.to_owned());
    }
    found
}

/// What is answered with NotImplemented.
fn not_simulated() -> Vec<String> {
    let table = fs::read_to_string(root().join("src/sim/actions/table.rs")).unwrap();
    let list = table.split("const NOT_SIMULATED").nth(1).unwrap().split("];").next().unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn generated() -> String {
    let mut files = Vec::new();
    sources(&root().join("src/sim"), &mut files);
    files.sort();
    let rules: Vec<Rule> = files.iter().flat_map(|path| rules_of(path)).collect();
    let actions = actions();
    let known: BTreeSet<&String> = actions.values().flatten().collect();
    for rule in &rules {
        let strange: Vec<_> = rule.actions.iter().filter(|name| !known.contains(name)).collect();
        assert!(strange.is_empty(), "{} is about {strange:?}, which are no actions", rule.test);
    }
    let count: usize = actions.values().map(BTreeSet::len).sum();
    let mut page = format!("{count} actions, {} rules with a test each.\n", rules.len());
    for (service, names) in &actions {
        write!(page, "\n### {service}\n\n| Action | Rule | Test |\n|---|---|---|\n").unwrap();
        for name in names {
            let own: Vec<&Rule> = rules.iter().filter(|rule| rule.actions.contains(name)).collect();
            assert!(!own.is_empty(), "no rule with a test names the action {name}");
            for (number, rule) in own.iter().enumerate() {
                let name = if number == 0 { format!("**{name}**") } else { String::new() };
                writeln!(page, "| {name} | {} | `{}` |", rule.text.replace('|', "\\|"), rule.test).unwrap();
            }
        }
    }
    write!(
        page,
        "\n### Actions that are refused\n\nThese answer `NotImplemented` (501): {}.\n",
        not_simulated().join(", ")
    )
    .unwrap();
    page
}

/// What holds with real databases, from the tests that have them.
fn real() -> String {
    let text = fs::read_to_string(root().join("tests/it/dataplane.rs")).unwrap();
    let mut page = String::from("| What holds | Test in `tests/it/dataplane.rs` |\n|---|---|\n");
    let (mut said, mut tested) = (None, false);
    for line in text.lines() {
        if let Some(text) = line.strip_prefix("/// Real: ") {
            said = Some(text);
        } else if line == "#[test]" || line.starts_with("#[rstest") {
            tested = true;
        } else if let (true, Some(name)) = (tested, line.strip_prefix("fn ")) {
            let name = name.split('(').next().unwrap();
            let said = said.take().unwrap_or_else(|| panic!("{name} has no line that says what holds"));
            writeln!(page, "| {said} | `{name}` |").unwrap();
            tested = false;
        }
    }
    page
}

/// The page with what stands between two lines replaced.
fn with(page: &str, (begin, end): (&str, &str), wanted: &str) -> String {
    let (head, rest) = page.split_once(begin).unwrap_or_else(|| panic!("docs/simulator.md has the line {begin}"));
    let (_, tail) = rest.split_once(end).unwrap_or_else(|| panic!("docs/simulator.md has the line {end}"));
    format!("{head}{begin}{wanted}{end}{tail}")
}

#[test]
fn the_table_of_the_simulator_is_what_the_sources_say() {
    let path = root().join("docs/simulator.md");
    let page = fs::read_to_string(&path).unwrap();
    let wanted = with(&with(&page, (BEGIN, END), &generated()), (REAL_BEGIN, REAL_END), &real());
    if std::env::var_os("AUREWIND_BLESS").is_some() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "docs/simulator.md is out of date; write it anew with AUREWIND_BLESS=1 cargo test --test it simulator_page"
    );
}

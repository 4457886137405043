use std::path::Path;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::read;
use crate::aurora::span;
use crate::recipe::model::{Action, Against, Recipe, Role, Span, Target, Until};

const HEAD: &str = "schema = 1\nname = \"shop\"\nsource.cluster = \"shop-prod\"\n";

fn path() -> &'static Path {
    Path::new("recipe.toml")
}

fn good(steps: &str) -> Recipe {
    let text = format!("{HEAD}{steps}");
    read(&text, path()).unwrap_or_else(|errors| panic!("{}", errors[0])).0
}

#[test]
fn what_is_not_said_has_its_default() {
    let recipe =
        good("[[step]]\nsql = 'a.sql'\n[[step]]\nrun = 'make test'\n[[step]]\nmark = 'm'\n[[step]]\nrewind = 'm'\n");
    let Action::Sql(sql) = &recipe.step[0].action else { panic!() };
    assert_eq!((sql.role, sql.timeout.0, sql.observe), (Role::Release, SignedDuration::from_mins(30), true));
    let Action::Run(run) = &recipe.step[1].action else { panic!() };
    assert_eq!(run.words, ["sh", "-c", "make test"]);
    assert_eq!((run.role, run.observe, run.allow_failure), (Role::Test, false, false));
    let Action::Rewind(rewind) = &recipe.step[3].action else { panic!() };
    assert_eq!((&rewind.to, rewind.within.0), (&Target::Mark("m".into()), SignedDuration::from_secs(5)));
    assert_eq!(recipe.clone.name.fill(&recipe.name, "ada", "t01"), "test-shop-t01");
    assert_eq!(recipe.wait.create.0, SignedDuration::from_mins(45));
    assert_eq!(recipe.teardown.deadline.0, SignedDuration::from_hours(1));
}

#[test]
fn steps_without_a_name_get_one_of_their_own() {
    let recipe = good(
        "[[step]]\nmark = 'm'\n[[step]]\nrewind = 'm'\n[[step]]\nrun = ['make', 'test']\n[[step]]\nrewind = 'm'\n\
         [[step]]\nname = 'rewind m (2)'\nrewind = 'm'\n\
         [[step]]\nrepeat = 2\nreset = 'm'\n[[step.step]]\nrun = ['make', 'test']\n[[step.step]]\ndiff = {}\n\
         [[always]]\nsql = ['dir/a.sql', 'b.sql']\n",
    );
    let names: Vec<_> = recipe.step.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["mark m", "rewind m", "run make test", "rewind m (3)", "rewind m (2)", "repeat 2"]);
    let Action::Repeat(repeat) = &recipe.step[5].action else { panic!() };
    assert_eq!((repeat.steps[0].name.as_str(), repeat.steps[1].name.as_str()), ("run make test (2)", "diff source"));
    assert_eq!(recipe.always[0].name, "sql a.sql +1");
    assert_eq!(repeat.until, Until::End);
}

#[test]
fn secrets_are_not_shown_wherever_they_stand() {
    let hidden = "hunter2";
    for steps in [
        "env = { API_TOKEN = 'hunter2', X = 4 }\n[[step]]\nrun = 'x'\n",
        "[env]\nDB_PASSWORD = 'hunter2'\n[[step]]\nrun = 'x'\n",
        "[env]\nDB_PASSWORD = 'hunter2\n[[step]]\nrun = 'x'\n",
        "step = [{ mark = 'm', env = { TOKEN = 'hunter2' } }]\n",
        "step = [{ run = 'x', env = { TOKEN = 'hunter2' }, role = 'tests' }]\n",
        "environment = { template = 'x', parameters = { A = { env = 'hunter2!' }, B = ['hunter2'] } }\nstep = []\n",
    ] {
        let errors = read(&format!("{HEAD}{steps}"), path()).expect_err(steps);
        for error in &errors {
            assert!(!error.to_string().contains(hidden) && !format!("{error:?}").contains(hidden), "{error}");
        }
    }
}

#[test]
fn deep_and_long_texts_are_refused_at_once() {
    for text in [
        "a.".repeat(100_000),
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
        format!("{HEAD}{}", "[[step]]\nrnu = 1\n".repeat(2_000)),
        format!("{HEAD}{}", "[[step.step]]\nrun = 1\n".repeat(2_000)),
        format!("{HEAD}[[step{}]]\nrun = 'x'\n", ".step".repeat(70)),
        format!("{HEAD}[env]\nA = [{}]\n{}", "1, ".repeat(5_000), "V = 1\n".repeat(5_000)),
    ] {
        let errors = read(&text, path()).unwrap_err();
        assert!(!errors.is_empty() && errors.len() < 200_000);
    }
}

/// A step as its text, and what is expected of it.
#[derive(Debug, Clone)]
enum Said {
    Sql(Vec<String>, Role, u16),
    Run(Vec<String>, Role, bool),
    Mark,
    Rewind(u16),
    Ago(u16),
    Diff(bool, bool),
    Repeat(u8, bool),
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Prepare), Just(Role::Release), Just(Role::Test)]
}

fn said() -> impl Strategy<Value = Said> {
    // What is printed has to be escaped: quotes, signs of TOML, letters of any script.
    let words = prop::collection::vec("[a-z\"'\\\\#=\\[ äß☂]{1,12}[a-z]", 1..4);
    prop_oneof![
        (words.clone(), role(), 1..9_999u16).prop_map(|(files, role, time)| Said::Sql(files, role, time)),
        (words, role(), any::<bool>()).prop_map(|(words, role, observe)| Said::Run(words, role, observe)),
        Just(Said::Mark),
        (1..600u16).prop_map(Said::Rewind),
        (1..600u16).prop_map(Said::Ago),
        (any::<bool>(), any::<bool>()).prop_map(|(mark, rows)| Said::Diff(mark, rows)),
        (1..100u8, any::<bool>()).prop_map(|(times, pass)| Said::Repeat(times, pass)),
    ]
}

fn seconds(count: u16) -> String {
    span::exact(SignedDuration::from_secs(count.into()))
}

/// The steps as TOML; `first` is the mark that is there from the beginning.
fn printed(steps: &[Said]) -> String {
    let list = |words: &[String]| toml::Value::from(words.to_vec()).to_string();
    let mut text = format!("{HEAD}[[step]]\nmark = \"first\"\n");
    for (index, step) in steps.iter().enumerate() {
        text += "[[step]]\n";
        let keys = match step {
            Said::Sql(files, role, time) => {
                format!("sql = {}\nrole = \"{}\"\ntimeout = \"{}\"\n", list(files), role.as_str(), seconds(*time))
            }
            Said::Run(words, role, observe) => {
                format!("observe = {observe}\nrun = {}\nrole = \"{}\"\n", list(words), role.as_str())
            }
            Said::Mark => format!("mark = \"m{index}\"\n"),
            Said::Rewind(within) => format!("rewind = \"first\"\nwithin = \"{}\"\n", seconds(*within)),
            Said::Ago(ago) => format!("rewind = \"-{}\"\n", seconds(*ago)),
            Said::Diff(mark, rows) => {
                format!("diff = {{ against = \"{}\", rows = {rows} }}\n", if *mark { "first" } else { "source" })
            }
            Said::Repeat(times, pass) => format!(
                "repeat = {times}\nreset = \"first\"\nuntil = \"{}\"\n[[step.step]]\nrun = \"make test\"\n",
                if *pass { "pass" } else { "end" }
            ),
        };
        text.push_str(&keys);
    }
    text
}

fn is(action: &Action, said: &Said) -> bool {
    let secs = |count: u16| SignedDuration::from_secs(count.into());
    match (action, said) {
        (Action::Sql(sql), Said::Sql(files, role, time)) => {
            sql.files.iter().map(|file| file.to_str()).eq(files.iter().map(|file| Some(file.as_str())))
                && (sql.role, sql.timeout) == (*role, Span(secs(*time)))
        }
        (Action::Run(run), Said::Run(words, role, observe)) => {
            (&run.words, run.role, run.observe) == (words, *role, *observe)
        }
        (Action::Mark(_), Said::Mark) => true,
        (Action::Rewind(rewind), Said::Rewind(within)) => {
            rewind.to == Target::Mark("first".into()) && rewind.within.0 == secs(*within)
        }
        (Action::Rewind(rewind), Said::Ago(ago)) => rewind.to == Target::Ago(secs(*ago)),
        (Action::Diff(diff), Said::Diff(mark, rows)) => {
            diff.rows == *rows && matches!(&diff.against, Against::Mark(name) if name == "first") == *mark
        }
        (Action::Repeat(repeat), Said::Repeat(times, pass)) => {
            repeat.times == u32::from(*times) && (repeat.until == Until::Pass) == *pass && repeat.steps.len() == 1
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn recipes_are_read_as_they_are_written(steps in prop::collection::vec(said(), 0..12)) {
        let text = printed(&steps);
        let (recipe, _) = read(&text, path()).map_err(|errors| TestCaseError::fail(errors[0].to_string()))?;
        prop_assert_eq!(recipe.step.len(), steps.len() + 1);
        for (step, said) in recipe.step[1..].iter().zip(&steps) {
            prop_assert!(is(&step.action, said), "{:?} is not {:?}", step, said);
        }
        let names: std::collections::BTreeSet<_> = recipe.step.iter().map(|step| &step.name).collect();
        prop_assert_eq!(names.len(), recipe.step.len());
    }

    #[test]
    fn no_text_panics_and_no_message_steers_a_terminal(text in "(\\PC|\\n|\u{1b}|\u{9b}|\u{202e}){0,400}") {
        for text in [text.clone(), format!("{HEAD}{text}"), format!("{HEAD}[[step]]\n{text}")] {
            for error in read(&text, path()).err().unwrap_or_default() {
                let shown = error.to_string();
                prop_assert!(!shown.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{shown:?}");
            }
        }
    }

    #[test]
    fn a_recipe_with_a_piece_missing_or_doubled_never_panics(from in 0usize..4_000, length in 1usize..60, twice: bool) {
        let text = include_str!("../../../tests/recipes/valid/rehearsal.toml");
        let from = text.floor_char_boundary(from % text.len());
        let to = text.floor_char_boundary((from + length).min(text.len()));
        let changed = if twice {
            [&text[..to], &text[from..]].concat()
        } else {
            [&text[..from], &text[to..]].concat()
        };
        if let Err(errors) = read(&changed, path()) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.iter().all(|error| error.line.is_some() && !error.to_string().is_empty()));
        }
    }
}

//! Starting a test run: a recipe is chosen, checked at once, and begun only after its plan was shown.

use std::path::{Path, PathBuf};

use tui_input::Input;

use super::{Overlay, Scroll, State};
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::Plan;

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: FoundKind,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundKind {
    /// A recipe that can be read.
    Recipe {
        /// Its name.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// The cluster that it clones; absent if its stack names that.
        source: Option<String>,
        /// How many steps it has.
        steps: usize,
    },
    /// A recipe with so many mistakes.
    Broken(usize),
    /// A folder.
    Folder,
}

/// What a recipe would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its steps: what they are called, and what they do.
    pub steps: Vec<(String, String)>,
    /// What is allowed in its file and yet worth a look.
    pub warnings: Vec<String>,
    /// Checks, calls, cost.
    pub plan: Plan,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A recipe is being chosen.
    Choosing,
    /// It is being read and checked.
    Checking(PathBuf),
    /// Its file cannot be used: what is wrong with it.
    Wrong(PathBuf, Vec<String>),
    /// Its plan is shown.
    Planned(PathBuf, Box<Prospect>),
}

/// The dialog that starts a test run.
#[derive(Debug, Clone)]
pub struct Starter {
    /// What is typed: words that the recipe has, or a path.
    pub input: Input,
    /// How far it has come.
    pub stage: Stage,
    /// Whether the button that begins the run has the keys.
    pub run: bool,
    /// Whether the calls are listed.
    pub calls_shown: bool,
    /// Lines of the plan scrolled away.
    pub scroll: Scroll,
    /// The cluster that was looked at: recipes that clone it come first.
    pub source: Option<ClusterId>,
    /// What was found in `folder`; nothing while it is being looked for.
    found: Option<Vec<Found>>,
    /// The folder that was typed; none for the usual places.
    folder: Option<PathBuf>,
    cursor: usize,
}

impl Starter {
    /// A dialog that knows of no recipe yet.
    pub fn new(source: Option<ClusterId>) -> Self {
        Self {
            input: Input::default(),
            stage: Stage::Choosing,
            run: false,
            calls_shown: false,
            scroll: Scroll::default(),
            source,
            found: None,
            folder: None,
            cursor: 0,
        }
    }

    /// The folder that is typed: what lies before the last slash.
    pub fn typed_folder(&self) -> Option<PathBuf> {
        let (folder, _) = self.input.value().rsplit_once('/')?;
        Some(PathBuf::from(if folder.is_empty() { "/" } else { folder }))
    }

    /// The folder that recipes are looked for in; none for the usual places.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Turns to the folder that is typed; says whether that is another one.
    pub(in super::super) fn turn_to_folder(&mut self) -> bool {
        let typed = self.typed_folder();
        let other = typed != self.folder;
        if other {
            self.folder = typed;
            self.found = None;
        }
        other
    }

    /// Takes what was found in `folder`.
    pub(in super::super) fn put(&mut self, folder: Option<&Path>, found: Vec<Found>) {
        if folder == self.folder() {
            self.found = Some(found);
        }
    }

    /// Whether recipes are still being looked for.
    pub fn is_looking(&self) -> bool {
        self.found.is_none()
    }

    /// What can be chosen, as far as it has what was typed: recipes of the cluster that was looked at first, then those
    /// that were used last.
    pub fn choices<'a>(&'a self, recent: &[PathBuf]) -> Vec<&'a Found> {
        let typed = self.input.value().trim();
        let file = typed.rsplit_once('/').map(|(_, file)| file);
        let fits = |found: &&Found| match file {
            Some(file) => name(&found.path).starts_with(file),
            None => typed.to_lowercase().split_whitespace().all(|word| found.says(word)),
        };
        let mut choices: Vec<&Found> = self.found.iter().flatten().filter(fits).collect();
        choices.sort_by_key(|found| {
            let of_it = self.source.as_ref().is_some_and(|source| found.source() == Some(source.as_str()));
            let used = recent.iter().position(|path| *path == found.path).unwrap_or(usize::MAX);
            (!of_it, used, found.kind == FoundKind::Folder, &found.path)
        });
        choices
    }

    /// Row of the cursor among so many.
    pub fn position(&self, count: usize) -> usize {
        self.cursor.min(count.saturating_sub(1))
    }

    pub(in super::super) fn move_to(&mut self, row: usize) {
        self.cursor = row;
    }

    /// The recipe that Enter would check: the one under the cursor, or else what is typed.
    pub fn chosen(&self, recent: &[PathBuf]) -> Option<Found> {
        let choices = self.choices(recent);
        if let Some(found) = choices.get(self.position(choices.len())) {
            return Some((*found).clone());
        }
        let typed = self.input.value().trim();
        (!typed.is_empty()).then(|| Found { path: PathBuf::from(typed), kind: FoundKind::Broken(0) })
    }
}

impl Found {
    /// The cluster that it clones.
    pub fn source(&self) -> Option<&str> {
        match &self.kind {
            FoundKind::Recipe { source, .. } => source.as_deref(),
            FoundKind::Broken(_) | FoundKind::Folder => None,
        }
    }

    /// Whether `word`, in small letters, is found in what is shown of it.
    fn says(&self, word: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(word);
        let path = has(&self.path.display().to_string());
        match &self.kind {
            FoundKind::Recipe { name, description, source, .. } => {
                path || has(name) || description.as_deref().is_some_and(has) || source.as_deref().is_some_and(has)
            }
            FoundKind::Broken(_) | FoundKind::Folder => path,
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl State {
    /// The dialog that starts a test run, if it is on top.
    pub fn starter(&self) -> Option<&Starter> {
        match self.overlays.last() {
            Some(Overlay::Starter(starter)) => Some(starter),
            _ => None,
        }
    }

    pub(in super::super) fn starter_mut(&mut self) -> Option<&mut Starter> {
        match self.overlays.last_mut() {
            Some(Overlay::Starter(starter)) => Some(starter),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::starter::{broken, folder, recipe};

    fn names(starter: &Starter, recent: &[PathBuf]) -> Vec<String> {
        starter.choices(recent).into_iter().map(|found| found.path.display().to_string()).collect()
    }

    fn starter(source: Option<&str>, typed: &str) -> Starter {
        let mut starter = Starter::new(source.map(|id| id.parse().unwrap()));
        starter.put(
            None,
            vec![
                recipe("a.toml", "users-eu"),
                broken("b.toml"),
                recipe("recipes/shop.toml", "orders-prod"),
                recipe("recipes/z.toml", "users-eu"),
            ],
        );
        starter.input = Input::new(typed.into());
        starter
    }

    #[rstest::rstest]
    #[case(None, "", &[], &["a.toml", "b.toml", "recipes/shop.toml", "recipes/z.toml"])]
    #[case(Some("orders-prod"), "", &[], &["recipes/shop.toml", "a.toml", "b.toml", "recipes/z.toml"])]
    #[case(None, "", &["recipes/z.toml", "b.toml"], &["recipes/z.toml", "b.toml", "a.toml", "recipes/shop.toml"])]
    #[case(Some("users-eu"), "", &["recipes/z.toml"], &["recipes/z.toml", "a.toml", "b.toml", "recipes/shop.toml"])]
    #[case(None, "USERS", &[], &["a.toml", "recipes/z.toml"])]
    #[case(None, "shop orders", &[], &["recipes/shop.toml"])]
    #[case(None, "nothing", &[], &[])]
    fn recipes_of_the_cluster_come_first_then_those_used_last(
        #[case] source: Option<&str>,
        #[case] typed: &str,
        #[case] recent: &[&str],
        #[case] want: &[&str],
    ) {
        let recent: Vec<PathBuf> = recent.iter().map(PathBuf::from).collect();
        assert_eq!(names(&starter(source, typed), &recent), want);
    }

    #[test]
    fn a_typed_slash_turns_to_that_folder() {
        let mut starter = starter(None, "../ci/sh");
        assert!(starter.turn_to_folder());
        assert_eq!(starter.folder(), Some(Path::new("../ci")));
        assert!(starter.is_looking() && !starter.turn_to_folder());
        starter.put(None, vec![recipe("late.toml", "x")]);
        assert!(starter.is_looking(), "what was found elsewhere is no news");
        starter.put(
            Some(Path::new("../ci")),
            vec![recipe("../ci/shop.toml", "x"), folder("../ci/old"), folder("../ci/sh")],
        );
        assert_eq!(names(&starter, &[]), ["../ci/shop.toml", "../ci/sh"]);
        starter.input = Input::new("/t".into());
        assert!(starter.turn_to_folder());
        assert_eq!(starter.folder(), Some(Path::new("/")));
        starter.input = Input::default();
        assert!(starter.turn_to_folder());
        assert_eq!(starter.folder(), None, "back to the usual places");
    }

    #[test]
    fn what_nobody_found_can_be_typed() {
        assert_eq!(starter(None, "other.toml").chosen(&[]).unwrap().path, PathBuf::from("other.toml"));
        assert_eq!(starter(None, "z").chosen(&[]).unwrap().path, PathBuf::from("recipes/z.toml"));
        assert_eq!(Starter::new(None).chosen(&[]), None);
    }
}

//! Recipes: found, checked, and run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Inner;
use crate::recipe::file;
use crate::tui::event::Event;
use crate::tui::state::{Found, FoundKind};

/// Files and folders of a folder that are looked at: there is no end to what somebody keeps beside recipes.
const MOST: usize = 500;

impl Inner {
    /// Tells which recipes there are in `folder`, or in the usual places and among those that were used last.
    pub(super) async fn find_recipes(&self, folder: Option<PathBuf>, recent: Vec<PathBuf>) {
        let (usual, typed) = (self.parts.recipes.folders.clone(), folder.clone());
        let found = tokio::task::spawn_blocking(move || match &typed {
            Some(folder) => in_folder(folder, true),
            None => in_usual_places(&usual, recent),
        });
        let found = found.await.unwrap_or_default();
        self.tell(Event::Recipes { folder, found }).await;
    }
}

/// What is in these folders, and those recipes that were used last and are still there.
fn in_usual_places(folders: &[PathBuf], recent: Vec<PathBuf>) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let used = recent.into_iter().filter_map(|path| recipe(&path));
    let here = folders.iter().flat_map(|folder| in_folder(folder, false));
    // The same file may be named in two ways.
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    used.chain(here).filter(|found| seen.insert(real(&found.path))).collect()
}

/// The recipes of a folder, with its folders where somebody types a path. What cannot be read has none.
fn in_folder(folder: &Path, with_folders: bool) -> Vec<Found> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST);
    let found = entries.filter_map(|entry| {
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        if path.is_dir() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            return (with_folders && !hidden).then_some(Found { path, kind: FoundKind::Folder });
        }
        recipe(&path)
    });
    let mut found: Vec<Found> = found.collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The recipe at `path`; nothing if the file is something else.
fn recipe(path: &Path) -> Option<Found> {
    path.extension().filter(|extension| *extension == "toml")?;
    let kind = match file::load(path) {
        Ok(loaded) => FoundKind::Recipe {
            name: loaded.recipe.name,
            description: loaded.recipe.description,
            source: loaded.recipe.source.cluster,
            steps: loaded.recipe.step.len(),
        },
        // Other files of this form have other sections.
        Err(_) if !fs::read_to_string(path).is_ok_and(|text| text.contains("[[step]]")) => return None,
        Err(mistakes) => FoundKind::Broken(mistakes.len()),
    };
    Some(Found { path: path.to_owned(), kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: &str = "schema = 1\nname = \"shop\"\n[source]\ncluster = \"orders-prod\"\n[[step]]\nrun = \"true\"\n";

    #[test]
    fn recipes_are_told_from_other_files_and_good_ones_from_broken_ones() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("shop.toml", RECIPE);
        write("half.toml", &RECIPE.replace("cluster =", "clustr ="));
        write("Cargo.toml", "[package]\nname = \"x\"\n");
        write("notes.txt", RECIPE);
        fs::create_dir(folder.path().join("ci")).unwrap();
        let kinds = |found: Vec<Found>| {
            let name = |found: &Found| found.path.file_name().unwrap().to_string_lossy().into_owned();
            found.iter().map(|found| (name(found), found.kind.clone())).collect::<Vec<_>>()
        };
        let shop =
            FoundKind::Recipe { name: "shop".into(), description: None, source: Some("orders-prod".into()), steps: 1 };
        let want = [("half.toml".to_owned(), FoundKind::Broken(1)), ("shop.toml".to_owned(), shop)];
        assert_eq!(kinds(in_folder(folder.path(), false)), want);
        let with_folders = kinds(in_folder(folder.path(), true));
        assert_eq!(with_folders[0], ("ci".to_owned(), FoundKind::Folder));
        let recent = vec![folder.path().join("shop.toml"), folder.path().join("gone.toml")];
        let usual = in_usual_places(&[folder.path().to_owned(), folder.path().join("none")], recent);
        assert_eq!(usual.len(), 2, "once, however often it is named: {usual:?}");
    }
}

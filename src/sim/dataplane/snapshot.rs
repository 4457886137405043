//! Copies of a data directory that nothing writes to. A file that did not change since the last copy is a hard link to
//! it; the others share blocks where the file system can, and are copied where it can't.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use super::files::{self, Stamp};

/// A data directory as it was. Its folder goes away with the last one that holds it.
#[derive(Debug)]
pub struct Snapshot {
    /// When the server stood still.
    pub at: Timestamp,
    /// Rows written to the database until then.
    pub rows: u64,
    /// The bytes that were copied to have it; what it links to is not among them.
    pub copied: u64,
    folder: PathBuf,
    folders: Vec<PathBuf>,
    files: BTreeMap<PathBuf, Kept>,
}

/// A file of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// The file itself, however many snapshots link to it.
    pub inode: u64,
    /// The bytes that were copied to have it.
    pub bytes: u64,
}

/// What a data directory has in common with a snapshot: the stamps of the files that are as they are there.
#[derive(Debug)]
pub struct Baseline {
    snapshot: Arc<Snapshot>,
    stamps: BTreeMap<PathBuf, Stamp>,
}

/// The parts of a copy.
struct Copy {
    folders: Vec<PathBuf>,
    files: BTreeMap<PathBuf, Kept>,
    stamps: BTreeMap<PathBuf, Stamp>,
    copied: u64,
}

/// The moment and the counts that a snapshot is labelled with.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// The present moment of the account.
    pub at: Timestamp,
    /// Rows written so far.
    pub rows: u64,
}

impl Snapshot {
    /// Copies `data`, which nobody may write to meanwhile, by way of the folder `half` into `folder`.
    ///
    /// # Errors
    /// When a file can't be copied; nothing is left behind then.
    pub fn take(
        data: &Path,
        half: &Path,
        folder: PathBuf,
        label: Label,
        baseline: Option<&Baseline>,
        now: SystemTime,
    ) -> io::Result<(Arc<Self>, Baseline)> {
        let made = Self::copy(data, half, baseline, now).and_then(|made| fs::rename(half, &folder).map(|()| made));
        let Copy { folders, files, stamps, copied } = made.inspect_err(|_| {
            // The reason is worth more than what is left of the copy.
            let _ = fs::remove_dir_all(half);
        })?;
        let snapshot = Arc::new(Self { at: label.at, rows: label.rows, copied, folder, folders, files });
        Ok((snapshot.clone(), Baseline { snapshot, stamps }))
    }

    fn copy(data: &Path, half: &Path, baseline: Option<&Baseline>, now: SystemTime) -> io::Result<Copy> {
        let (folders, found) = files::walk(data)?;
        for folder in &folders {
            files::private_folder(&half.join(folder))?;
        }
        let (mut kept, mut stamps, mut copied) = (BTreeMap::new(), BTreeMap::new(), 0);
        for file in found {
            let to = half.join(&file.name);
            let same = baseline.and_then(|baseline| baseline.same(&file));
            let one = if let Some((path, kept)) = same {
                fs::hard_link(path, &to)?;
                kept
            } else {
                let bytes = files::copy(&data.join(&file.name), &to)?;
                copied += bytes;
                Kept { inode: fs::metadata(&to)?.ino(), bytes }
            };
            if let Some(stamp) = Stamp::settled(&file.meta, now) {
                stamps.insert(file.name.clone(), stamp);
            }
            kept.insert(file.name, one);
        }
        Ok(Copy { folders, files: kept, stamps, copied })
    }

    /// Has what was written to `data` since `baseline` go to the disk. Blocks can only be shared once they are there, and a
    /// server that stands still should not wait for that.
    ///
    /// # Errors
    /// When the directory can't be read or written back.
    pub fn prepare(data: &Path, baseline: Option<&Baseline>) -> io::Result<()> {
        // The server goes on meanwhile, and may drop a table.
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let found = match files::walk(data) {
            Err(error) if gone(&error) => return Ok(()),
            walked => walked?.1,
        };
        let written = found.iter().filter(|file| baseline.is_none_or(|baseline| baseline.same(file).is_none()));
        for file in written {
            match files::write_back(&data.join(&file.name)) {
                Err(error) if gone(&error) => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Makes a data directory out of it, at `data`, which must not be there.
    ///
    /// # Errors
    /// When a file can't be copied; nothing is left behind then.
    pub fn lay_out(self: &Arc<Self>, data: &Path) -> io::Result<Baseline> {
        self.copy_out(data).inspect_err(|_| {
            // The reason is worth more than what is left of the copy.
            let _ = fs::remove_dir_all(data);
        })
    }

    fn copy_out(self: &Arc<Self>, data: &Path) -> io::Result<Baseline> {
        fs::create_dir(data)?;
        for folder in &self.folders {
            files::private_folder(&data.join(folder))?;
        }
        let mut stamps = BTreeMap::new();
        for name in self.files.keys() {
            let to = data.join(name);
            files::copy(&self.folder.join(name), &to)?;
            // The copy has the time of what it was copied from, so any write gives it another.
            if let Some(stamp) = Stamp::of(&fs::metadata(&to)?) {
                stamps.insert(name.clone(), stamp);
            }
        }
        Ok(Baseline { snapshot: self.clone(), stamps })
    }

    /// Its files.
    pub fn files(&self) -> impl Iterator<Item = &Kept> {
        self.files.values()
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.folder.display(), %error, "a snapshot could not be deleted");
        }
    }
}

impl Baseline {
    /// The same file in the snapshot, if nothing wrote to it since.
    fn same(&self, file: &files::Found) -> Option<(PathBuf, Kept)> {
        let stamp = self.stamps.get(&file.name)?;
        if Stamp::of(&file.meta)? != *stamp {
            return None;
        }
        let kept = self.snapshot.files.get(&file.name)?;
        Some((self.snapshot.folder.join(&file.name), *kept))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Bench {
        folder: tempfile::TempDir,
        taken: u32,
    }

    impl Bench {
        fn new() -> Self {
            let bench = Self { folder: tempfile::tempdir().unwrap(), taken: 0 };
            fs::create_dir_all(bench.path("data/shop")).unwrap();
            bench.write("shop/orders.ibd", "one");
            bench.write("shop/customers.ibd", "ana");
            bench.write("ibtmp1", "temporary");
            bench
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.path("data").join(name), text).unwrap();
        }

        fn take(&mut self, baseline: Option<&Baseline>) -> (Arc<Snapshot>, Baseline) {
            self.taken += 1;
            let label = Label { at: Timestamp::UNIX_EPOCH, rows: 0 };
            let later = files::time_now() + Duration::from_secs(10);
            let to = self.path(&format!("s{}", self.taken));
            Snapshot::take(&self.path("data"), &self.path("half"), to, label, baseline, later).unwrap()
        }
    }

    fn inode(snapshot: &Snapshot, name: &str) -> u64 {
        snapshot.files[Path::new(name)].inode
    }

    #[test]
    fn what_did_not_change_is_linked_and_what_did_is_copied() {
        let mut bench = Bench::new();
        let (first, baseline) = bench.take(None);
        bench.write("shop/orders.ibd", "two");
        let (second, _) = bench.take(Some(&baseline));
        let (orders, customers) = ("shop/orders.ibd", "shop/customers.ibd");
        assert_eq!(inode(&first, customers), inode(&second, customers));
        assert_ne!(inode(&first, orders), inode(&second, orders));
        assert_eq!(fs::read_to_string(bench.path("s1").join(orders)).unwrap(), "one");
        assert_eq!(fs::read_to_string(bench.path("s2").join(orders)).unwrap(), "two");
        assert!(!bench.path("s1/ibtmp1").exists());
    }

    #[test]
    fn a_directory_made_from_a_snapshot_is_its_own_and_links_again() {
        let mut bench = Bench::new();
        let (first, _) = bench.take(None);
        fs::remove_dir_all(bench.path("data")).unwrap();
        let baseline = first.lay_out(&bench.path("data")).unwrap();
        bench.write("shop/orders.ibd", "two");
        let (second, _) = bench.take(Some(&baseline));
        assert_eq!(fs::read_to_string(bench.path("s1/shop/orders.ibd")).unwrap(), "one");
        assert_eq!(inode(&first, "shop/customers.ibd"), inode(&second, "shop/customers.ibd"));
    }

    #[test]
    fn a_snapshot_goes_away_with_its_last_holder_and_leaves_no_half_copy() {
        let mut bench = Bench::new();
        let (first, baseline) = bench.take(None);
        drop(first);
        assert!(bench.path("s1").exists());
        drop(baseline);
        assert!(!bench.path("s1").exists());
        let label = Label { at: Timestamp::UNIX_EPOCH, rows: 0 };
        let (half, nowhere) = (bench.path("half"), bench.path("no/where"));
        assert!(Snapshot::take(&bench.path("data"), &half, nowhere, label, None, files::time_now()).is_err());
        assert!(!half.exists());
    }
}

//! Copies of files that share what can be shared.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The temporary tablespace is made anew by each start.
const NOT_COPIED: &str = "ibtmp1";

/// Older kernels stamp files by the tick: two writes within this time may leave one stamp.
const TICK: Duration = Duration::from_millis(50);

/// What has to stay free on the disk: nothing is copied when it has less.
pub const SPARE: u64 = 512 << 20;

/// What tells whether a file was written to since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: SystemTime,
    size: u64,
    inode: u64,
}

impl Stamp {
    /// The stamp of a file, if it is old enough at `now` that a later write must change it.
    pub fn settled(meta: &Metadata, now: SystemTime) -> Option<Self> {
        let stamp = Self::of(meta)?;
        now.duration_since(stamp.modified).is_ok_and(|age| age > TICK).then_some(stamp)
    }

    /// The stamp of a file as it is.
    pub fn of(meta: &Metadata) -> Option<Self> {
        Some(Self { modified: meta.modified().ok()?, size: meta.len(), inode: meta.ino() })
    }
}

/// One file of a directory.
pub struct Found {
    /// Below the directory.
    pub name: PathBuf,
    /// What the system knows of it.
    pub meta: Metadata,
}

/// The files below a directory, and its directories, each before what is in it.
pub fn walk(root: &Path) -> io::Result<(Vec<PathBuf>, Vec<Found>)> {
    let (mut folders, mut files) = (vec![PathBuf::new()], Vec::new());
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let (name, meta) = (folder.join(entry.file_name()), entry.metadata()?);
            if meta.is_dir() {
                folders.push(name);
            } else if meta.is_file() && entry.file_name() != NOT_COPIED {
                files.push(Found { name, meta });
            }
        }
    }
    Ok((folders, files))
}

/// Copies a file with its time; gives back how many bytes that took, which is 0 where the file system shares blocks.
pub fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    let source = File::open(from)?;
    let target = File::options().write(true).create_new(true).open(to)?;
    let bytes = if shares(&source, &target) { 0 } else { fs::copy(from, to)? };
    // What was just copied must not look as if it had just been written.
    target.set_modified(source.metadata()?.modified()?)?;
    Ok(bytes)
}

/// Has what was written to a file go to the disk.
pub fn write_back(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_data()
}

#[cfg(target_os = "linux")]
fn shares(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

/// Elsewhere the system's own copy shares blocks by itself, and does not say so.
#[cfg(not(target_os = "linux"))]
fn shares(_: &File, _: &File) -> bool {
    false
}

/// The time that files written now get.
#[expect(clippy::disallowed_methods, reason = "the age of files is told by the time of the machine, not the account's")]
pub fn time_now() -> SystemTime {
    SystemTime::now()
}

/// Makes a directory that only its owner may enter.
pub fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).recursive(true).create(path)
}

/// How the bytes are read that the file system of a path has left for this user.
#[derive(Clone)]
pub struct FreeSpace(Arc<dyn Fn(&Path) -> io::Result<u64> + Send + Sync>);

impl FreeSpace {
    /// Reads them so, in place of asking the system.
    pub fn told_by(read: impl Fn(&Path) -> io::Result<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The bytes that are left.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn of(&self, path: &Path) -> io::Result<u64> {
        (self.0)(path)
    }
}

impl Default for FreeSpace {
    /// As the system says.
    fn default() -> Self {
        Self::told_by(|path| {
            let stat = rustix::fs::statvfs(path)?;
            Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
        })
    }
}

impl fmt::Debug for FreeSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreeSpace(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_content_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&from, b"rows").unwrap();
        let old = time_now() - Duration::from_secs(100);
        File::options().write(true).open(&from).unwrap().set_modified(old).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"rows");
        assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), fs::metadata(&from).unwrap().modified().unwrap());
        assert!(copy(&from, &to).is_err(), "nothing is overwritten");
    }

    #[test]
    fn a_file_written_just_now_has_no_settled_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"rows").unwrap();
        let meta = fs::metadata(&path).unwrap();
        let written = meta.modified().unwrap();
        assert_eq!(Stamp::settled(&meta, written), None);
        assert!(Stamp::settled(&meta, written + Duration::from_secs(1)).is_some());
    }
}

//! What a database has written: counted page by page in its files, as the service counts a clone's own storage.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::files;

/// The size of an InnoDB page.
const PAGE: u64 = 16 * 1024;
/// Where a page holds the place in the redo log of its last change (InnoDB, FIL_PAGE_LSN).
const PAGE_LSN: u64 = 16;

/// The bytes of pages that were changed after `since`, a place in the redo log; 0 counts all pages in use.
///
/// Pages that the server has changed in memory only are not among them yet.
///
/// # Errors
/// When a file can't be read.
pub fn written(data: &Path, since: u64) -> io::Result<u64> {
    let mut pages = 0;
    for file in files::walk(data)?.1 {
        let tablespace = file.name.extension().is_some_and(|end| end == "ibd") || file.name == Path::new("ibdata1");
        if tablespace {
            pages += changed_pages(&data.join(&file.name), file.meta.len(), since)?;
        }
    }
    Ok(pages * PAGE)
}

fn changed_pages(path: &Path, length: u64, since: u64) -> io::Result<u64> {
    let file = match File::open(path) {
        Ok(file) => file,
        // A table may be dropped at any time.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut pages = 0;
    for page in 0..length / PAGE {
        let mut lsn = [0; 8];
        match file.read_exact_at(&mut lsn, page * PAGE + PAGE_LSN) {
            Ok(()) => pages += u64::from(u64::from_be_bytes(lsn) > since),
            // It may have become shorter.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_by_their_last_change() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![0; 3 * PAGE as usize + 100];
        for (page, lsn) in [(0_usize, 10_u64), (1, 500), (2, 501)] {
            let at = page * PAGE as usize + PAGE_LSN as usize;
            bytes[at..at + 8].copy_from_slice(&lsn.to_be_bytes());
        }
        std::fs::write(folder.path().join("orders.ibd"), &bytes).unwrap();
        std::fs::write(folder.path().join("ib_logfile0"), &bytes).unwrap();
        assert_eq!(written(folder.path(), 500).unwrap(), PAGE);
        assert_eq!(written(folder.path(), 0).unwrap(), 3 * PAGE);
    }
}

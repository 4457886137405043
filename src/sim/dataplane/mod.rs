//! Real databases behind the simulated account: one MariaDB server for each Aurora MySQL cluster that has an instance.
//!
//! There is one primitive: freeze the server, copy its data directory, let it go on. The copy is what a crash in that
//! moment would leave, and recovery makes it whole. Clones, rewinds, copies of a past moment and the figures of the
//! window are built on it (`snapshot`, `ring`, `database`). Each database has a thread of its own (`actor`), and the
//! account says what should be and reads what is (`plane`).

mod actor;
mod database;
mod endpoint;
mod files;
mod home;
mod keeper;
mod kit;
mod plane;
mod ring;
mod server;
mod shop;
mod snapshot;
mod sql;
mod template;
mod volume;

use std::path::PathBuf;

pub use files::FreeSpace;
pub use keeper::become_server;
pub use plane::Plane;

/// The word that makes this program the keeper of a server.
pub const KEEPER: &str = "database-keeper";

/// The password of the master users of the clusters that an account begins with.
pub const FLEET_PASSWORD: &str = "aurewind-demo";

/// Where databases live and how much they may take.
#[derive(Clone, Debug)]
pub struct DataPlane {
    /// The folder for templates and for the databases of each run.
    pub folder: PathBuf,
    /// This program, which starts the servers.
    pub keeper: PathBuf,
    /// The most servers at once.
    pub servers: usize,
    /// The most memory that all servers may take, in bytes.
    pub memory: u64,
    /// The most bytes that the databases of this run may have on disk, their pasts included.
    pub disk: u64,
    /// How the space that is left on the disk is read.
    pub free: FreeSpace,
}

impl DataPlane {
    /// Ordinary limits: what a laptop has to spare. An idle server takes some 60 MB of memory.
    pub fn new(folder: PathBuf, keeper: PathBuf) -> Self {
        Self { folder, keeper, servers: 16, memory: 3 << 30, disk: 16 << 30, free: FreeSpace::default() }
    }

    /// The name and version of the server that is installed, such as `MariaDB 10.11.19`.
    ///
    /// # Errors
    /// When there is none.
    pub fn server(&self) -> Result<String, DataPlaneError> {
        let kit = kit::Kit::find(self.keeper.clone(), |name| std::env::var_os(name))?;
        Ok(format!("MariaDB {}", kit.short_version()))
    }
}

/// Why there are no databases.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataPlaneError {
    /// There is no server on this machine.
    #[error(
        "no MariaDB server was found. Install it (Debian, Ubuntu: apt-get install --no-install-recommends \
         mariadb-server-core mariadb-client-core; macOS: brew install mariadb), or name it in AUREWIND_MARIADBD"
    )]
    NotInstalled,
    /// A server does not start.
    #[error("MariaDB does not work: {reason}")]
    Start {
        /// What it says.
        reason: String,
    },
    /// There is no room for databases.
    #[error("databases can't be kept in {}: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The folder's path is too long for the sockets in it.
    #[error("{} is too long a path for the sockets of databases: set AUREWIND_STATE_DIR to a shorter one", path.display())]
    LongPath {
        /// The folder.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;

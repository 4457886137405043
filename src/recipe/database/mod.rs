//! The database of a clone: when it answers, who may log in, what is written to it, and how it differs from before.
//!
//! Aurora MySQL of either version and `MariaDB` (behind the simulated account) are talked to in the same way.

mod beat;
mod compare;
mod connect;
mod error;
mod locks;
mod password;
mod script;
mod settle;
mod snapshot;

use secrecy::SecretString;
use sqlx::MySqlPool;

pub use beat::{Beat, Moment, landed, mark, proves};
pub use compare::compare;
pub use error::DatabaseError;
pub use locks::LockWatch;
pub use password::new_password;
pub use script::{ScriptDone, ScriptError};
pub use snapshot::Snapshot;

use super::model::Tls;
use connect::text_of;

/// Where a database is, and as whom it is used. Printing it for debugging leaves the password out.
#[derive(Debug, Clone)]
pub struct Login {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// The database that statements without one mean.
    pub database: Option<String>,
    /// How the connection is protected; the path of a file with authorities leads to it from here.
    pub tls: Tls,
}

/// A database that answered. Cheap to clone; a few connections are shared, and made anew if they break.
#[derive(Debug, Clone)]
pub struct Database {
    login: Login,
    pool: MySqlPool,
}

//! What can go wrong with a database, told apart by what a person does about it.

use std::io;

use sqlx::mysql::MySqlDatabaseError;
use thiserror::Error;

use crate::aurora::text::clean;

/// Why a database could not be used. Its texts are free of control characters and of passwords.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseError {
    /// Nothing listens there.
    #[error("{0} takes no connections (refused): is the instance running, is this its port?")]
    Refused(String),
    /// Nothing comes back.
    #[error("{0} does not answer: check the security groups of the clone, its subnets, and the way from here to them")]
    Silent(String),
    /// The name is unknown.
    #[error("the name of {0} cannot be resolved: {1}")]
    Unknown(String, String),
    /// The connection is not protected as it has to be.
    #[error("{at}: TLS failed: {reason}; {mend}")]
    Tls {
        /// Host and port.
        at: String,
        /// What TLS says.
        reason: String,
        /// What can be done.
        mend: &'static str,
    },
    /// Wrong user or password.
    #[error("{at} refuses the login: {message}")]
    Denied {
        /// Host and port.
        at: String,
        /// What the server says.
        message: String,
    },
    /// There is no such database.
    #[error("{at} has no such database: {message}")]
    NoDatabase {
        /// Host and port.
        at: String,
        /// What the server says.
        message: String,
    },
    /// The server's answer to a statement.
    #[error("error {code} ({state}): {message}")]
    Server {
        /// Number of the error.
        code: u16,
        /// SQLSTATE.
        state: String,
        /// What the server says.
        message: String,
    },
    /// The connection broke, or something else went wrong on the way.
    #[error("the connection to {0} broke: {1}")]
    Broken(String, String),
    /// It was not ready in time.
    #[error("not ready in time: {0}")]
    TooLate(Box<DatabaseError>),
}

/// Amazon's authorities are in no system's list (User Guide, Using SSL/TLS to encrypt a connection to a DB cluster).
const BUNDLE: &str = "give Amazon's certificates (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem) as \
                      `tls = { ca = \"global-bundle.pem\" }` in [connect]";
const OFF: &str = "a database without TLS, on this machine, needs `tls = \"off\"` in [connect]";
const FILE: &str = "check the file that `tls = { ca = … }` in [connect] names";
const NAME: &str = "connect by the name that the certificate is for: the endpoint of the cluster";

impl DatabaseError {
    /// An error of the driver, at this host and port.
    pub(super) fn from_driver(error: &sqlx::Error, at: &str) -> Self {
        match error {
            sqlx::Error::Database(inner) => match inner.try_downcast_ref::<MySqlDatabaseError>() {
                Some(inner) => Self::from_server(inner, at),
                None => Self::Broken(at.into(), clean(inner.message())),
            },
            sqlx::Error::Io(error) => Self::from_io(error, at),
            sqlx::Error::Tls(error) => Self::tls(&error.to_string(), at),
            sqlx::Error::PoolTimedOut => Self::Silent(at.into()),
            other => Self::Broken(at.into(), clean(&other.to_string())),
        }
    }

    fn from_server(error: &MySqlDatabaseError, at: &str) -> Self {
        let (at, message) = (at.to_owned(), clean(error.message()));
        match error.number() {
            1045 | 1698 => Self::Denied { at, message },
            1049 => Self::NoDatabase { at, message },
            code => Self::Server { code, state: clean(error.code().unwrap_or("HY000")), message },
        }
    }

    pub(super) fn from_io(error: &io::Error, at: &str) -> Self {
        let text = clean(&error.to_string());
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused(at.into()),
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Self::Silent(at.into())
            }
            // The verdict on a certificate comes as one on data.
            io::ErrorKind::InvalidData => Self::tls(&text, at),
            _ if text.contains("lookup address") => Self::Unknown(at.into(), text),
            _ => Self::Broken(at.into(), text),
        }
    }

    fn tls(reason: &str, at: &str) -> Self {
        let reason = clean(reason);
        let mend = if reason.contains("does not support TLS") {
            OFF
        } else if reason.contains("NotValidForName") {
            NAME
        } else if reason.contains("invalid peer certificate") {
            BUNDLE
        } else {
            FILE
        };
        Self::Tls { at: at.into(), reason, mend }
    }

    /// Whether it may be otherwise in a moment: a server that starts, a name or a password that is not known everywhere yet.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Silent(_) | Self::Unknown(..) | Self::Broken(..) | Self::Denied { .. } => true,
            // Too many connections; the server shuts down, or is not ready yet.
            Self::Server { code, .. } => matches!(code, 1040 | 1053 | 1077 | 1079 | 1836 | 3032 | 3168 | 3169),
            Self::Tls { .. } | Self::NoDatabase { .. } | Self::TooLate(_) => false,
        }
    }
}

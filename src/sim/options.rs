//! How a simulator is started, and why it could not be.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::{Clock, Fault, FleetSpec};

/// What a simulated account is like and where it listens.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether an address beyond this machine is meant: the simulator asks nobody who they are.
    pub allow_remote: bool,
    /// What is in the account.
    pub fleet: FleetSpec,
    /// Where the account is kept over restarts. When the file is there, the account is what it holds, and neither
    /// `fleet`, `seed`, `region` nor `account` counts.
    pub state: Option<PathBuf>,
    /// Where real databases live behind the account, if it shall have some. They are not kept over restarts.
    #[cfg(unix)]
    pub data_plane: Option<super::DataPlane>,
    /// The Region; by default that of the demo.
    pub region: Option<String>,
    /// The number of the account, by default an invented one.
    pub account: Option<String>,
    /// How many times faster than AWS states change; timestamps stay real.
    pub speed: f64,
    /// What everything that looks like chance derives from.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What time it is.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_remote: false,
            fleet: FleetSpec::Demo,
            state: None,
            #[cfg(unix)]
            data_plane: None,
            region: None,
            account: None,
            speed: 1.0,
            seed: 1,
            faults: Vec::new(),
            clock: Clock::system(),
        }
    }
}

/// Why a simulator could not be started or told what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The address is not on this machine.
    #[error(
        "the simulator does not listen on {address}: everybody who reaches it can use it. Take a loopback address such as 127.0.0.1:0, or allow remote addresses explicitly"
    )]
    Remote {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The Region can't be one.
    #[error("invalid Region {region:?}: take one such as us-east-1")]
    Region {
        /// What was asked for.
        region: String,
    },
    /// The number of the account can't be one.
    #[error("invalid account {account:?}: the number of an account has 12 digits, such as 123456789012")]
    AccountNumber {
        /// What was asked for.
        account: String,
    },
    /// The speed makes no sense.
    #[error(
        "invalid speed {speed}: take a positive number; 1 is as slow as AWS, 60 makes a minute of a state change take a second"
    )]
    Speed {
        /// The speed that was asked for.
        speed: f64,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The databases can't be had.
    #[cfg(unix)]
    #[error(transparent)]
    DataPlane(#[from] super::DataPlaneError),
    /// Databases don't go with another option.
    #[error("real databases (--data-plane) can't be had {with}: {reason}")]
    DataPlaneWith {
        /// The other option.
        with: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The description of the fleet is broken.
    #[error("the fleet can't be built: {reason}")]
    Fleet {
        /// What is wrong with it.
        reason: String,
    },
    /// The file of the account can't be used.
    #[error("can't keep the account in {}: {reason}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The name of a fleet is unknown.
    #[error("invalid fleet {text:?}: take demo, empty or a number of clusters up to {most}")]
    FleetName {
        /// What was given.
        text: String,
        /// The biggest fleet.
        most: usize,
    },
    /// A fault is not understood.
    #[error("invalid fault {text:?}: {field} {problem}; {mend}")]
    Fault {
        /// What was given.
        text: String,
        /// The part that is wrong.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What would be right.
        mend: String,
    },
}

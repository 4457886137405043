//! What is in an account when it starts.

mod build;
mod demo;
mod generated;
mod history;
mod spec;

use std::str::FromStr;

use super::account::Account;
use super::account::network::Surroundings;
use super::rules::regions;
use super::rules::timing::Pace;
use super::{Options, SimError};

/// The surroundings that every simulated account has.
const ACCOUNT: &str = include_str!("../../../config/sim/account.toml");

/// The biggest generated fleet.
const MOST: usize = 100_000;

/// What is in an account when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetSpec {
    /// A web shop's account on a working day.
    Demo,
    /// Nothing.
    Empty,
    /// So many generated clusters.
    Count(usize),
}

impl FromStr for FleetSpec {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        match text {
            "demo" => Ok(Self::Demo),
            "empty" => Ok(Self::Empty),
            number => number
                .parse()
                .ok()
                .filter(|count| *count <= MOST)
                .map(Self::Count)
                .ok_or_else(|| SimError::FleetName { text: text.to_owned(), most: MOST }),
        }
    }
}

/// The account that the options ask for.
pub fn build(options: &Options) -> Result<Account, SimError> {
    let surroundings = surroundings(options)?;
    let pace = Pace { seed: options.seed, speed: options.speed };
    let mut account = Account::empty(surroundings, pace);
    let now = options.clock.now();
    match options.fleet {
        FleetSpec::Empty => {}
        #[cfg(unix)]
        FleetSpec::Demo if options.data_plane.is_some() => demo::fill(&mut account, demo::SHOP, now)?,
        FleetSpec::Demo => demo::fill(&mut account, demo::DEMO, now)?,
        FleetSpec::Count(count) => generated::fill(&mut account, count, now),
    }
    account.raise_quotas();
    account.settle(now);
    Ok(account)
}

/// What every simulated account has around its clusters, in the Region and with the number that the options ask for.
fn surroundings(options: &Options) -> Result<Surroundings, SimError> {
    let mut around: Surroundings = read(ACCOUNT)?;
    if let Some(region) = &options.region {
        if !regions::is_name(region) {
            return Err(SimError::Region { region: region.clone() });
        }
        around = around.moved_to(region);
    }
    if let Some(account) = &options.account {
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SimError::AccountNumber { account: account.clone() });
        }
        around = around.numbered(account);
    }
    Ok(around)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, SimError> {
    toml::from_str(text).map_err(|error| SimError::Fleet { reason: error.to_string() })
}

#[cfg(test)]
mod tests;

//! CloudFormation: stacks of a VPC, its subnets and security groups, and of what RDS has. A stack goes on by itself, as
//! the resources that it waits for do.

pub mod actions;
mod engine;
mod functions;
mod requests;
mod resources;
pub mod stack;
mod template;
mod yaml;

use jiff::{SignedDuration, Timestamp};

use super::account::Account;
use super::faults::Faults;

/// How long a deleted stack is remembered (API reference, ListStacks).
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Brings an account and its stacks to `now`. A step of a stack sees the account as it was at the time of the step; what goes
/// wrong with calls of RDS goes wrong with those that it makes.
pub fn settle(account: &mut Account, faults: &mut Faults, now: Timestamp) {
    while let Some((due, id)) = account.stacks.values().filter_map(|stack| Some((stack.next?, stack.id.clone()))).min()
    {
        if due > now {
            break;
        }
        account.settle(due);
        engine::step(account, faults, &id, due);
    }
    account.settle(now);
    account.stacks.retain(|_, stack| stack.deleted.is_none_or(|at| now.duration_since(at) < REMEMBERED));
}

#[cfg(test)]
mod tests;

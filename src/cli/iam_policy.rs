//! `aurewind iam-policy`.

use serde_json::json;

use super::args::{Global, IamArgs};
use super::error::CliError;
use super::output::Output;
use crate::aurora::iam::{self, Bounds};

/// Prints the least-privilege policy. Nothing is read for it, so that it can be asked for before there is any access.
pub fn run(output: Output, global: &Global, args: &IamArgs) -> Result<(), CliError> {
    let bounds = Bounds {
        prefixes: args.prefix.clone(),
        sources: args.source.clone(),
        account: args.account.clone(),
        region: global.region.clone().unwrap_or_else(|| "*".into()),
    };
    let policy = iam::policy(&args.features, &bounds);
    let text = serde_json::to_string_pretty(&policy).map_err(std::io::Error::from)?;
    output.result(json!({ "policy": policy }), || text)?;
    Ok(())
}

//! `aurewind test`.

use super::args::TestArgs;
use super::error::CliError;
use super::session::Session;
use super::test_check;
use crate::recipe::file;

/// Looks at recipes.
pub fn run(session: &Session, args: &TestArgs) -> Result<(), CliError> {
    if args.check {
        return test_check::run(session.output, &args.recipe);
    }
    for path in &args.recipe {
        file::load(path).map_err(|errors| test_check::error(&errors))?;
    }
    Err(CliError::usage("recipes are not run yet").next("aurewind test --check RECIPE"))
}

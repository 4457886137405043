//! AWS Security Token Service: who is calling.

use super::super::protocol::{ApiError, Xml};
use super::Call;

/// Names the account and a user in it; everybody is the same (API reference, GetCallerIdentity). The real service needs
/// no permission for it either.
#[expect(clippy::unnecessary_wraps, reason = "every action may refuse; this one has no reason to")]
pub fn get_caller_identity(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let account = &call.account.surroundings.account;
    xml.text("Arn", &format!("arn:aws:iam::{account}:user/simulated"));
    xml.text("UserId", "AIDASIMULATEDSIMULATE");
    xml.text("Account", account);
    Ok(())
}

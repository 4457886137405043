//! The secrets in which Secrets Manager keeps master passwords: making one, and reading it.

use serde_json::json;

use super::super::account::cluster::{Cluster, ClusterStatus, Secret};
use super::super::protocol::{ApiError, Code, Form, Node, Xml};
use super::super::rules::chance;
use super::Call;

/// What reading knows of.
pub const PARAMETERS: &[&str] = &["SecretId", "VersionId", "VersionStage"];

/// Letters of the passwords that it makes.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.~";
/// How long they are.
const LENGTH: usize = 32;

/// What a change of a cluster means for its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Secrets Manager makes a password, and keeps it.
    Made,
    /// The password is given, and the secret goes.
    Gone,
}

/// What is asked of the secret of `cluster`, if anything (API reference, ModifyDBCluster, ManageMasterUserPassword and
/// RotateMasterUserPassword).
pub fn wanted(form: &Form, cluster: &Cluster, at_once: bool) -> Result<Option<Wanted>, ApiError> {
    let (managed, given) = (cluster.secret.is_some(), form.text("MasterUserPassword").is_some());
    if form.flag("RotateMasterUserPassword")? {
        if !managed || !at_once || given {
            let message = "RotateMasterUserPassword needs a password that is managed in Secrets Manager, and \
                           ApplyImmediately.";
            return Err(ApiError::combination(message));
        }
        return Ok(Some(Wanted::Made));
    }
    match form.boolean("ManageMasterUserPassword")? {
        Some(true) if given => {
            Err(ApiError::combination("You can't specify MasterUserPassword and ManageMasterUserPassword together."))
        }
        Some(true) if managed => Ok(None),
        Some(true) => Ok(Some(Wanted::Made)),
        Some(false) if managed && given => Ok(Some(Wanted::Gone)),
        Some(false) if managed => {
            Err(ApiError::combination("You must specify MasterUserPassword when you stop managing the password."))
        }
        None if managed && given => Err(ApiError::combination(
            "You can't specify MasterUserPassword for a DB cluster whose password is managed in Secrets Manager.",
        )),
        _ => Ok(None),
    }
}

/// A secret with a new password for the cluster of this resource id.
pub fn make(call: &Call<'_>, resource_id: &str) -> Secret {
    let now = call.now.to_string();
    let mut rng = chance::of(call.account.pace.seed, &["secret", resource_id, &now]);
    let password = (0..LENGTH).map(|_| char::from(LETTERS[rng.usize(..LETTERS.len())])).collect();
    let around = &call.account.surroundings;
    // Six random letters end the name of every secret (Secrets Manager User Guide, ARN format).
    let end: String = (0..6).map(|_| rng.alphanumeric()).collect();
    let arn = format!(
        "arn:aws:secretsmanager:{}:{}:secret:rds!{}-{end}",
        around.region,
        around.account,
        resource_id.to_lowercase()
    );
    Secret { arn, password }
}

/// A `MasterUserSecret`.
pub fn write(xml: &mut Xml, cluster: &Cluster) {
    let Some(secret) = &cluster.secret else { return };
    let active = cluster.status() != ClusterStatus::ResettingMasterCredentials;
    xml.element("MasterUserSecret", |xml| {
        xml.text("SecretArn", &secret.arn);
        xml.text("SecretStatus", if active { "active" } else { "creating" });
    });
}

/// GetSecretValue, asked by a form, which the service does not take.
pub fn refuse_form(_: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    Err(ApiError::new(Code::InvalidAction, "Secrets Manager is called in JSON"))
}

/// The user and the password (Secrets Manager API reference, GetSecretValue).
pub fn grow(call: &mut Call<'_>) -> Result<Node, ApiError> {
    let wanted = call.form.required("SecretId")?;
    let of = |cluster: &&Cluster| cluster.secret.as_ref().is_some_and(|secret| secret.arn == wanted);
    let cluster = call.account.clusters(None).find(of);
    let missing = || ApiError::new(Code::SecretNotFound, "Secrets Manager can't find the specified secret.");
    let (cluster, secret) =
        cluster.and_then(|cluster| Some((cluster, cluster.secret.as_ref()?))).ok_or_else(missing)?;
    let text = json!({"username": cluster.master_username, "password": secret.password}).to_string();
    Ok(Node::Map(vec![
        ("ARN", Node::Text(secret.arn.clone())),
        ("Name", Node::Text(secret.arn.rsplit(':').next().unwrap_or_default().to_owned())),
        ("SecretString", Node::Text(text)),
    ]))
}

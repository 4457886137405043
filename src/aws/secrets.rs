//! Master passwords that Secrets Manager keeps.

use secrecy::SecretString;
use serde::Deserialize;

use super::Aws;
use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use crate::aurora::text::clean;

/// What is in the secret of a cluster (User Guide, Password management with Amazon Aurora and AWS Secrets Manager).
#[derive(Deserialize)]
struct Content {
    username: String,
    password: SecretText,
}

/// Never printed.
struct SecretText(SecretString);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(from)?.into()))
    }
}

impl Aws {
    /// The master user and its password, from the secret of this ARN.
    ///
    /// # Errors
    /// What AWS answered, or that there is no password in it.
    pub async fn master_secret(&self, arn: &str) -> Result<(String, SecretString), AwsError> {
        // What an emulator calls a secret is none of AWS.
        if self.place.is_local() && self.config.endpoint_url().is_none() {
            return Err(AwsError::new(ErrorKind::Unsupported, "this endpoint is one of RDS alone, without secrets"));
        }
        self.pace.turn().await;
        let config = aws_sdk_secretsmanager::config::Builder::from(&self.config).build();
        let client = aws_sdk_secretsmanager::Client::from_conf(config);
        let answer = client.get_secret_value().secret_id(arn).send().await;
        let answer = answer.map_err(|error| classify("GetSecretValue", &error))?;
        let wrong = || AwsError::new(ErrorKind::Invalid, format!("`{arn}` holds no user and password"));
        // What is wrong with the text is not said: it would be repeated.
        let content: Content = serde_json::from_str(answer.secret_string().ok_or_else(wrong)?).map_err(|_| wrong())?;
        Ok((clean(&content.username), content.password.0))
    }
}

//! Who the credentials belong to, and what the clock of AWS says.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use aws_sdk_sts::primitives::{DateTime, DateTimeFormat};
use jiff::Timestamp;

use super::classify::classify;
use super::error::AwsError;
use super::{Aws, convert};
use crate::aurora::text::clean;

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Account id.
    pub account: String,
    /// The user or the role.
    pub arn: String,
}

/// Keeps the moment that the last answer names, errors included.
#[derive(Debug, Clone, Default)]
struct ServerClock(Arc<Mutex<Option<Timestamp>>>);

impl ServerClock {
    fn last(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ServerClock {
    fn name(&self) -> &'static str {
        "ServerClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let read = |date: &str| DateTime::from_str(date, DateTimeFormat::HttpDate).ok();
        let at = date.and_then(read).as_ref().and_then(convert::moment);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
        Ok(())
    }
}

impl Aws {
    /// Asks who the credentials belong to, which needs no permission (STS API reference, GetCallerIdentity). Gives back
    /// also what the clock at the other end said, to the second, if there was an answer of any kind.
    pub async fn identity(&self) -> (Result<Identity, AwsError>, Option<Timestamp>) {
        let clock = ServerClock::default();
        let config = aws_sdk_sts::config::Builder::from(&self.config).interceptor(clock.clone()).build();
        self.pace.turn().await;
        let answer = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
        let answer = answer.map_err(|error| classify("GetCallerIdentity", &error));
        let identity = answer.map(|answer| Identity {
            account: clean(answer.account().unwrap_or_default()),
            arn: clean(answer.arn().unwrap_or_default()),
        });
        (identity, clock.last())
    }
}

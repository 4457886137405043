//! Reading stacks of CloudFormation.

use aws_sdk_cloudformation::types::{Stack as WireStack, StackResource as WireResource};

use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use super::{Aws, convert};
use crate::aurora::stack::{Stack, StackResource};
use crate::aurora::text::clean;

impl Aws {
    pub(super) fn cloudformation(&self) -> Result<&aws_sdk_cloudformation::Client, AwsError> {
        self.stacks.as_ref().ok_or_else(|| {
            let message = "only RDS has an endpoint on this machine; name one for CloudFormation, too: \
                           AWS_ENDPOINT_URL_CLOUDFORMATION or AWS_ENDPOINT_URL";
            AwsError::new(ErrorKind::Unsupported, message)
        })
    }

    /// The stack with this name or id, and its resources; none if there is no such stack. One that was deleted is found by
    /// its id alone, for 90 days (API reference, DescribeStacks).
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn stack(&self, reference: &str) -> Result<Option<Stack>, AwsError> {
        let cloudformation = self.cloudformation()?;
        self.pace.turn().await;
        let answer = cloudformation.describe_stacks().stack_name(reference).send().await;
        let answer = match answer.map_err(|error| classify("DescribeStacks", &error)) {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(mut stack) = answer.stacks().first().and_then(stack) else { return Ok(None) };
        self.pace.turn().await;
        // By its id: another stack may have the name by now.
        let answer = cloudformation.describe_stack_resources().stack_name(&stack.id).send().await;
        match answer.map_err(|error| classify("DescribeStackResources", &error)) {
            Ok(answer) => stack.resources = answer.stack_resources().iter().filter_map(resource).collect(),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(Some(stack))
    }
}

/// That there is no such stack is told by the message alone (API reference, DescribeStacks).
fn is_missing(error: &AwsError) -> bool {
    error.code.as_deref() == Some("ValidationError") && error.message.contains("does not exist")
}

fn stack(from: &WireStack) -> Option<Stack> {
    let text = |text: Option<&str>| text.map(clean);
    Some(Stack {
        id: text(from.stack_id())?,
        name: from.stack_name()?.parse().ok()?,
        status: clean(from.stack_status()?.as_str()),
        reason: text(from.stack_status_reason()),
        protected: from.enable_termination_protection().unwrap_or_default(),
        tags: from.tags().iter().filter_map(|tag| Some((clean(tag.key()?), clean(tag.value()?)))).collect(),
        outputs: from
            .outputs()
            .iter()
            .filter_map(|output| Some((clean(output.output_key()?), clean(output.output_value()?))))
            .collect(),
        resources: Vec::new(),
    })
}

fn resource(from: &WireResource) -> Option<StackResource> {
    Some(StackResource {
        logical: clean(from.logical_resource_id()?),
        physical: from.physical_resource_id().map(clean),
        kind: clean(from.resource_type().unwrap_or_default()),
        status: clean(from.resource_status()?.as_str()),
        reason: from.resource_status_reason().map(clean),
        at: from.timestamp().and_then(convert::moment),
    })
}

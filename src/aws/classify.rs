//! From the SDK's errors to ours.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rds::config::http::HttpResponse;
use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_rds::operation::RequestId;

use super::error::{AwsError, ErrorKind};
use crate::aurora::text::clean;

/// What `error`, the outcome of `action`, means.
pub(super) fn classify<E>(action: &str, error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|raw| raw.status().as_u16());
    let code = error.code().map(clean);
    let request_id = error.raw_response().and_then(RequestId::request_id).map(clean);
    match error {
        SdkError::ServiceError(_) if code.is_some() => {
            let code = code.unwrap_or_default();
            let message = error.message().map_or_else(|| format!("{action} failed: {code}"), clean);
            let kind = of_code(&code, status, &message);
            AwsError { kind, code: Some(code), message, request_id }
        }
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => {
            let page = error.raw_response().is_some_and(is_page);
            AwsError { kind: of_status(status, page), code: None, message: unreadable(action, status), request_id }
        }
        SdkError::TimeoutError(_) => AwsError::new(ErrorKind::Transient, format!("{action}: no answer in time")),
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => not_sent(action, error),
        _ => AwsError::new(ErrorKind::Transient, format!("{action}: {}", chain(error).join(": "))),
    }
}

fn unreadable(action: &str, status: Option<u16>) -> String {
    match status {
        Some(200..300) => format!("{action}: the answer came incomplete"),
        Some(status) => {
            format!("{action}: the endpoint answered HTTP {status} without an RDS error; it may not know this call")
        }
        None => format!("{action}: the answer could not be read"),
    }
}

/// Whether the answer is a web page: RDS speaks XML even when it fails, an emulator that lacks a call often does not.
fn is_page(answer: &HttpResponse) -> bool {
    answer.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

/// Nothing came back: no credentials, no name, no route, or a connection that broke.
fn not_sent(action: &str, error: &(dyn Error + 'static)) -> AwsError {
    let causes = chain(error);
    let last = causes.last().map_or("", String::as_str);
    let all = causes.join(": ").to_lowercase();
    if is_about_credentials(error) {
        tracing::debug!("{all}");
        // A profile that signs in through SSO was found; what is missing is the sign-in.
        return if all.contains("expired") || all.contains("sso") {
            AwsError::new(ErrorKind::Expired, format!("the credentials have expired ({last})"))
        } else {
            let message =
                "no credentials were found: not in the environment, not in the profile, not in the machine's metadata";
            AwsError::new(ErrorKind::NoCredentials, message)
        };
    }
    let never_there = ["dns", "lookup", "hostname", "refused", "unreachable", "connect timeout", "no route"];
    if never_there.iter().any(|word| all.contains(word)) {
        return AwsError::new(ErrorKind::Unreachable, format!("{action}: the endpoint cannot be reached ({last})"));
    }
    AwsError::new(ErrorKind::Transient, format!("{action}: the connection broke ({last})"))
}

/// Told by the type of a cause: words such as `sso` also stand in other messages ("no address associated").
fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// The messages of an error and its causes, without repetitions.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = clean(&error.to_string());
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = error.source();
    }
    causes
}

/// The SDK corrects its clock by the answer and tries a reading again; a change is made once and ends up here.
const SKEWED: [&str; 4] = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidClientTimestamp"];

const EXPIRED: [&str; 7] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
];

/// States of things that change by themselves. Others (a VPC, a global database) stay as they are.
const PASSING: [&str; 4] =
    ["InvalidDBClusterState", "InvalidDBInstanceState", "InvalidDBSnapshotState", "InvalidDBClusterSnapshotState"];

fn of_code(code: &str, status: Option<u16>, message: &str) -> ErrorKind {
    // A signature of another time is told by the message alone.
    let untimely = code.contains("Signature")
        && ["signature expired", "not yet current"].iter().any(|word| message.to_lowercase().contains(word));
    if SKEWED.contains(&code) || untimely {
        return ErrorKind::Skewed;
    }
    if EXPIRED.contains(&code) {
        return ErrorKind::Expired;
    }
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" => ErrorKind::Denied,
        "InvalidAction" | "NotImplemented" => ErrorKind::Unsupported,
        "RequestTimeout" | "RequestTimeoutException" | "PriorRequestNotComplete" => ErrorKind::Transient,
        "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" | "BandwidthLimitExceeded" => {
            ErrorKind::Throttled
        }
        code if code.contains("Throttl") => ErrorKind::Throttled,
        code if code.contains("AlreadyExists") => ErrorKind::AlreadyExists,
        code if code.contains("NotFound") => ErrorKind::NotFound,
        code if PASSING.iter().any(|state| code.starts_with(state)) => ErrorKind::InvalidState,
        // A missing instance class may come back; so may capacity (API reference, CreateDBInstance errors).
        code if code.starts_with("Insufficient") => ErrorKind::Invalid,
        "InvalidParameterCombination" if message.contains("not currently in the available state") => {
            ErrorKind::InvalidState
        }
        _ if status.is_some_and(|status| status >= 500) => ErrorKind::Transient,
        _ => ErrorKind::Invalid,
    }
}

fn of_status(status: Option<u16>, page: bool) -> ErrorKind {
    match status {
        Some(500) if page => ErrorKind::Unsupported,
        Some(429) => ErrorKind::Throttled,
        Some(501) => ErrorKind::Unsupported,
        // It was done, but what came back was cut short: whether and what has to be looked up.
        Some(200..300 | 500..) | None => ErrorKind::Transient,
        Some(401 | 403) => ErrorKind::Denied,
        Some(_) => ErrorKind::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("ThrottlingException", 400, ErrorKind::Throttled)]
    #[case("Throttling", 400, ErrorKind::Throttled)]
    #[case("ExpiredToken", 403, ErrorKind::Expired)]
    #[case("AccessDenied", 403, ErrorKind::Denied)]
    #[case("DBClusterNotFoundFault", 404, ErrorKind::NotFound)]
    #[case("DBInstanceNotFound", 404, ErrorKind::NotFound)]
    #[case("DBClusterAlreadyExistsFault", 400, ErrorKind::AlreadyExists)]
    #[case("DBInstanceAlreadyExists", 400, ErrorKind::AlreadyExists)]
    #[case("InvalidDBClusterStateFault", 400, ErrorKind::InvalidState)]
    #[case("InvalidDBInstanceState", 400, ErrorKind::InvalidState)]
    #[case("InvalidVPCNetworkStateFault", 400, ErrorKind::Invalid)]
    #[case("InvalidGlobalClusterStateFault", 400, ErrorKind::Invalid)]
    #[case("InvalidParameterCombination", 400, ErrorKind::Invalid)]
    #[case("InvalidParameterValue", 400, ErrorKind::Invalid)]
    #[case("InvalidAction", 400, ErrorKind::Unsupported)]
    #[case("InternalFailure", 500, ErrorKind::Transient)]
    #[case("ServiceUnavailable", 503, ErrorKind::Transient)]
    #[case("StorageQuotaExceeded", 400, ErrorKind::Invalid)]
    fn wire_codes(#[case] code: &str, #[case] status: u16, #[case] want: ErrorKind) {
        assert_eq!(of_code(code, Some(status), ""), want);
    }

    #[rstest::rstest]
    #[case("RequestTimeTooSkewed", "", ErrorKind::Skewed)]
    #[case("SignatureDoesNotMatch", "Signature expired: 20261122T1 is now earlier than …", ErrorKind::Skewed)]
    #[case("InvalidSignatureException", "Signature not yet current: …", ErrorKind::Skewed)]
    #[case("SignatureDoesNotMatch", "The request signature we calculated does not match", ErrorKind::Expired)]
    fn a_wrong_clock_is_not_a_wrong_key(#[case] code: &str, #[case] message: &str, #[case] want: ErrorKind) {
        assert_eq!(of_code(code, Some(403), message), want);
    }

    #[rstest::rstest]
    #[case(Some(500), false, ErrorKind::Transient)]
    #[case(Some(500), true, ErrorKind::Unsupported)]
    #[case(Some(503), true, ErrorKind::Transient)]
    #[case(Some(501), false, ErrorKind::Unsupported)]
    #[case(Some(429), false, ErrorKind::Throttled)]
    #[case(Some(400), false, ErrorKind::Invalid)]
    #[case(None, false, ErrorKind::Transient)]
    #[case(Some(200), false, ErrorKind::Transient)]
    fn answers_without_an_rds_error(#[case] status: Option<u16>, #[case] page: bool, #[case] want: ErrorKind) {
        assert_eq!(of_status(status, page), want);
    }
}

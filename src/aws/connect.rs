//! From profile, region and endpoint to a client.

use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_rds::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};

use super::Aws;
use super::error::{AwsError, ErrorKind};
use super::events::{Place, is_local};
use super::pace::Pace;

/// How long is waited for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A TCP connection.
    pub connect: Duration,
    /// One try of a call, answer included.
    pub attempt: Duration,
    /// A call with all of its tries.
    pub call: Duration,
    /// The metadata service of EC2, the last source of credentials: what does not answer at once is not there.
    pub metadata: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(15),
            call: Duration::from_secs(40),
            metadata: Duration::from_millis(250),
        }
    }
}

/// What a person said about the account to look at; the rest comes from environment and profile files.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Profile.
    pub profile: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Endpoint instead of AWS's own, of every service that has no other one.
    pub endpoint: Option<String>,
    /// Endpoint of RDS, if it is another one.
    pub rds_endpoint: Option<String>,
    /// Whether it is the simulated account of `aurewind demo`, which takes any credentials.
    pub demo: bool,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Whether CloudWatch is left alone.
    pub no_metrics: bool,
    /// Endpoint of CloudWatch, if it is another one.
    pub metrics_endpoint: Option<String>,
    /// Endpoint of CloudFormation, if it is another one.
    pub stacks_endpoint: Option<String>,
    /// The most calls a minute; none, and an endpoint on this machine, are without a bound.
    pub calls_per_minute: Option<u32>,
}

/// Region that is signed for where only an endpoint is known: an emulator takes any.
const ENDPOINT_REGION: &str = "us-east-1";

/// What every client of a connection is made from.
struct Common {
    config: SdkConfig,
    region: Region,
    provider: ProviderConfig,
}

impl Connection {
    fn at_rds(&self) -> Option<&str> {
        self.rds_endpoint.as_deref().or(self.endpoint.as_deref())
    }

    fn at_cloudwatch(&self) -> Option<&str> {
        self.metrics_endpoint.as_deref().or(self.endpoint.as_deref())
    }

    fn at_cloudformation(&self) -> Option<&str> {
        self.stacks_endpoint.as_deref().or(self.endpoint.as_deref())
    }

    /// Whether there are stacks: never those of AWS for the clusters of an emulator.
    fn has_stacks(&self) -> bool {
        !is_local(self.at_rds()) || self.at_cloudformation().is_some()
    }

    /// Whether CloudWatch is asked: not where it is switched off, nor at AWS about the clusters of an emulator.
    fn asks_cloudwatch(&self) -> bool {
        !self.no_metrics && (!is_local(self.at_rds()) || self.at_cloudwatch().is_some())
    }

    /// Credentials for what is at `endpoint`. An emulator takes any; those of a profile are not shown to it.
    async fn credentials(
        &self,
        endpoint: Option<&str>,
        region: &Region,
        provider: &ProviderConfig,
    ) -> SharedCredentialsProvider {
        if self.demo {
            SharedCredentialsProvider::new(any_credentials())
        } else if is_local(endpoint) {
            let environment = EnvironmentVariableCredentialsProvider::new();
            let chain = CredentialsProviderChain::first_try("environment", environment);
            SharedCredentialsProvider::new(chain.or_else("local endpoint", any_credentials()))
        } else {
            SharedCredentialsProvider::new(self.chain(region, provider.clone()).await)
        }
    }

    /// Reads the configuration and makes a client. No call to AWS is made; files are read, and without credentials in
    /// environment and files nothing is asked for them before the first call.
    ///
    /// # Errors
    /// If no region is known.
    pub async fn open(&self) -> Result<Aws, AwsError> {
        let http = http_client();
        let region = self.region().await?;
        let provider = ProviderConfig::default().with_http_client(http.clone()).with_region(Some(region.clone()));
        let common = Common { config: self.config(http, &region, &provider).await, region, provider };
        let place = Place {
            profile: self.profile.clone(),
            region: Some(common.region.to_string()),
            endpoint: self.at_rds().or(common.config.endpoint_url()).map(str::to_owned),
            demo: self.demo,
        };
        let paced = Pace::new(self.calls_per_minute.filter(|_| !place.is_local()));
        Ok(Aws {
            rds: self.rds(&common, &paced).await,
            cloudwatch: if self.asks_cloudwatch() { Some(self.cloudwatch(&common, &paced).await) } else { None },
            stacks: if self.has_stacks() { Some(self.cloudformation(&common, &paced).await) } else { None },
            no_metrics: Arc::default(),
            config: common.config,
            place,
            account: Arc::default(),
            groups: Arc::default(),
            pace: paced,
            until: None,
        })
    }

    /// What all clients have in common.
    async fn config(&self, http: SharedHttpClient, region: &Region, provider: &ProviderConfig) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(region.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(self.timeouts.connect)
                    .operation_attempt_timeout(self.timeouts.attempt)
                    .operation_timeout(self.timeouts.call)
                    .build(),
            );
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &self.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        loader.credentials_provider(self.credentials(self.endpoint.as_deref(), region, provider).await).load().await
    }

    async fn rds(&self, common: &Common, pace: &Pace) -> aws_sdk_rds::Client {
        let endpoint = self.at_rds();
        let mut builder = aws_sdk_rds::config::Builder::from(&common.config)
            .interceptor(pace.clone())
            .credentials_provider(self.credentials(endpoint, &common.region, &common.provider).await);
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_rds::Client::from_conf(builder.build())
    }

    async fn cloudwatch(&self, common: &Common, pace: &Pace) -> aws_sdk_cloudwatch::Client {
        let endpoint = self.at_cloudwatch();
        let mut builder = aws_sdk_cloudwatch::config::Builder::from(&common.config)
            .interceptor(pace.clone())
            // Nobody waits for its figures.
            .retry_config(RetryConfig::disabled())
            .credentials_provider(self.credentials(endpoint, &common.region, &common.provider).await);
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_cloudwatch::Client::from_conf(builder.build())
    }

    async fn cloudformation(&self, common: &Common, pace: &Pace) -> aws_sdk_cloudformation::Client {
        let endpoint = self.at_cloudformation();
        let mut builder = aws_sdk_cloudformation::config::Builder::from(&common.config)
            .interceptor(pace.clone())
            .credentials_provider(self.credentials(endpoint, &common.region, &common.provider).await);
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        aws_sdk_cloudformation::Client::from_conf(builder.build())
    }

    /// The region, without asking the metadata service: that would wait for seconds where there is none.
    async fn region(&self) -> Result<Region, AwsError> {
        if let Some(region) = &self.region {
            return Ok(Region::new(region.clone()));
        }
        if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
            return Ok(region);
        }
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &self.profile {
            profile = profile.profile_name(name);
        }
        if let Some(region) = profile.build().region().await {
            return Ok(region);
        }
        if self.at_rds().is_some() {
            return Ok(Region::from_static(ENDPOINT_REGION));
        }
        let profile = self.profile.as_deref().map_or(String::new(), |name| format!(" in profile `{name}`"));
        let message = format!("no region is set{profile}: use --region, AWS_REGION or `region` in ~/.aws/config");
        Err(AwsError::new(ErrorKind::NoCredentials, message))
    }

    async fn chain(&self, region: &Region, provider: ProviderConfig) -> DefaultCredentialsChain {
        let metadata = aws_config::imds::Client::builder()
            .configure(&provider)
            .max_attempts(1)
            .connect_timeout(self.timeouts.metadata)
            .read_timeout(self.timeouts.metadata)
            .build();
        let mut chain =
            DefaultCredentialsChain::builder().configure(provider).region(region.clone()).imds_client(metadata);
        if let Some(profile) = &self.profile {
            chain = chain.profile_name(profile);
        }
        chain.build().await
    }
}

fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https()
}

fn any_credentials() -> Credentials {
    Credentials::new("aurewind", "aurewind", None, None, "loopback")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "http://127.0.0.1:4566";
    const VPC: &str = "https://vpce-1.rds.eu-west-1.vpce.amazonaws.com";

    /// The endpoints that are named for all, for RDS and for CloudWatch; where RDS and CloudWatch are asked then.
    #[rstest::rstest]
    #[case::of_aws([None, None, None], None, None, true)]
    #[case::for_all([Some(LOCAL), None, None], Some(LOCAL), Some(LOCAL), true)]
    #[case::for_rds_alone([None, Some(VPC), None], Some(VPC), None, true)]
    #[case::an_emulator_of_rds_alone([None, Some(LOCAL), None], Some(LOCAL), None, false)]
    #[case::each_its_own([None, Some(VPC), Some(LOCAL)], Some(VPC), Some(LOCAL), true)]
    fn each_service_has_its_endpoint(
        #[case] named: [Option<&str>; 3],
        #[case] rds: Option<&str>,
        #[case] cloudwatch: Option<&str>,
        #[case] asked: bool,
    ) {
        let [endpoint, rds_endpoint, metrics_endpoint] = named.map(|url| url.map(str::to_owned));
        let connection = Connection { endpoint, rds_endpoint, metrics_endpoint, ..Connection::default() };
        assert_eq!((connection.at_rds(), connection.at_cloudwatch()), (rds, cloudwatch));
        assert_eq!(connection.asks_cloudwatch(), asked);
        let off = Connection { no_metrics: true, ..connection };
        assert!(!off.asks_cloudwatch());
    }

    #[rstest::rstest]
    #[case::of_aws([None, None, None], None, true)]
    #[case::for_all([Some(LOCAL), None, None], Some(LOCAL), true)]
    #[case::an_emulator_of_rds_alone([None, Some(LOCAL), None], None, false)]
    #[case::each_its_own([None, Some(LOCAL), Some(LOCAL)], Some(LOCAL), true)]
    #[case::rds_over_a_private_endpoint([None, Some(VPC), None], None, true)]
    fn stacks_are_never_those_of_aws_for_an_emulator(
        #[case] named: [Option<&str>; 3],
        #[case] at: Option<&str>,
        #[case] there: bool,
    ) {
        let [endpoint, rds_endpoint, stacks_endpoint] = named.map(|url| url.map(str::to_owned));
        let connection = Connection { endpoint, rds_endpoint, stacks_endpoint, ..Connection::default() };
        assert_eq!((connection.at_cloudformation(), connection.has_stacks()), (at, there));
    }

    #[tokio::test]
    async fn what_is_on_this_machine_gets_no_credentials_of_a_profile() {
        let connection = Connection { rds_endpoint: Some(VPC.into()), ..Connection::default() };
        let (region, provider) =
            (Region::from_static("eu-west-1"), ProviderConfig::empty().with_http_client(http_client()));
        let of = async |endpoint| format!("{:?}", connection.credentials(endpoint, &region, &provider).await);
        assert!(of(Some(LOCAL)).await.contains("local endpoint"));
        assert!(!of(Some(VPC)).await.contains("local endpoint"));
        assert!(!of(None).await.contains("local endpoint"));
    }
}

//! The simulator over HTTP, as its clients see it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

async fn start(fleet: FleetSpec, faults: &[&str]) -> Simulator {
    let clock = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    Simulator::start(Options { fleet, faults, clock, ..Options::default() }).await.unwrap()
}

/// One request on a connection of its own; no answer is the empty text.
async fn send(to: SocketAddr, method: &str, path: &str, kind: &str, body: impl AsRef<[u8]>) -> String {
    let body = body.as_ref();
    let mut stream = TcpStream::connect(to).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may answer and close before it has read a body that is too big.
    let _refused = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn rds(sim: &Simulator, form: &str) -> String {
    let body = format!("Version=2014-10-31&{form}");
    send(sim.address(), "POST", "/", "application/x-www-form-urlencoded; charset=utf-8", &body).await
}

async fn control(sim: &Simulator, method: &str, path: &str, body: &Value) -> (String, Value) {
    let answer = send(sim.address(), method, &format!("/_sim/{path}"), "application/json", body.to_string()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap())
}

async fn calls(sim: &Simulator) -> Vec<Value> {
    let (_, answer) = control(sim, "GET", "calls", &Value::Null).await;
    answer["calls"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_answer_and_an_error_carry_their_request_id_twice() {
    let sim = start(FleetSpec::Demo, &[]).await;
    for (form, status, root) in [
        (
            "Action=DescribeDBClusters",
            "200",
            "<DescribeDBClustersResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">",
        ),
        ("Action=DescribeDBClusters&DBClusterIdentifier=x", "404", "<ErrorResponse xmlns="),
        ("Action=Nothing", "400", "<ErrorResponse xmlns="),
    ] {
        let answer = rds(&sim, form).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(root), "{answer}");
        let id = answer.split("x-amzn-requestid: ").nth(1).unwrap().lines().next().unwrap();
        assert!(answer.contains(&format!("<RequestId>{id}</RequestId>")), "{answer}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn what_is_not_a_request_of_the_api_gets_an_error() {
    let sim = start(FleetSpec::Empty, &[]).await;
    let form = "application/x-www-form-urlencoded";
    let big = format!("Action=DescribeDBClusters&Marker={}", "x".repeat(300_000));
    for (method, path, kind, body, code) in [
        ("GET", "/", form, "", "InvalidAction"),
        ("POST", "/rds", form, "", "InvalidAction"),
        ("POST", "/", "application/json", "{}", "MalformedQueryString"),
        ("POST", "/", form, "Action=%zz", "MalformedQueryString"),
        ("POST", "/", form, "Version=2014-10-31", "MissingAction"),
        ("POST", "/", form, "", "MissingAction"),
        ("POST", "/", form, "Action=DescribeDBClusters", "InvalidAction"),
        ("POST", "/", form, "Action=DescribeDBClusters&Version=2010-01-01", "InvalidAction"),
        ("POST", "/", form, "Action=DescribeUnicorns&Version=2014-10-31", "InvalidAction"),
        (
            "POST",
            "/",
            form,
            "Action=DescribeDBClusters&Action=DescribeEvents&Version=2014-10-31",
            "MalformedQueryString",
        ),
        ("POST", "/", "text/plain", "Action=DescribeDBClusters&Version=2014-10-31", "MalformedQueryString"),
        ("PUT", "/", form, "Action=DescribeDBClusters&Version=2014-10-31", "InvalidAction"),
        ("POST", "/", form, big.as_str(), "RequestEntityTooLarge"),
    ] {
        let answer = send(sim.address(), method, path, kind, body).await;
        // A body that is refused unread may cost the client the answer: the connection is gone.
        assert!(
            answer.contains(&format!("<Code>{code}</Code>")) || (answer.is_empty() && body.len() > 1000),
            "{answer}"
        );
    }
    sim.stop().await;
}

#[tokio::test]
async fn tag_calls_have_no_result_element() {
    let sim = start(FleetSpec::Demo, &[]).await;
    let arn = "ResourceName=arn%3Aaws%3Ards%3Aeu-west-1%3A123456789012%3Acluster%3Aorders-prod";
    let answer = rds(&sim, &format!("Action=AddTagsToResource&{arn}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).await;
    assert!(answer.contains("<ResponseMetadata>") && !answer.contains("AddTagsToResourceResult"), "{answer}");
    sim.stop().await;
}

#[tokio::test]
async fn errors_on_demand_have_their_codes() {
    for (fault, status, code) in [
        ("throttle=1", "400", "ThrottlingException"),
        ("error=1", "500", "InternalFailure"),
        ("denied:DescribeDBClusters=1", "403", "AccessDenied"),
        ("expired=1", "403", "ExpiredToken"),
    ] {
        let sim = start(FleetSpec::Empty, &[fault]).await;
        let answer = rds(&sim, "Action=DescribeDBClusters").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{answer}");
        sim.stop().await;
    }
}

#[tokio::test]
async fn a_lost_answer_has_done_its_work_and_a_reset_has_not() {
    let clone = "Action=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=orders-prod&RestoreType=copy-on-write";
    for (fault, name, found) in [("lost", "lost-one", "200"), ("reset", "reset-one", "404")] {
        let sim = start(FleetSpec::Demo, &[&format!("{fault}:RestoreDBClusterToPointInTime=1")]).await;
        assert_eq!(rds(&sim, &format!("{clone}&DBClusterIdentifier={name}")).await, "");
        let described = rds(&sim, &format!("Action=DescribeDBClusters&DBClusterIdentifier={name}")).await;
        assert!(described.starts_with(&format!("HTTP/1.1 {found} ")), "{fault}: {described}");
        let first = &calls(&sim).await[0];
        assert_eq!((&first["status"], &first["fault"]), (&Value::Null, &json!(fault)));
        sim.stop().await;
    }
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_holds() {
    let sim = start(FleetSpec::Demo, &["truncate:DescribeDBClusters=1"]).await;
    let answer = rds(&sim, "Action=DescribeDBClusters").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(promised.parse::<usize>().unwrap() / 2, body.len());
    assert!(head.starts_with("HTTP/1.1 200 ") && body.starts_with("<DescribeDBClustersResponse "), "{head}");
    assert_eq!(calls(&sim).await[0]["fault"], "truncate");
    // The work of a call whose answer breaks off is done.
    control(&sim, "PUT", "faults", &json!({"faults": ["truncate=1"]})).await;
    let arn = "ResourceName=arn:aws:rds:eu-west-1:123456789012:cluster:orders-prod";
    rds(&sim, &format!("Action=AddTagsToResource&{arn}&Tags.Tag.1.Key=half&Tags.Tag.1.Value=way")).await;
    control(&sim, "PUT", "faults", &json!({"faults": []})).await;
    assert!(rds(&sim, &format!("Action=ListTagsForResource&{arn}")).await.contains("<Key>half</Key>"));
    sim.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_never_ends_a_request_is_not_waited_for() {
    let sim = start(FleetSpec::Empty, &[]).await;
    let head = "POST / HTTP/1.1\r\nHost: sim\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    for (sent, code) in [(format!("{head}Content-Length: 100\r\n\r\nAction="), "RequestTimeout"), (head.to_owned(), "")]
    {
        let mut stream = TcpStream::connect(sim.address()).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It ends, because the simulator ends it.
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(String::from_utf8(answer).unwrap().contains(code), "{code}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn the_same_seed_and_the_same_calls_meet_the_same_faults() {
    let run = |seed| async move {
        let faults =
            ["throttle=0.2", "error=0.2", "denied:DescribeEvents=0.5"].map(|text| text.parse().unwrap()).to_vec();
        let options = Options { fleet: FleetSpec::Empty, seed, faults, ..Options::default() };
        let sim = Simulator::start(options).await.unwrap();
        for number in 0..40 {
            let action = if number % 3 == 0 { "DescribeEvents" } else { "DescribeDBClusters" };
            rds(&sim, &format!("Action={action}")).await;
        }
        let met: Vec<Value> = calls(&sim).await.into_iter().map(|call| call["fault"].clone()).collect();
        sim.stop().await;
        met
    };
    let (one, again, other) = (run(5).await, run(5).await, run(6).await);
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[tokio::test]
async fn the_ledger_knows_the_calls_and_no_passwords() {
    let sim = start(FleetSpec::Demo, &[]).await;
    rds(&sim, "Action=ModifyDBCluster&DBClusterIdentifier=orders-staging&MasterUserPassword=hunter2-hunter2").await;
    rds(&sim, "Action=DescribeDBClusters&DBClusterIdentifier=nope").await;
    let calls = calls(&sim).await;
    assert_eq!(calls.len(), 2, "control calls are not calls");
    assert_eq!(calls[0]["action"], "ModifyDBCluster");
    assert_eq!(calls[0]["status"], 200);
    assert_eq!(calls[0]["parameters"]["DBClusterIdentifier"], "orders-staging");
    assert_eq!(calls[0]["at"], "2026-11-22T12:00:00Z");
    assert_eq!(calls[1]["code"], "DBClusterNotFoundFault");
    assert!(!Value::from(calls).to_string().contains("hunter2"));
    sim.stop().await;
}

#[tokio::test]
async fn control_calls_change_faults_clock_and_endpoints() {
    let sim = start(FleetSpec::Demo, &["throttle=1"]).await;
    let (status, answer) = control(&sim, "PUT", "faults", &json!({"faults": ["latency=0ms"]})).await;
    assert_eq!((status.as_str(), answer), ("HTTP/1.1 200 OK", json!({"faults": ["latency=0ms"]})));
    let (_, answer) = control(&sim, "POST", "clock/advance", &json!({"seconds": 600})).await;
    assert_eq!(answer, json!({"now": "2026-11-22T12:10:00Z"}));
    assert_eq!(sim.clock().now().to_string(), "2026-11-22T12:10:00Z");
    control(&sim, "PUT", "endpoint/orders-staging", &json!({"address": "127.0.0.1", "port": 13306})).await;
    let cluster = rds(&sim, "Action=DescribeDBClusters&DBClusterIdentifier=orders-staging").await;
    assert!(cluster.contains("<Endpoint>127.0.0.1</Endpoint>") && cluster.contains("<Port>13306</Port>"));
    sim.stop().await;
}

#[tokio::test]
async fn wrong_control_calls_say_what_is_wrong() {
    let sim = start(FleetSpec::Demo, &[]).await;
    for (method, path, body, part) in [
        ("PUT", "faults", json!({"faults": ["throttle=2"]}), "from 0 to 1"),
        ("PUT", "faults", json!({"fault": []}), "unknown field"),
        ("POST", "clock/advance", json!({"seconds": -1}), "seconds"),
        ("POST", "clock/advance", json!({"seconds": 1.5}), "seconds"),
        ("PUT", "endpoint/nope", json!({"address": "127.0.0.1", "port": 1}), "nope"),
        ("PUT", "endpoint/orders-prod", json!({"address": "a b", "port": 1}), "host name"),
        ("PUT", "endpoint/orders-prod", json!({"address": "a", "port": 70000}), "70000"),
    ] {
        let (status, answer) = control(&sim, method, path, &body).await;
        assert_eq!(status, "HTTP/1.1 400 Bad Request", "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    }
    let (status, _) = control(&sim, "GET", "secrets", &Value::Null).await;
    assert_eq!(status, "HTTP/1.1 404 Not Found");
    sim.stop().await;
}

#[tokio::test]
async fn many_clients_at_once_get_distinct_request_ids() {
    let sim = start(FleetSpec::Count(120), &[]).await;
    let answers = futures_util::future::join_all((0..40).map(|_| rds(&sim, "Action=DescribeDBClusters"))).await;
    let ids: BTreeSet<&str> = answers.iter().map(|answer| answer.split("<RequestId>").nth(1).unwrap()).collect();
    assert_eq!(ids.len(), 40);
    sim.stop().await;
}

#[tokio::test]
async fn only_loopback_and_only_sensible_options() {
    let refused =
        |options: Options| async move { Simulator::start(options).await.map(|_| ()).unwrap_err().to_string() };
    let remote = Options { listen: "0.0.0.0:0".parse().unwrap(), fleet: FleetSpec::Empty, ..Options::default() };
    assert!(refused(remote).await.contains("loopback"));
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(refused(Options { speed, ..Options::default() }).await.contains("speed"));
    }
    let first = start(FleetSpec::Empty, &[]).await;
    let taken = Options { listen: first.address(), fleet: FleetSpec::Empty, ..Options::default() };
    assert!(refused(taken).await.contains("can't listen"));
    first.stop().await;
}

#[tokio::test]
async fn a_stopped_simulator_no_longer_answers() {
    let sim = start(FleetSpec::Empty, &[]).await;
    let address = sim.address();
    assert_eq!(sim.url(), format!("http://{address}"));
    sim.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_kept_account_outlives_its_simulator() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("account.json");
    let options = |fleet| Options {
        fleet,
        state: Some(path.clone()),
        clock: Clock::manual("2026-11-22T12:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    let sim = Simulator::start(options(FleetSpec::Demo)).await.unwrap();
    assert!(Simulator::start(options(FleetSpec::Demo)).await.unwrap_err().to_string().contains("another simulator"));
    let clone = "Action=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=orders-prod&RestoreType=copy-on-write";
    rds(&sim, &format!("{clone}&DBClusterIdentifier=kept-one")).await;
    control(&sim, "POST", "clock/advance", &json!({"seconds": 600})).await;
    sim.close().await.unwrap();
    // The fleet of the second start does not count: there is an account.
    let again = Simulator::start(options(FleetSpec::Empty)).await.unwrap();
    let described = rds(&again, "Action=DescribeDBClusters&DBClusterIdentifier=kept-one").await;
    assert!(described.contains("<Status>available</Status>"), "{described}");
    assert_eq!(again.clock().now().to_string(), "2026-11-22T12:10:00Z", "its time does not run back");
    again.close().await.unwrap();
}

#[tokio::test]
async fn an_account_that_cannot_be_kept_is_known_at_the_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let nowhere = Options { state: Some(folder.path().join("no/such/folder/account.json")), ..Options::default() };
    assert!(Simulator::start(nowhere).await.unwrap_err().to_string().contains("can't keep the account in"));
    let path = folder.path().join("account.json");
    let options = || Options { state: Some(path.clone()), ..Options::default() };
    let mut sim = Simulator::start(options()).await.unwrap();
    // A folder in the place of the new file: the disk refuses.
    std::fs::create_dir(folder.path().join("account.json.new")).unwrap();
    let tags = "Action=AddTagsToResource&ResourceName=arn:aws:rds:eu-west-1:123456789012:cluster:orders-prod";
    rds(&sim, &format!("{tags}&Tags.Tag.1.Key=a&Tags.Tag.1.Value=b")).await;
    assert!(sim.trouble().await.contains("account.json"));
    assert!(sim.close().await.is_err());
}

/// Rule: GetMetricData is answered in the protocol that it is asked in, errors included (CloudWatch service model, protocols)
/// Action: GetMetricData
#[tokio::test]
async fn cloudwatch_answers_in_the_protocol_of_the_question() {
    let sim = start(FleetSpec::Demo, &[]).await;
    let metric = json!({"Namespace": "AWS/RDS", "MetricName": "DatabaseConnections",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "orders-prod-a"}]});
    let ask = |end: i64| {
        json!({"StartTime": 1_795_348_200, "EndTime": end, "MetricDataQueries": [
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}]})
    };
    let target = "application/x-amz-json-1.0\r\nX-Amz-Target: GraniteServiceVersion20100801.GetMetricData";
    let answer = send(sim.address(), "POST", "/", target, ask(1_795_348_500).to_string()).await;
    assert!(answer.contains("content-type: application/x-amz-json-1.0"), "{answer}");
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["MetricDataResults"][0]["Values"].as_array().unwrap().len(), 5, "{body}");

    let path = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
    for (end, status, parts) in [
        (1_795_348_500, "200 OK", ["smithy-protocol: rpc-v2-cbor", "MetricDataResults"]),
        (
            1_795_348_000,
            "400 Bad Request",
            ["x-amzn-query-error: ValidationError;Sender", "cloudwatch#ValidationError"],
        ),
    ] {
        let mut cbor = Vec::new();
        let times = ask(end);
        let mut value = ciborium::Value::serialized(&times).unwrap();
        for (name, field) in value.as_map_mut().unwrap() {
            if name.as_text().unwrap().ends_with("Time") {
                *field = ciborium::Value::Tag(1, Box::new(field.clone()));
            }
        }
        ciborium::into_writer(&value, &mut cbor).unwrap();
        let answer = send(sim.address(), "POST", path, "application/cbor", &cbor).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(parts.iter().all(|part| answer.contains(part)), "{answer}");
    }
    let calls = calls(&sim).await;
    assert_eq!((&calls[1]["action"], &calls[1]["status"]), (&json!("GetMetricData"), &json!(200)));
    sim.stop().await;
}

/// Rule: the secret of a managed master password has user and password, and is asked for in JSON (Secrets Manager API reference, GetSecretValue)
/// Action: GetSecretValue
#[tokio::test]
async fn a_managed_password_is_read_from_its_secret() {
    let sim = start(FleetSpec::Demo, &[]).await;
    let managed = "Action=ModifyDBCluster&DBClusterIdentifier=orders-staging&ManageMasterUserPassword=true";
    let answer = rds(&sim, managed).await;
    let arn = answer.split("<SecretArn>").nth(1).unwrap().split("</SecretArn>").next().unwrap().to_owned();
    let target = "application/x-amz-json-1.1\r\nX-Amz-Target: secretsmanager.GetSecretValue";
    let answer = send(sim.address(), "POST", "/", target, json!({ "SecretId": arn }).to_string()).await;
    assert!(answer.contains("content-type: application/x-amz-json-1.1"), "{answer}");
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let content: Value = serde_json::from_str(body["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!((&body["ARN"], &content["username"]), (&json!(arn), &json!("admin")));
    assert_eq!(content["password"].as_str().unwrap().len(), 32);
    let answer = send(sim.address(), "POST", "/", target, json!({"SecretId": "arn:none"}).to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("ResourceNotFoundException"), "{answer}");
    sim.stop().await;
}

/// Rule: neither a template nor its parameters are in the ledger; they may hold a password under any name (assumption)
/// Action: CreateStack
#[tokio::test]
async fn the_ledger_knows_no_secret_of_a_stack() {
    let sim = start(FleetSpec::Empty, &[]).await;
    let body = "Action=CreateStack&Version=2010-05-15&StackName=s&TemplateBody=Parameters%3A+%7BP%3A+%7BType%3A+String%7D%7D\
                &Parameters.member.1.ParameterKey=P&Parameters.member.1.ParameterValue=hunter2-hunter2";
    let answer = send(sim.address(), "POST", "/", "application/x-www-form-urlencoded", body).await;
    assert!(answer.contains("At least one Resources member"), "{answer}");
    assert!(answer.contains("http://cloudformation.amazonaws.com/doc/2010-05-15/"), "{answer}");
    let calls = calls(&sim).await;
    assert_eq!(calls[0]["parameters"]["Parameters.member.1.ParameterKey"], "P");
    assert!(!Value::from(calls).to_string().contains("hunter2"));
    sim.stop().await;
}

//! CloudWatch's GetMetricData, over the metrics of RDS.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::protocol::page::{decode, encode};
use super::super::protocol::{ApiError, Code, Form, Node, Xml};
use super::super::rules::metrics::{Ask, Statistic, gather};
use super::Call;

/// What it knows.
pub const PARAMETERS: &[&str] = &["EndTime", "MaxDatapoints", "MetricDataQueries", "NextToken", "ScanBy", "StartTime"];

/// The most queries of one call, and the most points of one answer (API reference, GetMetricData).
const MOST_QUERIES: usize = 500;
const MOST_POINTS: i64 = 100_800;

/// One query, checked.
struct Query<'a> {
    id: &'a str,
    label: &'a str,
    namespace: &'a str,
    metric: &'a str,
    dimensions: BTreeMap<&'a str, &'a str>,
    ask: Ask,
    returned: bool,
}

/// The whole request, checked.
struct Request<'a> {
    queries: Vec<Query<'a>>,
    descending: bool,
    points: usize,
    /// The query and the point that the answer before ended with.
    from: (usize, usize),
}

/// GetMetricData, asked by a form.
pub fn get(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    grow(call)?.write_members(xml);
    Ok(())
}

/// Points of metrics, several at once (API reference, GetMetricData). Metric math is not simulated.
pub fn grow(call: &mut Call<'_>) -> Result<Node, ApiError> {
    let request = Request::read(call.form)?;
    let mut left = request.points;
    let mut results = Vec::new();
    let mut next = None;
    for (number, query) in request.queries.iter().enumerate().skip(request.from.0).filter(|(_, query)| query.returned) {
        let skip = if number == request.from.0 { request.from.1 } else { 0 };
        // One more than there is room for tells whether there is another page.
        let mut points = points(call, query, request.descending, skip, left + 1);
        let more = points.len() > left;
        points.truncate(left);
        left -= points.len();
        if more {
            next = Some(encode("metrics", &format!("{number}.{}", skip + points.len())));
        }
        results.push(result(query, &points, more));
        if more {
            break;
        }
    }
    let mut answer = vec![("MetricDataResults", Node::List(results)), ("Messages", Node::List(Vec::new()))];
    answer.extend(next.map(|token| ("NextToken", Node::Text(token))));
    Ok(Node::Map(answer))
}

fn points(call: &Call<'_>, query: &Query<'_>, descending: bool, skip: usize, most: usize) -> Vec<(Timestamp, f64)> {
    let metric = (query.namespace == "AWS/RDS").then(|| call.account.metric(query.metric, &query.dimensions)).flatten();
    let Some(metric) = metric else {
        // A metric that nobody ever wrote is no error, it has no points.
        return Vec::new();
    };
    let periods = gather(query.ask, metric.step, call.now, metric.at);
    if descending { periods.rev().skip(skip).take(most).collect() } else { periods.skip(skip).take(most).collect() }
}

fn result(query: &Query<'_>, points: &[(Timestamp, f64)], more: bool) -> Node {
    let status = if more { "PartialData" } else { "Complete" };
    Node::Map(vec![
        ("Id", Node::Text(query.id.to_owned())),
        ("Label", Node::Text(query.label.to_owned())),
        ("Timestamps", Node::List(points.iter().map(|(at, _)| Node::Time(*at)).collect())),
        ("Values", Node::List(points.iter().map(|(_, value)| Node::Decimal(*value)).collect())),
        ("StatusCode", Node::Text(status.to_owned())),
    ])
}

impl<'a> Request<'a> {
    fn read(form: &'a Form) -> Result<Self, ApiError> {
        let time = |name: &str| form.required(name).and_then(|_| form.time(name));
        let (Some(from), Some(to)) = (time("StartTime")?, time("EndTime")?) else {
            return Err(ApiError::validation("StartTime and EndTime are required."));
        };
        if from >= to {
            return Err(ApiError::validation("The parameter StartTime must be less than the parameter EndTime."));
        }
        let queries: Result<Vec<_>, _> = form
            .members("MetricDataQueries", "member")?
            .into_iter()
            .map(|(number, fields)| Query::read(number, &fields.into_iter().collect(), (from, to)))
            .collect();
        let queries = queries?;
        if queries.is_empty() || queries.len() > MOST_QUERIES {
            return Err(ApiError::validation(format!(
                "The collection MetricDataQueries must have a size from 1 to {MOST_QUERIES}."
            )));
        }
        let ids: BTreeSet<&str> = queries.iter().map(|query| query.id).collect();
        if ids.len() < queries.len() {
            return Err(ApiError::validation("The values for parameter id in MetricDataQueries are not unique."));
        }
        if !queries.iter().any(|query| query.returned) {
            return Err(ApiError::validation(
                "At least one of the MetricDataQueries must have ReturnData set to true.",
            ));
        }
        let descending = match form.text("ScanBy") {
            None | Some("TimestampDescending") => true,
            Some("TimestampAscending") => false,
            Some(other) => return Err(ApiError::validation(format!("The value {other} for ScanBy is not supported."))),
        };
        let points = form.integer("MaxDatapoints", 1..=MOST_POINTS)?.unwrap_or(MOST_POINTS);
        Ok(Self { queries, descending, points: usize::try_from(points).unwrap_or(1), from: token(form)? })
    }
}

fn token(form: &Form) -> Result<(usize, usize), ApiError> {
    let Some(token) = form.text("NextToken").filter(|token| !token.is_empty()) else {
        return Ok((0, 0));
    };
    let place = decode("metrics", token);
    let place = place.as_deref().and_then(|place| place.split_once('.'));
    let place = place.and_then(|(query, point)| Some((query.parse().ok()?, point.parse().ok()?)));
    place.ok_or_else(|| ApiError::new(Code::InvalidNextToken, "The token is not valid."))
}

impl<'a> Query<'a> {
    fn read(
        number: u32,
        fields: &BTreeMap<&'a str, &'a str>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, ApiError> {
        let path = format!("MetricDataQueries.member.{number}");
        let required = |name: &str| {
            let field = fields.get(name).copied();
            field.ok_or_else(|| {
                ApiError::new(Code::MissingParameter, format!("The parameter {path}.{name} is required."))
            })
        };
        let id = required("Id")?;
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(legal) || id.len() > 255 {
            return Err(ApiError::validation(format!(
                "The value {id} for parameter {path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if fields.contains_key("Expression") {
            return Err(ApiError::new(
                Code::NotImplemented,
                "The simulator does not implement metric math (Expression).",
            ));
        }
        let metric = required("MetricStat.Metric.MetricName")?;
        Ok(Self {
            id,
            label: fields.get("Label").copied().unwrap_or(metric),
            namespace: required("MetricStat.Metric.Namespace")?,
            metric,
            dimensions: dimensions(fields),
            ask: Ask {
                from,
                to,
                period: period(&path, required("MetricStat.Period")?)?,
                statistic: Statistic::read(required("MetricStat.Stat")?)?,
            },
            returned: fields.get("ReturnData").is_none_or(|text| *text != "false"),
        })
    }
}

/// Seconds: 1, 5, 10, 20, 30 or a multiple of 60.
fn period(path: &str, text: &str) -> Result<i64, ApiError> {
    let legal = |period: &i64| [1, 5, 10, 20, 30].contains(period) || (*period > 0 && period % 60 == 0);
    text.parse().ok().filter(legal).filter(|period| *period <= 86_400 * 30).ok_or_else(|| {
        ApiError::validation(format!(
            "The parameter {path}.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        ))
    })
}

fn dimensions<'a>(fields: &BTreeMap<&'a str, &'a str>) -> BTreeMap<&'a str, &'a str> {
    let named = fields.iter().filter_map(|(field, name)| {
        let number = field.strip_prefix("MetricStat.Metric.Dimensions.member.")?.strip_suffix(".Name")?;
        let value = fields.get(format!("MetricStat.Metric.Dimensions.member.{number}.Value").as_str())?;
        Some((*name, *value))
    });
    named.collect()
}

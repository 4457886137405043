//! HTTP: accepting connections, reading requests, sending answers. Knows nothing about what they mean.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::account::Account;
use super::actions::api::Api;
use super::keep::{self, StateFile};
use super::protocol::{ApiError, Code, Form, Wire};
use super::service::{Answer, Service};
use super::{Clock, Options, SimError, control, fleet};
#[cfg(unix)]
use super::{FleetSpec, dataplane::Plane};

/// The biggest request body; a full set of tags stays far below.
const BIGGEST_BODY: usize = 256 * 1024;

/// How long to wait when the system has no more connections to give.
const BREATH: Duration = Duration::from_millis(50);

/// How long a client may take to send a body, and again to send its headers.
const PATIENCE: Duration = Duration::from_secs(30);

/// CloudWatch's name in the protocols that are not forms.
const CLOUDWATCH: &str = "GraniteServiceVersion20100801";
/// The name of Secrets Manager in a header (its service model, targetPrefix).
const SECRETS_MANAGER: &str = "secretsmanager";

type Reply = Response<UnsyncBoxBody<Bytes, io::Error>>;

/// A running simulator. It stops when it is dropped; [`Simulator::stop`] also waits until it has.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    region: String,
    clock: Clock,
    tasks: TaskTracker,
    stop: DropGuard,
    keeper: Option<JoinHandle<Result<(), SimError>>>,
    trouble: watch::Receiver<Option<String>>,
}

impl Simulator {
    /// Builds the account, binds the address and serves it on the current tokio runtime.
    ///
    /// # Errors
    /// When an option makes no sense, the address can't be listened on, or the file of the account can't be used.
    pub async fn start(options: Options) -> Result<Self, SimError> {
        if !options.listen.ip().is_loopback() && !options.allow_remote {
            return Err(SimError::Remote { address: options.listen });
        }
        if !(options.speed.is_finite() && options.speed > 0.0) {
            return Err(SimError::Speed { speed: options.speed });
        }
        #[cfg(unix)]
        check_data_plane(&options)?;
        let file = options.state.as_deref().map(StateFile::take).transpose()?;
        let account = open(file.as_ref(), &options)?;
        let listen = |source| SimError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let region = account.surroundings.region.clone();
        let service = Arc::new(Service::new(account, options.faults, options.clock.clone()));
        #[cfg(unix)]
        if let Some(plane) = options.data_plane {
            let clock = options.clock.clone();
            let plane = tokio::task::spawn_blocking(move || Plane::begin(&plane, &clock)).await;
            service.put_behind(plane.map_err(|error| listen(io::Error::other(error)))??);
            while !service.state().databases_are_ready()? {
                tokio::time::sleep(BREATH).await;
            }
        }
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (tell, trouble) = watch::channel(None);
        let keeper =
            file.map(|file| tokio::spawn(keep::keep(file, service.clone(), tasks.clone(), stop.clone(), tell)));
        tasks.spawn(accept(listener, service, tasks.clone(), stop.clone()));
        Ok(Self { address, region, clock: options.clock, tasks, stop: stop.drop_guard(), keeper, trouble })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The Region of its account.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The endpoint to give to a client.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until the account could not be written to its file, and says why.
    pub async fn trouble(&mut self) -> String {
        loop {
            if self.trouble.changed().await.is_err() {
                // Nothing is kept, or no longer.
                std::future::pending::<()>().await;
            }
            if let Some(message) = self.trouble.borrow_and_update().clone() {
                return message;
            }
        }
    }

    /// Stops accepting and closes every connection.
    pub async fn stop(self) {
        if let Err(error) = self.close().await {
            tracing::error!(%error, "the simulated account is not kept");
        }
    }

    /// The same, for those who care whether the account was written for the last time.
    ///
    /// # Errors
    /// When it was not.
    pub async fn close(self) -> Result<(), SimError> {
        drop(self.stop);
        self.tasks.close();
        self.tasks.wait().await;
        match self.keeper {
            // A keeper that panicked has said so on standard error.
            Some(keeper) => keeper.await.unwrap_or(Ok(())),
            None => Ok(()),
        }
    }
}

/// Databases live as long as the simulator, and only so many fit on a machine.
#[cfg(unix)]
fn check_data_plane(options: &Options) -> Result<(), SimError> {
    if options.data_plane.is_none() {
        return Ok(());
    }
    if options.state.is_some() {
        let reason = "their rows go with the simulator, and the account would come back without them; leave one of the two \
                      away";
        return Err(SimError::DataPlaneWith { with: "together with a kept account (--state)", reason });
    }
    if matches!(options.fleet, FleetSpec::Count(_)) {
        let reason = "each of its clusters would need a server; take --fleet demo or empty";
        return Err(SimError::DataPlaneWith { with: "for a generated fleet", reason });
    }
    Ok(())
}

/// The account that the file holds, or the one that the options describe. The file is written at once, so that what can't
/// be kept is known at the start and not at the end.
fn open(file: Option<&StateFile>, options: &Options) -> Result<Account, SimError> {
    let kept = file.map(|file| file.read(&options.clock)).transpose()?.flatten();
    let account = match kept {
        // How fast things go is a matter of this run; what is under way keeps its times.
        Some(mut kept) => {
            kept.pace.speed = options.speed;
            kept
        }
        None => fleet::build(options)?,
    };
    if let Some(file) = file {
        file.write(&account, options.clock.now())?;
    }
    Ok(account)
}

async fn accept(listener: TcpListener, service: Arc<Service>, tasks: TaskTracker, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve(stream, Arc::clone(&service), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the simulator could not accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<Service>, stop: CancellationToken) {
    // Answers are small and complete; waiting to fill packets would only make a client wait.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a simulator connection keeps its delay");
    }
    let handle = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { respond(&service, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), handle);
    tokio::select! {
        () = stop.cancelled() => {}
        ended = connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a simulator connection ended early");
            }
        }
    }
}

/// An error here closes the connection without an answer, which is what some faults ask for.
async fn respond(service: &Service, request: Request<Incoming>) -> Result<Reply, io::Error> {
    let (head, body) = request.into_parts();
    let arrived = tokio::time::timeout(PATIENCE, Limited::new(body, BIGGEST_BODY).collect()).await;
    let body = match arrived {
        Err(_) => return Ok(api(refuse(service, Code::RequestTimeout, "The request body did not arrive in time"))),
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(api(refuse(service, Code::RequestTooLarge, "The request body is too large")));
        }
        Ok(Err(error)) => return Err(io::Error::other(error)),
    };
    let path = head.uri.path();
    if path.starts_with(control::PREFIX) {
        let (status, value) = control::answer(service, &head.method, path, &body);
        return Ok(reply(status, "application/json", value.to_string().into_bytes()));
    }
    if let Some((wire, of, action)) = rpc(&head) {
        let mut answer = service.answer_rpc(wire, (of, action), &body).await.map(api).ok_or_else(closed)?;
        if of == Api::SecretsManager {
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        }
        return Ok(answer);
    }
    if head.method != Method::POST || path != "/" {
        let message = format!("The RDS API is called by POST /, not by {} {path}", head.method);
        return Ok(api(refuse(service, Code::InvalidAction, &message)));
    }
    if head.headers.get(CONTENT_TYPE).is_some_and(|kind| !is_form(kind)) {
        let message = "The Content-Type must be application/x-www-form-urlencoded";
        return Ok(api(refuse(service, Code::MalformedQueryString, message)));
    }
    let answer = service.answer(&body).await;
    answer.map(api).ok_or_else(closed)
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "closed on demand")
}

/// Service and action of a request that is no form: its path names them in CBOR, a header in JSON.
fn rpc(head: &Parts) -> Option<(Wire, Api, &str)> {
    if head.method != Method::POST {
        return None;
    }
    let path = head.uri.path();
    let in_header = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let cbor = path.strip_prefix("/service/").and_then(|rest| rest.strip_prefix(CLOUDWATCH));
    let cbor = cbor.and_then(|rest| rest.strip_prefix("/operation/"));
    if let Some(action) = cbor {
        return Some((Wire::Cbor, Api::CloudWatch, action));
    }
    let (service, action) = in_header.filter(|_| path == "/")?.split_once('.')?;
    match service {
        CLOUDWATCH => Some((Wire::Json, Api::CloudWatch, action)),
        SECRETS_MANAGER => Some((Wire::Json, Api::SecretsManager, action)),
        _ => None,
    }
}

fn refuse(service: &Service, code: Code, message: &str) -> Answer {
    service.refuse(Wire::Query, &Form::default(), &ApiError::new(code, message))
}

fn is_form(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
}

fn api(answer: Answer) -> Reply {
    let kind = match answer.wire {
        Wire::Query => "text/xml",
        Wire::Json => "application/x-amz-json-1.0",
        Wire::Cbor => "application/cbor",
    };
    let mut reply = reply(answer.status, kind, answer.body);
    if answer.truncated {
        break_off(&mut reply);
    }
    if answer.wire == Wire::Cbor {
        reply.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Some(code) = answer.query_error.and_then(|code| HeaderValue::from_str(&code).ok()) {
        reply.headers_mut().insert("x-amzn-query-error", code);
    }
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        reply.headers_mut().insert("x-amzn-requestid", id);
    }
    reply
}

/// Leaves an answer its head, which promises all of it, and half of its body.
fn break_off(reply: &mut Reply) {
    let whole = std::mem::replace(reply.body_mut(), Full::default().map_err(|never| match never {}).boxed_unsync());
    let half = async move {
        let all = whole.collect().await?.to_bytes();
        Ok(Frame::data(all.slice(..all.len() / 2)))
    };
    let end = async {
        // Without a breath between them the end would overtake what is still to be sent.
        tokio::time::sleep(BREATH).await;
        Err(closed())
    };
    *reply.body_mut() = StreamBody::new(stream::once(half).chain(stream::once(end))).boxed_unsync();
}

fn reply(status: u16, kind: &'static str, body: Vec<u8>) -> Reply {
    let length = HeaderValue::from(body.len());
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
    let mut reply = Response::new(body.boxed_unsync());
    reply.headers_mut().insert(CONTENT_LENGTH, length);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

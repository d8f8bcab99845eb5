//! The one place that moves bytes: it sends a request and hands back the answer's head, with time
//! limits and failures in the house's words.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyai_units::UtcMillis;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;

use crate::address::PublicResolver;
use crate::answered::Answered;
use crate::classify;
use crate::endpoint::Provider;
use crate::error::{ErrorClass, ProviderError};
use crate::http_request::HttpRequest;
use crate::retry::{Failure, RetryPolicy};

/// The most of an error's body that is read.
const ERROR_BYTES_MAX: usize = 256 * 1024;
/// How long an error's body may take altogether; its status is known already.
const ERROR_BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// Time limits and retries. There is no limit on the whole answer: long ones are normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long nothing may come, before the answer and within it.
    pub idle_timeout: Duration,
    /// The same while a picture is made: providers are silent until it is.
    pub making_timeout: Duration,
    /// When to ask again.
    pub retry: RetryPolicy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            making_timeout: Duration::from_secs(600),
            retry: RetryPolicy::STANDARD,
        }
    }
}

/// How a request is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// How long nothing may come.
    pub(crate) patience: Duration,
    /// What is asked for is billed when it is made: again only while nothing has left this machine.
    is_order: bool,
    link: Option<Link>,
}

/// The address comes from an answer. Where it leads on is handed back, not judged.
#[derive(Clone, Copy, Debug)]
struct Link {
    only_public: bool,
}

impl Manner {
    /// Asking is free, and may be repeated.
    pub(crate) const fn asking(patience: Duration) -> Self {
        Self {
            patience,
            is_order: false,
            link: None,
        }
    }

    pub(crate) const fn order(patience: Duration) -> Self {
        Self {
            is_order: true,
            ..Self::asking(patience)
        }
    }

    pub(crate) const fn following(patience: Duration, only_public: bool) -> Self {
        Self {
            link: Some(Link { only_public }),
            ..Self::asking(patience)
        }
    }
}

/// An attempt that failed.
pub(crate) struct Setback {
    pub(crate) failure: Failure,
    /// How long to wait before the next attempt, where one makes sense.
    pub(crate) again_in: Option<Duration>,
}

/// Connections, kept open for the next answer. Cloning shares them.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    outward: reqwest::Client,
    loopback: reqwest::Client,
    /// Reaches public addresses only.
    public: reqwest::Client,
    limits: Limits,
}

impl Transport {
    pub(crate) fn new(limits: Limits) -> Result<Self, ProviderError> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("any-ai-studio/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(limits.connect_timeout)
                // A redirect would carry the key to wherever it points.
                .redirect(Policy::none())
        };
        let failed = |error: reqwest::Error| {
            let message = format!(
                "secure connections cannot be set up on this machine: {}",
                causes(&error)
            );
            ProviderError::new(ErrorClass::Network, message)
        };
        Ok(Self {
            outward: builder().build().map_err(failed)?,
            loopback: builder().no_proxy().build().map_err(failed)?,
            public: builder()
                .dns_resolver(PublicResolver)
                .build()
                .map_err(failed)?,
            limits,
        })
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Asks until an answer begins or trying again makes no sense.
    pub(crate) async fn send(
        &self,
        request: &HttpRequest,
        provider: Provider,
    ) -> Result<Answered, ProviderError> {
        let manner = Manner::asking(self.limits.idle_timeout);
        let sent = self.send_as(request, provider, manner).await;
        sent.map_err(|failure| failure.error)
    }

    pub(crate) async fn send_as(
        &self,
        request: &HttpRequest,
        provider: Provider,
        manner: Manner,
    ) -> Result<Answered, Failure> {
        let mut failed_before = 0;
        loop {
            let attempt = self.attempt(request, provider, manner, failed_before);
            match attempt.await {
                Ok(response) => return Ok(response),
                Err(Setback {
                    again_in: Some(wait),
                    ..
                }) => tokio::time::sleep(wait).await,
                Err(Setback { failure, .. }) => return Err(failure),
            }
            failed_before += 1;
        }
    }

    /// Asks once, after so many attempts that failed.
    pub(crate) async fn attempt(
        &self,
        request: &HttpRequest,
        provider: Provider,
        manner: Manner,
        failed_before: u32,
    ) -> Result<Answered, Setback> {
        let sent = self.send_once(request, provider, manner).await;
        sent.map_err(|failure| {
            let may_repeat = !manner.is_order || failure.unsent;
            let wait_ms = self.wait_ms(failed_before + 1, &failure);
            Setback {
                again_in: wait_ms.filter(|_| may_repeat).map(Duration::from_millis),
                failure,
            }
        })
    }

    async fn send_once(
        &self,
        request: &HttpRequest,
        provider: Provider,
        manner: Manner,
    ) -> Result<Answered, Failure> {
        let client = match manner.link {
            Some(Link { only_public: true }) => &self.public,
            _ if request.is_loopback() => &self.loopback,
            _ => &self.outward,
        };
        let response = exchange(client, request, manner.patience).await?;
        if response.status().is_success()
            || manner.link.is_some() && response.status().is_redirection()
        {
            return Ok(response);
        }
        let mut headers = response.headers().clone();
        let error = refusal(response, provider, &mut headers).await;
        Err(Failure::from_headers(error, &headers, now()))
    }

    fn wait_ms(&self, failed_attempts: u32, failure: &Failure) -> Option<u64> {
        let dice = RandomState::new().hash_one(failed_attempts);
        self.limits.retry.wait_ms(failed_attempts, failure, dice)
    }

    /// Reads a body that is no stream.
    pub(crate) async fn read_whole(
        &self,
        mut response: Answered,
        bytes_max: usize,
    ) -> Result<Vec<u8>, ProviderError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.next_chunk(&mut response).await? {
            body.extend_from_slice(&chunk);
            if body.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
        }
        Ok(body)
    }

    pub(crate) async fn next_chunk(
        &self,
        response: &mut Answered,
    ) -> Result<Option<Bytes>, ProviderError> {
        match tokio::time::timeout(self.limits.idle_timeout, response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(self.silence()),
        }
    }

    /// The failure when nothing came for too long.
    pub(crate) fn silence(&self) -> ProviderError {
        silence(self.limits.idle_timeout)
    }
}

pub(crate) fn silence(patience: Duration) -> ProviderError {
    let seconds = patience.as_secs_f32();
    ProviderError::new(
        ErrorClass::Timeout,
        format!("the provider sent nothing for {seconds} seconds"),
    )
}

/// The failure when a file is larger than is taken in.
pub(crate) fn too_large(bytes_max: usize) -> ProviderError {
    // Rounds down: limits are whole mebibytes, or small enough to be named in bytes.
    let size = match bytes_max / (1024 * 1024) {
        0 => format!("{bytes_max} bytes"),
        mebibytes => format!("{mebibytes} MiB"),
    };
    ProviderError::new(
        ErrorClass::Malformed,
        format!("the answer is larger than {size}"),
    )
}

async fn exchange(
    client: &reqwest::Client,
    request: &HttpRequest,
    patience: Duration,
) -> Result<Answered, Failure> {
    let sending = client
        .request(request.method.clone(), request.url.clone())
        .headers(request.headers.clone())
        .body(request.body.clone())
        .send();
    match tokio::time::timeout(patience, sending).await {
        Ok(Ok(response)) => Ok(Answered::new(response)),
        Ok(Err(error)) if error.is_connect() => Err(Failure::unsent(connection_error(&error))),
        Ok(Err(error)) => Err(Failure::unanswered(connection_error(&error))),
        Err(_) => Err(Failure::unanswered(silence(patience))),
    }
}

/// Reads a failed answer's body, as far as it comes. Headers that stand in it are added to `headers`.
async fn refusal(
    mut response: Answered,
    provider: Provider,
    headers: &mut HeaderMap,
) -> ProviderError {
    let status = response.status();
    if status.is_redirection() {
        let host = response
            .headers()
            .get("location")
            .and_then(|location| location.to_str().ok())
            .and_then(|location| url::Url::parse(location).ok());
        let host = host
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| "another address".to_owned());
        let message = format!(
            "the address redirects to {host}; that is not followed, because the key would go there too"
        );
        let mut error = ProviderError::new(ErrorClass::NotFound, message);
        error.http_status = Some(status.as_u16());
        return error;
    }
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > ERROR_BYTES_MAX {
                body.truncate(ERROR_BYTES_MAX);
                break;
            }
        }
    };
    // A body that comes too slowly is judged by what came.
    let _slow = tokio::time::timeout(ERROR_BODY_TIME_MAX, reading)
        .await
        .is_err();
    for (name, value) in classify::headers_in_body(&body) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.entry(name).or_insert(value);
        }
    }
    classify::from_response(provider, status.as_u16(), &body)
}

/// A transport failure in a sentence. The URL is left out: it may be private.
pub(crate) fn connection_error(error: &reqwest::Error) -> ProviderError {
    let class = if error.is_timeout() && !error.is_connect() {
        ErrorClass::Timeout
    } else {
        ErrorClass::Network
    };
    let what = if error.is_connect() {
        "the provider cannot be reached"
    } else {
        "the connection to the provider broke"
    };
    ProviderError::new(class, format!("{what}: {}", causes(error)))
}

/// The innermost cause, which names the reason; the outer ones repeat the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<reqwest::Error>() {
        Some(_) => "it was closed".to_owned(),
        None => cause.to_string(),
    }
}

fn now() -> UtcMillis {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UtcMillis::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

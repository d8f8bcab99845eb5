//! The one place that moves bytes: it sends a request and hands back the answer's head, with time
//! limits and failures in the house's words.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyai_units::UtcMillis;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Response;
use reqwest::redirect::Policy;

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
    /// When to ask again.
    pub retry: RetryPolicy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            retry: RetryPolicy::STANDARD,
        }
    }
}

/// Connections, kept open for the next answer. Cloning shares them.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    outward: reqwest::Client,
    loopback: reqwest::Client,
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
            limits,
        })
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends until an answer begins or trying again makes no sense.
    pub(crate) async fn send(
        &self,
        request: &HttpRequest,
        provider: Provider,
    ) -> Result<Response, ProviderError> {
        let mut failed_attempts = 0;
        loop {
            let failure = match self.send_once(request, provider).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            failed_attempts += 1;
            let dice = RandomState::new().hash_one(failed_attempts);
            match self.limits.retry.wait_ms(failed_attempts, &failure, dice) {
                Some(wait_ms) => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
                None => return Err(failure.error),
            }
        }
    }

    async fn send_once(
        &self,
        request: &HttpRequest,
        provider: Provider,
    ) -> Result<Response, Failure> {
        let client = if request.is_loopback() {
            &self.loopback
        } else {
            &self.outward
        };
        let sending = client
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send();
        let response = match tokio::time::timeout(self.limits.idle_timeout, sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Failure::unanswered(connection_error(&error))),
            Err(_) => return Err(Failure::unanswered(self.silence())),
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let mut headers = response.headers().clone();
        let error = refusal(response, provider, &mut headers).await;
        Err(Failure::from_headers(error, &headers, now()))
    }

    /// The failure when nothing came for too long.
    pub(crate) fn silence(&self) -> ProviderError {
        let seconds = self.limits.idle_timeout.as_secs_f32();
        ProviderError::new(
            ErrorClass::Timeout,
            format!("the provider sent nothing for {seconds} seconds"),
        )
    }
}

/// Reads a failed answer's body, as far as it comes. Headers that stand in it are added to `headers`.
async fn refusal(
    mut response: Response,
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

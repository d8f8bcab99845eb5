//! Where a provider is found and what it says, translated from the catalogue's words and into the
//! wire's.

use anyai_catalog as catalog;
use anyai_providers::{BuildError, Endpoint, ErrorClass, Protocol, Provider, ProviderError};
use anyai_secrets::Secret;
use anyai_units::Credits;
use anyai_wire::{Code, Detail, WireError};

/// Characters of a provider's own words that are passed on.
const SAID_CHARS_MAX: usize = 400;

/// The way to a provider.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) provider: catalog::Provider,
    pub(crate) api: catalog::Api,
    pub(crate) base_url: Option<String>,
    pub(crate) key: Option<Secret>,
}

impl Route {
    pub(super) fn endpoint(&self) -> Endpoint<'_> {
        let provider = wire_provider(self.provider);
        let usual = provider.default_base_url().unwrap_or_default();
        Endpoint {
            provider,
            protocol: protocol_of(self.api),
            base_url: self.base_url.as_deref().unwrap_or(usual),
            key: self.key.as_ref().map(|key| key.expose().as_str()),
        }
    }

    /// Whether an answer that came this way can be asked after.
    pub(crate) fn can_be_asked(&self) -> bool {
        self.endpoint().can_be_asked()
    }

    /// Why a call was never made. A key that no header takes is a wrong key, as one refused is.
    pub(super) fn failure_to_build(&self, error: &BuildError) -> WireError {
        let code = match error {
            BuildError::Key => Code::ProviderKeyRejected,
            BuildError::BaseUrl { .. }
            | BuildError::Model
            | BuildError::Document { .. }
            | BuildError::Protocol(_)
            | BuildError::Knob(_)
            | BuildError::OutputLimit { .. }
            | BuildError::Missing(_)
            | BuildError::OpaqueState => Code::ProviderInvalidRequest,
        };
        self.not_called(code, &error.to_string())
    }

    pub(super) fn not_called(&self, code: Code, reason: &str) -> WireError {
        let provider = self.provider;
        let message = format!("{provider} was not called: {reason}");
        WireError::new(code, message).with_detail(Detail::Provider {
            provider: provider.as_str().to_owned(),
            said: shortened(reason),
        })
    }
}

/// The protocol of a catalogue entry.
pub(super) const fn protocol_of(api: catalog::Api) -> Protocol {
    match api {
        catalog::Api::Messages => Protocol::Messages,
        catalog::Api::Responses => Protocol::Responses,
        catalog::Api::ChatCompletions => Protocol::ChatCompletions,
        catalog::Api::GenerateContent => Protocol::GenerateContent,
        catalog::Api::Interactions => Protocol::Interactions,
        catalog::Api::Images => Protocol::Images,
        catalog::Api::Videos => Protocol::Videos,
        catalog::Api::PredictLongRunning => Protocol::PredictLongRunning,
    }
}

const fn wire_provider(provider: catalog::Provider) -> Provider {
    match provider {
        catalog::Provider::OpenAi => Provider::OpenAi,
        catalog::Provider::Anthropic => Provider::Anthropic,
        catalog::Provider::Google => Provider::Google,
        catalog::Provider::Xai => Provider::XAi,
        catalog::Provider::OpenRouter => Provider::OpenRouter,
        catalog::Provider::Local => Provider::OpenAiCompatible,
    }
}

/// What a provider's failure means for the person.
pub(crate) fn provider_failure(provider: catalog::Provider, error: &ProviderError) -> WireError {
    let code = match error.class {
        ErrorClass::Auth => Code::ProviderKeyRejected,
        ErrorClass::Permission => Code::ProviderPermission,
        ErrorClass::NotFound => Code::ProviderNotFound,
        ErrorClass::InvalidRequest => Code::ProviderInvalidRequest,
        ErrorClass::ContextOverflow => Code::ContextTooLong,
        ErrorClass::ContentRefused => Code::ContentRefused,
        ErrorClass::RateLimited => Code::ProviderRateLimited,
        ErrorClass::QuotaExhausted => Code::ProviderQuotaExhausted,
        ErrorClass::Overloaded => Code::ProviderOverloaded,
        ErrorClass::Server => Code::ProviderFailed,
        ErrorClass::Timeout => Code::ProviderTimeout,
        ErrorClass::Network => Code::ProviderUnreachable,
        ErrorClass::Malformed => Code::ProviderMalformed,
    };
    let said = shortened(&error.message);
    let message = format!(
        "{provider} answered with a failure ({}): {said}",
        error.class
    );
    let detail = match error.retry_after_ms {
        Some(wait_ms) if code == Code::ProviderRateLimited => Detail::RetryAfter { wait_ms },
        _ => Detail::Provider {
            provider: provider.as_str().to_owned(),
            said,
        },
    };
    WireError::new(code, message).with_detail(detail)
}

/// What happened, and what it cost: whoever reads only the sentence is not left to wonder.
pub(crate) fn with_cost(mut error: WireError, charged: Credits) -> WireError {
    let cost = match charged {
        Credits::ZERO => "nothing was charged".to_owned(),
        charged => format!("{charged} credits were charged"),
    };
    error.message = format!("{}; {cost}", error.message.trim_end_matches('.'));
    error
}

fn shortened(said: &str) -> String {
    let mut short: String = said.chars().take(SAID_CHARS_MAX).collect();
    if short.len() < said.len() {
        short.push('…');
    }
    short
}

//! Verifying a key by listing models.

use anyai_providers::{
    Client, Endpoint, ErrorClass, Limits, ListModelsError, Protocol, Provider, RetryPolicy,
};

use crate::loopback::{Loopback, reply};

const KEY: &str = "sk-secret-0123456789";

async fn list(
    provider: Provider,
    protocol: Protocol,
    server: &Loopback,
) -> Result<Vec<String>, ListModelsError> {
    let limits = Limits {
        retry: RetryPolicy::NEVER,
        ..Limits::default()
    };
    let endpoint = Endpoint {
        provider,
        protocol,
        base_url: &server.base_url,
        key: Some(KEY),
    };
    Client::with_limits(limits)
        .expect("a client")
        .list_models(endpoint)
        .await
}

#[tokio::test]
async fn every_providers_list_is_read() {
    for (provider, path, body) in [
        (
            Provider::OpenAi,
            "/v1/models",
            r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}"#,
        ),
        (
            Provider::Anthropic,
            "/v1/models?limit=1000",
            r#"{"data":[{"type":"model","id":"a"},{"id":"b"}],"has_more":false}"#,
        ),
        (
            Provider::Google,
            "/v1/models?pageSize=1000",
            r#"{"models":[{"name":"models/a"},{"name":"models/b"}]}"#,
        ),
        (
            Provider::LlamaCpp,
            "/v1/models",
            r#"{"models":[{"name":"x"}],"data":[{"id":"a"},{"id":"b"},{}]}"#,
        ),
    ] {
        let server = Loopback::start(vec![reply(200, "", body)]).await;
        let models = list(provider, provider.default_protocol(), &server).await;
        assert_eq!(
            models,
            Ok(vec!["a".to_owned(), "b".to_owned()]),
            "{provider:?}"
        );
        assert!(
            server.seen()[0].starts_with(&format!("GET {path} ")),
            "{}",
            server.seen()[0]
        );
    }
    let server = Loopback::start(vec![reply(200, "", r#"{"models":[{"name":"qwen3:4b"}]}"#)]).await;
    let models = list(Provider::Ollama, Protocol::OllamaChat, &server).await;
    assert_eq!(
        (models, server.seen()[0].starts_with("GET /api/tags ")),
        (Ok(vec!["qwen3:4b".to_owned()]), true)
    );
}

#[tokio::test]
async fn openrouters_public_list_does_not_vouch_for_a_key() {
    let bad = r#"{"error":{"code":401,"message":"No auth credentials found"}}"#;
    let server = Loopback::start(vec![reply(401, "", bad), reply(200, "", r#"{"data":[]}"#)]).await;
    let outcome = list(Provider::OpenRouter, Protocol::ChatCompletions, &server).await;
    assert!(
        matches!(outcome, Err(ListModelsError::Provider(error)) if error.class == ErrorClass::Auth)
    );
    assert!(server.seen()[0].starts_with("GET /v1/key "));
}

#[tokio::test]
async fn a_bad_key_is_classed_and_not_repeated() {
    for (provider, status, body) in [
        (Provider::OpenAi, 401, format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}.","code":"invalid_api_key"}}}}"#)),
        (Provider::Anthropic, 401, r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#.to_owned()),
        (Provider::Google, 400, r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#.to_owned()),
        (Provider::XAi, 400, r#"{"code":"invalid-argument","error":"Incorrect API key provided."}"#.to_owned()),
    ] {
        let server = Loopback::start(vec![reply(status, "", &body)]).await;
        let Err(ListModelsError::Provider(error)) = list(provider, provider.default_protocol(), &server).await else {
            panic!("{provider:?} takes a bad key");
        };
        assert_eq!((error.class, error.http_status), (ErrorClass::Auth, Some(status)), "{provider:?}");
        assert!(!error.message.contains(KEY));
    }
}

#[tokio::test]
async fn a_page_that_is_no_list_is_malformed() {
    for body in ["<html>router</html>", "{}", r#"{"data":7}"#, ""] {
        let server = Loopback::start(vec![reply(200, "", body)]).await;
        let outcome = list(Provider::OpenAi, Protocol::Responses, &server).await;
        assert!(
            matches!(outcome, Err(ListModelsError::Provider(error)) if error.class == ErrorClass::Malformed),
            "{body:?}"
        );
    }
}

//! Asking after an answer: what the provider says of it, and when nobody can say.

use anyai_providers::{
    Aftermath, Client, Endpoint, ErrorClass, Limits, Protocol, Provider, ProviderError,
    RetryPolicy, StopReason, Usage,
};
use anyai_units::{NanoUsd, Tokens};

use crate::loopback::{Loopback, reply};

const KEY: &str = "sk-secret-0123456789";

async fn ask(
    (provider, protocol): (Provider, Protocol),
    server: &Loopback,
    id: &str,
) -> Result<Aftermath, ProviderError> {
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
    let client = Client::with_limits(limits).expect("a client");
    client.ask_after(endpoint, id).await
}

const OPENAI: (Provider, Protocol) = (Provider::OpenAi, Protocol::Responses);

fn response(status: &str, rest: &str) -> String {
    format!(
        r#"{{"id":"resp_1","object":"response","model":"m","status":"{status}","output":[]{rest}}}"#
    )
}

#[tokio::test]
async fn an_answer_that_is_over_says_what_it_cost() {
    let usage = r#","usage":{"input_tokens":70,"input_tokens_details":{"cached_tokens":8},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":9},"total_tokens":100}"#;
    let cut = format!(r#"{usage},"incomplete_details":{{"reason":"max_output_tokens"}}"#);
    for (body, stop) in [
        (response("completed", usage), StopReason::EndTurn),
        (response("incomplete", &cut), StopReason::MaxOutputTokens),
    ] {
        let server = Loopback::start(vec![reply(200, "", &body)]).await;
        let told = ask(OPENAI, &server, "resp_1").await;
        let Ok(Aftermath::Ended {
            end,
            usage: Some(usage),
        }) = told
        else {
            panic!("{told:?}")
        };
        assert_eq!(end, Ok(stop));
        assert_eq!(usage.input_tokens, Tokens::new(70));
        assert_eq!(usage.cached_input_tokens, Tokens::new(8));
        assert_eq!(usage.output_tokens, Tokens::new(30));
        assert!(server.seen()[0].starts_with("GET /v1/responses/resp_1 "));
    }
}

#[tokio::test]
async fn openrouter_says_what_an_answer_cost_that_somebody_hung_up_on() {
    let record = r#"{"data":{"id":"gen-1","cancelled":true,"finish_reason":"length","is_byok":true,
        "native_tokens_prompt":70,"native_tokens_cached":8,"native_tokens_completion":30,
        "native_tokens_reasoning":9,"total_cost":0.0000153,"upstream_inference_cost":3.1e-4}}"#;
    for protocol in [Protocol::ChatCompletions, Protocol::Responses] {
        let server = Loopback::start(vec![reply(200, "", record)]).await;
        let told = ask((Provider::OpenRouter, protocol), &server, "gen-1").await;
        let usage = Usage {
            input_tokens: Tokens::new(70),
            cached_input_tokens: Tokens::new(8),
            output_tokens: Tokens::new(30),
            reasoning_tokens: Tokens::new(9),
            provider_cost: Some(NanoUsd::from_nano(15_300)),
            upstream_cost: Some(NanoUsd::from_nano(310_000)),
            ..Usage::default()
        };
        let expected = Aftermath::Ended {
            end: Ok(StopReason::MaxOutputTokens),
            usage: Some(usage),
        };
        assert_eq!(told, Ok(expected));
        assert!(server.seen()[0].starts_with("GET /v1/generation?id=gen-1 "));
    }
    let uncounted = r#"{"data":{"total_cost":0.01,"native_tokens_prompt":null}}"#;
    let nothing = Loopback::start(vec![
        reply(200, "", "{}"),
        reply(200, "", uncounted),
        reply(404, "", "{}"),
    ]);
    let nothing = nothing.await;
    let openrouter = (Provider::OpenRouter, Protocol::ChatCompletions);
    for what in ["no record", "no counts"] {
        let unreadable = ask(openrouter, &nothing, "gen-1").await;
        assert_eq!(unreadable.expect_err(what).class, ErrorClass::Malformed);
    }
    let unknown = ask(openrouter, &nothing, "gen-1").await;
    assert_eq!(unknown, Ok(Aftermath::NotYetKept));
}

#[tokio::test]
async fn an_answer_under_way_and_one_that_failed_are_told_apart() {
    for status in ["in_progress", "queued"] {
        let server = Loopback::start(vec![reply(200, "", &response(status, ""))]).await;
        assert_eq!(ask(OPENAI, &server, "resp_1").await, Ok(Aftermath::Running));
    }
    let failed = response(
        "failed",
        &format!(r#","error":{{"code":"server_error","message":"no to {KEY}"}}"#),
    );
    let server = Loopback::start(vec![reply(200, "", &failed)]).await;
    let told = ask(OPENAI, &server, "resp_1").await;
    assert!(
        matches!(&told, Ok(Aftermath::Ended { end: Err(error), usage: None })
            if error.class == ErrorClass::Server && error.message == "no to [key]"),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_is_not_kept_is_said_so_and_other_refusals_are_not_taken_for_it() {
    let gone = r#"{"error":{"message":"Response with id 'resp_1' not found.","type":"invalid_request_error","param":"id","code":null}}"#;
    let server = Loopback::start(vec![reply(404, "", gone)]).await;
    assert_eq!(ask(OPENAI, &server, "resp_1").await, Ok(Aftermath::NotKept));
    for (status, body) in [
        (
            401,
            r#"{"error":{"message":"no","code":"invalid_api_key"}}"#,
        ),
        (503, "{}"),
        (200, "<html>sign in</html>"),
    ] {
        let server = Loopback::start(vec![reply(status, "", body)]).await;
        let told = ask(OPENAI, &server, "resp_1").await;
        assert!(told.is_err(), "{status} {told:?}");
    }
}

#[tokio::test]
async fn nobody_is_asked_who_cannot_answer_and_no_id_leaves_its_place() {
    let silent = Loopback::start(Vec::new()).await;
    for wire in [
        (Provider::Anthropic, Protocol::Messages),
        (Provider::Google, Protocol::GenerateContent),
        (Provider::OpenAiCompatible, Protocol::ChatCompletions),
    ] {
        assert_eq!(ask(wire, &silent, "id_1").await, Ok(Aftermath::NotKept));
    }
    for id in ["", "../files", "a/b", "a?b", "a%2Fb", &"x".repeat(257)] {
        assert_eq!(
            ask(OPENAI, &silent, id).await,
            Ok(Aftermath::NotKept),
            "{id:?}"
        );
    }
    assert!(silent.seen().is_empty());
}

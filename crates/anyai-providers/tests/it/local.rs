//! What servers on the person's own machine say they have.

use anyai_providers::{Client, Limits, ListModelsError, LocalModel, Provider, RetryPolicy};

use crate::loopback::{Loopback, reply};

async fn ask(server: Provider, at: &Loopback) -> Result<Vec<LocalModel>, ListModelsError> {
    let limits = Limits {
        retry: RetryPolicy::NEVER,
        ..Limits::default()
    };
    let client = Client::with_limits(limits).expect("a client");
    client.local_models(server, &at.base_url).await
}

fn model(name: &str, context_tokens: Option<u64>, reads_images: bool) -> LocalModel {
    LocalModel {
        name: name.to_owned(),
        context_tokens,
        reads_images,
    }
}

#[tokio::test]
async fn ollama_says_of_each_model_how_much_it_reads_and_whether_it_sees() {
    let tags =
        r#"{"models":[{"name":"gemma3:4b"},{"model":"embed"},{"name":"new"},{"details":{}}]}"#;
    let seeing = r#"{"model_info":{"gemma3.embedding_length":2560,"gemma3.context_length":131072},"capabilities":["completion","vision"]}"#;
    let embedding = r#"{"capabilities":["embedding"]}"#;
    let server = Loopback::start(vec![
        reply(200, "", tags),
        reply(200, "", seeing),
        reply(200, "", embedding),
        reply(404, "", r#"{"error":"model 'new' not found"}"#),
    ])
    .await;

    let models = ask(Provider::Ollama, &server).await;

    let expected = [
        model("gemma3:4b", Some(131_072), true),
        model("new", None, false),
    ];
    assert_eq!(models.unwrap(), expected);
    let seen = server.seen();
    assert!(seen[0].starts_with("GET /api/tags "), "{}", seen[0]);
    assert!(seen[1].starts_with("POST /api/show "), "{}", seen[1]);
}

#[tokio::test]
async fn lm_studio_says_what_a_loaded_model_was_loaded_with() {
    let list = r#"{"object":"list","data":[
        {"id":"qwen2-vl","type":"vlm","max_context_length":32768},
        {"id":"llama","type":"llm","max_context_length":131072,"loaded_context_length":4096},
        {"id":"nomic","type":"embeddings","max_context_length":2048}]}"#;
    let server = Loopback::start(vec![reply(200, "", list)]).await;

    let models = ask(Provider::LmStudio, &server).await;

    let expected = [
        model("qwen2-vl", Some(32_768), true),
        model("llama", Some(4_096), false),
    ];
    assert_eq!(models.unwrap(), expected);
    assert!(server.seen()[0].starts_with("GET /api/v0/models "));
}

#[tokio::test]
async fn llama_cpp_says_how_much_of_its_window_it_was_started_with() {
    let list = r#"{"models":[],"data":[{"id":"/models/qwen3.gguf","meta":{"n_ctx_train":40960}}]}"#;
    let props = r#"{"default_generation_settings":{"n_ctx":8192},"modalities":{"vision":true}}"#;
    let started = Loopback::start(vec![reply(200, "", list), reply(200, "", props)]).await;
    let silent = Loopback::start(vec![reply(200, "", list), reply(501, "", "{}")]).await;

    let name = "/models/qwen3.gguf";
    assert_eq!(
        ask(Provider::LlamaCpp, &started).await.unwrap(),
        [model(name, Some(8_192), true)]
    );
    assert_eq!(
        ask(Provider::LlamaCpp, &silent).await.unwrap(),
        [model(name, Some(40_960), false)]
    );
    assert!(started.seen()[1].starts_with("GET /props "));
}

#[tokio::test]
async fn a_name_that_is_no_line_of_text_is_left_out() {
    let long = "x".repeat(201);
    let list =
        format!(r#"{{"data":[{{"id":"a\nb"}},{{"id":" "}},{{"id":"{long}"}},{{"id":"good"}}]}}"#);
    let server = Loopback::start(vec![reply(200, "", &list)]).await;
    let models = ask(Provider::LmStudio, &server).await;
    assert_eq!(models.unwrap(), [model("good", None, false)]);
}

#[tokio::test]
async fn something_else_on_the_port_is_no_server_of_models() {
    for said in ["<html></html>", r#"{"data":{}}"#, "[]"] {
        for kind in [Provider::Ollama, Provider::LmStudio, Provider::LlamaCpp] {
            let server = Loopback::start(vec![reply(200, "", said), reply(200, "", said)]).await;
            assert!(ask(kind, &server).await.is_err(), "{kind:?} {said}");
        }
    }
}

//! What is logged: a line for each turn, and never a key, a token or a word of a prompt.

use std::io;
use std::sync::{Arc, Mutex};

use anyai_secrets::ServerKeys;
use http::Method;
use tracing_subscriber::EnvFilter;

use crate::harness::TestStudio;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_turn_is_one_line_without_key_token_or_prompt() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut studio = TestStudio::new().await;
    studio.crash();
    let mut options = studio.options();
    options.endpoints.simulated_key = None;
    let keys = [
        ("ANYAI_KEY_ANTHROPIC".into(), "sim-very-secret-key".into()),
        ("ANYAI_KEY_OPENAI".into(), "sk-very-secret-key".into()),
    ];
    options.keys.operator = ServerKeys::load(keys, None).unwrap();
    studio.open_with(options).await.unwrap();
    let good = studio
        .draft("claude-haiku-5-5", "[[say:Zebra answer.]] Zebra question")
        .await;
    studio.complete(&good).await;
    let bad = studio.draft("gpt-6-luna", "Zebra question").await;
    studio.complete(&bad).await;
    let body = serde_json::json!({"key": "sk-zebra-key", "keep": "session"});
    studio
        .json(Method::PUT, "/v1/providers/google/key", &body)
        .await
        .error();
    let token = studio.token.clone();
    studio.finish().await;

    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(
        count(&logged, &format!("the turn {} ended", good.id)),
        1,
        "{logged}"
    );
    assert_eq!(
        count(&logged, &format!("the turn {} failed", bad.id)),
        1,
        "{logged}"
    );
    for never in ["secret-key", "Zebra", "zebra-key", &token] {
        assert_eq!(count(&logged, never), 0, "{never} was logged");
    }
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

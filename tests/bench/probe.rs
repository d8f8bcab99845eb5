//! The bare probe: a client that reads the upstream's stream and does nothing with it.

use anyhow::Result;
use futures_util::StreamExt;
use serde_json::json;

use crate::upstream::{Upstream, now_us};

/// How long after it was written each word of one answer was read, in milliseconds.
pub(crate) async fn read(upstream: &Upstream) -> Result<Vec<f64>> {
    let request = reqwest::Client::new()
        .post(format!("{}/responses", upstream.url()))
        .json(&json!({ "model": "bench", "stream": true }));
    let mut body = request.send().await?.error_for_status()?.bytes_stream();
    let mut late = Vec::new();
    while let Some(bytes) = body.next().await {
        let (bytes, now) = (bytes?, now_us()?);
        let text = String::from_utf8_lossy(&bytes);
        let words = text.split("\"delta\":\"").skip(1).filter_map(written_us);
        late.extend(
            words
                .map(|written| now.saturating_sub(written))
                .map(milliseconds),
        );
    }
    Ok(late)
}

fn written_us(after: &str) -> Option<u64> {
    after
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a few seconds fit"
)]
fn milliseconds(us: u64) -> f64 {
    us as f64 / 1_000.0
}

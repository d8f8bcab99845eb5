//! One exchange: its requests one after the other, and when the answer's parts came.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};

use crate::marks::{Lines, Mark, Marks};
use crate::template::{Fresh, Template};

/// A template made ready for one address.
#[derive(Debug)]
pub(crate) struct Exchange {
    client: Client,
    requests: Vec<Ready>,
    marks: Marks,
}

#[derive(Debug)]
struct Ready {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: String,
}

/// When the parts of an answer came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrivals {
    pub(crate) first: Option<Instant>,
    pub(crate) end: Option<Instant>,
    /// How long each piece was under way from the provider's socket, in microseconds.
    pub(crate) delays_us: Vec<u64>,
    /// How long after the piece before it each one came, beyond what lay between them when they
    /// were sent, in microseconds; early ones count as 0.
    pub(crate) gaps_us: Vec<u64>,
    last_delay_us: Option<u64>,
}

impl Exchange {
    pub(crate) fn new(template: Template, base_url: &str) -> Result<Self> {
        let base = base_url.trim_end_matches('/');
        let ready = template.requests.into_iter().map(|request| {
            let mut headers = HeaderMap::new();
            for (name, value) in &request.headers {
                headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
            }
            Ok(Ready {
                method: request.method.parse()?,
                url: format!("{base}{}", request.path),
                headers,
                body: request.body,
            })
        });
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            requests: ready.collect::<Result<_>>()?,
            marks: template.answer,
        })
    }

    /// Does all of it, and answers when the last answer's parts came.
    pub(crate) async fn run(&self) -> Result<Arrivals> {
        let fresh = Fresh::new();
        let (last, before) = self.requests.split_last().context("nothing is asked")?;
        for ready in before {
            let response = self.send(ready, fresh).await?;
            response.bytes().await?;
        }
        let response = self.send(last, fresh).await?;
        self.read(response).await
    }

    async fn send(&self, ready: &Ready, fresh: Fresh) -> Result<Response> {
        let mut request = self
            .client
            .request(ready.method.clone(), fresh.put_into(&ready.url))
            .headers(ready.headers.clone());
        if !ready.body.is_empty() {
            request = request.body(fresh.put_into(&ready.body));
        }
        let response = request.send().await?;
        let status = response.status();
        if !status.is_success() {
            let said = response.text().await.unwrap_or_default();
            bail!("{} answered {status}: {said}", ready.url);
        }
        Ok(response)
    }

    async fn read(&self, mut response: Response) -> Result<Arrivals> {
        let (mut arrivals, mut lines) = (Arrivals::default(), Lines::default());
        while let Some(bytes) = response.chunk().await? {
            let (at, at_us) = (Instant::now(), now_us());
            if self.marks.piece.is_none() {
                arrivals.first.get_or_insert(at);
            }
            for mark in lines.push(&bytes, &self.marks) {
                arrivals.take(mark, at, at_us)?;
            }
        }
        if let Some(mark) = lines.finish(&self.marks) {
            arrivals.take(mark, Instant::now(), now_us())?;
        }
        if self.marks.end.is_none() {
            arrivals.end = Some(Instant::now());
        }
        ensure!(
            arrivals.end.is_some(),
            "the answer broke off before its end"
        );
        ensure!(arrivals.first.is_some(), "the answer had no piece");
        Ok(arrivals)
    }
}

impl Arrivals {
    fn take(&mut self, mark: Mark, at: Instant, at_us: u64) -> Result<()> {
        match mark {
            Mark::Piece(sent_us) => {
                self.first.get_or_insert(at);
                for sent_us in sent_us {
                    self.piece(sent_us, at_us);
                }
            }
            Mark::End => {
                self.end.get_or_insert(at);
            }
            Mark::Failure(line) => bail!("the answer says that it failed: {line}"),
        }
        Ok(())
    }

    fn piece(&mut self, sent_us: u64, at_us: u64) {
        let delay_us = at_us.saturating_sub(sent_us);
        if let Some(last) = self.last_delay_us.replace(delay_us) {
            self.gaps_us.push(delay_us.saturating_sub(last));
        }
        self.delays_us.push(delay_us);
    }
}

/// Microseconds since 1970, by the clock every process of this machine reads.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_what_a_piece_came_later_than_the_one_before_it() {
        let mut arrivals = Arrivals::default();
        // Sent 10 us apart; the second is held up by 300 us, the third catches up.
        for (sent_us, at_us) in [(1_000, 1_050), (1_010, 1_360), (1_020, 1_361)] {
            arrivals.piece(sent_us, at_us);
        }
        assert_eq!(arrivals.delays_us, [50, 350, 341]);
        assert_eq!(arrivals.gaps_us, [300, 0]);
    }
}

//! A server on loopback that answers as told: one fixed text, or the fake studio over real HTTP.

use std::sync::{Arc, Mutex};

use anyai_app::Transport;
use bytes::Bytes;
use futures_util::StreamExt;
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fake::FakeServer;

/// Serves something on loopback and keeps the heads of the requests.
pub(crate) struct Loopback {
    pub(crate) address: String,
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
pub(crate) enum Answer {
    Fixed(&'static str),
    Studio(FakeServer),
}

pub(crate) async fn serve(answer: Answer) -> Loopback {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heads);
    let runtime = tokio::runtime::Handle::current();
    let serving = runtime.clone().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            runtime.spawn(one(stream, answer.clone(), Arc::clone(&kept)));
        }
    });
    Loopback {
        address,
        heads,
        serving,
    }
}

/// One request, one answer, one connection.
async fn one(mut stream: TcpStream, answer: Answer, heads: Arc<Mutex<Vec<String>>>) {
    let mut received = Vec::new();
    let (head, body_starts) = loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await.unwrap_or(0);
        if length == 0 {
            return;
        }
        received.extend_from_slice(&piece[..length]);
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break (
                String::from_utf8_lossy(&received[..end]).into_owned(),
                end + 4,
            );
        }
    };
    heads.lock().unwrap().push(head.clone());
    match answer {
        Answer::Fixed(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
        }
        Answer::Studio(server) => {
            let length = header(&head, "content-length").map_or(0, |text| text.parse().unwrap());
            while received.len() < body_starts + length {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).await.unwrap_or(0);
                received.extend_from_slice(&piece[..count]);
            }
            forward(stream, &server, &head, &received[body_starts..]).await;
        }
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}

async fn forward(mut stream: TcpStream, server: &FakeServer, head: &str, body: &[u8]) {
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", header(head, "authorization").unwrap())
        .body(Bytes::copy_from_slice(body))
        .unwrap();
    let Ok(response) = server.send(request).await else {
        return;
    };
    let start = format!(
        "HTTP/1.1 {} X\r\nconnection: close\r\n\r\n",
        response.status().as_u16()
    );
    let _ = stream.write_all(start.as_bytes()).await;
    let mut pieces = response.into_body();
    while let Some(Ok(piece)) = pieces.next().await {
        if stream.write_all(&piece).await.is_err() {
            return;
        }
    }
}

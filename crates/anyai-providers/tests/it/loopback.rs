//! A loopback server that answers each connection from a script: slowly, partly, wrongly or not at
//! all, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyai_providers::{Client, Limits, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What to do on one connection after reading the request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Write these bytes.
    Write(Vec<u8>),
    /// Wait.
    Pause(Duration),
    /// Keep the connection open until the client leaves.
    Hang,
}

/// A client that waits for nothing long, and asks again so often.
pub(crate) fn impatient(retries_max: u32) -> Client {
    let limits = Limits {
        connect_timeout: Duration::from_secs(2),
        idle_timeout: Duration::from_millis(300),
        making_timeout: Duration::from_millis(300),
        retry: RetryPolicy {
            first_wait_ms: 500,
            retries_max,
            wait_ms_max: 1_000,
        },
    };
    Client::with_limits(limits).expect("a client")
}

/// A server with a script; each connection takes the next entry.
pub(crate) struct Loopback {
    pub(crate) base_url: String,
    seen: Arc<Mutex<Vec<String>>>,
    left: Arc<Mutex<usize>>,
    _task: JoinSet<()>,
}

impl Loopback {
    pub(crate) async fn start(script: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Mutex::new(0));
        let (seen_there, left_there) = (Arc::clone(&seen), Arc::clone(&left));
        let mut task = JoinSet::new();
        task.spawn(async move {
            for steps in script {
                let (mut connection, _) = listener.accept().await.expect("a connection");
                let request = read_request(&mut connection).await;
                seen_there.lock().expect("unpoisoned").push(request);
                play(connection, steps, &left_there).await;
            }
        });
        Self {
            base_url,
            seen,
            left,
            _task: task,
        }
    }

    /// The requests so far, as text.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("unpoisoned").clone()
    }

    /// How many clients left while the server was hanging on.
    pub(crate) fn clients_left(&self) -> usize {
        *self.left.lock().expect("unpoisoned")
    }
}

async fn read_request(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            });
            let length = length.map_or(0, |length| length.parse::<usize>().expect("a length"));
            if body.len() >= length {
                return text;
            }
        }
        let mut buffer = [0; 4_096];
        match connection.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

async fn play(mut connection: TcpStream, steps: Vec<Step>, left: &Mutex<usize>) {
    for step in steps {
        match step {
            Step::Write(bytes) => {
                if connection.write_all(&bytes).await.is_err() {
                    return;
                }
                connection.flush().await.ok();
            }
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Hang => {
                let mut buffer = [0; 64];
                while connection
                    .read(&mut buffer)
                    .await
                    .is_ok_and(|count| count > 0)
                {}
                *left.lock().expect("unpoisoned") += 1;
            }
        }
    }
}

/// A whole answer with this status and body, closing the connection.
pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Vec<Step> {
    reply_bytes(status, headers, body.as_bytes())
}

/// The same with a file.
pub(crate) fn reply_bytes(status: u16, headers: &str, body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    vec![Step::Write(head.into_bytes()), Step::Write(body.to_vec())]
}

/// The head of a stream whose length nobody knows.
pub(crate) fn stream_head() -> Step {
    Step::Write(
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n".to_vec(),
    )
}

/// Bytes to write.
pub(crate) fn write(text: &str) -> Step {
    Step::Write(text.as_bytes().to_vec())
}

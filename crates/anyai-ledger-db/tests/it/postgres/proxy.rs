//! A connection between a ledger and its server that fails where a test wants it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

const NONE: u8 = 0;
const BEFORE: u8 = 1;
const AFTER: u8 = 2;
/// The text of a commit, and the word of its answer.
const COMMIT: &[u8] = b"COMMIT\0";

/// Where the next commit's connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The server never hears of it.
    BeforeTheServer,
    /// The server has committed and its answer is lost.
    AfterTheServer,
}

#[derive(Default)]
struct Faults {
    next: AtomicU8,
    cuts: AtomicUsize,
    is_closed: AtomicBool,
    closes_with_cut: AtomicBool,
}

/// A door on loopback to a server's socket.
pub(super) struct Proxy {
    faults: Arc<Faults>,
    port: u16,
}

impl Proxy {
    pub(super) fn before(server: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Arc::new(Faults::default());
        let shared = Arc::clone(&faults);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if !shared.is_closed.load(Ordering::SeqCst) {
                    join(client, &server, &shared);
                }
            }
        });
        Self { faults, port }
    }

    /// The address of a database of the server, through this door.
    pub(super) fn address(&self, database: &str) -> String {
        let (_, name) = database.rsplit_once('/').unwrap();
        format!("postgresql://ledger@127.0.0.1:{}/{name}", self.port)
    }

    /// Cuts the connection that commits next.
    pub(super) fn cut_next_commit(&self, cut: Cut) {
        let next = match cut {
            Cut::BeforeTheServer => BEFORE,
            Cut::AfterTheServer => AFTER,
        };
        self.faults.next.store(next, Ordering::SeqCst);
    }

    /// Lets nobody in from the next cut on, until it is opened again.
    pub(super) fn close_with_the_cut(&self) {
        self.faults.closes_with_cut.store(true, Ordering::SeqCst);
    }

    pub(super) fn open(&self) {
        self.faults.closes_with_cut.store(false, Ordering::SeqCst);
        self.faults.is_closed.store(false, Ordering::SeqCst);
    }

    /// How many connections were cut.
    pub(super) fn cuts(&self) -> usize {
        self.faults.cuts.load(Ordering::SeqCst)
    }
}

impl Faults {
    /// Whether this is the commit to be cut here.
    fn cuts_here(&self, here: u8, bytes: &[u8]) -> bool {
        let is_commit = bytes.windows(COMMIT.len()).any(|window| window == COMMIT);
        let is_wanted = is_commit
            && self
                .next
                .compare_exchange(here, NONE, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok();
        if is_wanted {
            self.cuts.fetch_add(1, Ordering::SeqCst);
            if self.closes_with_cut.load(Ordering::SeqCst) {
                self.is_closed.store(true, Ordering::SeqCst);
            }
        }
        is_wanted
    }
}

/// Carries bytes both ways until one side ends or the connection is cut.
fn join(client: TcpStream, server: &Path, faults: &Arc<Faults>) {
    let Ok(server) = UnixStream::connect(server) else {
        return;
    };
    client.set_nodelay(true).unwrap();
    let (client_in, server_out) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let close = move || {
        let _ended = client.shutdown(Shutdown::Both);
        let _ended = server.shutdown(Shutdown::Both);
    };
    let (client_out, server_in) = (
        client_in.try_clone().unwrap(),
        server_out.try_clone().unwrap(),
    );
    let close = Arc::new(close);
    for (here, from, to) in [
        (BEFORE, End::Tcp(client_in), End::Unix(server_out)),
        (AFTER, End::Unix(server_in), End::Tcp(client_out)),
    ] {
        let (faults, close) = (Arc::clone(faults), Arc::clone(&close));
        std::thread::spawn(move || {
            carry(from, to, |bytes| faults.cuts_here(here, bytes));
            close();
        });
    }
}

enum End {
    Tcp(TcpStream),
    Unix(UnixStream),
}

fn carry(mut from: End, mut to: End, is_cut: impl Fn(&[u8]) -> bool) {
    let mut bytes = [0; 64 << 10];
    loop {
        let read = match &mut from {
            End::Tcp(stream) => stream.read(&mut bytes),
            End::Unix(stream) => stream.read(&mut bytes),
        };
        let Ok(read @ 1..) = read else {
            return;
        };
        let part = &bytes[..read];
        if is_cut(part) {
            return;
        }
        let written = match &mut to {
            End::Tcp(stream) => stream.write_all(part),
            End::Unix(stream) => stream.write_all(part),
        };
        if written.is_err() {
            return;
        }
    }
}

//! A server that is killed while a clip is made: whatever state its job is in, the next start goes on
//! from there, orders nothing again and charges at most once. And one that is killed at the end of an
//! answer, when it was told and is not stored: it is found again as it was told.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyai_simulator::{Options, Provider, Purpose, SIMULATED_KEY, Simulator};
use anyai_units::{ConversationId, Credits, TurnId};
use anyai_wire::api::{Hello, HistoryChanges, LedgerChanges, TurnPost, TurnRecord};
use anyai_wire::{Code, EstimateShown, Media, PromptPart, TurnPhase, VideoKnobs, VideoTask};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::serve::{Serving, begin};

const CLIPS: &str = "grok-imagine-video-1.5-lite";
const WORDS: &str = "grok-4.3";

/// A provider that outlives the server, and the server's folder.
struct Scene {
    runtime: Runtime,
    simulator: Simulator,
    folder: TempDir,
    token: String,
    server: Option<Serving>,
}

impl Scene {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let simulator = runtime.block_on(Simulator::start(Options::default()));
        let mut scene = Self {
            runtime,
            simulator: simulator.expect("a provider"),
            folder: tempfile::tempdir().expect("a folder"),
            token: String::new(),
            server: None,
        };
        scene.start();
        let token = scene.server().token().expect("a token").to_owned();
        scene.token = token;
        scene
    }

    /// One call at a time: what comes second waits.
    fn start(&mut self) {
        let provider = self.simulator.base_url(Provider::XAi);
        let mut command = Command::new(env!("CARGO_BIN_EXE_anyai"));
        command.args([
            "serve",
            "--json",
            "--plan",
            "pro",
            "--listen",
            "127.0.0.1:0",
        ]);
        command.args(["--calls-per-provider", "1", "--data"]);
        command.arg(self.folder.path());
        command.env("ANYAI_PROVIDER_URLS", format!("xai={provider}"));
        command.env("ANYAI_KEY_XAI", SIMULATED_KEY);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        self.server = Some(begin(command));
    }

    fn server(&self) -> &Serving {
        self.server.as_ref().expect("it runs")
    }

    /// Kill -9.
    fn kill(&mut self) {
        self.server = None;
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        read(&self.server().get(path, &self.token))
    }

    fn post(&self, model: &str, prompt: &str) -> TurnId {
        let credits = Credits::from_millicredits(1);
        let clip = VideoKnobs {
            task: VideoTask::Text,
            seconds: 1,
            resolution: None,
            aspect: None,
            sound: None,
            seed: None,
            first_frame: None,
            last_frame: None,
            draft_of: None,
        };
        let post = TurnPost {
            id: TurnId::from_uuid(Uuid::now_v7()),
            conversation_id: ConversationId::from_uuid(Uuid::now_v7()),
            parent_id: None,
            model_id: model.to_owned(),
            effort: None,
            answer_words_max: None,
            stop_at: None,
            media: (model == CLIPS).then_some(Media::Video(clip)),
            prompt: vec![PromptPart::Text {
                text: prompt.to_owned(),
            }],
            estimate: EstimateShown {
                low: credits,
                likely: credits,
                high: credits,
                ceiling: credits,
            },
            rate_card_version: self.get::<Hello>("/v1/hello").rate_card_version,
        };
        let body = serde_json::to_string(&post).expect("JSON");
        let answer = self.server().ask("POST", "/v1/turns", &self.token, &body);
        read::<TurnRecord>(&answer).id
    }

    fn turn(&self, id: TurnId) -> TurnRecord {
        let changes: HistoryChanges = self.get("/v1/history/changes?after=0&limit=500");
        let mut turns = changes.turns.into_iter();
        turns.find(|turn| turn.id == id).expect("the turn is there")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The job's state as it is on disk.
    fn state(&self) -> Option<String> {
        let history = Connection::open(self.file("history.sqlite")).expect("a history");
        let state = history.query_row("SELECT state FROM job", [], |row| row.get(0));
        state.ok()
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{what}: {:?}",
                self.state()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn until_state(&self, wanted: &str) {
        self.until(wanted, |scene| scene.state().as_deref() == Some(wanted));
    }

    fn ended(&self, id: TurnId) -> TurnRecord {
        let has_ended = |turn: &TurnRecord| {
            matches!(
                turn.phase,
                TurnPhase::Settled { .. } | TurnPhase::Failed { .. }
            )
        };
        self.until("the turn ends", |scene| has_ended(&scene.turn(id)));
        self.turn(id)
    }

    /// So many orders came to the provider, and the ledger is sound.
    fn check(mut self, orders: usize, pending: bool) {
        let is_order =
            |received: &&anyai_simulator::Received| received.model.as_deref() == Some(CLIPS);
        let received = self.simulator.paid_requests();
        assert_eq!(received.iter().filter(is_order).count(), orders);
        let balance = self.get::<LedgerChanges>("/v1/ledger/changes").balance;
        assert_eq!(balance.pending > Credits::ZERO, pending, "{balance:?}");
        self.kill();
        let report = anyai_ledger_db::verify_file(&self.file("ledger.sqlite")).expect("a report");
        assert!(report.sound, "{:?}", report.first_problem);
        self.runtime.block_on(self.simulator.shutdown());
    }

    /// What the clip cost, which is here.
    fn kept(&self, turn: &TurnRecord) -> Credits {
        let [clip] = &turn.outputs[..] else {
            panic!("one clip: {turn:?}")
        };
        let path = format!("/v1/assets/{}", clip.asset_id);
        let answer = self.server().get(&path, &self.token).to_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "the clip is kept");
        let length = format!("content-length: {}\r\n", clip.bytes);
        assert!(answer.contains(&length), "all of it");
        match turn.phase {
            TurnPhase::Settled { charged, .. } => charged,
            _ => panic!("it is made: {turn:?}"),
        }
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> T {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).expect("JSON")
}

fn failed(turn: &TurnRecord) -> (Code, Credits) {
    match &turn.phase {
        TurnPhase::Failed { error, charged } => (error.code, *charged),
        _ => panic!("it failed: {turn:?}"),
    }
}

/// Killed in a state, while the provider is asked for this; then the clip comes.
fn goes_on(state: &str, asked: Purpose, prompt: &str) {
    let mut scene = Scene::new();
    let turn = scene.post(CLIPS, prompt);
    scene.until_state(state);
    scene.until("it is asked for", |scene| {
        let requests = scene.simulator.requests();
        requests.iter().any(|request| request.purpose == asked)
    });
    scene.kill();
    assert_eq!(scene.state().as_deref(), Some(state));
    scene.simulator.release_jobs();
    scene.start();
    let ended = scene.ended(turn);
    assert!(scene.kept(&ended) > Credits::ZERO);
    scene.check(1, false);
}

#[test]
fn while_reserved_nothing_was_sent() {
    let mut scene = Scene::new();
    scene.post(WORDS, "[[pause:after=3]][[length:tokens=40]] Tell me");
    scene.runtime.block_on(scene.simulator.until_paused(1));
    let turn = scene.post(CLIPS, "A marble");
    scene.kill();
    assert!(matches!(scene.state().as_deref(), None | Some("reserved")));
    scene.simulator.resume();
    scene.start();
    let ended = scene.ended(turn);
    assert_eq!(failed(&ended), (Code::Interrupted, Credits::ZERO));
    scene.until("the words are settled", |scene| {
        let balance = scene.get::<LedgerChanges>("/v1/ledger/changes").balance;
        balance.pending == Credits::ZERO
    });
    scene.check(0, false);
}

#[test]
fn while_submitting_and_then_unknown_it_is_never_ordered_again() {
    let mut scene = Scene::new();
    let turn = scene.post(CLIPS, "A marble [[fault:silence]]");
    scene.until("it is ordered", |scene| {
        !scene.simulator.paid_requests().is_empty()
    });
    scene.kill();
    assert_eq!(scene.state().as_deref(), Some("submitting"));
    for _ in 0..2 {
        scene.start();
        scene.until_state("unknown");
        let phase = scene.turn(turn).phase;
        assert!(matches!(phase, TurnPhase::Reconciling { .. }), "{phase:?}");
        scene.kill();
        assert_eq!(scene.state().as_deref(), Some("unknown"));
    }
    scene.start();
    scene.check(1, true);
}

#[test]
fn while_submitted_it_goes_on() {
    goes_on(
        "submitted",
        Purpose::Poll,
        "A marble [[job:hold=40]][[poll:silence times=1]]",
    );
}

#[test]
fn while_running_it_goes_on() {
    goes_on("running", Purpose::Poll, "A marble [[job:hold=40]]");
}

#[test]
fn while_downloading_it_is_fetched_again() {
    goes_on(
        "downloading",
        Purpose::Download,
        "A marble [[job:polls=0]][[download:silence times=1]]",
    );
}

/// Keeps everybody else from writing to a file until it is dropped.
fn locked(scene: &Scene, name: &str) -> Connection {
    let file = Connection::open(scene.file(name)).expect("the file");
    file.busy_timeout(Duration::from_secs(30))
        .expect("patience");
    file.execute_batch("BEGIN IMMEDIATE")
        .expect("nobody else writes");
    file
}

/// Killed when its end is decided and on disk, and the ledger has not been told.
fn ends_as_decided(state: &str, end: &str) -> (Scene, TurnRecord) {
    let mut scene = Scene::new();
    let turn = scene.post(CLIPS, &format!("A marble [[job:hold=40 end={end}]]"));
    scene.until_state("running");
    let ledger = locked(&scene, "ledger.sqlite");
    scene.simulator.release_jobs();
    scene.until_state(state);
    scene.kill();
    drop(ledger);
    assert_eq!(scene.state().as_deref(), Some(state));
    scene.start();
    let ended = scene.ended(turn);
    (scene, ended)
}

#[test]
fn once_succeeded_it_is_settled_as_decided() {
    let (scene, ended) = ends_as_decided("succeeded", "done");
    assert!(scene.kept(&ended) > Credits::ZERO);
    scene.check(1, false);
}

#[test]
fn once_failed_blocked_or_expired_it_ends_as_decided() {
    for (state, end, code) in [
        ("failed", "failed", Code::ProviderFailed),
        ("blocked", "blocked", Code::ContentRefused),
        ("expired", "expired", Code::ProviderFailed),
    ] {
        let (scene, ended) = ends_as_decided(state, end);
        assert_eq!(failed(&ended).0, code, "{end}");
        scene.check(1, false);
    }
}

/// Killed when somebody was told the end, and the history does not have it yet.
#[test]
fn once_told_the_end_of_an_answer_stands() {
    let mut scene = Scene::new();
    let turn = scene.post(WORDS, "[[pause:after=3]][[length:tokens=40]] Tell me");
    scene.runtime.block_on(scene.simulator.until_paused(1));
    let path = format!("/v1/turns/{turn}/events?after=0");
    let mut events = scene.server().asked("GET", &path, &scene.token, "");
    let mut heard = vec![0; 64 * 1024];
    let begun = events.read(&mut heard).expect("it is being told");
    heard.truncate(begun);
    let ledger = locked(&scene, "ledger.sqlite");
    scene.simulator.resume();
    scene.until("its end is decided", |scene| {
        let history = Connection::open(scene.file("history.sqlite")).expect("a history");
        let decided = "SELECT count(*) FROM turn WHERE closing IS NOT NULL";
        history.query_row(decided, [], |row| row.get(0)) == Ok(1)
    });
    let history = locked(&scene, "history.sqlite");
    drop(ledger);
    events.read_to_end(&mut heard).expect("the end is told");
    scene.kill();
    let ended = "SELECT ended FROM turn";
    assert_eq!(history.query_row(ended, [], |row| row.get(0)), Ok(0));
    drop(history);
    let told = frames(&String::from_utf8_lossy(&heard));
    assert!(
        told.last().is_some_and(|it| it.contains("settled")),
        "{told:?}"
    );

    scene.start();
    let TurnPhase::Settled { charged, .. } = scene.ended(turn).phase else {
        panic!("it is settled")
    };
    assert!(charged > Credits::ZERO);
    let again = scene.server().get(&path, &scene.token);
    assert_eq!(
        frames(&again),
        told,
        "as it was told, under the same numbers"
    );
    scene.check(0, false);
}

/// The events of a turn's stream.
fn frames(stream: &str) -> Vec<String> {
    let data = stream.lines().filter(|line| line.starts_with("data:"));
    data.map(str::to_owned).collect()
}

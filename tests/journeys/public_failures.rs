//! What went wrong in public elsewhere, by name, and the test that would go wrong here.
//!
//! | failure | reported of | the tests |
//! |---|---|---|
//! | a negative price mints credits | `LibreChat` #2359, eliza #22681 | `a_negative_amount_mints_no_credits`, `prices_that_cannot_be_true`, `missing_zero_negative_and_impossible_usage_is_counted_here` |
//! | concurrent requests spend one credit | `LiteLLM` #34732 #40095, open-saas #727 | `concurrent_requests_on_the_last_credits_succeed_once`, `of_two_turns_with_room_for_one_exactly_one_succeeds`, `two_apps_on_one_pool_never_hold_it_twice` |
//! | an aborted stream goes unbilled | `LiteLLM` #14457 #35958, `LibreChat` #9308 | `an_aborted_stream_is_billed_at_whichever_word_it_was_aborted`, `a_client_that_goes_away_loses_nothing`, `a_provider_that_bills_on_is_read_on_unseen_and_charged_what_it_reports` |
//! | leaked reservations block | `LiteLLM` #27639 #36926 | `a_leaked_reservation_blocks_nobody_for_ever`, `a_hold_past_its_time_goes_back_by_the_studios_clock`, `a_panic_between_the_hold_and_the_turns_task_leaves_nothing_held` |
//! | a reset comes late by the zone's offset | `LiteLLM` #34896 #40978 | `a_reset_is_late_by_no_zones_offset`, `a_reset_shown_in_any_zone_reads_back_as_the_same_instant` |
//! | a hold blocks people who can pay | bobrchat #143, Bifrost #5770 | `a_hold_blocks_nobody_who_can_pay`, `a_short_pool_limits_the_answer_instead_of_refusing_it` |
//! | a refund is a label without money | | `a_refund_is_no_label_but_credits` |
//! | a passthrough path bypasses the budget | Bifrost #2873 | `no_address_but_a_turns_reaches_a_provider`, `nothing_but_a_dispatch_makes_a_provider_call` |

use std::path::{Path, PathBuf};

use anyai_ledger::{
    Action, CostBasis, CostReport, EntryKind, GrantKind, HoldRequest, Order, PlanGrant, PlanTerms,
    Refusal, WorkKind,
};
use anyai_ledger_db::{Dispatch, Held, Ledger, LedgerError, verify_file};
use anyai_testsupport::{TestServer, TestStudio};
use anyai_units::{Credits, MemberId, PoolId, TurnId, UtcMillis};
use anyai_wire::TurnPhase;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{MODEL, OTHER_MODEL, sum};

/// 2027-01-31T00:00:00Z: midnight in London.
const MIDNIGHT: UtcMillis = UtcMillis::from_millis(1_801_353_600_000);
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A ledger with one pool.
struct Books {
    _folder: TempDir,
    path: PathBuf,
    ledger: Ledger,
    now: UtcMillis,
}

fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

fn plan(millicredits: i64) -> PlanGrant {
    PlanGrant {
        plan: "studio".to_owned(),
        amount: mc(millicredits),
    }
}

fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(1))
}

fn cost(millicredits: i64) -> CostReport {
    CostReport {
        cost: mc(millicredits),
        basis: CostBasis::Reported,
    }
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(answer: Result<T, LedgerError>) -> Refusal {
    match answer {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

impl Books {
    async fn of(millicredits: i64, anchor: UtcMillis) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let ledger = Ledger::open(&path).unwrap();
        let made = ledger.ensure_pool(pool(), plan(millicredits), anchor, anchor);
        made.await.unwrap();
        Self {
            _folder: folder,
            path,
            ledger,
            now: anchor,
        }
    }

    fn request(&self, turn: u128, ceiling: i64) -> HoldRequest {
        HoldRequest {
            pool: pool(),
            member: MemberId::from_uuid(Uuid::from_u128(77)),
            turn: TurnId::from_uuid(Uuid::from_u128(turn)),
            conversation: None,
            fingerprint: [7; 32],
            estimate: mc(0),
            ceiling: mc(ceiling),
            price_version: 1,
            model: MODEL.to_owned(),
            kind: WorkKind::Chat,
            expires_at: self.now.plus_millis(HOUR_MS),
        }
    }

    async fn hold(&self, turn: u128, ceiling: i64) -> Result<Held, LedgerError> {
        let request = self.request(turn, ceiling);
        self.ledger.hold(request, self.now).await
    }

    async fn send(&self, turn: u128, ceiling: i64) -> Dispatch {
        match self.hold(turn, ceiling).await.unwrap() {
            Held::New(hold) => self.ledger.dispatch(hold, None, self.now).await.unwrap(),
            Held::Existing(record) => panic!("held before: {record:?}"),
        }
    }

    async fn grant(&self, kind: GrantKind, amount: i64) -> Result<Credits, LedgerError> {
        let key = format!("{}-{amount}", kind.as_str());
        let action = Action::Grant {
            kind,
            amount: mc(amount),
            priority: 200,
            expires_at: None,
        };
        self.order(&key, action).await
    }

    async fn order(&self, key: &str, action: Action) -> Result<Credits, LedgerError> {
        let order = Order {
            key: key.to_owned(),
            actor: "admin".to_owned(),
            reason: "why".to_owned(),
            approved_by: None,
        };
        let ordered = self.ledger.order(pool(), order, action, self.now).await?;
        Ok(ordered.balance.available)
    }

    /// What is available, posted and pending, in millicredits.
    async fn sums(&self) -> (i64, i64, i64) {
        let balance = self.ledger.balance(pool(), self.now).await.unwrap();
        let period = balance.period;
        let parts = [balance.available, period.posted, period.pending];
        parts.map(Credits::millicredits).into()
    }

    fn verify(&self) {
        assert_eq!(verify_file(&self.path).unwrap().first_problem, None);
    }
}

#[tokio::test]
async fn a_negative_amount_mints_no_credits() {
    let books = Books::of(1_000, MIDNIGHT).await;
    let sent = books.send(1, 100).await;
    for amount in [-1, -485_000_000, i64::MIN] {
        let invalid = Refusal::InvalidAmount { amount: mc(amount) };
        assert_eq!(refusal(books.hold(2, amount).await), invalid);
        let request = HoldRequest {
            estimate: mc(amount),
            ..books.request(2, 100)
        };
        assert_eq!(
            refusal(books.ledger.hold(request, books.now).await),
            invalid
        );
        let settled = books.ledger.settle(&sent, cost(amount), books.now).await;
        assert_eq!(refusal(settled), invalid);
        for kind in [GrantKind::TopUp, GrantKind::Refund, GrantKind::Admin] {
            assert_eq!(refusal(books.grant(kind, amount).await), invalid);
        }
        for terms in [PlanTerms::Budget, PlanTerms::Subscription] {
            let plan = plan(amount);
            let changed = books.order("debt", Action::ChangePlan { plan, terms });
            assert_eq!(refusal(changed.await), invalid);
        }
    }
    assert_eq!(books.sums().await, (900, 0, 100));
    books.verify();
}

#[tokio::test]
async fn an_aborted_stream_is_billed_at_whichever_word_it_was_aborted() {
    let studio = TestStudio::own_keys("pro").await;
    let mut charges = Vec::new();
    for model in [MODEL, OTHER_MODEL] {
        for tokens in [5, 10, 20, 40] {
            let pause = format!("[[think:tokens=2]][[pause:after={tokens}]]");
            let prompt = format!("{pause}[[length:tokens=60]] Tell me a story");
            let sent = studio.send(model, &prompt).await.unwrap();
            studio.until_text(&sent, 1).await;
            studio.stop(&sent).await;
            studio.simulator().resume();
            let turn = studio.ended(&sent).await;
            let TurnPhase::Settled { charged, .. } = turn.phase else {
                panic!("{model}, {tokens} tokens: {:?}", turn.phase);
            };
            let receipt = studio.receipt(&turn).await;
            assert!(
                Credits::ZERO < charged && charged <= receipt.held,
                "{model}, {tokens} tokens: {receipt:?}"
            );
            charges.push(charged);
        }
    }
    let balance = studio.quiet_balance().await;
    assert_eq!(balance.posted, sum(charges), "the bill is what was shown");
    assert_eq!(balance.pending, Credits::ZERO);
    studio.finish().await;
}

#[tokio::test]
async fn a_leaked_reservation_blocks_nobody_for_ever() {
    let mut books = Books::of(1_000, MIDNIGHT).await;
    drop(books.hold(1, 1_000).await.unwrap());
    let refused = refusal(books.hold(2, 1).await);
    assert!(matches!(refused, Refusal::InsufficientCredits { .. }));
    books.now = books.now.plus_millis(HOUR_MS);
    let expired = books.ledger.expire_stale(books.now).await.unwrap();
    assert_eq!((expired.voided.len(), expired.unknown.len()), (1, 0));
    drop(books.send(2, 1_000).await);
    books.now = books.now.plus_millis(HOUR_MS);
    let expired = books.ledger.expire_stale(books.now).await.unwrap();
    assert_eq!((expired.voided.len(), expired.unknown.len()), (0, 1));
    let lost = expired.unknown[0];
    books
        .ledger
        .void(lost, "no trace of it", books.now)
        .await
        .unwrap();
    assert_eq!(books.sums().await, (1_000, 0, 0));
    books.verify();
}

/// Whoever starts a studio at their own midnight gets the month back at that very instant, whatever
/// their clocks show by then: one instant, and no hour of any zone.
#[tokio::test]
async fn a_reset_is_late_by_no_zones_offset() {
    for offset_minutes in (-12 * 60..=14 * 60).step_by(45) {
        let anchor = MIDNIGHT.plus_millis(-offset_minutes * MINUTE_MS);
        let mut books = Books::of(1_000, anchor).await;
        let begun = books.ledger.balance(pool(), anchor).await.unwrap();
        let resets_at = begun.period.bounds.ends_at;
        let days = (resets_at.millis() - anchor.millis()) / DAY_MS;
        assert_eq!(resets_at, anchor.plus_millis(days * DAY_MS), "whole days");
        assert!((28..=31).contains(&days));
        drop(books.hold(1, 1_000).await.unwrap());
        books.now = resets_at.plus_millis(-1);
        let Refusal::InsufficientCredits {
            resets_at: told, ..
        } = refusal(books.hold(2, 1).await)
        else {
            panic!("not for want of credits");
        };
        assert_eq!(told, resets_at, "what is told is when it happens");
        books.now = resets_at;
        drop(books.hold(2, 1_000).await.unwrap());
        books.verify();
    }
}

/// What a turn does not need is there for the next one at once: a hold is as long as its turn.
#[tokio::test]
async fn a_hold_blocks_nobody_who_can_pay() {
    let books = Books::of(1_000, MIDNIGHT).await;
    for turn in 0..100 {
        let sent = books.send(turn, 900).await;
        let settled = books.ledger.settle(&sent, cost(1), books.now).await;
        settled.unwrap();
    }
    assert_eq!(books.sums().await, (900, 100, 0));
    let refused = refusal(books.hold(1_000, 901).await);
    assert!(matches!(refused, Refusal::InsufficientCredits { .. }));
    drop(books.hold(1_000, 900).await.unwrap());
    books.verify();
}

#[tokio::test]
async fn a_refund_is_no_label_but_credits() {
    let books = Books::of(1_000, MIDNIGHT).await;
    let sent = books.send(1, 1_000).await;
    let settled = books.ledger.settle(&sent, cost(1_000), books.now).await;
    settled.unwrap();
    let refund = books.grant(GrantKind::Refund, 400).await;
    let source_key = "refund-400".to_owned();
    assert_eq!(
        refusal(refund),
        Refusal::InvalidGrant { source_key },
        "the word alone gives nothing"
    );
    let settle = books.ledger.changes(pool(), 0, 10).await.unwrap().entries;
    let settle = settle.iter().find(|entry| entry.kind == EntryKind::Settle);
    let seq = settle.unwrap().seq;
    let refund = |amount| Action::Reverse {
        seq,
        amount: Some(mc(amount)),
    };
    let too_much = Refusal::AlreadyReversed {
        seq,
        needed: mc(1_001),
        available: mc(1_000),
    };
    assert_eq!(refusal(books.order("r", refund(1_001)).await), too_much);
    for _ in 0..2 {
        let available = books.order("r", refund(400)).await.unwrap();
        assert_eq!(available, mc(400), "once, however often it is sent");
    }
    let again = books.send(2, 400).await;
    let settled = books.ledger.settle(&again, cost(400), books.now).await;
    assert_eq!(settled.unwrap().charged(), mc(400), "and it can be spent");
    books.verify();
}

#[tokio::test]
async fn no_address_but_a_turns_reaches_a_provider() {
    let server = TestServer::start("pro").await;
    let client = reqwest::Client::new();
    let body = serde_json::json!({
        "model": MODEL, "max_tokens": 100, "stream": true,
        "messages": [{"role": "user", "content": "free?"}],
    });
    for path in [
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/messages",
        "/v1/responses",
        "/v1/embeddings",
        "/v1/images/generations",
        "/v1/audio/speech",
        "/v1/models",
        "/v1beta/models/gemini:generateContent",
        "/api/chat",
        "/chat/completions",
        "/anthropic/v1/messages",
        "/openai/v1/chat/completions",
        "/passthrough/v1/messages",
        "/v1/passthrough/anthropic/v1/messages",
        "/proxy/http://127.0.0.1/v1/messages",
    ] {
        for method in [reqwest::Method::POST, reqwest::Method::GET] {
            let request = client.request(method, format!("{}{path}", server.url()));
            let request = request.bearer_auth(server.token()).json(&body);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 404, "{path}");
        }
    }
    assert!(server.simulator().requests().is_empty());
    server.finish().await;
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn sources(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(sources(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The compiler lets nobody forge or copy a `Dispatch` (the doctests beside it); this reads the
/// sources for a way around it. Whoever adds one has to change this test and say why.
#[test]
fn nothing_but_a_dispatch_makes_a_provider_call() {
    let crates = workspace().join("crates");
    // A provider is spoken to by one type, which has three ways to have work done. The others cost
    // nothing: they verify a key, list what a server on this machine has, ask what became of work that
    // was paid for, call it off, fetch it.
    let mut ways = Vec::new();
    for file in ["client", "jobs", "download", "local"] {
        let path = crates.join(format!("anyai-providers/src/{file}.rs"));
        let source = std::fs::read_to_string(path).unwrap();
        let (_, methods) = source.split_once("impl Client {").unwrap();
        let (methods, _) = methods.split_once("\n}\n").unwrap();
        let named = methods.lines().map(str::trim_start).filter_map(|line| {
            let public = line.strip_prefix("pub async fn ");
            public.or(line.strip_prefix("pub fn "))
        });
        ways.extend(named.map(|rest| rest.split('(').next().unwrap().to_owned()));
    }
    let paid = ["stream", "images", "submit_video"];
    let free = [
        "list_models",
        "local_models",
        "ask_after",
        "poll_video",
        "cancel_video",
        "download",
    ];
    let makes = ["new", "with_limits", "replaying"];
    ways.sort();
    let mut known = [&makes[..], &paid, &free].concat();
    known.sort_unstable();
    assert_eq!(ways, known);

    // Two programs know that type: the server, and the probe of a developer's own key.
    let knows = |text: &str| text.lines().any(|line| line.starts_with("anyai-providers"));
    let mut rooms: Vec<_> = sources(&crates, "Cargo.toml")
        .into_iter()
        .filter(|(_, text)| knows(text))
        .map(|(path, _)| path.parent().unwrap().file_name().unwrap().to_owned())
        .collect();
    rooms.sort();
    // The fuzz targets decode what they are given, and call nobody.
    assert_eq!(rooms, ["anyai-cli", "anyai-server", "fuzz"]);
    for (path, text) in sources(&crates.join("anyai-providers/fuzz"), ".rs") {
        assert!(!has_word(&text, "Client"), "{path:?}");
    }
    for (path, text) in sources(&crates.join("anyai-cli/src"), ".rs") {
        let is_probe = path.to_str().unwrap().contains("commands/probe");
        assert!(is_probe || !has_word(&text, "Client::new"), "{path:?}");
        assert!(
            is_probe || !has_word(&text, "Client::with_limits"),
            "{path:?}"
        );
    }

    // In the server only the gateway has it, and nothing else speaks HTTP outwards.
    let server = crates.join("anyai-server");
    let manifest = std::fs::read_to_string(server.join("Cargo.toml")).unwrap();
    let (dependencies, _) = manifest.split_once("[dev-dependencies]").unwrap();
    for speaks in ["reqwest", "hyper", "ureq", "tokio-tungstenite"] {
        assert!(
            !has_word(dependencies, speaks),
            "the server depends on {speaks}"
        );
    }
    let gateway = server.join("src/gateway/mod.rs");
    for (path, text) in sources(&server.join("src"), ".rs") {
        let is_gateway = path == gateway;
        for word in [
            "Client",
            "EventStream",
            "list_models",
            "HttpRequest",
            "TcpStream",
        ] {
            assert!(
                is_gateway || !has_word(&text, word),
                "{path:?} names {word}"
            );
        }
    }

    // In the gateway a paid call takes an `Admitted` by value, and that is made of a `Dispatch` in one place.
    let media = std::fs::read_to_string(server.join("src/gateway/media.rs")).unwrap();
    let text = std::fs::read_to_string(gateway).unwrap() + &media;
    let uses = |way: &str| text.matches(&format!("self.client.{way}(")).count();
    assert_eq!(paid.map(uses), [1, 1, 1]);
    let all: usize = paid.into_iter().chain(free).map(uses).sum();
    let anyhow = text.split_whitespace().collect::<String>();
    assert_eq!(anyhow.matches("self.client").count(), all);
    for call in ["call", "images", "submit_video"] {
        let (_, call) = text.split_once(&format!("fn {call}(")).unwrap();
        let (parameters, _) = call.split_once('{').unwrap();
        assert!(parameters.contains("admitted: Admitted,"), "{parameters}");
    }
    let (_, admit) = text.split_once("fn admit(").unwrap();
    let (parameters, _) = admit.split_once('{').unwrap();
    assert!(parameters.contains("dispatch: Dispatch,"), "{parameters}");
    let every = sources(&server.join("src"), ".rs").into_iter();
    let every: String = every.map(|(_, text)| text).collect();
    assert_eq!(every.matches("Ok(Admitted {").count(), 1);
}

/// The table above names tests that exist.
#[test]
fn every_public_failure_has_its_tests() {
    let mut all: Vec<_> = sources(&workspace().join("crates"), ".rs");
    all.extend(sources(&workspace().join("tests"), ".rs"));
    let table = include_str!("public_failures.rs");
    let rows = table.lines().filter_map(|line| line.strip_prefix("//! | "));
    let mut failures = 0;
    for row in rows.skip(1) {
        let (_, tests) = row.rsplit_once(" | `").unwrap();
        failures += 1;
        for name in tests.trim_end_matches(" |").split(", ") {
            let signature = format!("fn {}(", name.trim_matches('`'));
            let is_there = all.iter().any(|(_, text)| text.contains(&signature));
            assert!(is_there, "no test is {signature}");
        }
    }
    assert_eq!(failures, 8);
}

//! Answers that break off: after every event of every protocol, and in every part of what is no stream.

use anyai_server::Manners;
use anyai_testsupport::failed;
use anyai_units::Credits;
use anyai_wire::{Code, Receipt, TurnPhase, TurnView};

use super::scene::{CHAT, IMAGE, Kind, SAID, Scene, VIDEO, assert_sentence};
use super::scissors::{Scissors, WORDS};

/// Eighths of a body, fewer than failures after which a provider is left alone.
const EIGHTHS: [usize; 4] = [0, 2, 4, 7];

/// Cuts the answers of these models after nothing, after one piece and so on, up to the whole.
async fn at_every_piece(
    kind: Kind,
    models: &[&'static str],
    check: impl Fn(&TurnView, &Receipt, bool),
) {
    let scissors = Scissors::start().await;
    let way = |_: &str, url: String| scissors.way(&url);
    let scene = Scene::with(way, Manners::default().silence_max).await;
    let (mut turns, mut left, mut cut) = (Vec::new(), models.to_vec(), 0);
    while !left.is_empty() {
        let prompt = format!("{WORDS}{cut}. [[think:tokens=3]][[say:{SAID}]]");
        let mut sent = Vec::new();
        for model in &left {
            sent.push(scene.send(kind, model, &prompt).await);
        }
        let pieces = |model: &str| scissors.pieces(provider(model));
        let ended = scene.ended(&sent).await;
        for (turn, receipt) in &ended {
            check(turn, receipt, cut == pieces(&turn.model_id));
        }
        turns.extend(ended);
        cut += 1;
        left.retain(|model| cut <= pieces(model));
    }
    assert!(turns.len() > 4 * models.len(), "there was something to cut");
    scene.finish(&turns).await;
}

fn provider(model: &str) -> &'static str {
    let known = [
        ("claude", "anthropic"),
        ("gpt", "openai"),
        ("gemini", "google"),
        ("grok", "xai"),
    ];
    let found = known.iter().find(|(start, _)| model.starts_with(start));
    found.unwrap().1
}

/// What came before the connection broke is charged, and nothing else.
fn check_broken(turn: &TurnView, came: bool, what: &str) {
    let (charged, error) = failed(turn);
    assert_eq!(error.code, Code::ProviderUnreachable, "{what}");
    assert_eq!(came, charged > Credits::ZERO, "{what}");
    assert_sentence(error, charged);
}

pub(super) async fn words() {
    at_every_piece(Kind::Chat, &CHAT, |turn, receipt, is_whole| {
        let what = format!("{}: {turn:?} {receipt:?}", turn.model_id);
        let came = !turn.text.is_empty() || !turn.thinking.is_empty();
        assert!(SAID.starts_with(&turn.text), "{what}");
        match &turn.phase {
            TurnPhase::Failed { .. } => {
                assert!(!is_whole, "{what}");
                check_broken(turn, came, &what);
            }
            // Without its last events, an answer whose end was said already is whole.
            TurnPhase::Settled { charged, .. } => {
                assert_eq!(turn.text, SAID, "{what}");
                assert!(*charged > Credits::ZERO, "{what}");
            }
            other => panic!("{other:?}: {what}"),
        }
    })
    .await;
}

pub(super) async fn pictures() {
    at_every_piece(Kind::Image, &IMAGE, |turn, receipt, is_whole| {
        let what = format!("{}: {turn:?} {receipt:?}", turn.model_id);
        let came = !turn.outputs.is_empty();
        match &turn.phase {
            TurnPhase::Failed { .. } => {
                assert!(!is_whole, "{what}");
                check_broken(turn, came, &what);
            }
            TurnPhase::Settled { charged, .. } => {
                assert!(came && *charged > Credits::ZERO, "{what}");
            }
            other => panic!("{other:?}: {what}"),
        }
    })
    .await;
}

/// An order that breaks off is not known to be taken; a question and a download are repeated.
pub(super) async fn clips() {
    let scene = Scene::with(|_, url| url, Manners::default().silence_max).await;
    let mut sent = Vec::new();
    for after in EIGHTHS {
        for model in VIDEO {
            let order = format!("[[fault:cut after={after}]][[job:polls=1]] A marble");
            sent.push(scene.send(Kind::Video, model, &order).await);
        }
        let later = format!(
            "[[poll:cut after={after} times=1]][[download:cut after={after} times=1]]\
             [[job:polls=1]] A marble"
        );
        sent.push(scene.send(Kind::Video, VIDEO[0], &later).await);
    }
    let ended = scene.ended(&sent).await;
    for (turn, receipt) in &ended {
        let what = format!("{turn:?} {receipt:?}");
        let is_order = turn.model_id == VIDEO[1] || format!("{:?}", turn.prompt).contains("fault:");
        match &turn.phase {
            TurnPhase::Failed { charged, error } => {
                assert!(is_order, "{what}");
                assert_eq!(error.code, Code::ProviderTimeout, "{what}");
                assert_eq!(*charged, Credits::ZERO, "{what}");
                assert_sentence(error, *charged);
            }
            TurnPhase::Settled { charged, .. } => {
                assert!(!is_order, "{what}");
                assert!(
                    *charged > Credits::ZERO && turn.outputs.len() == 1,
                    "{what}"
                );
            }
            other => panic!("{other:?}: {what}"),
        }
    }
    let orders = scene.simulator.paid_requests().len();
    assert_eq!(orders, sent.len(), "each is ordered once");
    scene.finish(&ended).await;
}

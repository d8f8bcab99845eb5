//! A studio whose providers do something wrong, and what must hold of every turn that meets it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyai_server::{Manners, Upkeep};
use anyai_simulator::{Options, Simulator};
use anyai_testsupport::{House, OPERATORS_KEY, Stands, failed};
use anyai_units::Credits;
use anyai_wire::{
    Code, ImageKnobs, Media, Receipt, StopReason, TurnEvent, TurnPhase, TurnView, VideoKnobs,
    VideoTask, WireError,
};

use crate::kinds;

/// What the answer says, where it is words.
pub(super) const SAID: &str = "One two three four five.";

/// Longer than any of it takes; a turn that hangs fails its test by this.
const TIME_MAX: Duration = Duration::from_secs(120);

/// How long a provider may be silent where it is: no other cell waits for it.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// A cheap model for each protocol that has words.
pub(super) const CHAT: [&str; 4] = [
    "claude-haiku-5-5",
    "gpt-6-luna",
    "gemini-3.8-flash",
    "grok-4.3",
];
/// The same for pictures: in a stream, in one piece, and as links.
pub(super) const IMAGE: [&str; 3] = [
    "gpt-image-2.5-flare",
    "gemini-3.1-flash-lite-image",
    "grok-imagine-image",
];
/// The same for clips: billed by the second, and by the token.
pub(super) const VIDEO: [&str; 2] = ["grok-imagine-video-1.5-lite", "gemini-omni-1.1-flash"];

const PROVIDERS: [&str; 4] = ["anthropic", "openai", "google", "xai"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Chat,
    Image,
    Video,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody listens where the providers should be.
    Nobody,
    /// Their names lead nowhere.
    NoName,
    /// They do not speak TLS.
    NoTls,
    /// The simulator does this, in the words of its faults.
    Does(&'static str),
}

/// How the turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// It fails, and costs nothing.
    Free(Code),
    /// As if nothing had happened, at the same cost.
    Well,
    /// Well; what it cost is counted here.
    Counted,
    /// Well, at all that was held; the house pays the rest.
    Ceiling,
    /// Whether the order was taken is not known: held while that is asked, then given back.
    Unknown,
    /// One or the other, by what of the answer was spoilt.
    WellOrUnknown,
}

/// Where in the making of a clip it goes wrong.
const STAGES: [&str; 3] = ["fault", "poll", "download"];

impl Kind {
    pub(super) const fn models(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &CHAT,
            Self::Image => &IMAGE,
            Self::Video => &VIDEO,
        }
    }
}

impl Fault {
    /// Whether it is told with the bill, which comes once.
    fn is_of_the_bill(self) -> bool {
        matches!(self, Self::Does(words) if words.contains("usage") || words.contains("overrun"))
    }

    /// What the simulator is told to do at a stage of a clip, where there is anything to do.
    fn directive(self, stage: &str) -> Option<String> {
        match self {
            Self::Does(words) if stage == "fault" => Some(format!("[[fault:{words}]]")),
            Self::Does(_) if self.is_of_the_bill() => None,
            // Asking is free, so a wait is waited out; nobody waits for two minutes here.
            Self::Does(words) => {
                let words = words.replace("retry_after=120", "retry_after=1");
                let waits = words.contains("retry_after") || words == "silence";
                let times = if waits { 1 } else { 2 };
                Some(format!("[[{stage}:{words} times={times}]]"))
            }
            _ => (stage == "fault").then(String::new),
        }
    }
}

/// A house in front of a simulator.
pub(super) struct Scene {
    pub(super) house: House,
    pub(super) simulator: Simulator,
}

impl Scene {
    /// Providers that are found at the addresses that `way` makes of the simulator's.
    pub(super) async fn with(way: impl Fn(&str, String) -> String, silence_max: Duration) -> Self {
        let simulator = Simulator::start(Options {
            keys: vec![OPERATORS_KEY.to_owned()],
            // The same prompt costs the same twice.
            prompt_cache: false,
            ..Options::default()
        });
        let simulator = simulator.await.unwrap();
        let base_urls: BTreeMap<String, String> = simulator
            .base_urls()
            .into_iter()
            .map(|(provider, url)| (provider.as_str().to_owned(), url))
            .filter(|(provider, _)| PROVIDERS.contains(&provider.as_str()))
            .map(|(provider, url)| (provider.clone(), way(&provider, url)))
            .collect();
        let house = House::at(Stands {
            base_urls,
            manners: Manners {
                silence_max,
                making_silence_max: silence_max,
                retry_wait_first: Duration::from_millis(10),
                ..Manners::default()
            },
            upkeep: Upkeep {
                reconcile_every: Duration::from_millis(50),
                poll_wait_max: Duration::from_millis(20),
                ask_for: Duration::from_millis(300),
                ..Upkeep::default()
            },
            ..Stands::default()
        });
        let house = house.await;
        Self { house, simulator }
    }

    async fn of(fault: Fault) -> Self {
        let silence_max = match fault {
            Fault::Does("silence") => SILENCE_MAX,
            _ => Manners::default().silence_max,
        };
        let nobody = nobodys_address();
        let way = |provider: &str, url: String| match fault {
            Fault::Nobody => nobody.clone(),
            Fault::NoName => format!("http://{provider}.invalid"),
            Fault::NoTls => url.replacen("http:", "https:", 1),
            Fault::Does(_) => url,
        };
        Self::with(way, silence_max).await
    }

    /// One prompt on each of these models, each with its turn as it was sent.
    async fn sent(&self, kind: Kind, prompt: &str) -> Vec<TurnView> {
        let mut sent = Vec::new();
        for model in kind.models() {
            sent.push(self.send(kind, model, prompt).await);
        }
        sent
    }

    pub(super) async fn send(&self, kind: Kind, model: &str, prompt: &str) -> TurnView {
        let media = match kind {
            Kind::Chat => {
                let sent = self.house.send(model, prompt).await;
                return sent.unwrap_or_else(|error| panic!("{model}: {error:?}"));
            }
            Kind::Image => Media::Image(picture(model)),
            Kind::Video => Media::Video(clip(model)),
        };
        self.house.order(model, prompt, media).await
    }

    /// The ends of turns, with their receipts.
    pub(super) async fn ended(&self, sent: &[TurnView]) -> Vec<(TurnView, Receipt)> {
        let mut ended = Vec::new();
        for turn in sent {
            let turn = self.house.ended(turn).await;
            let receipt = self.house.receipt(&turn).await;
            ended.push((turn, receipt));
        }
        ended
    }

    /// How often a model's provider was asked for something that is paid.
    fn asked(&self, model: &str) -> usize {
        let requests = self.simulator.paid_requests().into_iter();
        requests
            .filter(|request| request.model.as_deref() == Some(model))
            .count()
    }

    /// Whether the person was told meanwhile that the end is not known yet.
    fn was_unknown(&self, turn: &TurnView) -> bool {
        let frames = self.house.ears().frames(turn.id);
        let is_unknown = |event: &TurnEvent| matches!(event, TurnEvent::Reconciling { .. });
        frames.iter().any(|frame| is_unknown(&frame.event))
    }

    pub(super) async fn finish(self, turns: &[(TurnView, Receipt)]) {
        let turns: Vec<TurnView> = turns.iter().map(|(turn, _)| turn.clone()).collect();
        self.house.finish(&turns).await;
        self.simulator.shutdown().await;
    }
}

/// Plays a cell of the matrix.
pub(super) async fn play(kind: Kind, fault: Fault, ends: Ends) {
    let played = tokio::time::timeout(TIME_MAX, play_out(kind, fault, ends)).await;
    played.expect("every turn ends");
}

async fn play_out(kind: Kind, fault: Fault, ends: Ends) {
    let prompt = |directive: &str| format!("{directive}[[job:polls=1]][[say:{SAID}]] Go on");
    let usual = match (fault, ends) {
        (Fault::Does(_), Ends::Well | Ends::WellOrUnknown) => true,
        (Fault::Does(_), _) => kind == Kind::Video && !fault.is_of_the_bill(),
        _ => false,
    };
    let usual = match usual {
        true => {
            let scene = Scene::of(fault).await;
            let ended = scene.ended(&scene.sent(kind, &prompt("")).await).await;
            scene.finish(&ended).await;
            ended
        }
        false => Vec::new(),
    };
    let stages = if kind == Kind::Video {
        &STAGES[..]
    } else {
        &STAGES[..1]
    };
    for stage in stages {
        let Some(directive) = fault.directive(stage) else {
            continue;
        };
        // What goes wrong after the order goes well at last.
        let ends = if *stage == "fault" { ends } else { Ends::Well };
        // A provider that asked for a wait is left alone for it: each stage has a house of its own.
        let scene = Scene::of(fault).await;
        let ended = scene
            .ended(&scene.sent(kind, &prompt(&directive)).await)
            .await;
        for (place, (turn, receipt)) in ended.iter().enumerate() {
            let what = format!("{} at {stage}: {:?} {receipt:?}", turn.model_id, turn.phase);
            let usual = usual.get(place).map(|(_, receipt)| receipt);
            let ends = match (ends, &turn.phase) {
                (Ends::WellOrUnknown, TurnPhase::Settled { .. }) => Ends::Well,
                (Ends::WellOrUnknown, _) => Ends::Unknown,
                (ends, _) => ends,
            };
            check(ends, turn, receipt, usual, &what);
            let asked = scene.asked(&turn.model_id);
            let asked_max = if kind == Kind::Chat { 3 } else { 1 };
            assert!(asked <= asked_max, "{asked} orders: {what}");
            if ends == Ends::Unknown {
                assert!(scene.was_unknown(turn), "{what}");
            }
        }
        scene.finish(&ended).await;
    }
}

fn check(ends: Ends, turn: &TurnView, receipt: &Receipt, usual: Option<&Receipt>, what: &str) {
    let charged = receipt.charged.unwrap();
    match ends {
        Ends::Free(code) => check_free(turn, receipt, code, what),
        Ends::Unknown | Ends::WellOrUnknown => {
            check_free(turn, receipt, Code::ProviderTimeout, what);
        }
        Ends::Well => {
            let usual = usual.unwrap();
            assert_eq!(receipt.charged, usual.charged, "{what}");
            assert_eq!(receipt.counted_here, usual.counted_here, "{what}");
        }
        Ends::Counted => {
            assert!(receipt.counted_here, "{what}");
            assert!(Credits::ZERO < charged, "{what}");
            assert_eq!(receipt.overrun, Credits::ZERO, "{what}");
        }
        Ends::Ceiling => {
            assert_eq!(charged, receipt.held, "{what}");
            assert!(receipt.overrun > Credits::ZERO, "{what}");
        }
    }
    if matches!(ends, Ends::Well | Ends::Counted | Ends::Ceiling) {
        let complete = TurnPhase::Settled {
            charged,
            stop_reason: StopReason::Complete,
        };
        assert_eq!(turn.phase, complete, "{what}");
        assert_eq!(
            turn.outputs.len(),
            usize::from(turn.media.is_some()),
            "{what}"
        );
        assert!(turn.media.is_some() || !turn.text.is_empty(), "{what}");
    }
}

fn check_free(turn: &TurnView, receipt: &Receipt, code: Code, what: &str) {
    let (charged, error) = failed(turn);
    assert_eq!(error.code, code, "{what}");
    assert_eq!(charged, Credits::ZERO, "{what}");
    assert_eq!(kinds(receipt), ["hold", "void"], "{what}");
    assert!(turn.outputs.is_empty() && turn.text.is_empty(), "{what}");
    assert_sentence(error, charged);
}

/// It is a sentence for a person, and it ends with the money.
pub(super) fn assert_sentence(error: &WireError, charged: Credits) {
    let WireError { message, .. } = error;
    let cost = match charged {
        Credits::ZERO => "; nothing was charged".to_owned(),
        charged => format!("; {charged} credits were charged"),
    };
    let what_happened = message.strip_suffix(&cost);
    let what_happened = what_happened.unwrap_or_else(|| panic!("{message:?} names no cost"));
    assert!(what_happened.split_whitespace().count() >= 4, "{message:?}");
    let is_of_a_machine = |letter: char| "{}<>\u{fffd}".contains(letter) || letter.is_control();
    assert!(!what_happened.contains(is_of_a_machine), "{message:?}");
    assert!(!message.contains(OPERATORS_KEY), "{message:?}");
    assert!(!message.contains("charged; "), "{message:?} says it twice");
}

fn picture(model: &str) -> ImageKnobs {
    let is_gpt = model.starts_with("gpt");
    ImageKnobs {
        count: 1,
        size: None,
        aspect: None,
        quality: is_gpt.then(|| "low".to_owned()),
        background: None,
        format: None,
        mask: None,
    }
}

fn clip(model: &str) -> VideoKnobs {
    VideoKnobs {
        task: VideoTask::Text,
        seconds: if model.starts_with("grok") { 1 } else { 3 },
        resolution: None,
        aspect: None,
        sound: None,
        seed: None,
        first_frame: None,
        last_frame: None,
        draft_of: None,
    }
}

/// An address of this machine at which nobody listens.
fn nobodys_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

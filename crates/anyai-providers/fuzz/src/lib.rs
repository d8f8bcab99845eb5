//! What the targets share: cuts taken from the input, and what comes of an answer.

use anyai_providers::{Decoder, Protocol, Provider, ProviderEvent};

/// Splits the input into the cuts its first bytes ask for and the bytes to read.
#[must_use]
pub fn input(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (choice, data) = data.split_first()?;
    let (cuts, body) = data.split_at_checked(8)?;
    Some((*choice, cuts, body))
}

/// The body in pieces whose lengths go round in `cuts`.
#[must_use]
pub fn pieces<'a>(mut body: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for cut in cuts.iter().cycle() {
        if body.is_empty() {
            break;
        }
        let length = usize::from(*cut).clamp(1, body.len());
        let (piece, rest) = body.split_at(length);
        pieces.push(piece);
        body = rest;
    }
    pieces
}

/// What a client makes of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    words: [String; 3],
    others: Vec<ProviderEvent>,
    ends: usize,
}

/// Reads the pieces of one answer to its end.
#[must_use]
pub fn read(provider: Provider, protocol: Protocol, pieces: &[&[u8]]) -> Answer {
    let mut decoder = Decoder::new(provider, protocol);
    let mut answer = Answer::default();
    for piece in pieces {
        decoder
            .push(piece)
            .into_iter()
            .for_each(|event| answer.take(event));
    }
    decoder
        .finish()
        .into_iter()
        .for_each(|event| answer.take(event));
    assert_eq!(answer.ends, 1, "an answer ends once");
    assert!(decoder.push(b"data: {}\n\n").is_empty() && decoder.finish().is_empty());
    answer
}

impl Answer {
    fn take(&mut self, event: ProviderEvent) {
        let place = match &event {
            ProviderEvent::Text(_) => 0,
            ProviderEvent::Thinking(_) => 1,
            ProviderEvent::Refusal(_) => 2,
            ProviderEvent::Finished { .. } | ProviderEvent::Failed(_) => {
                self.ends += 1;
                return self.others.push(event);
            }
            _ => return self.others.push(event),
        };
        if let ProviderEvent::Text(words)
        | ProviderEvent::Thinking(words)
        | ProviderEvent::Refusal(words) = event
        {
            self.words[place].push_str(&words);
        }
    }
}

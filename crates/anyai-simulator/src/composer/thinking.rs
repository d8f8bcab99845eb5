//! What a model shows of its thinking.

use super::draws::Draws;
use super::intent::Intent;
use super::topic::Topic;
use crate::ask::{Ask, Effort};

/// Thinks aloud, for as long as the effort allows.
pub(crate) fn think(ask: &Ask, intent: &Intent, topic: &Topic, draws: &mut Draws) -> String {
    let steps = match ask.effort {
        Effort::Minimal => 1,
        Effort::Low => 2,
        Effort::Medium => 4,
        Effort::High => 6,
        Effort::Max => 8,
    };
    let mut thoughts = vec![wants(intent, topic)];
    if matches!(intent, Intent::Nothing | Intent::Greeting | Intent::Thanks) {
        return thoughts.remove(0);
    }
    if !ask.images().is_empty() {
        let count = ask.images().len();
        thoughts.push(format!("There is an image with it ({count} in all). I can tell its size, so I'll say that much."));
    }
    if let Some(earlier) = ask.earlier_prompts().next() {
        let earlier = super::topic::first_sentence(earlier);
        thoughts.push(format!(
            "Before this we had \"{earlier}\", so this may be a continuation."
        ));
    }
    thoughts.extend([
        draws
            .pick(&[
                "Should I lead with a definition? Better with the point, then the reason.",
                "A long preamble would not help. The substance belongs into the first line.",
            ])
            .to_owned(),
        draws
            .pick(&[
                "What would make this wrong? If I assume too much about what is meant. I'll stay with the words as written.",
                "Let me look for the weak spot first. It is usually the sentence that sounds best.",
            ])
            .to_owned(),
        "One example is worth three rules, so I'll keep one and drop the rest.".to_owned(),
        "I should check the numbers twice; they are what people remember.".to_owned(),
        "There are exceptions. Listing them all would bury the answer; one line at the end is enough.".to_owned(),
        "How long should it be? As long as the question, and a little longer where it gets difficult.".to_owned(),
        "Reading the question once more: yes, that is what was asked. Writing it now.".to_owned(),
    ]);
    thoughts.truncate(steps + 1);
    thoughts.join("\n\n")
}

fn wants(intent: &Intent, topic: &Topic) -> String {
    match intent {
        Intent::Nothing => "There is nothing to answer yet.".to_owned(),
        Intent::Greeting | Intent::Thanks => "A short, friendly reply will do.".to_owned(),
        Intent::CountTo(last) => format!("They want the numbers up to {last}, nothing more."),
        Intent::CountLetter { letter, word } => {
            format!("I'll spell {word} and mark each {letter}.")
        }
        Intent::Sum { expression, .. } => format!("I need to work out {expression} carefully."),
        Intent::InWords(count) => {
            format!("The answer must have exactly {count} words, so I'll count.")
        }
        Intent::List(count) => {
            format!("They want {count} points, each with something of its own to say.")
        }
        Intent::Compare { left, right } => {
            format!("{left} against {right}: same criteria for both, then a verdict.")
        }
        Intent::Code => {
            "They want code that runs, with as little around it as possible.".to_owned()
        }
        Intent::Poem => format!(
            "A poem about {}; the rhyme must not bend the sense.",
            topic.phrase()
        ),
        Intent::Story => {
            "A story needs one person, one place and one thing that changes.".to_owned()
        }
        Intent::Email => "The mail should ask for one decision, with a date.".to_owned(),
        Intent::Plan => format!(
            "A plan for {}; it is only good if there is slack in it.",
            topic.phrase()
        ),
        Intent::Title => "A title: a few words, no full stop.".to_owned(),
        Intent::Summary => "I'll keep to the text's own sentences.".to_owned(),
        Intent::Explain => format!(
            "The question is about {}: the idea first, the details after.",
            topic.phrase()
        ),
    }
}

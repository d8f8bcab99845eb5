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
    let (one, two) = (topic.word(0), topic.word(1));
    let mut thoughts = vec![format!(
        "The person asks about {}. {}",
        topic.phrase(),
        wants(intent)
    )];
    if !ask.images().is_empty() {
        thoughts.push(format!(
            "There are {} images attached; I should say what I can tell of them.",
            ask.images().len()
        ));
    }
    if let Some(earlier) = ask.earlier_prompts().next() {
        let earlier = super::topic::first_sentence(earlier);
        thoughts.push(format!(
            "Earlier it was about \"{earlier}\", so this is probably a continuation."
        ));
    }
    thoughts.extend([
        format!("What matters most here is {one}; {two} comes second."),
        draws
            .pick(&[
                "Should I lead with a definition? Better with the point, then the reason.",
                "A long preamble would not help. I'll get to the substance in the first line.",
            ])
            .to_owned(),
        format!("A table could carry the parts around {one} better than prose."),
        format!("Let me check the weak spot: is it really {two} that decides, or only what one notices first? I think it decides."),
        "One example is worth three rules, so I'll keep one and drop the rest.".to_owned(),
        format!("I could mention the exceptions to {one}, but that would bury the answer. One line at the end is enough."),
        "Re-reading the question once more: yes, that is what was asked. Writing it now.".to_owned(),
    ]);
    thoughts.truncate(steps + 1);
    thoughts.join("\n\n")
}

fn wants(intent: &Intent) -> String {
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
        Intent::Poem => "Four lines and four lines; the rhyme must not bend the sense.".to_owned(),
        Intent::Story => {
            "A story needs one person, one place and one thing that changes.".to_owned()
        }
        Intent::Email => "The mail should ask for one decision, with a date.".to_owned(),
        Intent::Plan => "A plan is only good if there is slack in it.".to_owned(),
        Intent::Title => "A title: a few words, no full stop.".to_owned(),
        Intent::Summary => "I'll keep to the text's own sentences.".to_owned(),
        Intent::Explain => "An explanation, then: the idea first, the details after.".to_owned(),
    }
}

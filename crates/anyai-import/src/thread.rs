//! What an export says, in our words: conversations as trees of turns, made from other programs'
//! trees of messages.

use std::collections::HashMap;

use anyai_units::{ConversationId, MemberId, TurnId, UtcMillis};
use bytes::Bytes;

use crate::ids;
use crate::said::{Role, Said};

/// The program an export comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// ChatGPT's data export.
    ChatGpt,
    /// Claude's data export.
    Claude,
    /// `LibreChat`'s export of a conversation.
    LibreChat,
    /// Open WebUI's export of chats.
    OpenWebUi,
}

impl Source {
    /// Its name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ChatGpt => "ChatGPT",
            Self::Claude => "Claude",
            Self::LibreChat => "LibreChat",
            Self::OpenWebUi => "Open WebUI",
        }
    }
}

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name there.
    pub name: String,
    /// Its bytes; `None` where the export names it and does not hold it.
    pub bytes: Option<Bytes>,
}

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// A picture or a document.
    File(File),
}

/// A prompt and what answered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Made from the other program's ids.
    pub id: TurnId,
    /// The turn before it.
    pub parent: Option<TurnId>,
    /// When it was asked.
    pub at: UtcMillis,
    /// The model, as the export names it; empty where it does not.
    pub model: String,
    /// What was asked.
    pub prompt: Vec<Part>,
    /// What was thought.
    pub thinking: String,
    /// What was answered.
    pub text: String,
    /// Pictures that were made.
    pub outputs: Vec<File>,
}

/// A conversation with all its branches. A turn comes after its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Made from the other program's id.
    pub id: ConversationId,
    /// Where it comes from.
    pub source: Source,
    /// Its title; empty where it has none.
    pub title: String,
    /// When it began.
    pub created_at: UtcMillis,
    /// Its turns.
    pub turns: Vec<Turn>,
    /// The last turn of the path that was shown.
    pub shown: Option<TurnId>,
}

impl Conversation {
    /// The same with ids of this member's own: two members of one studio may bring in one export, and
    /// neither has what is the other's.
    #[must_use]
    pub fn of_member(self, member: MemberId) -> Self {
        let of_turn = |id: TurnId| TurnId::from_uuid(ids::of_member(id.uuid(), member));
        let id = ConversationId::from_uuid(ids::of_member(self.id.uuid(), member));
        let turns = self.turns.into_iter().map(|turn| Turn {
            id: of_turn(turn.id),
            parent: turn.parent.map(of_turn),
            ..turn
        });
        Self {
            id,
            turns: turns.collect(),
            shown: self.shown.map(of_turn),
            ..self
        }
    }
}

/// What an export says of one conversation, before its messages become turns.
pub(crate) struct Told {
    pub(crate) source: Source,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) created_at: Option<UtcMillis>,
    pub(crate) said: Vec<Said>,
    /// The message that was shown last.
    pub(crate) shown: Option<String>,
}

/// A question, and as much of its answer as was met on the way down one branch.
#[derive(Clone, Default)]
struct Open {
    asked: Option<Asked>,
    model: String,
    thinking: String,
    text: String,
    outputs: Vec<File>,
    last: String,
}

#[derive(Clone)]
struct Asked {
    id: String,
    at: Option<UtcMillis>,
    parts: Vec<Part>,
}

/// A message to go on with, below a turn, within a question.
struct Step {
    message: usize,
    parent: Option<TurnId>,
    open: Open,
}

impl Told {
    /// The conversation, or `None` when nothing was said in it.
    pub(crate) fn into_conversation(self) -> Option<Conversation> {
        let earliest = self.said.iter().filter_map(|said| said.at).min();
        let created_at = self
            .created_at
            .or(earliest)
            .unwrap_or(UtcMillis::from_millis(0));
        let id = ids::conversation(self.source, &self.id, created_at);
        let tree = Tree::new(&self.said);
        let mut turns = Vec::new();
        let mut shown = None;
        let mut steps: Vec<Step> = tree.below(None).map(Step::at_root).collect();
        steps.reverse();
        // Depth first, without recursion: an export may be as deep as it likes.
        while let Some(step) = steps.pop() {
            let said = &self.said[step.message];
            let open = step.open.with(said);
            let children: Vec<usize> = tree.below(Some(step.message)).collect();
            let goes_on = |child: &usize| self.said[*child].role == Role::Assistant;
            let is_shown = self.shown.as_deref() == Some(said.id.as_str());
            // An answer may be said in several messages; it ends where the next question begins.
            let ends = children.is_empty() || !children.iter().all(goes_on) || is_shown;
            let answers =
                open.asked.is_some() && (said.role == Role::Assistant || children.is_empty());
            let turn = (ends && answers)
                .then(|| open.turn(self.source, &self.id, step.parent, created_at));
            let parent = turn.as_ref().map_or(step.parent, |turn| Some(turn.id));
            if is_shown {
                shown = parent;
            }
            turns.extend(turn);
            for child in children.into_iter().rev() {
                let within = goes_on(&child) || said.role == Role::User;
                steps.push(Step {
                    message: child,
                    parent: if goes_on(&child) { step.parent } else { parent },
                    open: if within {
                        open.clone()
                    } else {
                        Open::default()
                    },
                });
            }
        }
        (!turns.is_empty()).then_some(Conversation {
            id,
            source: self.source,
            title: self.title,
            created_at,
            turns,
            shown,
        })
    }
}

impl Step {
    fn at_root(message: usize) -> Self {
        Self {
            message,
            parent: None,
            open: Open::default(),
        }
    }
}

impl Open {
    /// With what one more message says.
    fn with(mut self, said: &Said) -> Self {
        said.id.clone_into(&mut self.last);
        match said.role {
            Role::User => match &mut self.asked {
                Some(asked) => asked.parts.extend(said.parts.iter().cloned()),
                None => {
                    self.asked = Some(Asked {
                        id: said.id.clone(),
                        at: said.at,
                        parts: said.parts.clone(),
                    });
                }
            },
            Role::Assistant => {
                for part in &said.parts {
                    match part {
                        Part::Text(text) => append(&mut self.text, text),
                        Part::File(file) => self.outputs.push(file.clone()),
                    }
                }
                append(&mut self.thinking, &said.thinking);
                if !said.model.is_empty() {
                    said.model.clone_into(&mut self.model);
                }
            }
        }
        self
    }

    fn turn(
        &self,
        source: Source,
        conversation: &str,
        parent: Option<TurnId>,
        began_at: UtcMillis,
    ) -> Turn {
        let asked = self.asked.as_ref();
        let at = asked.and_then(|asked| asked.at).unwrap_or(began_at);
        let question = asked.map_or("", |asked| asked.id.as_str());
        Turn {
            id: ids::turn(source, &[conversation, question, &self.last], at),
            parent,
            at,
            model: self.model.clone(),
            prompt: asked.map_or_else(Vec::new, |asked| asked.parts.clone()),
            thinking: self.thinking.clone(),
            text: self.text.clone(),
            outputs: self.outputs.clone(),
        }
    }
}

fn append(to: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !to.is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(text);
}

/// Who follows whom. What follows itself is never reached.
struct Tree {
    roots: Vec<usize>,
    below: Vec<Vec<usize>>,
}

impl Tree {
    fn new(said: &[Said]) -> Self {
        let at: HashMap<&str, usize> = (said.iter().enumerate())
            .map(|(at, said)| (said.id.as_str(), at))
            .collect();
        let mut tree = Self {
            roots: Vec::new(),
            below: vec![Vec::new(); said.len()],
        };
        for (child, message) in said.iter().enumerate() {
            let parent = message.parent.as_deref();
            match parent.and_then(|parent| at.get(parent)) {
                Some(parent) => tree.below[*parent].push(child),
                None => tree.roots.push(child),
            }
        }
        // Siblings in the order they were said.
        for siblings in &mut tree.below {
            siblings.sort_by_key(|sibling| said[*sibling].at);
        }
        tree.roots.sort_by_key(|root| said[*root].at);
        tree
    }

    fn below(&self, parent: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let children = match parent {
            Some(parent) => &self.below[parent],
            None => &self.roots,
        };
        children.iter().copied()
    }
}

//! A long conversation in parts: the end of a path with what stands before it, and pages of all branches.

use anyai_mirror::{Mirror, TurnRow};
use anyai_units::TurnId;

use crate::fixture::{Folder, conversation, conversation_id, page, turn, turn_id};

/// A path of 1 to 9, and 10 as another try at 9.
fn tree(folder: &Folder) -> Mirror {
    let mut mirror = folder.open();
    let follows = |number: u128, parent: u128| TurnRow {
        parent_id: Some(turn_id(parent)),
        ..turn(number, 1, "and then", "so")
    };
    let mut turns = vec![turn(1, 1, "first", "one")];
    turns.extend((2..=9).map(|number| follows(number, number - 1)));
    turns.push(follows(10, 8));
    mirror
        .apply_history(&page(vec![conversation(1, "Long", 1)], turns, 20))
        .unwrap();
    mirror
}

fn ids(turns: &[TurnRow]) -> Vec<TurnId> {
    turns.iter().map(|turn| turn.id).collect()
}

#[test]
fn the_end_of_a_path_knows_how_much_stands_before_it() {
    let folder = Folder::new();
    let mirror = tree(&folder);
    let end = mirror.path_end(turn_id(9), 3).unwrap();
    assert_eq!(ids(&end.turns), [7, 8, 9].map(turn_id));
    assert_eq!(end.before, 6);
    let other = mirror.path_end(turn_id(10), 2).unwrap();
    assert_eq!(ids(&other.turns), [8, 10].map(turn_id), "another branch");
    assert_eq!(other.before, 7);
    let whole = mirror.path_end(turn_id(3), 100).unwrap();
    assert_eq!((ids(&whole.turns).len(), whole.before), (3, 0));
    let newest = mirror.newest_turn(conversation_id(1)).unwrap();
    assert_eq!(newest, Some(turn_id(10)));
}

#[test]
fn a_turn_that_is_its_own_ancestor_ends_nothing() {
    let folder = Folder::new();
    let mut mirror = folder.open();
    let circle = TurnRow {
        parent_id: Some(turn_id(1)),
        ..turn(1, 1, "round", "round")
    };
    mirror
        .apply_history(&page(vec![conversation(1, "Circle", 1)], vec![circle], 2))
        .unwrap();
    let end = mirror.path_end(turn_id(1), 5).unwrap();
    assert_eq!((end.turns.len(), end.before), (5, 1));
}

#[test]
fn pages_hold_every_branch_once() {
    let folder = Folder::new();
    let mirror = tree(&folder);
    let mut found: Vec<TurnRow> = Vec::new();
    loop {
        let after = found.last().map(|turn| turn.id);
        let page = mirror.turns_after(conversation_id(1), after, 4).unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(ids(&found), (1..=10).map(turn_id).collect::<Vec<_>>());
}

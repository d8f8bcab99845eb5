//! So many at a time, and whoever waits takes turns: one of each member, in the order they came.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyai_units::MemberId;
use tokio::sync::oneshot;

/// A bounded number of permits, and the queue for them. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct FairQueue {
    permits_max: usize,
    line: Arc<Mutex<Line>>,
}

#[derive(Debug, Default)]
struct Line {
    permits: usize,
    /// What each member waits with, first come first; nobody is here without a waiter.
    waiting: HashMap<MemberId, VecDeque<Waiter>>,
    /// The members who wait, whose turn is next first.
    members: VecDeque<MemberId>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    granted: oneshot::Sender<Permit>,
}

/// One of the permits; dropping it hands it on.
#[derive(Debug)]
pub(super) struct Permit(FairQueue);

/// A place in the queue; dropping it gives it up.
struct Place<'a> {
    queue: &'a FairQueue,
    member: MemberId,
    id: u64,
}

impl FairQueue {
    pub(super) fn new(permits_max: usize) -> Self {
        Self {
            permits_max: permits_max.max(1),
            line: Arc::default(),
        }
    }

    /// Waits for a permit. Who stops waiting leaves no hole.
    pub(super) async fn enter(&self, member: MemberId) -> Permit {
        loop {
            let (granted, permit) = oneshot::channel();
            let id = {
                let mut line = self.line();
                if line.permits < self.permits_max {
                    line.permits += 1;
                    return Permit(self.clone());
                }
                line.push(member, granted)
            };
            let place = Place {
                queue: self,
                member,
                id,
            };
            let permit = permit.await;
            drop(place);
            // The queue holds the other end until it grants.
            if let Ok(permit) = permit {
                return permit;
            }
        }
    }

    /// How many permits are out.
    pub(super) fn under_way(&self) -> usize {
        self.line().permits
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.line().waiting.values().map(VecDeque::len).sum()
    }

    pub(super) const fn permits_max(&self) -> usize {
        self.permits_max
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let next = {
            let mut line = self.0.line();
            let next = line.pop();
            // A permit that is handed on stays out.
            line.permits -= usize::from(next.is_none());
            next
        };
        if let Some(waiter) = next {
            // One who has just left gives it back by dropping it, which hands it on.
            drop(waiter.granted.send(Self(self.0.clone())));
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.line().leave(self.member, self.id);
    }
}

impl Line {
    fn push(&mut self, member: MemberId, granted: oneshot::Sender<Permit>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let own = self.waiting.entry(member).or_default();
        if own.is_empty() {
            self.members.push_back(member);
        }
        own.push_back(Waiter { id, granted });
        id
    }

    /// The next one's turn; a member with more to do goes to the back.
    fn pop(&mut self) -> Option<Waiter> {
        let member = self.members.pop_front()?;
        let own = self.waiting.get_mut(&member)?;
        let waiter = own.pop_front();
        if own.is_empty() {
            self.waiting.remove(&member);
        } else {
            self.members.push_back(member);
        }
        waiter
    }

    fn leave(&mut self, member: MemberId, id: u64) {
        let Some(own) = self.waiting.get_mut(&member) else {
            return;
        };
        own.retain(|waiter| waiter.id != id);
        if own.is_empty() {
            self.waiting.remove(&member);
            self.members.retain(|&waiting| waiting != member);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;

    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    type Entering = Pin<Box<dyn Future<Output = Permit>>>;

    fn member(number: u128) -> MemberId {
        MemberId::from_uuid(Uuid::from_u128(number))
    }

    /// A permit that is free.
    fn taken(queue: &FairQueue, who: u128) -> Permit {
        let entering = queue.enter(member(who));
        entering.now_or_never().expect("nobody must wait for it")
    }

    /// A call of a member, in the queue.
    fn entering(queue: &FairQueue, who: u128) -> Entering {
        let queue = queue.clone();
        let mut entering: Entering = Box::pin(async move { queue.enter(member(who)).await });
        assert!(entering.as_mut().now_or_never().is_none(), "it must wait");
        entering
    }

    /// Who gets each permit when one after the other is given back.
    fn order(queue: &FairQueue, mut held: Permit, mut waiting: Vec<(u128, Entering)>) -> Vec<u128> {
        let mut served = Vec::new();
        while !waiting.is_empty() {
            drop(held);
            let found = waiting.iter_mut().enumerate().find_map(|(place, (_, it))| {
                it.as_mut().now_or_never().map(|permit| (place, permit))
            });
            let (place, permit) = found.expect("a permit that is given back is handed on");
            served.push(waiting.remove(place).0);
            held = permit;
            assert_eq!(queue.under_way(), queue.permits_max());
        }
        served
    }

    #[test]
    fn members_take_turns_and_each_ones_calls_go_in_their_order() {
        let queue = FairQueue::new(1);
        let held = taken(&queue, 1);
        let waiting = [1, 1, 1, 1, 2, 2, 3];
        let waiting = waiting.map(|who| (who, entering(&queue, who)));
        assert_eq!(queue.waiting(), 7);
        let served = order(&queue, held, waiting.into());
        assert_eq!(served, [1, 2, 3, 1, 2, 1, 1]);
        assert_eq!((queue.under_way(), queue.waiting()), (0, 0));
    }

    #[test]
    fn who_stops_waiting_leaves_no_hole() {
        let queue = FairQueue::new(1);
        let held = taken(&queue, 9);
        let mut waiting: Vec<_> = [1, 1, 2, 3].map(|who| (who, entering(&queue, who))).into();
        drop(waiting.remove(2));
        drop(waiting.remove(0));
        assert_eq!(queue.waiting(), 2);
        assert_eq!(order(&queue, held, waiting), [1, 3]);
        assert_eq!((queue.under_way(), queue.waiting()), (0, 0));
    }

    #[test]
    fn a_permit_granted_to_one_who_has_just_left_goes_to_the_next() {
        let queue = FairQueue::new(1);
        let held = taken(&queue, 9);
        let first = entering(&queue, 1);
        let mut second = entering(&queue, 2);
        drop(held);
        drop(first);
        assert!(second.as_mut().now_or_never().is_some());
        assert_eq!((queue.under_way(), queue.waiting()), (0, 0));
    }

    /// A small generator: the same calls every time.
    fn dice(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *seed >> 33
    }

    /// Members 1 to 5 come, leave and are served at random: whoever waits sees every other member
    /// served once at most before it is its turn, and never are more permits out than there are.
    #[test]
    fn nobody_starves_and_there_are_never_too_many() {
        for mut seed in 0..200 {
            let queue = FairQueue::new(3);
            let mut held = Vec::new();
            let mut waiting: Vec<(u128, Entering)> = Vec::new();
            let mut passed: HashMap<u128, HashMap<u128, u32>> = HashMap::new();
            for _ in 0..200 {
                let who = u128::from(dice(&mut seed) % 5) + 1;
                match dice(&mut seed) % 5 {
                    0 | 1 if held.len() < 3 => held.push(taken(&queue, who)),
                    0 | 1 => waiting.push((who, entering(&queue, who))),
                    2 if !waiting.is_empty() => {
                        let place = usize::try_from(who).unwrap() % waiting.len();
                        let (left, _) = waiting.remove(place);
                        passed.remove(&left);
                    }
                    _ if !held.is_empty() => {
                        held.swap_remove(0);
                        let served = waiting.iter_mut().enumerate().find_map(|(place, (_, it))| {
                            it.as_mut().now_or_never().map(|permit| (place, permit))
                        });
                        let Some((place, permit)) = served else {
                            assert!(waiting.is_empty(), "a free permit beside a waiter");
                            continue;
                        };
                        let (served, _) = waiting.remove(place);
                        passed.remove(&served);
                        let mut others: Vec<u128> = waiting.iter().map(|(who, _)| *who).collect();
                        others.sort_unstable();
                        others.dedup();
                        for other in others.into_iter().filter(|other| *other != served) {
                            let times = passed.entry(other).or_default().entry(served).or_default();
                            *times += 1;
                            assert!(
                                *times <= 1,
                                "{served} was served past {other} {times} times"
                            );
                        }
                        held.push(permit);
                    }
                    _ => {}
                }
                assert!(queue.under_way() <= 3);
                assert_eq!(queue.under_way(), held.len());
                assert_eq!(queue.waiting(), waiting.len());
            }
        }
    }
}

//! What every page of an attempt shows around the item that is worked at: the clock, and the way to the other items.

use serde::Serialize;

use super::Attempt;
use crate::bank::Navigation;
use crate::clock::Timestamp;
use crate::id::AttemptId;

/// What every page of an attempt shows.
#[derive(Serialize)]
pub struct Frame {
    id: AttemptId,
    title: String,
    set: String,
    deadline: Option<Timestamp>,
    now: Timestamp,
    /// Whole minutes until the deadline, for those without JavaScript.
    minutes_left: Option<u64>,
    one_way: bool,
    sections: Vec<SectionView>,
    answered: usize,
    of: usize,
}

#[derive(Serialize)]
struct SectionView {
    title: String,
    items: Vec<Place>,
}

/// An item in the list of all.
#[derive(Serialize)]
struct Place {
    position: i32,
    name: String,
    points: String,
    answered: bool,
    current: bool,
    /// Whether it may be gone to.
    open: bool,
}

impl Frame {
    /// Around the item `current` of an attempt; 0 is none of them.
    #[must_use]
    pub fn of(attempt: &Attempt, current: i32, now: Timestamp) -> Self {
        let one_way = attempt.navigation == Navigation::OneWay;
        let mut sections: Vec<SectionView> = Vec::new();
        for item in &attempt.items {
            let place = Place {
                position: item.position,
                name: item.title.clone(),
                points: item.max_score.to_string(),
                answered: item.is_answered(),
                current: item.position == current,
                open: !one_way || item.position >= attempt.furthest,
            };
            match sections.last_mut().filter(|section| section.title == item.section) {
                Some(section) => section.items.push(place),
                None => sections.push(SectionView { title: item.section.clone(), items: vec![place] }),
            }
        }
        Self {
            id: attempt.id,
            title: attempt.title.clone(),
            set: attempt.set.to_string(),
            deadline: attempt.deadline,
            now,
            minutes_left: attempt.deadline.map(|deadline| deadline.since(now).as_secs().div_ceil(60)),
            one_way,
            answered: attempt.items.iter().filter(|item| item.is_answered()).count(),
            of: attempt.items.len(),
            sections,
        }
    }

    /// The item before `position`, if it may be gone back to.
    pub(super) fn previous(&self, position: i32) -> Option<i32> {
        self.place(position - 1).filter(|place| place.open && !self.one_way).map(|place| place.position)
    }

    /// The item after `position`.
    pub(super) fn next(&self, position: i32) -> Option<i32> {
        self.place(position + 1).map(|place| place.position)
    }

    fn place(&self, position: i32) -> Option<&Place> {
        self.sections.iter().flat_map(|section| &section.items).find(|item| item.position == position)
    }
}

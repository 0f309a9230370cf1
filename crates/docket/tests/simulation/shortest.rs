//! A failing history is cut down as far as it still fails.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use crate::row::Fault;
use crate::turn::Turn;
use crate::world::{Seen, play};

/// Histories tried on the way.
const MOST_TRIES: usize = 4_000;

/// What a history comes to; a panic of the core is a fault.
pub(crate) fn outcome(turns: &[Turn]) -> Result<Seen, Fault> {
    match catch_unwind(AssertUnwindSafe(|| play(turns))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(text.unwrap_or_else(|| "a panic".to_owned()))
        }
    }
}

/// The shortest history found, and how it fails: ever smaller pieces are left out as long as it does.
pub(crate) fn shortest(turns: &[Turn], fault: &str) -> (Vec<Turn>, Fault) {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let (mut turns, mut fault) = (turns.to_vec(), fault.to_owned());
    let (mut piece, mut tries) = (turns.len().div_ceil(2), 0);
    while piece > 0 && tries < MOST_TRIES {
        let mut at = 0;
        let before = turns.len();
        while at < turns.len() && tries < MOST_TRIES {
            let end = turns.len().min(at + piece);
            let fewer = [&turns[..at], &turns[end..]].concat();
            tries += 1;
            match outcome(&fewer) {
                Err(still) => (turns, fault) = (fewer, still),
                Ok(_) => at += piece,
            }
        }
        // a piece of one is left out as long as that helps
        if piece > 1 || turns.len() == before {
            piece /= 2;
        }
    }
    set_hook(hook);
    (turns, fault)
}

//! What is done with each call of a batch: the same request is carried out once.

use std::collections::HashMap;

use super::{Answer, Call, CallError};
use crate::store::requests::{Answered, Key};

/// What is to be done with one call.
pub(super) enum Plan {
    Run,
    /// The same request stands earlier in this batch.
    Follow(usize),
    Replay(Answer),
    Reused,
    Recovering,
}

pub(super) fn plan<C>(calls: &[&Call<C>], answered: &[Answered], held: bool) -> Vec<Plan> {
    let answered: HashMap<&Key, &Answered> = answered.iter().map(|row| (&row.key, row)).collect();
    let mut first: HashMap<&Key, usize> = HashMap::new();
    let mut plan = Vec::with_capacity(calls.len());
    for (place, call) in calls.iter().enumerate() {
        let step = if held {
            Plan::Recovering
        } else if let Some(row) = answered.get(&call.key) {
            if row.body_hash == call.body_hash {
                Plan::Replay(Answer {
                    response: row.response.clone(),
                    replayed: true,
                })
            } else {
                Plan::Reused
            }
        } else {
            match first.get(&call.key) {
                None => {
                    first.insert(&call.key, place);
                    Plan::Run
                }
                Some(leader) if calls[*leader].body_hash == call.body_hash => Plan::Follow(*leader),
                Some(_) => Plan::Reused,
            }
        };
        plan.push(step);
    }
    plan
}

/// Answers in the order of calls: those that follow get what their leader got.
pub(super) fn share<R: Clone>(
    plan: Vec<Plan>,
    answers: &mut [Option<Result<Answer, CallError<R>>>],
) -> Vec<Result<Answer, CallError<R>>> {
    plan.into_iter()
        .enumerate()
        .map(|(place, step)| match step {
            Plan::Run => answers[place]
                .clone()
                .expect("a call that runs is answered"),
            Plan::Follow(leader) => {
                answers[leader]
                    .clone()
                    .expect("a leader is answered")
                    .map(|a| Answer {
                        replayed: true,
                        ..a
                    })
            }
            Plan::Replay(answer) => Ok(answer),
            Plan::Reused => Err(CallError::RequestIdReused),
            Plan::Recovering => Err(CallError::Recovering),
        })
        .collect()
}

//! Due dates and stopped clocks.

use case::event::{Settling, StoppedClock};
use law::Due;

use crate::error::DecodeError;
use crate::listed::Listed;
use crate::odr::case::v1;
use crate::scalar::{Read, day, day_text, instant, listed, required, timestamp};

impl From<&Due> for v1::Due {
    fn from(due: &Due) -> Self {
        Self {
            at: Some(timestamp(due.at)),
            last_day: day_text(due.last_day),
            rule_set: due.rule_set.number(),
            calendar_version: due.calendar_version,
            provisional: due.provisional,
        }
    }
}

impl TryFrom<v1::Due> for Due {
    type Error = DecodeError;

    fn try_from(due: v1::Due) -> Read<Self> {
        Ok(Self {
            at: instant(due.at, "Due.at")?,
            last_day: day(&due.last_day, "Due.last_day")?,
            rule_set: listed(due.rule_set, "Due.rule_set")?,
            calendar_version: due.calendar_version,
            provisional: due.provisional,
        })
    }
}

impl From<&StoppedClock> for v1::StoppedClock {
    fn from(clock: &StoppedClock) -> Self {
        Self {
            kind: clock.kind.number(),
            rule_set: clock.rule_set.number(),
            started_at: Some(timestamp(clock.started_at)),
            due: Some((&clock.due).into()),
            paused_days: clock.paused_days,
            late_days: clock.late_days,
        }
    }
}

impl TryFrom<v1::StoppedClock> for StoppedClock {
    type Error = DecodeError;

    fn try_from(clock: v1::StoppedClock) -> Read<Self> {
        Ok(Self {
            kind: listed(clock.kind, "StoppedClock.kind")?,
            rule_set: listed(clock.rule_set, "StoppedClock.rule_set")?,
            started_at: instant(clock.started_at, "StoppedClock.started_at")?,
            due: required(clock.due, "StoppedClock.due")?.try_into()?,
            paused_days: clock.paused_days,
            late_days: clock.late_days,
        })
    }
}

impl From<&Settling> for v1::Settling {
    fn from(settling: &Settling) -> Self {
        Self {
            lapse: Some((&settling.lapse).into()),
            stopped: Some((&settling.stopped).into()),
        }
    }
}

impl TryFrom<v1::Settling> for Settling {
    type Error = DecodeError;

    fn try_from(settling: v1::Settling) -> Read<Self> {
        Ok(Self {
            lapse: required(settling.lapse, "Settling.lapse")?.try_into()?,
            stopped: required(settling.stopped, "Settling.stopped")?.try_into()?,
        })
    }
}

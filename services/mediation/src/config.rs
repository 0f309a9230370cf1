//! The service's settings: the shared ones, and what the rules leave open.

use chassis::config::{Common, Problems, check};
use clap::{ArgAction, Args};
use law::{Calendar, Law, Period, Policy};

/// Every setting of the service.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Settings every service has.
    #[command(flatten)]
    pub common: Common,

    /// What the rules leave open.
    #[command(flatten)]
    pub policy: PolicySettings,
}

/// What the rules leave open. Services share these variables: give all of them the same values.
#[derive(Clone, Debug, Args)]
pub struct PolicySettings {
    /// Time a consumer has to escalate a failed negotiation, like 15D or 10WD. Default 15D: inferred, no rule names one.
    #[arg(long = "policy-escalation-window", env = "ODR_POLICY_ESCALATION_WINDOW", default_value_t = Policy::default().escalation_window)]
    pub escalation_window: Period,

    /// Time after the day of performance until a settlement nobody confirmed is closed as unknown. Default 30D: inferred.
    #[arg(long = "policy-performance-lapse", env = "ODR_POLICY_PERFORMANCE_LAPSE", default_value_t = Policy::default().performance_lapse)]
    pub performance_lapse: Period,

    /// Time an offer stays open that names none. Default 5WD: half of the negotiation, so that a second offer fits in.
    #[arg(long = "policy-offer-validity", env = "ODR_POLICY_OFFER_VALIDITY", default_value_t = Policy::default().offer_validity)]
    pub offer_validity: Period,

    /// Time to perform when an offer names no day. Default 7D: the limit for refunds of online returns.
    #[arg(long = "policy-performance", env = "ODR_POLICY_PERFORMANCE", default_value_t = Policy::default().performance)]
    pub performance: Period,

    /// Time until a returned case counts as overdue with the receiving unit. Default 3WD: inferred.
    #[arg(long = "policy-routing", env = "ODR_POLICY_ROUTING", default_value_t = Policy::default().routing)]
    pub routing: Period,

    /// Whether a period of calendar days that ends on a plain weekend ends later. Default false: Order 121 Art 45 names statutory holidays only.
    #[arg(long = "policy-roll-weekends", env = "ODR_POLICY_ROLL_WEEKENDS", action = ArgAction::Set, default_value_t = Policy::default().roll_weekends)]
    pub roll_weekends: bool,
}

impl Config {
    /// Checks every setting; reaches nothing and binds nothing.
    ///
    /// # Errors
    /// All faults together.
    pub fn validate(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        check(&self.common, &mut problems);
        problems.into_result()
    }
}

impl PolicySettings {
    /// The law these settings give, on the built-in calendar.
    pub fn law(&self) -> Law {
        let policy = Policy {
            escalation_window: self.escalation_window,
            performance_lapse: self.performance_lapse,
            offer_validity: self.offer_validity,
            performance: self.performance,
            routing: self.routing,
            roll_weekends: self.roll_weekends,
            ..Policy::default()
        };
        Law {
            calendar: Calendar::built_in(),
            policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        config: Config,
    }

    fn parse(more: &[&str]) -> Result<Config, clap::Error> {
        let least = [
            "mediation",
            "--database-url=postgres://odr@localhost/mediation",
            "--kafka=localhost:9092",
            "--mode=sandbox",
        ];
        Cli::try_parse_from(least.iter().chain(more)).map(|cli| cli.config)
    }

    #[test]
    fn without_settings_the_law_is_the_default_one() {
        let config = parse(&[]).unwrap();
        assert_eq!(config.policy.law().policy, Policy::default());
        config.validate().unwrap();
    }

    #[test]
    fn each_setting_reaches_the_law() {
        let config = parse(&[
            "--policy-escalation-window=20D",
            "--policy-performance-lapse=3WD",
            "--policy-offer-validity=2D",
            "--policy-performance=1WD",
            "--policy-routing=4WD",
            "--policy-roll-weekends=true",
        ]);
        let policy = config.unwrap().policy.law().policy;
        let expected = Policy {
            escalation_window: Period::CalendarDays(20),
            performance_lapse: Period::WorkingDays(3),
            offer_validity: Period::CalendarDays(2),
            performance: Period::WorkingDays(1),
            routing: Period::WorkingDays(4),
            roll_weekends: true,
            ..Policy::default()
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn periods_that_are_none_are_refused() {
        for text in ["", "0D", "15", "D", "-1D", "3661D", "2 WD"] {
            let setting = format!("--policy-escalation-window={text}");
            assert!(parse(&[&setting]).is_err(), "{text}");
        }
    }
}

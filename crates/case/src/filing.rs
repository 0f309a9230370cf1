//! What a complaint says when it is filed (投诉登记; Order 121 Art 10, form 1). No personal data, no free text.

use chrono::{DateTime, NaiveDate, Utc};
use law::directory::RegionCode;
use law::jurisdiction::Role;

use crate::coded::coded;
use crate::ids::{CaseId, Fen, PartyRef, TextRef, Uscc};

coded! {
    /// How surely the complainant is known.
    pub enum IdentityLevel {
        /// Nothing but what they say.
        Stated => "stated",
        /// A telephone number was confirmed.
        PhoneVerified => "phone_verified",
        /// Real-name registration (实名认证).
        RealName => "real_name",
    }
}

coded! {
    /// The official list of claims (投诉请求).
    pub enum Claim {
        /// Repair (修理).
        Repair => "repair",
        /// Redo (重作).
        Redo => "redo",
        /// Replace (更换).
        Replace => "replace",
        /// Return goods (退货).
        ReturnGoods => "return_goods",
        /// Make up quantity (补足商品数量).
        MakeUpQuantity => "make_up_quantity",
        /// Refund of price or fee (退还货款或者服务费用).
        Refund => "refund",
        /// Compensation (赔偿损失).
        Compensation => "compensation",
        /// Another claim, told in the text.
        Other => "other",
    }
}

coded! {
    /// How the goods or services were sold.
    pub enum SalesMode {
        /// In a shop.
        Shop => "shop",
        /// On an e-commerce platform.
        Platform => "platform",
        /// On the operator's own site.
        OwnSite => "own_site",
        /// In a live stream.
        LiveStream => "live_stream",
        /// By telephone, television or mail.
        Distance => "distance",
        /// Otherwise, or not said.
        Other => "other",
    }
}

coded! {
    /// The way a submission came in (受理渠道).
    pub enum Channel {
        /// Web site.
        Web => "web",
        /// Mobile application.
        App => "app",
        /// Mini program.
        MiniProgram => "mini_program",
        /// Telephone.
        Phone => "phone",
        /// Letter.
        Mail => "mail",
        /// Fax.
        Fax => "fax",
        /// In person.
        Visit => "visit",
        /// Passed on by another agency.
        Referral => "referral",
        /// Government hotline 12345.
        Hotline => "hotline",
    }
}

/// Whether and which address the seller shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownAddress {
    /// Not said in the filing.
    Unstated,
    /// Shown; its region.
    Shown(RegionCode),
    /// Not shown, or the seller cannot be reached there.
    NotShown,
}

/// Whom the complaint is against (被投诉人).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respondent {
    /// Its credit code, if known.
    pub uscc: Option<Uscc>,
    /// Ordinary operator, platform, own site, seller on a platform.
    pub role: Role,
    /// Region of the actual place of business.
    pub business: Option<RegionCode>,
    /// Region of the domicile.
    pub domicile: Option<RegionCode>,
    /// Address shown on the platform.
    pub shown_address: ShownAddress,
    /// The platform's credit code.
    pub platform_uscc: Option<Uscc>,
    /// Region of the platform operator's domicile.
    pub platform_domicile: Option<RegionCode>,
}

/// What the complainant agreed to, and when; unticked by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// To let the ODR enterprise settle first (绿色通道).
    pub odr: Option<DateTime<Utc>>,
    /// To publication of the complaint's information.
    pub publication: Option<DateTime<Utc>>,
    /// To entrusted mediation.
    pub entrusted_mediation: Option<DateTime<Utc>>,
    /// To escalate without being asked when the enterprise stays silent.
    pub auto_escalation: Option<DateTime<Utc>>,
}

/// A version 1: everything the complaint says that others need to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The number for people: type, region, date, serial, check digit.
    pub case_number: String,
    /// The complainant.
    pub complainant: PartyRef,
    /// Representatives, at most two (Order 121 Art 12).
    pub representatives: Vec<PartyRef>,
    /// Where the consumer lives.
    pub consumer_region: Option<RegionCode>,
    /// How surely the complainant is known.
    pub identity: IdentityLevel,
    /// Whom the complaint is against.
    pub respondent: Respondent,
    /// Problem code of the platform's own versioned tree.
    pub problem: String,
    /// Goods or service code of the same tree.
    pub category: String,
    /// Version of the code trees.
    pub tree_version: u32,
    /// What is asked for.
    pub claims: Vec<Claim>,
    /// What was paid.
    pub paid: Fen,
    /// What is claimed.
    pub claimed: Fen,
    /// Day the dispute arose.
    pub disputed_on: Option<NaiveDate>,
    /// Day the complainant knew (three years: Order 121 Art 16 (4)).
    pub knew_on: Option<NaiveDate>,
    /// How it was sold.
    pub sales_mode: SalesMode,
    /// Where it happened.
    pub place_of_event: Option<RegionCode>,
    /// The way it came in.
    pub channel: Channel,
    /// A finer word for the channel; a code of at most 32 characters.
    pub sub_channel: Option<String>,
    /// The system it came from.
    pub source_system: Option<String>,
    /// Its number there.
    pub source_number: Option<String>,
    /// What was agreed to.
    pub consents: Consents,
    /// The same material also points at a breach (Art 9).
    pub contains_report: bool,
    /// Filed by several complainants (Art 12).
    pub joint: bool,
    /// Filed by an agent (Art 11).
    pub by_agent: bool,
    /// An earlier case of the same dispute.
    pub prior_case: Option<CaseId>,
    /// The respondent's pledge this complaint relies on; a code of at most 32 characters.
    pub pledge: Option<String>,
    /// Facts and claims as texts kept by intake.
    pub texts: Vec<TextRef>,
}

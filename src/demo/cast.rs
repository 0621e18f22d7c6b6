//! Who plays in the demo market: names, prices, caps. Data only.

/// A business that buys.
pub struct Buyer {
    /// Company name.
    pub name: &'static str,
    /// Sign-in.
    pub email: &'static str,
    /// Money paid in at the start, in whole units of each niche's currency that it buys in.
    pub funds: i64,
    /// What it offers.
    pub offers: &'static [Offer],
}

/// One offer.
pub struct Offer {
    /// Shown to publishers.
    pub name: &'static str,
    /// The niche.
    pub niche: &'static str,
    /// Price of a lead in minor units; 0 pays only for sales.
    pub lead: i64,
    /// Price of a sale in minor units; 0 pays only for leads.
    pub sale: i64,
    /// Most awards in a day.
    pub per_day: Option<i64>,
    /// Lowest score bought.
    pub min_score: i32,
    /// To how many buyers a lead may go.
    pub max_sales: i32,
    /// `PUBLIC` or `BY_APPLICATION`.
    pub visibility: &'static str,
    /// Conditions as JSON.
    pub conditions: &'static str,
    /// Days 1-5 from 9 to 20 only.
    pub office_hours: bool,
    /// For publishers.
    pub about: &'static str,
}

/// An affiliate that sells.
pub struct Publisher {
    /// Company name.
    pub name: &'static str,
    /// Sign-in.
    pub email: &'static str,
    /// Where its traffic arises.
    pub sources: &'static [Source],
}

/// One source.
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// The niche.
    pub niche: &'static str,
    /// `FORM`, `API`.
    pub kind: &'static str,
    /// What kind of traffic.
    pub traffic: &'static str,
    /// Leads on an ordinary day.
    pub per_day: u32,
    /// Percent of its leads that are repeats or nonsense.
    pub junk: u32,
}

/// The operator's people: name, sign-in, role.
pub const OPERATORS: &[(&str, &str, &str)] = &[
    ("Alex Admin", "admin@demo.example.com", "ADMIN"),
    ("Maya Moderator", "moderator@demo.example.com", "MODERATOR"),
    ("Fedor Finance", "finance@demo.example.com", "FINANCE"),
];

/// The ready-made niches.
pub const NICHES: &[&str] =
    &["mortgage", "car_insurance", "windows", "legal_advice", "online_courses"];

const EVERYONE: &str = "[]";
const CAPITALS: &str = r#"[{"op":"IN","field":"region","values":["RU-MOW","RU-SPE"]}]"#;

const BASE: Offer = Offer {
    name: "",
    niche: "",
    lead: 0,
    sale: 0,
    per_day: None,
    min_score: 0,
    max_sales: 1,
    visibility: "PUBLIC",
    conditions: EVERYONE,
    office_hours: false,
    about: "Real people who asked for a call. No incentives, no bought lists.",
};

/// An offer that waits for the operator.
pub const IN_REVIEW: Offer = Offer {
    name: "Debts of sole traders",
    niche: "legal_advice",
    lead: 80_000,
    per_day: Some(5),
    conditions: r#"[{"op":"EQ","field":"client_type","value":"ENTREPRENEUR"}]"#,
    ..BASE
};

/// All buyers.
pub const BUYERS: &[Buyer] = &[
    Buyer {
        name: "Severny Dom Bank",
        email: "buyer@demo.example.com",
        funds: 2_500_000,
        offers: &[
            Offer {
                name: "Mortgage requests, all Russia",
                niche: "mortgage",
                lead: 95_000,
                per_day: Some(14),
                ..BASE
            },
            Offer {
                name: "Mortgage in the two capitals",
                niche: "mortgage",
                lead: 140_000,
                per_day: Some(8),
                conditions: CAPITALS,
                about: "Moscow and Saint Petersburg only; we call within ten minutes.",
                ..BASE
            },
        ],
    },
    Buyer {
        name: "Polis Direct",
        email: "buyer2@demo.example.com",
        funds: 900_000,
        offers: &[
            Offer {
                name: "Car insurance quotes",
                niche: "car_insurance",
                lead: 42_000,
                per_day: Some(12),
                ..BASE
            },
            Offer {
                name: "KASKO, sold policies",
                niche: "car_insurance",
                lead: 36_000,
                sale: 350_000,
                conditions: r#"[{"op":"IN","field":"product","values":["KASKO","KASKO_MINI","BOTH"]}]"#,
                visibility: "BY_APPLICATION",
                about: "A small price for the request, a large one for the policy.",
                ..BASE
            },
        ],
    },
    Buyer {
        name: "Okna Plus",
        email: "windows@demo.example.com",
        funds: 700_000,
        offers: &[Offer {
            name: "Windows and balconies",
            niche: "windows",
            lead: 60_000,
            per_day: Some(9),
            max_sales: 2,
            ..BASE
        }],
    },
    Buyer {
        name: "Remont Studio",
        email: "renovation@demo.example.com",
        funds: 600_000,
        offers: &[Offer {
            name: "Flats and bathrooms",
            niche: "windows",
            lead: 55_000,
            max_sales: 2,
            office_hours: true,
            about: "We answer on working days from nine to eight.",
            ..BASE
        }],
    },
    Buyer {
        name: "Pravo i Delo",
        email: "legal@demo.example.com",
        funds: 800_000,
        offers: &[
            Offer {
                name: "Personal bankruptcy",
                niche: "legal_advice",
                lead: 120_000,
                per_day: Some(6),
                conditions: r#"[{"op":"EQ","field":"area","value":"BANKRUPTCY"}]"#,
                ..BASE
            },
            Offer {
                name: "Legal questions, any area",
                niche: "legal_advice",
                lead: 35_000,
                max_sales: 3,
                ..BASE
            },
        ],
    },
    Buyer {
        name: "Skill Academy",
        email: "courses@demo.example.com",
        funds: 40_000,
        offers: &[
            Offer {
                name: "Course requests",
                niche: "online_courses",
                lead: 450,
                per_day: Some(20),
                ..BASE
            },
            Offer {
                name: "Enrolled students",
                niche: "online_courses",
                sale: 9_000,
                conditions: r#"[{"op":"PRESENT","field":"specialization"}]"#,
                about: "Paid for an enrolment within 30 days of the request.",
                ..BASE
            },
        ],
    },
    Buyer {
        name: "Ural Credit",
        email: "ural@demo.example.com",
        funds: 600_000,
        offers: &[
            Offer {
                name: "Any mortgage request",
                niche: "mortgage",
                lead: 70_000,
                max_sales: 1,
                ..BASE
            },
            Offer {
                name: "Drivers with experience",
                niche: "car_insurance",
                lead: 36_000,
                min_score: 20,
                ..BASE
            },
        ],
    },
];

/// The publisher whose application waits for a buyer's answer.
pub const LATE_APPLICANT: &str = "publisher3@demo.example.com";

/// All publishers.
pub const PUBLISHERS: &[Publisher] = &[
    Publisher {
        name: "Traffic Garden",
        email: "publisher@demo.example.com",
        sources: &[
            Source {
                name: "mortgage-compare.example",
                niche: "mortgage",
                kind: "FORM",
                traffic: "SEO",
                per_day: 9,
                junk: 6,
            },
            Source {
                name: "Repair blog",
                niche: "windows",
                kind: "FORM",
                traffic: "Content",
                per_day: 6,
                junk: 5,
            },
        ],
    },
    Publisher {
        name: "Lead Harbour",
        email: "publisher2@demo.example.com",
        sources: &[
            Source {
                name: "Insurance calculator",
                niche: "car_insurance",
                kind: "API",
                traffic: "Context ads",
                per_day: 10,
                junk: 9,
            },
            Source {
                name: "Home loans feed",
                niche: "mortgage",
                kind: "API",
                traffic: "Context ads",
                per_day: 6,
                junk: 12,
            },
        ],
    },
    Publisher {
        name: "Content Mill",
        email: "publisher3@demo.example.com",
        sources: &[Source {
            name: "Ask a lawyer",
            niche: "legal_advice",
            kind: "FORM",
            traffic: "SEO",
            per_day: 8,
            junk: 8,
        }],
    },
    Publisher {
        name: "Campus Media",
        email: "publisher4@demo.example.com",
        sources: &[Source {
            name: "Course catalogue",
            niche: "online_courses",
            kind: "FORM",
            traffic: "E-mail and SEO",
            per_day: 12,
            junk: 5,
        }],
    },
];

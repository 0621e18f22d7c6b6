//! What printed documents say, in both languages.

use leadbourse_core::lang::Lang;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::paper::{Head, PaperKind, SettlementModel};

/// The words of one language.
pub(super) struct Words {
    pub(super) void: &'static str,
    pub(super) issued: &'static str,
    pub(super) period: &'static str,
    pub(super) zone: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) tax_number: &'static str,
    pub(super) earned: &'static str,
    pub(super) charged: &'static str,
    pub(super) given_back: &'static str,
    pub(super) adjustments: &'static str,
    pub(super) carried_in: &'static str,
    pub(super) total: &'static str,
    pub(super) fee: &'static str,
    pub(super) tax: &'static str,
    pub(super) by_offer: &'static str,
    pub(super) by_day: &'static str,
    pub(super) lines: &'static str,
    pub(super) offer: &'static str,
    pub(super) day: &'static str,
    pub(super) events: &'static str,
    pub(super) amount: &'static str,
    pub(super) when: &'static str,
    pub(super) goal: &'static str,
    pub(super) conversion: &'static str,
    pub(super) lead: &'static str,
    pub(super) reason: &'static str,
    pub(super) proof: &'static str,
    pub(super) proof_text: &'static str,
    pub(super) page: &'static str,
    pub(super) of: &'static str,
    pub(super) refers_to: &'static str,
    pub(super) statement: &'static str,
}

static ENGLISH: Words = Words {
    void: "VOID",
    issued: "Issued",
    period: "Period",
    zone: "Times in",
    from: "Issued by",
    to: "For",
    tax_number: "Tax number",
    earned: "Earned",
    charged: "Charged",
    given_back: "Given back",
    adjustments: "Adjustments",
    carried_in: "Carried in from earlier statements",
    total: "Total",
    fee: "Fee of the exchange within",
    tax: "Tax included",
    by_offer: "By offer",
    by_day: "By offer and day",
    lines: "Lines",
    offer: "Offer",
    day: "Day",
    events: "Events",
    amount: "Amount",
    when: "When",
    goal: "For",
    conversion: "Conversion",
    lead: "Lead",
    reason: "Reason",
    proof: "Proof",
    proof_text: "The same document as canonical JSON and as CSV has these SHA-256 sums. Both can be \
        downloaded beside this file, and are printed again from the ledger at any time, byte for byte.",
    page: "Page",
    of: "of",
    refers_to: "Takes back",
    statement: "Statement",
};

static RUSSIAN: Words = Words {
    void: "АННУЛИРОВАН",
    issued: "Выпущен",
    period: "Период",
    zone: "Часовой пояс",
    from: "Кем выпущен",
    to: "Для кого",
    tax_number: "ИНН",
    earned: "Заработано",
    charged: "Списано",
    given_back: "Возвращено",
    adjustments: "Корректировки",
    carried_in: "Перенесено из прежних отчётов",
    total: "Итого",
    fee: "Вознаграждение биржи в том числе",
    tax: "Налог в том числе",
    by_offer: "По офферам",
    by_day: "По офферам и дням",
    lines: "Строки",
    offer: "Оффер",
    day: "День",
    events: "Событий",
    amount: "Сумма",
    when: "Когда",
    goal: "За что",
    conversion: "Конверсия",
    lead: "Лид",
    reason: "Причина",
    proof: "Доказательство",
    proof_text: "Тот же документ в каноническом JSON и в CSV имеет эти суммы SHA-256. Оба файла \
        скачиваются рядом с этим и в любое время печатаются из книг заново, байт в байт.",
    page: "Страница",
    of: "из",
    refers_to: "Отменяет",
    statement: "Отчёт",
};

pub(super) fn words(language: Lang) -> &'static Words {
    match language {
        Lang::En => &ENGLISH,
        Lang::Ru => &RUSSIAN,
    }
}

/// What the document is called.
pub(super) fn title(head: &Head) -> String {
    let number = &head.number;
    let principal = head.model == SettlementModel::Principal;
    match (head.language, head.kind) {
        (Lang::En, PaperKind::Statement) if principal => {
            format!("Self-billed statement {number}")
        }
        (Lang::En, PaperKind::Statement) => format!("Statement {number}"),
        (Lang::En, PaperKind::Invoice) => format!("Invoice {number}"),
        (Lang::En, PaperKind::CreditNote) => format!("Credit note {number}"),
        (Lang::Ru, PaperKind::Statement) if principal => {
            format!("Отчёт {number}, выставлен покупателем")
        }
        (Lang::Ru, PaperKind::Statement) => format!("Отчёт {number}"),
        (Lang::Ru, PaperKind::Invoice) => format!("Счёт {number}"),
        (Lang::Ru, PaperKind::CreditNote) => format!("Корректировочный счёт {number}"),
    }
}

/// In which role the exchange acts.
pub(super) fn role(head: &Head) -> &'static str {
    match (head.language, head.model) {
        (Lang::En, SettlementModel::Agent) => {
            "The exchange acts as agent: it collects and passes on, and sells its own service only."
        }
        (Lang::En, SettlementModel::Principal) => {
            "The exchange buys leads from publishers and sells them to buyers in its own name."
        }
        (Lang::Ru, SettlementModel::Agent) => {
            "Биржа действует как агент: принимает и передаёт деньги, продаёт только свою услугу."
        }
        (Lang::Ru, SettlementModel::Principal) => {
            "Биржа покупает лиды у вебмастеров и продаёт их покупателям от своего имени."
        }
    }
}

/// That the lines are in the CSV.
pub(super) fn too_many(language: Lang, lines: i64) -> String {
    match language {
        Lang::En => format!("This document has {lines} lines. The CSV has all of them."),
        Lang::Ru => format!("Строк в документе: {lines}. Все они в файле CSV."),
    }
}

/// What is paid for.
pub(super) fn goal(language: Lang, goal: GoalKind) -> &'static str {
    match (language, goal) {
        (Lang::En, GoalKind::Lead) => "Lead",
        (Lang::En, GoalKind::Call) => "Call",
        (Lang::En, GoalKind::Sale) => "Sale",
        (Lang::En, GoalKind::Registration) => "Registration",
        (Lang::Ru, GoalKind::Lead) => "Лид",
        (Lang::Ru, GoalKind::Call) => "Звонок",
        (Lang::Ru, GoalKind::Sale) => "Продажа",
        (Lang::Ru, GoalKind::Registration) => "Регистрация",
    }
}

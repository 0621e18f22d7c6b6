//! The sentences of a verdict's codes in every language, for people who fill a form and for those
//! who read a specification. English comes from the tables of codes themselves.

use crate::lang::Lang;
use crate::lead::verdict::{CODES, DUPLICATE};

/// The sentence of a code; `None` for one that no verdict has.
pub fn of_code(code: &str, lang: Lang) -> Option<&'static str> {
    let family = format!("{}_", DUPLICATE.name);
    let code = if code.starts_with(&family) { DUPLICATE.name } else { code };
    let english = CODES.iter().find(|known| known.name == code)?.message;
    let russian = || RUSSIAN.iter().find(|(name, _)| *name == code).map(|(_, text)| *text);
    Some(match lang {
        Lang::En => english,
        Lang::Ru => russian().unwrap_or(english),
    })
}

const RUSSIAN: &[(&str, &str)] = &[
    ("FIELD_REQUIRED", "Заполните это поле."),
    ("FIELD_UNKNOWN", "В нише нет такого поля."),
    ("FIELD_TYPE", "Значение не того типа."),
    ("FIELD_NOT_ALLOWED", "Выберите одно из предложенных значений."),
    ("FIELD_OUT_OF_RANGE", "Число вне допустимых границ."),
    ("FIELD_LENGTH", "Значение слишком короткое или слишком длинное."),
    ("FIELD_FORMAT", "Значение не в нужном формате."),
    ("FIELD_INVALID", "Недопустимое значение."),
    ("BAD_PHONE", "Это не номер телефона."),
    ("BAD_EMAIL", "Это не адрес электронной почты."),
    ("BAD_ENVELOPE", "Эта часть сведений о заявке недопустима."),
    ("CONSENT_MISSING", "Нужно согласие человека."),
    ("SOURCE_NOT_ACTIVE", "Источник сейчас не может присылать лиды."),
    ("DUPLICATE", "Этот человек уже продан в окне уникальности ниши."),
    ("RISK_TOO_HIGH", "Сначала этот лид посмотрит модератор."),
    ("RISK_REFUSED", "Модератор отклонил этот лид."),
    ("NO_OFFER", "Для этого источника нет открытых офферов."),
    ("NO_OFFER_FUNDED", "У офферов, которым нужен этот лид, кончились деньги."),
    ("OFFER_CAPPED", "Офферы, которым нужен этот лид, пока выбрали свои лимиты."),
    ("OFFER_CLOSED_NOW", "Офферы, которым нужен этот лид, в этот час не покупают."),
    ("CONDITION_FAILED", "Ни одному офферу не нужен лид с такими значениями."),
    ("SCORE_TOO_LOW", "Скор лида ниже, чем нужно офферам."),
    ("NOT_APPROVED", "Вебмастер не допущен к офферу."),
    ("NOT_TARGETED", "Источник продаёт только другому офферу."),
    ("MIN_EARNING", "Ни один оффер не платит столько, сколько просит источник."),
    ("BUYER_HAS_PERSON", "У покупателя этот человек уже есть."),
    ("OUTBID", "Другие покупатели заплатили больше."),
    ("OUTRANKED", "По порядку ниши другие офферы были раньше."),
    ("NOT_ITS_TURN", "Лид купили офферы, которых спрашивают раньше."),
    ("SAME_BUYER", "Лид купил другой оффер того же покупателя."),
    ("SOLD_SHARED", "Лид ушёл большему числу покупателей, чем допускает этот оффер."),
    ("OFFER_PACED", "Оффер тратит бюджет равномерно за день и сейчас опережает график."),
    ("PUBLISHER_CAPPED", "Оффер пока выбрал всё, что хотел от этого вебмастера."),
    ("BUYS_CALLS", "Оффер покупает только телефонные звонки."),
    ("BUYS_NO_CALLS", "Оффер не покупает телефонные звонки."),
    ("NO_CONNECTION", "Покупатель не сказал, куда соединять звонки."),
    ("OFFER_BUSY", "У оффера сейчас заняты все линии."),
    ("CALL_RISKY", "Этот номер выглядит подозрительно, звонок не продан."),
    (
        "QUEUED_FOR_CAP",
        "Лимит оффера исчерпан: лид будет предложен снова сам, когда в нём появится место.",
    ),
    ("WAITS_FOR_CAP", "Оффер купит этот лид, когда в его лимите появится место."),
    ("LIVE_PENDING", "Покупателей ещё спрашивают; итог смотрите в карточке лида."),
    ("LIVE_NOT_ASKED", "Сервер покупателя надо сначала спросить, а этот лид или пинг не ждёт."),
    ("LIVE_NO_CONNECTION", "У оффера не указано, где спрашивать сервер покупателя."),
    ("LIVE_DECLINED", "Сервер покупателя спросили, лид ему не нужен."),
    ("LIVE_LATE", "Сервер покупателя спросили, он не ответил вовремя."),
    ("LIVE_FAILED", "Сервер покупателя спросили, он ответил ошибкой."),
    ("LIVE_BREAKER_OPEN", "Сервер покупателя постоянно отказывает, его не спрашивали."),
    ("LIVE_BUSY", "Сервер покупателя занят предельным числом запросов, его не спрашивали."),
    ("LIVE_LOW_BID", "Ставка сервера покупателя ниже его собственного минимума."),
    ("LIVE_POST_DECLINED", "Сервер покупателя выиграл, получил лид и отказался от него."),
    ("LIVE_RELEASED", "Сервер покупателя так и не сказал, взял ли лид, и лид освобождён."),
    ("LIVE_NO_TIME", "Не осталось времени послать лид серверу этого покупателя."),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_code_of_a_verdict_has_a_russian_sentence() {
        for code in CODES {
            let text = of_code(code.name, Lang::Ru).unwrap();
            let cyrillic = |c: char| ('а'..='я').contains(&c);
            assert!(text.to_lowercase().contains(cyrillic), "{} has no Russian words", code.name);
        }
        assert!(RUSSIAN.iter().all(|(name, _)| CODES.iter().any(|code| code.name == *name)));
    }

    #[test]
    fn a_more_exact_code_has_the_sentence_of_its_family() {
        assert_eq!(of_code("DUPLICATE_PHONE_30D", Lang::En), Some(DUPLICATE.message));
        assert_eq!(of_code("NOT_A_CODE", Lang::Ru), None);
    }
}

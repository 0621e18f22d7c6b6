//! The words of hosted forms.

use leadbourse_core::lang::Lang;
use leadbourse_core::publish::form::{FormMode, PreferredTime};

/// The words in one language.
pub struct Words {
    /// On the button.
    pub send: &'static str,
    /// On the button of a call back.
    pub call: &'static str,
    /// Above a call back.
    pub call_title: &'static str,
    /// After it was sent.
    pub thanks: &'static str,
    /// The field for the time of a call.
    pub when: &'static str,
    /// Times of a call, in the order of [`PreferredTime`].
    pub times: [&'static str; 4],
    /// The empty choice.
    pub choose: &'static str,
    /// Yes and no.
    pub yes_no: [&'static str; 2],
    /// Next step.
    pub next: &'static str,
    /// Step before.
    pub back: &'static str,
    /// `Step {n} of {all}`.
    pub step: &'static str,
    /// Beside what must be filled.
    pub required: &'static str,
    /// The link behind the consent.
    pub policy: &'static str,
    /// The link to what is given with the thanks.
    pub file: &'static str,
    /// The link to where it goes on.
    pub go_on: &'static str,
    /// The form was open for too long, or was sent already.
    pub stale: &'static str,
    /// The consent was not given.
    pub agree: &'static str,
    /// Some fields are wrong.
    pub wrong: &'static str,
    /// The exchange is busy.
    pub busy: &'static str,
    /// Sent too often.
    pub too_often: &'static str,
    /// The title of a page without a form.
    pub no_form: &'static str,
    /// There is no such form.
    pub unknown: &'static str,
    /// The form takes nothing now.
    pub closed: &'static str,
    /// Nobody buys what is sent here.
    pub test: &'static str,
    /// The answer to a test.
    pub test_answer: &'static str,
    /// The hidden field that people leave empty.
    pub trap: &'static str,
    /// A fault of ours.
    pub fault: &'static str,
}

static EN: Words = Words {
    send: "Send",
    call: "Call me back",
    call_title: "Request a call",
    thanks: "Thank you! Your request was received. You will be contacted soon.",
    when: "When may we call?",
    times: [
        "As soon as possible",
        "In the morning, 9 to 12",
        "In the afternoon, 12 to 17",
        "In the evening, 17 to 21",
    ],
    choose: "Choose",
    yes_no: ["Yes", "No"],
    next: "Next",
    back: "Back",
    step: "Step {n} of {all}",
    required: "required",
    policy: "Read more",
    file: "Open the file",
    go_on: "Continue",
    stale: "The form was open for too long, or was sent already. Please check it and send it again.",
    agree: "Please tick this box if you agree.",
    wrong: "Please correct the marked fields.",
    busy: "We are very busy at the moment. Please send the form again in a minute.",
    too_often: "The form was sent too often from your address. Please try again in a minute.",
    no_form: "No form here",
    unknown: "There is no form at this address. Please check the link.",
    closed: "This form does not take requests at the moment. Please try again later.",
    test: "Test: what you send here is checked and answered, but not passed on.",
    test_answer: "The answer",
    trap: "Leave this field empty",
    fault: "Something went wrong on our side. Please send the form again.",
};

static RU: Words = Words {
    send: "Отправить",
    call: "Перезвоните мне",
    call_title: "Заказать звонок",
    thanks: "Спасибо! Заявка принята. С вами скоро свяжутся.",
    when: "Когда вам позвонить?",
    times: ["Как можно скорее", "Утром, с 9 до 12", "Днём, с 12 до 17", "Вечером, с 17 до 21"],
    choose: "Выберите",
    yes_no: ["Да", "Нет"],
    next: "Далее",
    back: "Назад",
    step: "Шаг {n} из {all}",
    required: "обязательно",
    policy: "Подробнее",
    file: "Открыть файл",
    go_on: "Продолжить",
    stale: "Форма была открыта слишком долго или уже отправлена. Проверьте её и отправьте снова.",
    agree: "Отметьте, если вы согласны.",
    wrong: "Исправьте отмеченные поля.",
    busy: "Сейчас очень много заявок. Отправьте форму ещё раз через минуту.",
    too_often: "С вашего адреса форму отправляли слишком часто. Попробуйте через минуту.",
    no_form: "Здесь нет формы",
    unknown: "По этому адресу формы нет. Проверьте ссылку.",
    closed: "Эта форма сейчас не принимает заявки. Попробуйте позже.",
    test: "Тест: отправленное здесь проверяется и получает ответ, но никуда не передаётся.",
    test_answer: "Ответ",
    trap: "Оставьте это поле пустым",
    fault: "У нас что-то сломалось. Отправьте форму ещё раз.",
};

impl Words {
    /// The words of a language.
    pub fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::En => &EN,
            Lang::Ru => &RU,
        }
    }

    /// The exchange's own text of the button.
    pub fn button(&self, mode: FormMode) -> &'static str {
        if mode == FormMode::Callback { self.call } else { self.send }
    }

    /// What a time of the day is called.
    pub fn time(&self, time: PreferredTime) -> &'static str {
        let place = PreferredTime::ALL.iter().position(|known| *known == time).unwrap_or(0);
        self.times.get(place).copied().unwrap_or_default()
    }
}

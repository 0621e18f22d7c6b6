import type { Translated } from '../../../i18n/types';
import type { auth as en } from './en';

export const auth: Translated<typeof en> = {
  signIn: 'Войти',
  signUp: 'Зарегистрироваться',
  email: 'Электронная почта',
  password: 'Пароль',
  passwordHint: 'Не меньше 10 символов.',
  yourName: 'Ваше имя',
  organizationName: 'Название вашей компании',
  kind: 'Что вы хотите делать?',
  buy: 'Покупать лиды',
  sell: 'Продавать лиды',
  country: 'Страна',
  countryHint: 'Две буквы, например RU или DE.',
  timeZone: 'Часовой пояс',
  noAccount: 'Ещё нет учётной записи?',
  haveAccount: 'Уже есть учётная запись?',
  demoTitle: 'Это демонстрация',
  demoText: 'Все данные вымышлены. Войдите под любой из этих учётных записей:',
  demoUse: 'Выбрать',
  pitch:
    'Лиды многих вебмастеров для многих покупателей; каждое решение объяснено, каждая сумма доказана.',
  signedUp: 'Добро пожаловать! Оператор проверит вашу организацию.',
  emailBad: 'Введите адрес электронной почты.',
};

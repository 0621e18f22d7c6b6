import type { Translated } from '../../../i18n/types';
import type { dashboard as en } from './en';

export const dashboard: Translated<typeof en> = {
  title: 'Главная',
  leadsToday: 'Лидов сегодня',
  soldToday: 'Продано сегодня',
  boughtToday: 'Куплено сегодня',
  spentToday: 'Потрачено сегодня',
  earnedToday: 'Заработано сегодня',
  turnoverToday: 'Оборот за сегодня',
  feesToday: 'Комиссия за сегодня',
  openDisputes: 'Открытые споры',
  pendingOrganizations: 'Организации на проверке',
  pendingOffers: 'Офферы на проверке',
  pendingSources: 'Источники на проверке',
  pendingParticipations: 'Заявки на участие',
  heldLeads: 'Лиды в карантине',
  lastDays: 'Последние дни',
  leads: 'Лиды',
  sold: 'Продано',
  money: 'Деньги, {{currency}}',
  noDays: 'Лидов ещё нет. График начнётся с первого.',
  newLead: 'Новый лид',
};

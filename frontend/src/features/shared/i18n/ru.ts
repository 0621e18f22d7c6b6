import type { Translated } from '../../../i18n/types';
import type { shared as en } from './en';

export const shared: Translated<typeof en> = {
  conditions: {
    none: 'Условий нет: подходит любой лид ниши.',
    all: 'всё из',
    any: 'что-либо из',
    not: 'не',
    contains: 'содержит',
    present: 'заполнено',
    missing: 'пусто',
    in: 'одно из',
    notIn: 'ни одно из',
  },
};

import type { Translated } from '../../../i18n/types';
import type { operator as en } from './en';

export const operator: Translated<typeof en> = {
  title: 'Кабинет оператора',
};

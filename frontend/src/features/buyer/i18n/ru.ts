import type { Translated } from '../../../i18n/types';
import type { buyer as en } from './en';

export const buyer: Translated<typeof en> = {
  title: 'Кабинет покупателя',
};

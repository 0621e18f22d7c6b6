import type { Translated } from '../../../i18n/types';
import type { publisher as en } from './en';

export const publisher: Translated<typeof en> = {
  title: 'Кабинет вебмастера',
};

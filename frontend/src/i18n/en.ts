import { account } from '../features/account/i18n/en';
import { auth } from '../features/auth/i18n/en';
import { buyer } from '../features/buyer/i18n/en';
import { dashboard } from '../features/dashboard/i18n/en';
import { finance } from '../features/finance/i18n/en';
import { market } from '../features/market/i18n/en';
import { operator } from '../features/operator/i18n/en';
import { orders } from '../features/orders/i18n/en';
import { publisher } from '../features/publisher/i18n/en';
import { shared } from '../features/shared/i18n/en';
import { traffic } from '../features/traffic/i18n/en';
import { common } from './en/common';
import { enums } from './en/enums';
import { errors } from './en/errors';

export const en = {
  common,
  enums,
  errors,
  account,
  auth,
  dashboard,
  market,
  shared,
  operator,
  buyer,
  publisher,
  traffic,
  orders,
  finance,
};

import { account } from '../features/account/i18n/ru';
import { auth } from '../features/auth/i18n/ru';
import { buyer } from '../features/buyer/i18n/ru';
import { dashboard } from '../features/dashboard/i18n/ru';
import { finance } from '../features/finance/i18n/ru';
import { market } from '../features/market/i18n/ru';
import { operator } from '../features/operator/i18n/ru';
import { orders } from '../features/orders/i18n/ru';
import { publisher } from '../features/publisher/i18n/ru';
import { shared } from '../features/shared/i18n/ru';
import { traffic } from '../features/traffic/i18n/ru';
import { common } from './ru/common';
import { enums } from './ru/enums';
import { errors } from './ru/errors';

export const ru = {
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

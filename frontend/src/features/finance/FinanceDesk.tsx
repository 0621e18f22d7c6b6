import { Tabs, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { Page, Section } from '../../components/layout';
import { useUrlState } from '../../lib/use-url-state';
import { ClosePeriod } from './ClosePeriod';
import { ConvertMoney } from './ConvertMoney';
import { CreditChanges, FxConversions, LedgerCloses } from './Lists';
import { SetCredit } from './SetCredit';

const TABS = ['credit', 'conversions', 'closes'] as const;
type Tab = (typeof TABS)[number];

/** What FINANCE decides about money: credit, conversions, closed periods. */
export function FinanceDesk() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab']);
  const tabs = TABS.filter((tab) => tab !== 'closes' || can('READ_LEDGER'));
  const tab = tabs.find((each) => each === url.filters.tab) ?? 'credit';
  return (
    <Page title={t('finance.title')}>
      <Tabs
        value={tab}
        onChange={(next) => url.setFilter('tab', next === 'credit' ? null : next)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`finance.tabs.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Content tab={tab} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Content({ tab }: { tab: Tab }) {
  const { t } = useTranslation();
  const can = useCan();
  const shown: Record<Tab, { text: string; action: ReactNode; list: ReactNode }> = {
    credit: {
      text: t('finance.credit.text'),
      action: can('RECORD_MONEY') && <SetCredit />,
      list: <CreditChanges desk />,
    },
    conversions: {
      text: t('finance.fx.text'),
      action: can('RECORD_MONEY') && <ConvertMoney />,
      list: <FxConversions desk />,
    },
    closes: {
      text: t('finance.closes.text'),
      action: can('SETTLE') && <ClosePeriod />,
      list: <LedgerCloses />,
    },
  };
  const { text, action, list } = shown[tab];
  return (
    <Section title={t(`finance.tabs.${tab}`)} actions={action}>
      <Text size="sm" c="dimmed" mb="sm">
        {text}
      </Text>
      {list}
    </Section>
  );
}

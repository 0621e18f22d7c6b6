import {
  Alert,
  Badge,
  Button,
  Code,
  FileButton,
  Group,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { SimpleTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Facts, Page, Section } from '../../../components/layout';
import { AppLink, Copyable } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState, Problems } from '../../../components/states';
import { Actor, Count, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { UserErrorFields } from '../../../lib/fragments';
import { type Enum, graphql } from '../../../lib/graphql';
import { shortId } from '../../../lib/ids';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { BankAnswerLines } from './BankAnswerLines';

const AnswerFields = graphql(`
  fragment AnswerFields on BankAnswer @_unmask {
    id
    format
    messageId
    originalMessageId
    createdBy
    createdAt
    appliedAt
    counts {
      finding
      lines
    }
  }
`);

const ListQuery = graphql(
  `
    query BankAnswers {
      bankAnswers {
        ...AnswerFields
      }
    }
  `,
  [AnswerFields],
);

const OneQuery = graphql(
  `
    query BankAnswer($id: ID!) {
      bankAnswer(id: $id) {
        ...AnswerFields
      }
    }
  `,
  [AnswerFields],
);

const Check = graphql(
  `
    mutation CheckBankAnswer($input: CheckBankAnswerInput!) {
      checkBankAnswer(input: $input) {
        answer {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const Apply = graphql(
  `
    mutation ApplyBankAnswer($input: ApplyBankAnswerInput!) {
      applyBankAnswer(input: $input) {
        answer {
          id
          appliedAt
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

/** What applying does something about. */
const TO_APPLY: readonly Enum<'BankAnswerFinding'>[] = ['CONFIRMS', 'REFUSES'];

const EXAMPLE =
  'payout,status,amount,currency,reason,reference\npay_…,CONFIRMED,1250.00,RUB,,4711\npay_…,REFUSED,900.00,RUB,AC04,4712';

/** The bank's file is read and held against the payouts; nothing changes yet. */
function Upload() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const check = useAction(Check);
  const [content, setContent] = useState('');
  const read = async (file: File | null) => {
    if (file !== null) setContent(await file.text());
  };
  const send = async () => {
    const outcome = await check.run({ content });
    const id = outcome.ok ? outcome.payload.answer?.id : undefined;
    if (id !== undefined) await navigate({ to: `/operator/bank-answers/${id}` });
  };
  return (
    <Section title={t('operator.bank.upload')}>
      <Stack>
        <Text size="sm">{t('operator.bank.text')}</Text>
        <Code block tabIndex={0}>
          {EXAMPLE}
        </Code>
        <Textarea
          label={t('operator.bank.file')}
          autosize
          minRows={5}
          maxRows={16}
          spellCheck={false}
          styles={{ input: { fontFamily: 'monospace' } }}
          value={content}
          onChange={(event) => setContent(event.currentTarget.value)}
        />
        <Problems problems={check.problems} />
        <Group>
          <FileButton
            accept=".xml,.csv,application/xml,text/xml,text/csv,text/plain"
            onChange={(file) => void read(file)}
          >
            {(props) => (
              <Button variant="default" {...props}>
                {t('operator.bank.choose')}
              </Button>
            )}
          </FileButton>
          <Button
            disabled={content.trim() === ''}
            loading={check.running}
            onClick={() => void send()}
          >
            {t('operator.bank.check')}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}

/** What banks answered to files of payouts. */
export function BankAnswers() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(ListQuery, {});
  return (
    <Page
      title={t('operator.bank.title')}
      trail={[{ label: t('shared.payouts'), to: '/operator/payouts' }]}
    >
      {can('SETTLE') && <Upload />}
      <Section title={t('operator.bank.earlier')}>
        <ReadState read={read} pick={(data) => data.bankAnswers}>
          {(list) =>
            list.length === 0 ? (
              <EmptyState title={t('operator.bank.none')} />
            ) : (
              <SimpleTable
                rows={list}
                rowKey={(row) => row.id}
                caption={t('operator.bank.earlier')}
                columns={[
                  {
                    id: 'id',
                    header: t('common.id'),
                    cell: (row) => (
                      <AppLink to={`/operator/bank-answers/${row.id}`} ff="monospace" fz="sm">
                        {shortId(row.id)}
                      </AppLink>
                    ),
                  },
                  { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
                  {
                    id: 'format',
                    header: t('operator.settlements.format'),
                    cell: (row) => t(`enums.BankAnswerFormat.${row.format}`),
                  },
                  {
                    id: 'lines',
                    header: t('shared.lines'),
                    align: 'right',
                    cell: (row) => (
                      <Count value={row.counts.reduce((sum, each) => sum + each.lines, 0)} />
                    ),
                  },
                  {
                    id: 'applied',
                    header: t('operator.bank.applied'),
                    cell: (row) => <When at={row.appliedAt} />,
                  },
                ]}
              />
            )
          }
        </ReadState>
      </Section>
    </Page>
  );
}

/** One answer: line by line what it would do, and then what it did. */
export function BankAnswerDetail() {
  const { t } = useTranslation();
  const can = useCan();
  const id = useRouteId();
  const apply = useAction(Apply);
  const url = useUrlState(['finding']);
  const finding = oneOf(url.filters.finding, enums.BankAnswerFinding) ?? null;
  const read = useRead(OneQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.bankAnswer}>
      {(answer) => {
        const count = (name: Enum<'BankAnswerFinding'>) =>
          answer.counts.find((each) => each.finding === name)?.lines ?? 0;
        const open = TO_APPLY.reduce((sum, each) => sum + count(each), 0);
        const dry = answer.appliedAt === null;
        return (
          <Page
            title={`${t('operator.bank.one')} ${shortId(answer.id)}`}
            trail={[
              { label: t('shared.payouts'), to: '/operator/payouts' },
              { label: t('operator.bank.title'), to: '/operator/bank-answers' },
            ]}
            badge={
              <Badge variant="light" tt="none" radius="sm" color={dry ? 'yellow' : 'teal'}>
                {t(dry ? 'operator.bank.dry' : 'operator.bank.applied')}
              </Badge>
            }
            actions={
              dry && open > 0 && can('SETTLE') ? (
                <ActionButton
                  title={t('operator.bank.apply')}
                  text={t('operator.bank.applyText', {
                    confirms: count('CONFIRMS'),
                    refuses: count('REFUSES'),
                  })}
                  confirmLabel={t('operator.bank.apply')}
                  action={apply}
                  input={() => ({ id })}
                  done={t('common.done')}
                >
                  {t('operator.bank.apply')}
                </ActionButton>
              ) : null
            }
          >
            {dry && open === 0 && <Alert color="teal">{t('operator.bank.nothing')}</Alert>}
            {count('PROBLEM') > 0 && (
              <Alert color="orange" title={t('operator.bank.problems')}>
                {t('operator.bank.problemsText')}
              </Alert>
            )}
            <Section>
              <Facts
                cols={4}
                facts={[
                  {
                    label: t('operator.settlements.format'),
                    value: t(`enums.BankAnswerFormat.${answer.format}`),
                  },
                  answer.messageId !== null && {
                    label: t('operator.settlements.messageId'),
                    value: <Copyable value={answer.messageId} />,
                  },
                  answer.originalMessageId !== null && {
                    label: t('operator.bank.original'),
                    value: <Copyable value={answer.originalMessageId} />,
                  },
                  { label: t('common.at'), value: <When at={answer.createdAt} /> },
                  { label: t('common.actor'), value: <Actor name={answer.createdBy} /> },
                  answer.appliedAt !== null && {
                    label: t('operator.bank.applied'),
                    value: <When at={answer.appliedAt} />,
                  },
                  ...answer.counts.map((each) => ({
                    label: t(`enums.BankAnswerFinding.${each.finding}`),
                    value: <Count value={each.lines} />,
                  })),
                ]}
              />
            </Section>
            <Section title={t('shared.lines')}>
              <FilterBar>
                <EnumFilter
                  of="BankAnswerFinding"
                  label={t('operator.bank.finding')}
                  value={finding ?? undefined}
                  onChange={(next) => url.setFilter('finding', next)}
                />
              </FilterBar>
              <BankAnswerLines key={finding ?? ''} id={id} finding={finding} />
            </Section>
          </Page>
        );
      }}
    </ReadState>
  );
}

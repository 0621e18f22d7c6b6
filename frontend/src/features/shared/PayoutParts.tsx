import { Alert, Button, FileInput, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { ActionButton } from '../../components/ActionButton';
import { FormDialog } from '../../components/FormDialog';
import { StatusBadge } from '../../components/StatusBadge';
import { downloadBase64, readBase64 } from '../../lib/download';
import { type Problem, problemsOf, problemText } from '../../lib/errors';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';

const ResolvePayout = graphql(
  `
    mutation ResolvePayout($input: ResolvePayoutInput!) {
      resolvePayout(input: $input) {
        payout {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const HoldPayout = graphql(
  `
    mutation HoldPayout($input: HoldPayoutInput!) {
      holdPayout(input: $input) {
        payout {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RepayStatement = graphql(
  `
    mutation RepayStatement($input: RepayStatementInput!) {
      repayStatement(input: $input) {
        statement {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const ProofQuery = graphql(`
  query PayoutProof($payoutId: ID!) {
    payoutProof(payoutId: $payoutId) {
      proof {
        fileName
        mediaType
      }
      contentBase64
    }
  }
`);

export interface ShownPayout {
  id: string;
  rail: string;
  state: Enum<'PayoutState'>;
  reason: string | null;
}

/** The largest proof that the server takes. */
const MAX_PROOF = 2 * 1024 * 1024;

/** Why a bank refused, in words; the code itself when it is a new one. */
export function useBankReason(): (code: string) => string {
  const { t, i18n } = useTranslation();
  return (code) => {
    const key = `shared.bankReasons.${code}`;
    return i18n.exists(key) ? `${(t as unknown as (key: string) => string)(key)} (${code})` : code;
  };
}

/** Where a payout is, and what that means for whom it is for. */
export function PayoutStateText({ payout }: { payout: ShownPayout }) {
  const { t } = useTranslation();
  const bankReason = useBankReason();
  const manual = payout.state === 'PLANNED' && payout.rail === 'MANUAL';
  return (
    <Stack gap={2} maw={320}>
      <StatusBadge of="PayoutState" value={payout.state} />
      <Text size="xs" c="dimmed">
        {t(manual ? 'shared.payoutStates.BY_HAND' : `shared.payoutStates.${payout.state}`)}
      </Text>
      {payout.reason !== null && payout.reason !== 'HELD' && (
        <Text size="xs">{bankReason(payout.reason)}</Text>
      )}
    </Stack>
  );
}

/** Opens the sealed proof of a payout and hands it to the browser. */
export function ProofDownload({ payoutId, name }: { payoutId: string; name: string }) {
  const { t } = useTranslation();
  const client = useClient();
  const [running, setRunning] = useState(false);
  const [problems, setProblems] = useState<Problem[]>([]);
  const open = async () => {
    setRunning(true);
    const result = await client
      .query(ProofQuery, { payoutId }, { requestPolicy: 'network-only' })
      .toPromise();
    setRunning(false);
    const found = result.data?.payoutProof;
    setProblems(result.error === undefined ? [] : problemsOf(result.error));
    if (found != null) {
      downloadBase64(found.proof.fileName, found.contentBase64, found.proof.mediaType);
    }
  };
  return (
    <>
      <Button size="compact-xs" variant="default" loading={running} onClick={() => void open()}>
        {t('shared.proof', { name })}
      </Button>
      {problems.map((problem) => (
        <Text size="xs" c="red.8" role="alert" key={problem.code}>
          {problemText(problem, t)}
        </Text>
      ))}
    </>
  );
}

/** It arrived: with the bank's reference, and a proof where a person paid. */
function Confirm({ payout }: { payout: ShownPayout }) {
  const { t } = useTranslation();
  const resolve = useAction(ResolvePayout, { idempotent: true });
  const manual = payout.rail === 'MANUAL';
  const form = useForm({
    initialValues: { reference: '', proof: null as File | null },
    validate: {
      reference: (value) => (value.trim() === '' ? t('common.required') : null),
      proof: (file) => (file !== null && file.size > MAX_PROOF ? t('shared.proofTooLarge') : null),
    },
  });
  return (
    <FormDialog
      label={t('shared.confirmPayoutShort')}
      size="compact-xs"
      form={form}
      running={resolve.running}
      onSend={async ({ reference, proof }) =>
        resolve.run({
          payoutId: payout.id,
          confirmed: true,
          reference: reference.trim(),
          proof:
            proof === null
              ? null
              : { fileName: proof.name, contentBase64: await readBase64(proof) },
        })
      }
    >
      <Text size="sm">{t(manual ? 'shared.confirmManualText' : 'shared.confirmPayoutText')}</Text>
      <TextInput
        label={t('shared.reference')}
        required
        maxLength={200}
        data-autofocus
        {...form.getInputProps('reference')}
      />
      {manual && (
        <FileInput
          label={`${t('shared.proofFile')} (${t('common.optional')})`}
          description={t('shared.proofHint')}
          accept="application/pdf,image/png,image/jpeg"
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          {...form.getInputProps('proof')}
        />
      )}
    </FormDialog>
  );
}

/** What FINANCE may do about a payout, by its state. */
export function PayoutActions({ payout }: { payout: ShownPayout }) {
  const { t } = useTranslation();
  const resolve = useAction(ResolvePayout, { idempotent: true });
  const hold = useAction(HoldPayout, { idempotent: true });
  const byHand = payout.state === 'PLANNED' && payout.rail === 'MANUAL';
  const onItsWay = payout.state === 'EXPORTED' || payout.state === 'SENT';
  const waits = onItsWay || payout.state === 'UNKNOWN';
  const came = payout.state === 'CONFIRMED';
  if (!waits && !byHand && !came) return <>–</>;
  return (
    <Group gap="xs" wrap="nowrap">
      {(waits || byHand) && <Confirm payout={payout} />}
      {(waits || byHand || came) && (
        <ActionButton
          size="compact-xs"
          danger
          variant="light"
          title={t(came ? 'shared.cameBack' : 'shared.refusePayout')}
          text={t(came ? 'shared.cameBackText' : 'shared.refusePayoutText')}
          note={{ label: `${t('shared.reference')} (${t('common.optional')})`, maxLength: 200 }}
          action={resolve}
          input={(reference) => ({ payoutId: payout.id, confirmed: false, reference })}
          done={t('common.done')}
        >
          {t(came ? 'shared.cameBackShort' : 'shared.refusePayoutShort')}
        </ActionButton>
      )}
      {onItsWay && (
        <ActionButton
          size="compact-xs"
          variant="default"
          title={t('shared.holdPayout')}
          text={t('shared.holdPayoutText')}
          note={{ label: t('common.note'), required: true, maxLength: 200 }}
          action={hold}
          input={(note) => ({ payoutId: payout.id, note })}
          done={t('common.done')}
        >
          {t('shared.holdPayoutShort')}
        </ActionButton>
      )}
    </Group>
  );
}

/** A refused payout is tried once more, as a payout of the next generation. */
export function Repay({
  statementId,
  size = 'sm',
}: {
  statementId: string;
  size?: 'sm' | 'compact-xs';
}) {
  const { t } = useTranslation();
  const repay = useAction(RepayStatement, { idempotent: true });
  return (
    <ActionButton
      size={size}
      variant="light"
      title={t('shared.repay')}
      text={t('shared.repayText')}
      action={repay}
      input={() => ({ id: statementId })}
      done={t('common.done')}
    >
      {t('shared.repayShort')}
    </ActionButton>
  );
}

/** What to do about payouts of which nobody knows what became. */
export function UnknownHelp() {
  const { t } = useTranslation();
  return (
    <Alert color="orange" title={t('shared.unknownTitle')}>
      {t('shared.unknownText')}
    </Alert>
  );
}

import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Copyable } from '../../components/links';

/** A secret that the server shows this once. Closing it is deliberate: there is no second look. */
export function SecretOnce({
  title,
  secret,
  onClose,
}: {
  title: string;
  secret: string | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      centered
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="orange">{t('market.secret.once')}</Alert>
        <Text component="div" size="sm" data-testid="secret">
          {secret !== null && <Copyable value={secret} />}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('market.secret.stored')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

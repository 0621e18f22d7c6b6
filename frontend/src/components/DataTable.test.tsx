import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { SimpleTable } from './DataTable';

function Counter() {
  const [count, setCount] = useState(0);
  return <button onClick={() => setCount(count + 1)}>pressed {count}</button>;
}

function Table({ rows }: { rows: { id: string }[] }) {
  return (
    <MantineProvider>
      <SimpleTable
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { id: 'name', header: 'Name', cell: (row) => row.id },
          { id: 'button', header: 'Button', cell: () => <Counter /> },
        ]}
      />
    </MantineProvider>
  );
}

it('keeps what is open in a cell when the list is read again', async () => {
  const user = userEvent.setup();
  const { rerender } = render(<Table rows={[{ id: 'a' }]} />);
  await user.click(screen.getByRole('button'));
  rerender(<Table rows={[{ id: 'a' }, { id: 'b' }]} />);
  expect(screen.getByRole('button', { name: 'pressed 1' })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'pressed 0' })).toBeInTheDocument();
});

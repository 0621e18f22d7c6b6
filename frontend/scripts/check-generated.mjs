// Fails when src/lib/graphql-env.d.ts is not what ../schema.graphql generates.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'leadbourse-'));
try {
  const fresh = join(folder, 'graphql-env.d.ts');
  execFileSync('npx', ['gql.tada', 'generate-output', '--output', fresh], { stdio: 'pipe' });
  if (readFileSync(fresh, 'utf8') !== readFileSync('src/lib/graphql-env.d.ts', 'utf8')) {
    process.stderr.write('src/lib/graphql-env.d.ts is out of date: run `npm run generate`.\n');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

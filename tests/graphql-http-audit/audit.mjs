// Runs every check of the GraphQL-over-HTTP audit against a running server:
//   node audit.mjs http://127.0.0.1:8080/graphql
// Ends with 1 unless all of them pass, recommendations included.
import { auditServer } from 'graphql-http';

const url = process.argv[2];
if (!url) {
  console.error('usage: node audit.mjs <url of /graphql>');
  process.exit(2);
}

const results = await auditServer({ url });
const failed = results.filter((result) => result.status !== 'ok');
for (const { id, name, status, reason } of failed) {
  console.error(`${status} ${id}: ${name}\n    ${reason}`);
}
console.log(`${results.length - failed.length} of ${results.length} checks pass`);
process.exit(failed.length === 0 && results.length === 61 ? 0 : 1);

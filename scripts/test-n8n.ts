/** What `npm run test:n8n` runs: the tests with n8n itself, which is installed into the user's cache where it is missing. */
process.env.KVFLOW_TEST_N8N = '1';
process.argv.push('tests/hosts/n8n/real-n8n.test.ts');
await import('./test.ts');

'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Which files take longest, measured on two cores: those with a browser, which compute, in turn with those that wait.
 * What is not named follows, the larger file first.
 */
const LONGEST = [
  'model/kv/',
  'runtime/sandbox/hostile',
  'faults/faults',
  'faults/cut-off',
  'fuzz/functions',
  'dashboard/key.',
  'functions/identify-processes',
  'functions/whole-answers',
  'dashboard/never-lose',
  'dashboard/every-page',
  'docs/running',
  'runtime/transports/conformance-cli',
  'dashboard/keys.',
  'dashboard/keys-tree',
  'functions/every-function',
  'dashboard/bucket-views',
  'dashboard/recognition',
  'runtime/transports/conformance.',
  'dashboard/scripts.',
  'dashboard/sessions',
  'functions/identify-killed',
  'dashboard/functions',
  'functions/kv-bucket-list',
  'dashboard/live',
  'runtime/main/workers',
  'runtime/main/moved-server',
  'runtime/nats/backup',
  'hosts/node-red/browser',
  'hosts/node-red/mount',
  'hosts/client-adapters',
  'runtime/transports/cli/start',
  'runtime/transports/cli/transform',
  'dashboard/buckets',
  'runtime/warehouses/destinations',
  'dashboard/bulk',
  'runtime/transports/cli/',
  'dashboard/',
  'runtime/warehouses/pglite',
  'hosts/n8n/',
  'functions/kv-key-list-large',
  'functions/outage',
  'runtime/transports/mcp/stdio',
  'runtime/warehouses/clickhouse.',
  'runtime/warehouses/mysql.',
  'runtime/warehouses/snowflake.',
  'runtime/server/watch',
  'runtime/sandbox/workers',
  'runtime/main/check-destinations',
  'functions/kv-key-watch',
  'functions/kv-key-find',
  'functions/key-ttl',
  'functions/replicas',
  'functions/domains',
  'functions/mirrors-and-sources',
  'model/script-kv',
  'runtime/warehouses/mariadb.',
  'runtime/warehouses/postgres.',
  'runtime/warehouses/redshift.',
  'runtime/warehouses/tls',
  'runtime/transports/mcp/',
  'hosts/node-red/',
  'functions/identify',
  'functions/warehouse-query',
  'functions/transform',
  'functions/answers-in-bytes',
  'functions/compare-and-set',
  'functions/kv-bucket-create-effects',
  'functions/kv-key-list-changing',
  'runtime/nats/silence',
  'runtime/nats/transfers',
  'runtime/nats/service/processes',
  'runtime/sandbox/locked',
  'runtime/server/caller-gone',
  'runtime/flows/flows',
  'simulator/',
  'faults/',
  'attack/',
];

/**
 * Long files first, so that at the end no worker waits for another one. jest does so by itself once it has seen how long
 * each takes, which in a fresh clone it has not.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.every(({ duration }) => duration !== undefined)) return sorted;
    return sorted.sort((a, b) => rank(a.path) - rank(b.path));
  }
};

function rank(path) {
  const at = LONGEST.findIndex(name => path.replaceAll('\\', '/').includes(`/tests/${name}`));
  return at < 0 ? LONGEST.length : at;
}

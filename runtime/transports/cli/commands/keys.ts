import type { Command, CommandCall, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import type { KeyInfo, Keys, NewKey } from '../host.ts';
import { table } from '../io.ts';

/** `kvflow keys` */
export const keysCommand: Command = {
  usage: 'keys add|list|revoke [name]',
  summary: 'makes, shows and revokes API keys; a running server takes them up by itself',
  help: [
    'Only a hash of a key is kept in the data directory: a new key is printed this once.',
    'From the first key on every request needs one.',
    '',
    '  keys add NAME       makes a key that may do everything, unless told otherwise:',
    "    --functions LIST  only these functions, such as kv-key-get,kv-key-list or 'kv-key-*'",
    "    --buckets LIST    only these buckets, such as users,'cache-*'; those of kvflow itself by their whole names",
    "    --subjects LIST   NATS subjects that writes may be published on, such as 'changes.>'",
    "    --destinations LIST  only these warehouses, such as crm,'events-*'",
    "    --tables LIST     tables beside those a warehouse lists, such as 'events_*'",
    '    --namespaces LIST only these tenants of transform and identify, such as shop',
    '    --flows           may call what flows serve, also where functions or buckets are limited, or with --read-only',
    '    --origins LIST    for pages of these origins alone, such as https://app.example (CORS)',
    '    --read-only       only functions that change nothing',
    '    --rate RATE       at most so many calls, such as 100/s or 600/minute',
    '    --expires WHEN    after a time such as 12h, 30d or 1y, or at one such as 2030-01-31T12:00:00Z',
    '  keys list',
    '  keys revoke NAME',
    '',
  ].join('\n'),
  options: {
    functions: { type: 'string' },
    buckets: { type: 'string' },
    subjects: { type: 'string' },
    destinations: { type: 'string' },
    tables: { type: 'string' },
    namespaces: { type: 'string' },
    flows: { type: 'boolean' },
    origins: { type: 'string' },
    'read-only': { type: 'boolean' },
    rate: { type: 'string' },
    expires: { type: 'string' },
  },
  settings: ['data-dir', 'config'],
  run: async call => {
    const [action = '', name, ...more] = call.args;
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (!run || more.length > 0)
      throw usageError(`Usage: kvflow ${keysCommand.usage}. See: kvflow help keys`);
    await run(await call.host.keys(call.settings), name, call);
    return EXIT.ok;
  },
};

const ACTIONS: Record<string, (keys: Keys, name: string | undefined, call: CommandCall) => Promise<void>> = {
  add: async (keys, name, { flags, io }) => {
    const wanted = newKey(needName(name, 'add'), flags);
    const { key } = await keys.add(wanted);
    io.print(key);
    io.tell(
      `Key "${wanted.name}" added. This is the only time it is shown. Send it as: Authorization: Bearer <key>`,
    );
  },
  list: async (keys, _name, { io }) => {
    const all = await keys.list();
    if (all.length === 0) return io.tell('There are no API keys. Make one with: kvflow keys add NAME');
    const head = ['NAME', 'KEY', 'FUNCTIONS', 'BUCKETS', 'ACCESS', 'RATE', 'EXPIRES', 'ORIGINS'];
    const more = RARE.filter(({ of }) => all.some(key => !USUAL.includes(of(key))));
    const rows = all.map(key => [...row(key), ...more.map(({ of }) => of(key) || '-')]);
    for (const line of table([[...head, ...more.map(({ title }) => title)], ...rows])) io.print(line);
  },
  revoke: async (keys, name, { io }) => {
    await keys.revoke(needName(name, 'revoke'));
    io.tell(`Key "${name}" revoked.`);
  },
};

/** Limits that few keys have: shown where one has. */
const RARE: { title: string; of: (key: KeyInfo) => string }[] = [
  { title: 'SUBJECTS', of: key => key.subjects.join(',') },
  { title: 'DESTINATIONS', of: key => key.destinations.join(',') },
  { title: 'TABLES', of: key => key.tables.join(',') },
  { title: 'NAMESPACES', of: key => key.namespaces.join(',') },
  { title: 'FLOWS', of: key => (key.flows ? 'yes' : '') },
];
/** Of a key without limits. */
const USUAL = ['*', '>', ''];

function needName(name: string | undefined, action: string): string {
  if (name) return name;
  throw usageError(`Name the key: kvflow keys ${action} NAME`);
}

function newKey(name: string, flags: Flags): NewKey {
  return {
    name,
    functions: words(textFlag(flags, 'functions')),
    buckets: words(textFlag(flags, 'buckets')),
    subjects: words(textFlag(flags, 'subjects')),
    destinations: words(textFlag(flags, 'destinations')),
    tables: words(textFlag(flags, 'tables')),
    namespaces: words(textFlag(flags, 'namespaces')),
    flows: flags.flows === true ? true : undefined,
    origins: words(textFlag(flags, 'origins')),
    readOnly: flags['read-only'] === true,
    rate: textFlag(flags, 'rate'),
    expiresAt: expiry(textFlag(flags, 'expires'), Date.now()),
  };
}

function words(list: string | undefined): string[] | undefined {
  return list?.split(',').flatMap(word => word.trim() || []);
}

const UNITS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** A span from now on, or a time; answers RFC 3339. */
function expiry(given: string | undefined, now: number): string | undefined {
  if (given === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,6})([mhdwy])$/.exec(given) ?? [];
  const time = count ? now + Number(count) * (UNITS[unit] ?? 0) : Date.parse(given);
  // Date itself refuses years beyond 275760.
  if (Number.isFinite(new Date(time).getTime())) return new Date(time).toISOString();
  throw usageError(
    `--expires is "${given}": must be a span such as 12h, 30d or 1y, or a time such as 2030-01-31T12:00:00Z`,
  );
}

function row(key: KeyInfo): string[] {
  return [
    key.name,
    `${key.prefix}...`,
    key.functions.join(','),
    key.buckets.join(','),
    key.read_only ? 'read' : 'read, write',
    key.rate_limit ? `${key.rate_limit.calls}/${key.rate_limit.per}` : '-',
    expires(key.expires_at),
    key.origins?.join(',') ?? '-',
  ];
}

function expires(at: string | null): string {
  if (at === null) return 'never';
  return Date.parse(at) > Date.now() ? at : `${at} (expired)`;
}

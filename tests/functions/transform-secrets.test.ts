import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { TransformOutput } from '../../contract/types.gen.ts';
import { createSecretBox } from '../../runtime/core/secret-box.ts';
import { startAccounts } from '../support/accounts.ts';
import { endedAtLast, forAll } from '../support/for-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';

const accounts = forAll(() => startAccounts());

const VALUE = 'sk-"live"/Zürich+42';
const NUMBER = '48151623';

test('transform secrets - scripts have them by name; nothing that comes back has them', async () => {
  await using k = accounts.join();
  const secret = (name: string, value: string, more = {}) =>
    k.call('transform-secret-put', { name, value, namespace: 'shop', ...more });
  await secret('API_KEY', VALUE);
  await secret('PIN', NUMBER);
  const script = `export default (event, { secrets, log }) => {
    log.info('key', secrets.API_KEY, { deep: [secrets.API_KEY] })
    console.log('%s', btoa(unescape(encodeURIComponent(secrets.API_KEY))), encodeURIComponent($secrets.API_KEY))
    if (event.fail) throw new Error('bad ' + secrets.API_KEY, { cause: new Error('of ' + secrets.API_KEY) })
    return { ok: secrets.API_KEY.length, [secrets.API_KEY]: 1, text: 'a' + secrets.API_KEY + 'b', pin: Number(secrets.PIN) }
  }`;
  const call = { script, namespace: 'shop' };
  const answers = [
    await k.call('transform', { ...call, event: {} }),
    await k.call('transform', { ...call, ndjson: '{}\n' }),
    await k.fail('transform', { ...call, event: { fail: true } }),
    await k.call('transform', { ...call, events: [{ fail: true }, {}], on_error: 'dead' }),
    await k.call('transform-test', { ...call, events: [{}], expect: [{}] }),
    await k.call('transform-test', {
      ...call,
      script: 'await $kv.set("k", $secrets.API_KEY); return $',
      events: [{}],
      expect_kv: { k: 1 },
    }),
    await k.call('kv-key-list', { bucket: 'recognition_dead', include_values: true }).catch(() => ({})),
  ];
  expect(answers[0]).toMatchObject({ events: [{ ok: VALUE.length, '***': 1, text: 'a***b', pin: '***' }] });
  const told = JSON.stringify(answers);
  const forms = [
    VALUE,
    NUMBER,
    'live',
    encodeURIComponent(VALUE),
    Buffer.from(VALUE).toString('base64').replace(/=/g, ''),
  ];
  for (const form of forms) expect(told).not.toContain(JSON.stringify(form).slice(1, -1));
  // Of another namespace they have none.
  expect(
    await k.call('transform', { script: 'return { a: $secrets.API_KEY ?? 0 }', event: {} }),
  ).toMatchObject({
    events: [{ a: 0 }],
  });
});

const LINES = ['MIIEvQIBADANBgkqhkiG9w0B+/', 'AQEFAASCBKcwggSjAgEAAoIB', 'Zq8'];
const PEM = `-----BEGIN PRIVATE KEY-----\n${LINES.join('\n')}\n-----END PRIVATE KEY-----\n`;
const QUOTED = 'a"quoted\\back\'slash key~(1)';

test.each([
  ['escaped in JSON', 'return { a: JSON.stringify({ s: S }), b: JSON.stringify(JSON.stringify([S])) }'],
  ['logged in an object', 'console.log({ s: S }, [S], new Map([[S, S]])); return {}'],
  ['thrown in an object', 'throw { s: S, deep: [S] }'],
  ['thrown in a message', 'throw new Error(JSON.stringify({ s: S }))'],
  ['sent as a form', 'return { a: new URLSearchParams({ s: S }).toString(), b: encodeURI(S) }'],
  [
    'in base64',
    'return { a: ["", "u", "ur", "user:"].map(u => btoa(u + S)), b: ["", "u", "ur"].map(u => btoa(u + S + "...")) }',
  ],
  ['in base64 of JSON', 'return { a: btoa(JSON.stringify({ s: S })) }'],
  [
    'in base64url',
    'return { a: Buffer.from("u" + S).toString("base64url"), b: encodeURIComponent(btoa("u" + S)) }',
  ],
  ['in hexadecimal', 'const h = Buffer.from(S).toString("hex"); return { a: h, b: h.toUpperCase() }'],
  ['line by line', 'return { a: S.split("\\n").map(line => line + ";") }'],
])(
  'transform secrets - nothing comes back of one with lines, quotes or backslashes: %s',
  async (_form, body) => {
    const k = await shared();
    for (const [name, secret] of Object.entries({ PEM, QUOTED })) {
      const call = { script: body.replaceAll(/\bS\b/g, `$secrets.${name}`), on_error: 'skip' };
      const told = [
        await k.call('transform', { ...call, event: {} }),
        await k.call('transform', { ...call, ndjson: '{}' }),
      ];
      for (const answer of told) {
        expect(JSON.stringify(answer)).toContain('***');
        for (const text of decoded(JSON.stringify(answer)))
          for (const piece of name === 'PEM' ? LINES.slice(0, 2) : [secret, 'quoted', 'slash key'])
            expect(text).not.toContain(piece.slice(0, 24));
      }
    }
  },
);

const TOKEN = createHash('sha512').update('token').digest('base64url').repeat(3);
const ACCOUNT = JSON.stringify({ type: 'service_account', private_key: PEM }, null, 2);

test('transform secrets - what is left of one that a message cut is masked; so are the lines of a key within one', async () => {
  const k = await shared();
  const calls = [
    'return $secrets.TOKEN',
    'return { a: Buffer.from("x" + $secrets.TOKEN).toString("base64") }.a',
    'throw { deep: { text: "of " + $secrets.TOKEN, more: "x".repeat(3_000) } }',
    'throw new Error("y".repeat(1_980) + $secrets.TOKEN)',
    'throw new Error("z", { cause: { text: "y".repeat(170) + $secrets.TOKEN } })',
    'throw new Error(JSON.parse($secrets.ACCOUNT).private_key)',
    'return { lines: JSON.parse($secrets.ACCOUNT).private_key }',
  ];
  for (const script of calls) {
    const told = JSON.stringify(await k.call('transform', { script, event: {}, on_error: 'skip' }));
    expect([script, told]).toEqual([script, expect.stringContaining('***')]);
    for (const text of decoded(told))
      for (const piece of [TOKEN.slice(0, 8), ...LINES.slice(0, 2)]) expect(text).not.toContain(piece);
  }
  // A message that only begins as a secret does, and goes on as it likes, is told.
  const said = `throw new Error('${TOKEN.slice(0, 12)} it is not')`;
  const told = await k.call('transform', { script: `$secrets; ${said}`, event: {}, on_error: 'skip' });
  expect(JSON.stringify(told)).toContain(`${TOKEN.slice(0, 12)} it is not`);
});

let kvflow: TestKvflow | undefined;

async function shared(): Promise<TestKvflow> {
  if (kvflow) return kvflow;
  kvflow = endedAtLast(accounts.join());
  for (const [name, value] of Object.entries({ PEM, QUOTED, TOKEN, ACCOUNT }))
    await kvflow.call('transform-secret-put', { name, value });
  return kvflow;
}

/** What can be read out of a text, in whatever way it was sent. */
function decoded(text: string): string[] {
  const words = text.match(/[A-Za-z0-9+/_%-]{8,}/g) ?? [];
  const bytes = words.flatMap(word => {
    const plain = word.replaceAll('%2B', '+').replaceAll('%2F', '/');
    const shifted = [0, 1, 2, 3].map(from => Buffer.from(plain.slice(from), 'base64').toString());
    return [...shifted, Buffer.from(word, 'hex').toString()];
  });
  return [
    text,
    text.replaceAll(/%([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    ...bytes,
  ];
}

test('transform secrets - what is stored is encrypted, bound to its name, and never answered', async () => {
  await using k = accounts.join();
  await k.call('transform-secret-put', { name: 'A', value: VALUE });
  await k.call('transform-secret-put', { name: 'B', value: 'another', script_id: 's' });
  const within = soon();
  const stored = await k.nats.kv.get(within, { bucket: 'transform_secrets', key: 'default.=.A' });
  const text = Buffer.from((stored as { value: Uint8Array }).value).toString();
  expect(text).not.toContain('live');
  const box = createSecretBox('5e'.repeat(32));
  expect(box.open('default.=.A', text)).toBe(VALUE);
  expect(() => box.open('default.=.B', text)).toThrow('cannot be decrypted');
  expect(() => createSecretBox('00'.repeat(32)).open('default.=.A', text)).toThrow('cannot be decrypted');
  expect(await k.call('transform-secret-list', {})).toMatchObject({ secrets: [{ name: 'A' }], total: 1 });
  expect(JSON.stringify(await k.call('transform-secret-list', { script_id: 's' }))).not.toContain('another');
  const script = 'return { a: $secrets.A?.length ?? 0, b: $secrets.B?.length ?? 0 }';
  await k.call('transform-script-put', { script_id: 's', script });
  expect(await k.call('transform', { script_id: 's', event: {} })).toMatchObject({
    events: [{ a: VALUE.length, b: 7 }],
  });
  expect(await k.call('transform', { script, event: {} })).toMatchObject({ events: [{ b: 0 }] });
  expect(await k.call('transform-secret-delete', { name: 'A' })).toEqual({ deleted: true });
  expect(await k.call('transform', { script, event: {} })).toMatchObject({ events: [{ a: 0 }] });
});

test('transform secrets - a script that contains one is not stored, and one stored before is masked', async () => {
  await using k = accounts.join();
  const script = 'return { key: "hard-coded-key" }';
  await k.call('transform-script-put', { script_id: 's', script });
  await k.call('transform-secret-put', { name: 'KEY', value: 'hard-coded-key' });
  expect(await k.fail('transform-script-put', { script_id: 's', script })).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('secrets.KEY'),
  });
  expect(await k.call('transform-script-get', { script_id: 's' })).toMatchObject({
    script: 'return { key: "***" }',
  });
});

test('transform secrets - what another kvflow deletes or replaces is known to the next call', async () => {
  await using one = accounts.join();
  await using other = joinNats(one.joined);
  const run = async () => {
    const script = 'return { a: $secrets.A?.length ?? 0 }';
    const { events } = (await one.call('transform', { script, event: {} })) as unknown as TransformOutput;
    return events[0]?.a;
  };
  for (const length of [5, 7]) {
    await other.call('transform-secret-put', { name: 'A', value: 'x'.repeat(length) });
    // Twice: the second is answered from what is remembered.
    expect([await run(), await run()]).toEqual([length, length]);
  }
  expect(await other.call('transform-secret-delete', { name: 'A' })).toEqual({ deleted: true });
  expect(await run()).toBe(0);
  await other.nats.kv.deleteBucket(soon(), 'transform_secrets');
  await other.call('transform-secret-put', { name: 'A', value: 'yyyy' });
  expect(await Promise.all(Array.from({ length: 8 }, run))).toEqual(Array(8).fill(4));
});

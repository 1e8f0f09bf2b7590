import { expect, test } from '@jest/globals';
import type { TransformOutput } from '../../contract/types.gen.ts';
import { createSecretBox } from '../../runtime/core/secret-box.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';

const VALUE = 'sk-"live"/Zürich+42';
const NUMBER = '48151623';

test('transform secrets - scripts have them by name; nothing that comes back has them', async () => {
  await using k = await startKvflow();
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

test('transform secrets - what is stored is encrypted, bound to its name, and never answered', async () => {
  await using k = await startKvflow();
  await k.call('transform-secret-put', { name: 'A', value: VALUE });
  await k.call('transform-secret-put', { name: 'B', value: 'another', script_id: 's' });
  const within = { deadline: Date.now() + 5_000 };
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
  await using k = await startKvflow();
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
  await using nats = await startNats();
  await using one = joinNats({ servers: [nats.url] });
  await using other = joinNats({ servers: [nats.url] });
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
  await other.nats.kv.deleteBucket({ deadline: Date.now() + 5_000 }, 'transform_secrets');
  await other.call('transform-secret-put', { name: 'A', value: 'yyyy' });
  expect(await Promise.all(Array.from({ length: 8 }, run))).toEqual(Array(8).fill(4));
});

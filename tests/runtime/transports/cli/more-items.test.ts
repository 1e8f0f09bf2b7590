import { expect, test } from '@jest/globals';
import { forAll } from '../../../support/for-all.ts';
import { startBothWays } from './in-process.ts';

const it = forAll(startBothWays);

test('incr - counts, from where it is told and no further than it is told', async () => {
  for (const [way, run] of it.ways) {
    const key = `incr-${way}/n`;
    await it.kvflow.call('kv-bucket-create', { bucket: `incr-${way}`, key_ttl: true });
    expect(await run(['incr', key])).toMatchObject({ code: 0, text: '1\n' });
    expect(await run(['incr', key, '41'])).toMatchObject({ text: '42\n' });
    expect(await run(['incr', key, '--', '-1'])).toMatchObject({ text: '41\n' });
    expect(await run(['incr', key, '-1'])).toMatchObject({ text: '40\n' });
    expect(await run(['incr', key, '-5', '--min', '-3', '--initial=-2'])).toMatchObject({ text: '35\n' });
    expect(await run(['incr', key, '--min', '-3', '5', '--json'])).toMatchObject({ code: 0 });
    expect(await run(['incr', key, '5', '--max', '42'])).toMatchObject({ code: 4, text: '40\n' });
    expect(await run(['incr', `incr-${way}/m`, '--initial', '9', '--ttl', '1h'])).toMatchObject({
      text: '10\n',
    });
    expect(await run(['incr', key, 'x'])).toMatchObject({ code: 2, text: '' });
  }
});

test('cp and mv - within a bucket and across, and never over an item unasked', async () => {
  for (const [way, run] of it.ways) {
    const [one, two] = [`one-${way}`, `two-${way}`];
    for (const bucket of [one, two]) await it.kvflow.call('kv-bucket-create', { bucket });
    const bytes = Buffer.from([0, 0xff]);
    await run(['put', `${one}/a`, '-'], bytes);
    expect(await run(['cp', `${one}/a`, `${two}/a`])).toMatchObject({ code: 0, text: '1\n' });
    expect(await run(['cp', `${one}/a`, `${two}/a`])).toMatchObject({ code: 4, text: '' });
    expect(await run(['cp', `${one}/a`, `${two}/a`, '--overwrite'])).toMatchObject({ code: 0 });
    expect(await run(['mv', `${one}/a`, `${one}/b/c`])).toMatchObject({ code: 0 });
    expect(await run(['mv', `${one}/b/c`, `${two}/d`])).toMatchObject({ code: 0 });
    expect(await run(['ls', one])).toMatchObject({ text: '' });
    expect((await run(['get', `${two}/d`])).out).toEqual(bytes);
    expect(await run(['mv', `${one}/gone`, `${two}/e`])).toMatchObject({ code: 3 });
  }
});

test('history and tree - what is there on one line each, cut and safe for a terminal', async () => {
  for (const [way, run] of it.ways) {
    const bucket = `tree-${way}`;
    await it.kvflow.call('kv-bucket-create', { bucket, history: 5 });
    await run(['put', `${bucket}/a.b`, 'one\u001b[2J']);
    await run(['put', `${bucket}/a.b`, 'x'.repeat(100)]);
    await run(['put', `${bucket}/a.b`, '-'], Buffer.from([0xff]));
    await run(['rm', `${bucket}/a.b`]);
    const lines = (await run(['history', `${bucket}/a.b`])).text.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^1 .* put +one\\u001b\[2J$/),
      expect.stringMatching(/^2 .* put +x{59}…$/),
      expect.stringMatching(/^3 .* put +\(1 bytes that are no text\)$/),
      expect.stringMatching(/^4 .* delete$/),
    ]);
    const whole = (await run(['history', `${bucket}/a.b`, '--json'])).text.split('\n')[1] ?? '';
    expect(JSON.parse(whole)).toMatchObject({ revision: 2, value: 'x'.repeat(100) });
    for (const key of ['u.1', 'u.2', 'u.2.deep', 'top']) await run(['put', `${bucket}/${key}`, 'x']);
    expect((await run(['tree', bucket])).text).toBe('top\nu  (3 below)\n');
    expect((await run(['tree', bucket, '--depth', '2'])).text).toBe(
      'top\nu  (3 below)\n  1\n  2  (1 below, and a key)\n',
    );
    expect((await run(['tree', `${bucket}/u.2`])).text).toBe('deep\n');
  }
});

test('watch - prints each change until so many have come', async () => {
  for (const [way, run] of it.ways) {
    const bucket = `watch-${way}`;
    await it.kvflow.call('kv-bucket-create', { bucket, history: 5 });
    await run(['put', `${bucket}/u.1`, 'a\nb']);
    await run(['put', `${bucket}/other`, 'x']);
    const watching = run(['watch', `${bucket}/u.`, '--start', 'current', '--count', '3']);
    await run(['put', `${bucket}/u.2`, '-'], Buffer.from([0xff]));
    await run(['rm', `${bucket}/u.1`]);
    const ran = await watching;
    expect(ran.code).toBe(0);
    const lines = ran.text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('delete  u.1');
    expect(lines).toContain('put  u.2  (base64) /w==');
    expect(ran.text).not.toContain('other');
    const [line = ''] = (
      await run(['watch', bucket, '--start', 'history', '--count', '1', '--json'])
    ).text.split('\n');
    expect(JSON.parse(line)).toMatchObject({ key: 'u.1', operation: 'put', value: 'a\nb' });
    expect(await run(['watch', 'nowhere'])).toMatchObject({ code: 3 });
  }
});

test('watch - what it prints as JSON is what two versions of a script are compared over', async () => {
  await it.kvflow.call('kv-bucket-create', { bucket: 'captured', history: 5 });
  for (const script of ['return { n: $.n }', 'return $.n > 1 ? { n: $.n } : null'])
    await it.kvflow.call('transform-script-put', { script_id: 'captured', script });
  for (const value of ['{"n":1}', '{"n":2}', 'no JSON'])
    await it.kvflow.call('kv-key-put', { bucket: 'captured', key: 'k', value });
  for (const [, run] of it.ways) {
    const watched = ['watch', 'captured', '--start', 'history', '--count', '3', '--json'];
    const { text: ndjson } = await run(watched);
    const input = { script_id: 'captured', before: '1', after: '2', captured: true, ndjson };
    const compared = await run(['invoke', 'transform-script-compare', '-'], JSON.stringify(input));
    expect(compared).toMatchObject({ code: 0 });
    expect(JSON.parse(compared.text)).toMatchObject({
      same: 1,
      different: [{ index: 0, before: { events: [{ n: 1 }] }, after: { events: [] } }],
    });
  }
});

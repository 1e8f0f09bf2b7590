import { createHash, createHmac } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { encodings } from '../../../runtime/sandbox/guest/encodings.ts';
import { openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());
const one = async (script: string, event: unknown = {}, more = {}) =>
  single(await run(script, [event], more));

test('transform TextDecoder - reads every encoding of one byte a character, and UTF-16, as Node does', async () => {
  const bytes = Array.from({ length: 256 }, (_, at) => at);
  const names = [...Object.keys(encodings().tables), 'utf-16le', 'utf-16be'];
  const script = `const out = {}
    for (const name of $.names) out[name] = new TextDecoder(name).decode(Uint8Array.from($.bytes))
    return out`;
  const expected = Object.fromEntries(
    names.map(name => [name, new TextDecoder(name).decode(Uint8Array.from(bytes))]),
  );
  expect(await one(script, { names, bytes })).toEqual(expected);
});

test('transform TextDecoder - names, marks, streams and faults', async () => {
  const script = `const d = new TextDecoder('utf-8')
    const bytes = new TextEncoder().encode('a€😀')
    let streamed = ''
    for (const byte of bytes) streamed += d.decode(Uint8Array.of(byte), { stream: true })
    const faults = [() => new TextDecoder('shift_jis'), () => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(255))]
      .map(f => { try { f(); return '' } catch (error) { return error.name } })
    return { streamed: streamed + d.decode(), name: new TextDecoder(' Latin1 ').encoding, faults,
      mark: new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97)),
      kept: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 97)).length,
      bad: new TextDecoder().decode(Uint8Array.of(97, 255, 98)) }`;
  expect(await one(script)).toEqual({
    streamed: 'a€😀',
    name: 'windows-1252',
    faults: ['RangeError', 'TypeError'],
    mark: 'a',
    kept: 2,
    bad: 'a\ufffdb',
  });
});

test('transform crypto.subtle - HMAC signs and verifies, keys stay what they are', async () => {
  const script = `export default async () => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), algorithm, false, ['sign', 'verify'])
    const data = new TextEncoder().encode('message')
    const signature = await crypto.subtle.sign('HMAC', key, data)
    const refused = await crypto.subtle.exportKey('raw', key).catch(error => error.name)
    const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: { name: 'SHA-512' } }, true, ['sign'])
    return { hex: Buffer.from(signature).toString('hex'), ok: await crypto.subtle.verify('HMAC', key, signature, data),
      no: await crypto.subtle.verify('HMAC', key, signature, new TextEncoder().encode('other')), refused,
      size: (await crypto.subtle.exportKey('raw', made)).byteLength,
      digest: Buffer.from(await crypto.subtle.digest('SHA-1', data)).toString('base64'), random: crypto.getRandomValues(new Uint8Array(8)).length }
  }`;
  expect(await one(script)).toEqual({
    hex: createHmac('sha256', 'key').update('message').digest('hex'),
    ok: true,
    no: false,
    refused: 'TypeError',
    size: 128,
    digest: createHash('sha1').update('message').digest('base64'),
    random: 8,
  });
});

test('transform - Intl, performance, and AbortController', async () => {
  const script = `export default async () => {
    const controller = new AbortController()
    let heard = 0
    controller.signal.addEventListener('abort', () => { heard++ })
    controller.abort(new Error('enough'))
    const before = performance.now()
    return { heard, aborted: controller.signal.aborted, reason: controller.signal.reason.message, time: performance.now() >= before,
      number: new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5),
      date: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(0),
      plural: new Intl.PluralRules('en').select(1), list: new Intl.ListFormat('fr').format(['a', 'b']),
      words: [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')].length }
  }`;
  expect(await one(script, {}, { timeoutMs: 10_000 })).toEqual({
    heard: 1,
    aborted: true,
    reason: 'enough',
    time: true,
    number: '1.234,50\u00a0€',
    date: '1 January 1970',
    plural: 'one',
    list: 'a et b',
    words: 3,
  });
});

test('transform Buffer - as Node has it, and a megabyte of it', async () => {
  const script = `const text = 'Zürich 😀'
    const out = {}
    for (const name of ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'utf16le', 'ascii'])
      out[name] = Buffer.from(text).toString(name)
    const big = Buffer.alloc(1 << 20, 'ab')
    return { out, back: Buffer.from(out.base64url, 'base64url').toString(), size: Buffer.byteLength(text),
      joined: Buffer.concat([Buffer.from('a'), Buffer.from([98])]).toString(), equal: Buffer.compare(Buffer.from('a'), Buffer.from('b')),
      number: Buffer.from([1, 2, 3, 4]).readUInt32BE(0), json: JSON.stringify(Buffer.from('a')), is: Buffer.isBuffer(big),
      base64: big.toString('base64').length, hex: Buffer.from(big.toString('hex'), 'hex').equals(big), sub: big.subarray(0, 3).toString(),
      proto: Object.getPrototypeOf(Object.getPrototypeOf(big)) === Uint8Array.prototype, frozen: Object.isFrozen(Buffer.prototype) }`;
  const text = 'Zürich 😀';
  const names = ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'utf16le', 'ascii'] as const;
  expect(await one(script, {}, { timeoutMs: 10_000 })).toEqual({
    out: Object.fromEntries(names.map(name => [name, Buffer.from(text).toString(name)])),
    back: text,
    size: Buffer.byteLength(text),
    joined: 'ab',
    equal: -1,
    number: 0x01020304,
    json: JSON.stringify(Buffer.from('a')),
    is: true,
    base64: 1_398_104,
    hex: true,
    sub: 'aba',
    proto: true,
    frozen: true,
  });
});

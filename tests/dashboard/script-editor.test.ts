/** What the editor of scripts knows, without a browser: completions at a place of a script. */
import { CompletionContext } from '@codemirror/autocomplete';
import { typescriptLanguage } from '@codemirror/lang-javascript';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { expect, test } from '@jest/globals';
import { scriptCompletion } from '../../dashboard/src/components/script-editor/complete.ts';

const FACTS = {
  event: { user: { email: 'a@b.c', id: 7 }, items: [{ sku: 'x', price: 3 }], type: 'track' },
  variables: { region: 'eu' },
  secrets: ['API_KEY'],
  libraries: ['lib:math'],
};

/** What is offered at the `|` of a script. */
function offered(script: string): string[] {
  const pos = script.indexOf('|');
  const state = EditorState.create({ doc: script.replace('|', ''), extensions: [typescriptLanguage] });
  ensureSyntaxTree(state, pos, 5_000);
  const result = scriptCompletion(() => FACTS)(new CompletionContext(state, pos, true));
  return result?.options.map(({ label, detail = '' }) => `${label} ${detail}`.trim()) ?? [];
}

test.each([
  ['$.|', 'user object'],
  ['$.user.em|', 'email "a@b.c"'],
  ['$?.user?.|', 'id 7'],
  ["$['user'].|", 'id 7'],
  ['return { ...$, x: $.user.|', 'id 7'],
  ['$.user.email.|', 'toLowerCase'],
  ['for (const item of $.items) { item.| }', 'price 3'],
  ['$.items.map(item => item.|)', 'sku "x"'],
  ['const { user: { email }, ...rest } = $\nemail.|', 'trim'],
  ['const copy = { ...$, total: 1 }\ncopy.|', 'total 1'],
  ['$kv.|', 'incr (key: string, by?: number, opts?: KvTtl): Promise<number>'],
  ['const n = await $kv.incr("n")\nn.|', 'toFixed'],
  ['$secrets.|', 'API_KEY ""'],
  ["getCredential('|')", 'API_KEY'],
  ["import { f } from '|'", 'lib:math stored script'],
  ["import { f } from '|'", 'dayjs'],
  ["$hash('|', 'x')", 'sha256'],
  ['console.|', 'log (...values: unknown[]): void'],
  ['crypto.subtle.|', 'digest (algorithm: string, data: Uint8Array | ArrayBuffer): Promise<ArrayBuffer>'],
  ['new Date().|', 'toISOString'],
  ['Math.|', 'round'],
  ['new URL($.user.email).|', 'searchParams'],
  [
    'export default async function (event, { store, log }) { store.| }',
    'getWithTTL (key: string): Promise<{ value: any; ttl: number } | undefined>',
  ],
  ['export default async (e, ctx) => { const s = ctx.store; (await s.getWithTTL("x")).| }', 'ttl'],
  ['export const transform = (e, c) => c.log.|', 'info (...values: unknown[]): void'],
  ['(e, { kv }) => kv.|', 'getMany (keys: string[]): Promise<any[]>'],
  ['export default (e) => e.user.|', 'id 7'],
  ['export function transformEvent(e, metadata) { metadata(e).| }', 'messageId string'],
  ['export function transformBatch(events) { return events.map(e => e.user.|) }', 'id 7'],
  ['async function onTrack(event, settings) { event.user.| }', 'id 7'],
  ['|', '$kv TransformKv'],
  ['reg|', 'region variable of the call'],
  ['const mine = 1\nmi|', 'mine'],
  [
    'exp|',
    'transformEvent (event: TransformEvent, metadata: (event: TransformEvent) => TransformMetadata): any',
  ],
])('script editor - %s is completed by %s', (script, expected) => {
  expect(offered(script)).toContain(expected);
});

test.each(['// $.|', '"a.|"', '`x.|`', 'const |', 'unknown.|', '/a.|/', 'const $kv = 1; nothing.|'])(
  'script editor - nothing is offered at %s',
  script => expect(offered(script)).toEqual([]),
);

test('script editor - a name of the script hides ours of the same name', () => {
  expect(offered('const store = { mine: 1 }\nstore.|')).toEqual(['mine 1']);
  expect(offered('function onTrack(event) {}\nfunction other(event) { event.| }')).toEqual([]);
});

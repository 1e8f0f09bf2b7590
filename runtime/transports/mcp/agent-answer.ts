import type { CallToolResult } from '@modelcontextprotocol/server';
import { withExactNumbers } from '../../../contract/exact-json.ts';
import type { Envelope } from '../../core/envelope.ts';
import { isFailure } from '../../core/envelope.ts';

const { isRawJSON } = JSON as unknown as { isRawJSON?: (value: unknown) => boolean };
/** Characters of one text in an answer; the rest of a larger one is cut off and said. */
const MAX_TEXT = 8_000;
/** Characters of the whole answer as text; clients that read text alone get the beginning and what is left out. */
const MAX_COPY = 4_000;

/**
 * An answer that costs an agent what it is worth: long texts are cut, a large answer is a beginning with the whole beside it
 * as structured content, and a key that is not there is an answer.
 */
export function agentResult(name: string, envelope: Envelope): CallToolResult {
  if (isFailure(envelope)) {
    const isMissing = name === 'kv-key-get' && envelope.error.code === 'KEY_NOT_FOUND';
    return isMissing
      ? answer({ found: false })
      : { isError: true, content: [text(JSON.stringify(envelope))] };
  }
  const { data } = envelope;
  // As text numbers have every digit that was stored; the structured content is what JavaScript makes of them.
  let isExact = false;
  const shown = cut(data, value => {
    isExact ||= withExactNumbers(value) !== value;
    return value;
  });
  const whole = JSON.stringify(isExact ? cut(data, withExactNumbers) : shown);
  return answer(shown as Record<string, unknown>, whole);
}

function answer(data: Record<string, unknown>, whole = JSON.stringify(data)): CallToolResult {
  const copy = whole.length <= MAX_COPY ? whole : summary(whole);
  return { content: [text(copy)], structuredContent: data };
}

function summary(whole: string): string {
  return `${whole.slice(0, MAX_COPY)}\n… ${whole.length - MAX_COPY} of ${whole.length} characters are left out here; structuredContent has all. Ask for less: a filter, a smaller limit, no values.`;
}

function cut(value: unknown, read: <T extends object>(value: T) => T): unknown {
  if (typeof value === 'string' && value.length > MAX_TEXT) {
    return `${value.slice(0, MAX_TEXT)}… [cut: ${value.length} characters in all; the rest is at GET /buckets/{bucket}/keys/{key}]`;
  }
  if (typeof value !== 'object' || value === null || isRawJSON?.(value)) return value;
  const part = read(value);
  if (Array.isArray(part)) return part.map(inner => cut(inner, read));
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, cut(inner, read)]));
}

function text(content: string) {
  return { type: 'text' as const, text: content };
}

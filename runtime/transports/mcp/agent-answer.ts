import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Envelope } from '../../core/envelope.ts';
import { isFailure } from '../../core/envelope.ts';

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
  return answer(cut(envelope.data) as Record<string, unknown>);
}

function answer(data: Record<string, unknown>): CallToolResult {
  const whole = JSON.stringify(data);
  const copy = whole.length <= MAX_COPY ? whole : summary(whole);
  return { content: [text(copy)], structuredContent: data };
}

function summary(whole: string): string {
  return `${whole.slice(0, MAX_COPY)}\n… ${whole.length - MAX_COPY} of ${whole.length} characters are left out here; structuredContent has all. Ask for less: a filter, a smaller limit, no values.`;
}

function cut(value: unknown): unknown {
  if (typeof value === 'string' && value.length > MAX_TEXT) {
    return `${value.slice(0, MAX_TEXT)}… [cut: ${value.length} characters in all; the rest is at GET /buckets/{bucket}/keys/{key}]`;
  }
  if (Array.isArray(value)) return value.map(cut);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]));
}

function text(content: string) {
  return { type: 'text' as const, text: content };
}

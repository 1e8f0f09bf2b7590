import { describe, expect, test } from '@jest/globals';
import { headers as newHeaders } from '@nats-io/transport-node';
import { aboutOf, withAbout } from '../../../runtime/nats/kv/headers/about.ts';
import { expiryHeaders, expiryOf, ttlHeaders } from '../../../runtime/nats/kv/headers/ends.ts';
import { checkForm } from '../../../runtime/nats/kv/headers/form.ts';
import { endMarked, endMarkerHeaders, markerOperation } from '../../../runtime/nats/kv/headers/markers.ts';
import { setWriteId, writeIdOf } from '../../../runtime/nats/kv/headers/marks.ts';

describe('message-headers', () => {
  test('what is kept of a value is read back, letters that are not ASCII too', () => {
    const about = {
      contentType: 'image/png',
      metadata: { owner: 'Zoë 😀' },
      by: { key: 'key:ö 1', flow: 'a; key=b' },
    };
    expect(aboutOf({ headers: withAbout(undefined, about) })).toEqual(about);
    expect(withAbout(undefined, {})).toBeUndefined();
  });

  test('a content type that would break the header is refused by name', () => {
    expect(() => withAbout(undefined, { contentType: 'a/b\r\nNats-TTL: 1' })).toThrow(/content_type must be/);
    expect(() => withAbout(undefined, { contentType: `a/${'b'.repeat(300)}` })).toThrow(/content_type/);
  });

  test('a message of a later form is refused, one of this form or of none is read', () => {
    const headers = newHeaders();
    checkForm({ headers }, 'k');
    headers.set('Kvflow-Form', '1');
    checkForm({ headers }, 'k');
    headers.set('Kvflow-Form', '2');
    expect(() => checkForm({ headers }, 'k')).toThrow(/Key "k" was written by a newer kvflow/);
  });

  test('ends are exact, and an end marker is the end of its value', () => {
    expect(expiryOf({ headers: ttlHeaders(1_500_000_000), time: 1_000 }, 0)).toBe(2_500);
    expect(expiryOf({ headers: expiryHeaders(9_000, 1_000), time: 1_000 }, 2e9)).toBe(3_000);
    const marker = { headers: endMarkerHeaders(4_000) };
    expect([markerOperation(marker), endMarked(marker)]).toEqual(['expire', 4_000]);
  });

  test('a write is known again by its id', () => {
    const headers = newHeaders();
    expect(writeIdOf({ headers })).toBe('');
    setWriteId(headers, 'abc');
    expect(writeIdOf({ headers })).toBe('abc');
  });
});

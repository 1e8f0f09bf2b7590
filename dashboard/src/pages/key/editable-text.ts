import type { StoredText } from '../../lib/bytes.ts';
import { compactJson, formatJson, isJson } from '../../lib/json-text.ts';

/** How a value is edited, and how it goes back into what it was. */
export interface EditableText {
  language: 'json' | 'text';
  /** Bytes are edited as base64. */
  binary: boolean;
  /** What the editor shows of a value of this kind. */
  shown(value: string): string;
  /** What is stored of what the editor shows. */
  stored(text: string): string;
  /** What is stored otherwise than it was, beside what was edited. */
  note: string | undefined;
}

/** JSON without line breaks is laid out for editing and stored as it was; line ends stay what they were. */
export function editableText({ value, encoding }: StoredText): EditableText {
  const binary = encoding === 'base64';
  if (binary) {
    return {
      language: 'text',
      binary,
      shown: text => text.match(/.{1,76}/g)?.join('\n') ?? '',
      stored: text => text.replace(/\s/g, ''),
      note: 'These bytes are no text: edit them as base64.',
    };
  }
  const json = isJson(value);
  const compact = json && compactJson(value) === value;
  const crlf = /\r\n/.test(value) && !/[^\r]\n|\r(?!\n)|^\n/.test(value);
  const mixed = !crlf && value.includes('\r');
  return {
    language: json ? 'json' : 'text',
    binary,
    shown: text => (compact ? formatJson(text) : text.replace(/\r\n?/g, '\n')),
    stored: text => (compact ? compactJson(text) : crlf ? text.replace(/\n/g, '\r\n') : text),
    note: compact
      ? 'Laid out for editing; stored without line breaks, as it was.'
      : mixed
        ? 'Line ends of different kinds become \\n.'
        : undefined,
  };
}

/** Encodings that scripts can read, as Node knows them. The build puts the value in the place of this file: a realm has no TextDecoder. */

/** What scripts may call them. */
const LABELS: Record<string, string> = {
  'utf-8': 'utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8',
  'utf-16le': 'utf-16 ucs-2 csunicode iso-10646-ucs-2 unicode unicodefeff',
  'utf-16be': 'unicodefffe',
  'windows-1252':
    'latin1 latin-1 l1 ascii us-ascii iso-8859-1 iso8859-1 iso88591 cp1252 x-cp1252 cp819 ibm819',
  'windows-1254': 'latin5 l5 iso-8859-9 iso8859-9 cp1254',
  'iso-8859-15': 'latin9 l9 iso8859-15',
  'iso-8859-2': 'latin2 l2 iso8859-2',
  'iso-8859-5': 'cyrillic iso8859-5',
  'iso-8859-7': 'greek iso8859-7',
  'koi8-r': 'koi koi8',
  macintosh: 'mac x-mac-roman',
};
const ONE_BYTE =
  'ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic'.split(
    ' ',
  );
const UPPER = Uint8Array.from({ length: 128 }, (_, at) => at + 128);

/** The upper half of each encoding of one byte a character, and all names. */
export function encodings(): { tables: Record<string, string>; labels: Record<string, string> } {
  const names = ['utf-8', 'utf-16le', 'utf-16be', ...ONE_BYTE];
  const others = names.flatMap(name => (LABELS[name] ?? '').split(' ').map(label => [label, name] as const));
  const cp = ONE_BYTE.filter(name => name.startsWith('windows-')).map(
    name => [name.replace('windows-', 'cp'), name] as const,
  );
  return {
    tables: Object.fromEntries(ONE_BYTE.map(name => [name, new TextDecoder(name).decode(UPPER)])),
    labels: Object.fromEntries([...names.map(name => [name, name] as const), ...cp, ...others]),
  };
}

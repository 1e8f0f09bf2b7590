/** Shorter lines of a secret are too common to be masked by themselves. */
const SHORTEST_LINE = 8;
/** Shorter pieces of base64 are. */
const SHORTEST_FORM = 4;
const HEADING = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/;
const LINE_BREAK = /\r?\n|\\n/;

/**
 * How a secret may come back: as it is, escaped in JSON (in JSON within JSON too) or as `console.log` shows it, percent-encoded
 * and as a form sends it, in hexadecimal, in base64 and base64url at each of the three places in a group of bytes it may
 * begin at; and each longer line of one that has several. None is shorter than 4 characters.
 */
export function formsOf(secret: string): string[] {
  const lines = LINE_BREAK.test(secret) ? secret.split(LINE_BREAK).map(line => line.trim()) : [];
  const telling = lines.filter(line => line.length >= SHORTEST_LINE && !HEADING.test(line));
  const forms = [...new Set([secret, secret.trim(), ...telling])].flatMap(text => [
    ...escapedForms(text),
    ...sentForms(text),
    ...sentForms(escaped(text)),
  ]);
  return [...new Set(forms)].filter(form => form.length >= SHORTEST_FORM);
}

/** As it is, and as it stands in a string of JSON or of a script. */
export function escapedForms(text: string): string[] {
  const once = escaped(text);
  const twice = escaped(once);
  const shown = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return [...new Set([text, once, twice, escaped(twice), shown, escaped(shown)])];
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function sentForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const sent = [...percentForms(text.toWellFormed()), hex, hex.toUpperCase(), ...base64Forms(bytes)];
  // btoa takes one byte for each character.
  const latin1 = Buffer.from(text, 'latin1');
  return latin1.equals(bytes) ? sent : [...sent, ...base64Forms(latin1)];
}

function percentForms(text: string): string[] {
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const upper = [encodeURIComponent(text), encodeURI(text), form, form.replaceAll('+', '%20')];
  return [...upper, ...upper.map(one => one.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()))];
}

/** Only characters that nothing but the secret decides, and for one that ends the text the last one too. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap(before => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const text = all.toString('base64').replace(/=+$/, '');
    const from = before === 0 ? 0 : before + 1;
    const forms = [text.slice(from), text.slice(from, Math.floor((all.length * 8) / 6))];
    const inUrl = forms.flatMap(one => [
      one.replaceAll('+', '-').replaceAll('/', '_'),
      encodeURIComponent(one),
    ]);
    return [...forms, ...inUrl];
  });
}

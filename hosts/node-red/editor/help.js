import { escapeHtml, t } from './texts.js';

/** The help of a node's type in the language of the editor; its first paragraph is the palette's tooltip. */
export function nodeHelp(entry) {
  const failures = t(
    'Failures go to Catch nodes: the code is in msg.error.code, the whole answer in msg.error.cause.',
  );
  const parts = [
    paragraph(t(entry.about)),
    `<h3>${escapeHtml(t('Fields'))}</h3>`,
    list(entry.fields.map(field => described({ ...field, name: t(field.label), optional: !field.required }))),
    ...settings(entry),
    ...outputs(entry),
    `<p>${escapeHtml(failures)}${codes(entry)}</p>`,
  ];
  return parts.join('\n');
}

/** The help of the connection. */
export function connectionHelp() {
  const ways = [
    ['The kvflow that Node-RED runs in', 'The editor under /flows of "kvflow start": nothing else to set.'],
    [
      'NATS',
      'One or more servers, separated by commas; the functions run here. Needs the package kvflow beside this one. Log in with user and password, a token, a creds file or the seed of an nkey in a file; TLS takes a certificate of the authority of the server, or of our own.',
    ],
    ['A kvflow server', 'The URL that "kvflow start" prints, and an API key where it asks for one.'],
  ];
  return [
    paragraph(t('A connection that any number of kvflow nodes share.')),
    `<h3>${escapeHtml(t('Connect to'))}</h3>`,
    list(ways.map(([name, about]) => `<dt>${escapeHtml(t(name))}</dt><dd>${escapeHtml(t(about))}</dd>`)),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what users write
    `<p>${escapeHtml(t('Every field takes an environment variable as'))} <code>${'${NAME}'}</code></p>`,
  ].join('\n');
}

function settings(entry) {
  if (entry.settings.length === 0) return [];
  const rows = entry.settings.map(({ label, about, kind }) =>
    described({ name: t(label), types: kind, about }),
  );
  return [`<h3>${escapeHtml(t('Settings'))}</h3>`, list(rows)];
}

function outputs({ results, trigger, branches, otherwise }) {
  const first = trigger ? [paragraph(t('A message per change. Its topic is the key, its payload has:'))] : [];
  return [
    `<h3>${escapeHtml(t('Output'))}</h3>`,
    ...first,
    list(results.map(described)),
    ...(branches ? [paragraph(secondOutput(otherwise))] : []),
  ];
}

function secondOutput(otherwise) {
  if (!otherwise) return t('The second output is for a key that is not there: the answer is null.');
  return `${t('The second output is for')} ${t(otherwise.name)}: ${otherwise.property} = false.`;
}

function described({ name, types, about, optional }) {
  const mark = optional ? ' class="optional"' : '';
  return `<dt${mark}>${escapeHtml(name)} <span class="property-type">${escapeHtml(types)}</span></dt><dd>${escapeHtml(t(about))}</dd>`;
}

function codes({ errors }) {
  return errors.length === 0 ? '' : ` ${errors.map(code => `<code>${code}</code>`).join(', ')}`;
}

function paragraph(text) {
  return `<p>${escapeHtml(text)}</p>`;
}

function list(items) {
  return items.length === 0 ? '<p>-</p>' : `<dl class="message-properties">\n${items.join('\n')}\n</dl>`;
}

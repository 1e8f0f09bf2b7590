/** Of our message catalogues, nodes/locales/<language>/kvflow.json. */
const CATALOGUE = '@kvflow/node-red/kvflow';

/**
 * A text in the language of the editor. The English text is the key, without the two characters that keys have a use for;
 * what is not translated is English.
 */
export function t(english) {
  const key = english.replace(/[.:]/g, '');
  const found = RED._(`${CATALOGUE}:${key}`);
  return !found || found === key || found.endsWith(`:${key}`) ? english : found;
}

/** The first sentence of a text, in whichever language. */
export function firstSentence(text) {
  return text.split(/(?<=\.)\s|(?<=。)/, 1)[0];
}

export function escapeHtml(text) {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Adds a dialog or a help text before those that stand in the page already: the editor takes the first. */
export function addText(attribute, type, html) {
  const element = document.createElement('script');
  element.type = 'text/html';
  element.setAttribute(attribute, type);
  element.text = html;
  document.body.prepend(element);
}

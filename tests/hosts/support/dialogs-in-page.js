/** What is read off the editor's page, where it runs: dialogs of our nodes as their templates have them. */

/** Labels that are wider than their place in a form as wide as the open dialog, as "type: label". */
export function cutLabels() {
  const width = document.querySelector('.red-ui-tray-body form')?.clientWidth ?? 0;
  const place = document.createElement('div');
  place.className = 'red-ui-editor';
  place.style.cssText = `position: absolute; left: 0; top: 0; width: ${width}px`;
  document.body.append(place);
  const found = width === 0 ? ['no dialog is open'] : [];
  for (const template of document.querySelectorAll('script[data-template-name]')) {
    const type = template.getAttribute('data-template-name') ?? '';
    if (!/^(kv-|kvflow-batch|transform|identify|admin-|warehouse-)/.test(type)) continue;
    place.innerHTML = `<form class="form-horizontal dialog-form">${template.textContent}</form>`;
    for (const label of place.querySelectorAll('label'))
      if (label.scrollWidth > label.clientWidth || label.clientWidth === 0)
        found.push(`${type}: ${label.textContent}`);
  }
  place.remove();
  return found;
}

/** The dialog of a type: its labels by field, what stands below the fields, and the help. */
export function readDialog(type) {
  const textOf = attribute => document.querySelector(`script[${attribute}="${type}"]`)?.textContent ?? '';
  const form = document.createElement('div');
  form.innerHTML = textOf('data-template-name');
  const labels = [...form.querySelectorAll('label')].map(label => [
    (label.getAttribute('for') ?? '').replace(/^node-input-(input_)?/, ''),
    (label.textContent ?? '').trim(),
  ]);
  const about = [...form.querySelectorAll('.kvflow-about')].map(one => one.textContent ?? '');
  return { labels: Object.fromEntries(labels), about, help: textOf('data-help-name') };
}

/** "deployed", what the editor asks before it deploys, or nothing yet. */
export function readDeploy() {
  if (!RED.nodes.dirty()) return 'deployed';
  const isAsked = document.querySelector('#red-ui-full-shade')?.checkVisibility();
  return isAsked ? document.querySelector('#red-ui-notifications').textContent : '';
}

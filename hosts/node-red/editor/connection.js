import { connectionHelp } from './help.js';
import { addText, t } from './texts.js';

export const CONNECTION = 'kvflow-connection';

/** The one configuration node; its dialog is editor/connection.html. */
export function registerConnection() {
  const embedded = RED.settings.kvflowConnectionEmbedded;
  addText('data-help-name', CONNECTION, connectionHelp());
  RED.nodes.registerType('kvflow-connection', {
    category: 'config',
    defaults: {
      name: { value: '' },
      mode: { value: embedded ? 'embedded' : 'nats', required: true },
      servers: { value: 'nats://127.0.0.1:4222' },
      credsFile: { value: '' },
      nkeyFile: { value: '' },
      tls: { type: 'tls-config', required: false },
      domain: { value: '' },
      url: { value: 'http://127.0.0.1:4280' },
    },
    credentials: {
      user: { type: 'text' },
      password: { type: 'password' },
      token: { type: 'password' },
      apiKey: { type: 'password' },
    },
    label() {
      return this.name || { embedded: t('this kvflow'), nats: this.servers, http: this.url }[this.mode];
    },
    oneditprepare() {
      const show = () => {
        const mode = $('#node-config-input-mode').val();
        $('.kvflow-mode').each((_index, row) => void $(row).toggle($(row).hasClass(`kvflow-mode-${mode}`)));
      };
      $('#node-config-input-mode').on('change', show);
      show();
    },
  });
}

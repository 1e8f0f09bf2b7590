import type { ServerResponse } from 'node:http';

/** Own files only, nothing inline. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Address of the script of {@link showLogin}. */
export const LOGIN_SCRIPT_PATH = '/flows/login.js';

/** Asks for the API key with which the editor is started. */
export function showLogin(response: ServerResponse): void {
  const form =
    '<p>The flow editor has not been started since kvflow was. It takes an API key that may do everything.</p>' +
    '<form><p><label>Name <input name="who" autocomplete="username" required autofocus></label> ' +
    '<label>API key <input type="password" name="key" autocomplete="current-password" required></label> ' +
    '<button>Open the editor</button></p><p role="alert"></p></form>';
  show(response, 200, `${form}<script src="${LOGIN_SCRIPT_PATH}"></script>`);
}

/** Says that the editor is down just now, and looks again every three seconds. */
export function showDown(response: ServerResponse): void {
  response.setHeader('refresh', '3');
  const text =
    '<p>The process of the flows is down and is started again by itself; this page opens the editor then.</p>' +
    '<p>If it goes on: <a href="/ui/flows">the dashboard</a> says why it ended, and starts the editor without running flows.</p>';
  show(response, 503, text);
}

function show(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, HEADERS).end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kvflow: flows</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body class="home"><main><h1>Flows</h1>${body}</main></body>
</html>
`);
}

/** The session goes where Node-RED's editor looks for it, so that nobody is asked twice. */
const LOGIN_SCRIPT = `const form = document.querySelector('form');
const said = document.querySelector('[role=alert]');
form.addEventListener('submit', async event => {
  event.preventDefault();
  said.textContent = 'Starting the editor...';
  const password = form.elements.key.value;
  const username = form.elements.who.value;
  const sent = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
  try {
    const answer = await fetch('/flows/auth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    });
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) {
      localStorage.setItem('auth-tokens-flows', JSON.stringify(found));
      location.reload();
    } else said.textContent = found.error?.message ?? 'This API key does not open the flow editor.';
  } catch {
    said.textContent = 'kvflow does not answer; try again.';
  }
});
`;

/** Answers the script of {@link showLogin}. */
export function sendLoginScript(response: ServerResponse): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/javascript; charset=utf-8' }).end(LOGIN_SCRIPT);
}

/** Where the page stands. */
export interface DocsPlace {
  /** Address of the folder that has app.js and style.css. */
  assets: string;
  /** What the heading leads to. */
  home: string;
  /** Whether it stands elsewhere than the server, whose address is then asked for. */
  asksServer?: boolean;
}

/** The page around the list of functions, which its script fills in. */
export function docsHtml({ assets, home, asksServer = false }: DocsPlace): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asksServer ? 'kvflow playground' : 'kvflow functions'}</title>
${asksServer ? '' : '<link rel="icon" href="/favicon.svg" type="image/svg+xml">\n'}<link rel="stylesheet" href="${assets}/style.css">
<script src="${assets}/app.js" defer></script>
</head>
<body>
<header>
<h1><a href="${home}">kvflow</a> ${asksServer ? 'playground' : 'functions'}</h1>
<form id="key-form">
${asksServer ? SERVER_FIELD : ''}<label for="key">API key</label>
<input id="key" type="password" autocomplete="off" placeholder="none needed without keys">
<button>${asksServer ? 'Connect' : 'Use'}</button>
</form>
</header>
<div id="columns">
<nav id="functions" aria-label="Functions"></nav>
<main id="function" aria-live="polite"><p>Loading&hellip;</p></main>
</div>
<noscript><p>This page needs JavaScript. ${asksServer ? '' : '<a href="/openapi.json">OpenAPI 3.1</a> has the same content.'}</p></noscript>
</body>
</html>
`;
}

const SERVER_FIELD = `<label for="server">Server</label>
<input id="server" type="url" required value="http://127.0.0.1:4280">
`;

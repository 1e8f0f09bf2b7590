/** The page around the list of functions, which its script fills in. */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kvflow functions</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
<script src="/docs/app.js" defer></script>
</head>
<body>
<header>
<h1><a href="/">kvflow</a> functions</h1>
<form id="key-form">
<label for="key">API key</label>
<input id="key" type="password" autocomplete="off" placeholder="none needed without keys">
<button>Use</button>
</form>
</header>
<div id="columns">
<nav id="functions" aria-label="Functions"></nav>
<main id="function" aria-live="polite"><p>Loading&hellip;</p></main>
</div>
<noscript><p>This page needs JavaScript. <a href="/openapi.json">OpenAPI 3.1</a> has the same content.</p></noscript>
</body>
</html>
`;

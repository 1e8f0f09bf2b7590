/** The start page. */
export const HOME_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kvflow</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body class="home">
<main>
<h1>kvflow</h1>
<p>Key-value functions for workflow automation, on NATS JetStream. This server is running.</p>
<ul>
<li><a href="/docs">Functions</a>: read about them and try them here</li>
<li><a href="/openapi.json">OpenAPI 3.1</a>: for clients and generators</li>
<li><a href="/readyz">Readiness</a> and <a href="/metrics">metrics</a></li>
</ul>
</main>
</body>
</html>
`;

/** Looks of the start page and of /docs, in light and dark. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --line: color-mix(in srgb, currentColor 18%, transparent);
  --soft: color-mix(in srgb, currentColor 6%, transparent);
  --accent: light-dark(#0a5cc2, #7db4ff);
  --good: light-dark(#1a7f37, #56d364);
  --bad: light-dark(#b3261e, #ff8a80);
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
body.home main { max-width: 40rem; margin: 10vh auto; padding: 0 1rem; }
a { color: var(--accent); }
h1, h2, h3 { line-height: 1.2; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; justify-content: space-between;
  padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); }
header h1 { margin: 0; font-size: 1.2rem; }
header a { text-decoration: none; }
#columns { display: grid; grid-template-columns: 15rem minmax(0, 1fr); min-height: calc(100vh - 4rem); }
nav { border-right: 1px solid var(--line); padding: 1rem; }
nav h2 { font-size: .8rem; margin: 1rem 0 .25rem; text-transform: uppercase; opacity: .7; }
nav a { display: block; padding: .25rem .5rem; border-radius: 6px; text-decoration: none; overflow-wrap: anywhere; }
nav a[aria-current] { background: var(--soft); font-weight: 600; }
main { padding: 1rem 1.5rem 4rem; max-width: 70rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
code, pre, textarea { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .88rem; }
pre { background: var(--soft); border-radius: 8px; padding: .75rem 1rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
textarea { width: 100%; min-height: 11rem; padding: .75rem; border: 1px solid var(--line); border-radius: 8px; background: transparent; color: inherit; }
button, select, input { font: inherit; padding: .35rem .8rem; border-radius: 8px; border: 1px solid var(--line); background: var(--soft); color: inherit; }
button.primary { background: var(--accent); color: light-dark(#fff, #111); border-color: transparent; }
.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: .6rem 0; }
.traits span { display: inline-block; border: 1px solid var(--line); border-radius: 99px; padding: 0 .7rem; margin: 0 .4rem .4rem 0; font-size: .82rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
.muted { opacity: .7; font-size: .85rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 720px) { #columns { grid-template-columns: 1fr; } nav { border-right: 0; border-bottom: 1px solid var(--line); } }
`;

/** The icon of every page: a key's bow and bit on a stream. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#1971c2"/>
<path d="M5 22c4-4 7 4 11 0s7 4 11 0" fill="none" stroke="#a5d8ff" stroke-width="2.5" stroke-linecap="round"/>
<circle cx="11" cy="12" r="4" fill="none" stroke="#fff" stroke-width="2.5"/>
<path d="M15 12h11M22 12v4M26 12v3" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>
</svg>
`;

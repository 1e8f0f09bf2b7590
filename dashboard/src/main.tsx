import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

// A page of an older build asks for files that are gone: the new page has new ones.
addEventListener('vite:preloadError', event => {
  const name = 'kvflow.reloaded-at';
  if (Date.now() - Number(sessionStorage.getItem(name)) < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem(name, String(Date.now()));
  location.reload();
});

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);

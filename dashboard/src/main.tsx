import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { noteFailedLoads } from './lib/failed-loads.ts';

noteFailedLoads();

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);

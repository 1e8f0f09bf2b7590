import { Button, Checkbox, Paper, PasswordInput, Stack, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { fetchAccess } from '../api/access.ts';
import { toApiError } from '../api/api-error.ts';
import { logIn } from '../api/session.ts';
import { Muted } from '../components/muted.tsx';
import { ColorSchemeToggle } from './color-scheme-toggle.tsx';
import classes from './shell.module.css';

/** Asks for an API key. The address stays what it is, so that afterwards one is where one wanted to be. */
export function LoginPage({ reason }: { reason: string }) {
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Log in · kvflow';
  }, []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      const text = key.trim();
      const { name } = await fetchAccess({ authorization: `Bearer ${text}` });
      logIn(text, { remember, owner: name });
    } catch (error) {
      setFault(toApiError(error).message);
      setBusy(false);
    }
  }

  return (
    <main className={classes.login} data-log-in>
      <Paper withBorder p="xl" radius="lg" w="100%" maw={420} bg="var(--kv-surface)">
        <form onSubmit={submit}>
          <Stack gap="md">
            <div className={classes.logo}>
              <img src="/favicon.svg" width={32} height={32} alt="" />
              kvflow
            </div>
            <Title order={1} size="h3">
              Log in
            </Title>
            <Muted>{reason}</Muted>
            <PasswordInput
              label="API key"
              description="Made where kvflow runs, with: kvflow keys add NAME"
              value={key}
              onChange={event => setKey(event.currentTarget.value)}
              error={fault || undefined}
              autoComplete="off"
              data-autofocus
              autoFocus
              required
            />
            <Checkbox
              label="Remember on this computer"
              description="Otherwise the key is forgotten when this tab is closed."
              checked={remember}
              onChange={event => setRemember(event.currentTarget.checked)}
            />
            <Button type="submit" loading={busy} disabled={key.trim() === ''}>
              Log in
            </Button>
          </Stack>
        </form>
        <ColorSchemeToggle />
      </Paper>
    </main>
  );
}

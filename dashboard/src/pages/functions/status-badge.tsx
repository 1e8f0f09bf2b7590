import { Mark } from '../../components/mark.tsx';

/** Status of an envelope. 0: there was no answer. */
export function StatusBadge({ status }: { status: number }) {
  const good = status >= 200 && status < 300;
  return (
    <Mark color={good ? 'teal' : 'red'} className="num">
      {status === 0 ? 'no answer' : `${status} ${good ? 'OK' : ''}`.trim()}
    </Mark>
  );
}

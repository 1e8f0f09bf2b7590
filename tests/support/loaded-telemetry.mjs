/** Given to a process by `--import`: says on standard error which modules of OpenTelemetry it loads. */
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, next) => {
    // The API without an SDK does nothing; prom-client asks for it.
    if (/@opentelemetry\/(?!api\/)/.test(url)) process.stderr.write(`loaded ${url}\n`);
    return next(url, context);
  },
});

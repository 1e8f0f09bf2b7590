# The image of kvflow: built in one stage, run in another as a user without rights, on a root file system that may be read-only.
#   docker build -t kvflow . && docker run -p 4280:4280 -v kvflow:/data kvflow
# Without API keys a server answers its own machine alone, which in a container is nobody: make one first, with
#   docker run -v kvflow:/data kvflow keys add admin
ARG NODE=26-slim
ARG NATS=2.15-alpine

FROM nats:${NATS} AS nats

FROM node:${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY tools/node-runtime/package.json tools/node-runtime/
RUN npm ci --ignore-scripts --no-audit --no-fund
# The build of a checkout fetches one where there is none.
COPY --from=nats /usr/local/bin/nats-server /usr/local/bin/nats-server
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE}
# prlimit and setpriv lock the workers that run users' scripts; see docs/security.md.
RUN apt-get update && apt-get install -y --no-install-recommends util-linux && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin kvflow \
  && install -d -o kvflow -g kvflow /data
WORKDIR /app
COPY --from=nats /usr/local/bin/nats-server /usr/local/bin/nats-server
COPY --from=build /src/package.json /src/manifest.json /src/LICENSE /src/README.md ./
COPY --from=build /src/bin bin
COPY --from=build /src/dist dist
COPY --from=build /src/schemas schemas
COPY --from=build /src/hosts/node-red hosts/node-red
COPY --from=build /src/node_modules node_modules
ENV NODE_ENV=production KVFLOW_HOST=0.0.0.0 KVFLOW_PORT=4280 KVFLOW_DATA_DIR=/data NODE_COMPILE_CACHE=/data/.compiled
USER kvflow
VOLUME /data
EXPOSE 4280
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4280/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# kvflow ends by SIGTERM after what is in flight is done; Node as process 1 gets it, since the form is a list.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/kvflow.js"]
CMD ["start"]

# One process, no build step: the TypeScript files run as they are.
#
#   docker build -t tocsin .
#   docker run --read-only --tmpfs /tmp -p 8080:8080 \
#     -v /etc/tocsin:/config:ro -v tocsin-data:/data tocsin

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# better-sqlite3 ships its binaries, so no install script has to run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
COPY adapters ./adapters
COPY config ./config
# Fills the compile cache, which a read-only file system could not do at the first start.
RUN node -e "import('./src/app.ts')" && node bin/tocsin.js --help > /dev/null \
 && mkdir /data && chown node:node /data
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/tocsin.js"]
CMD ["serve", "--config", "/config/tocsin.yaml", "--data", "/data"]

# One process, no build step: the TypeScript files run as they are.
#
#   docker build -t tocsin .
#   docker run --read-only --tmpfs /tmp --restart unless-stopped --stop-timeout 30 -p 8080:8080 \
#     -v /etc/tocsin:/config:ro -v tocsin-data:/data tocsin

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# better-sqlite3 ships its binaries, so no install script has to run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
# The first process of a container hands signals on, and takes in what others leave behind.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
# A published port leads to the container's own address, where 127.0.0.1 is not heard.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache \
    TOCSIN_LISTEN=0.0.0.0:8080
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
COPY adapters ./adapters
COPY config ./config
# Fills the compile cache, which a read-only file system could not do at the first start.
RUN node -e "import('./src/app.ts')" && node bin/tocsin.js --help > /dev/null \
 && mkdir -m 700 /data && chown node:node /data
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.TOCSIN_LISTEN.split(':').pop() + '/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "bin/tocsin.js"]
CMD ["serve", "--config", "/config/tocsin.yaml", "--data", "/data"]

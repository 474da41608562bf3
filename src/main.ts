/** The process edge: arguments, environment, streams and signals. Nothing else. */
import { runCli } from './cli/run.ts';
import { createServices } from './services.ts';

const services = createServices({
  environment: process.env,
  pid: process.pid,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onStop: (stop) => {
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  },
  onReload: (reload) => void process.on('SIGHUP', reload),
});

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  cwd: process.cwd(),
  services,
});

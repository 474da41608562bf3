/** The process edge: arguments, environment, streams and signals. Nothing else. */
import { runCli } from './cli/run.ts';
import { createBackends } from './commands.ts';

// Whoever reads us may stop reading (`| head`): that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Nor is it a reason to end: a log that nobody takes any more must not cost a page.
process.stderr.on('error', () => undefined);

const backends = createBackends({
  environment: process.env,
  pid: process.pid,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onStop: (stop) => {
    // Kept while stopping: a second signal must not cut off what is being finished.
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  },
  onReload: (reload) => void process.on('SIGHUP', reload),
  parent: () => process.ppid,
});

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  cwd: process.cwd(),
  backends,
});

// Into a pipe whose reader is slow the last words take a while, and an exit would cut them off.
await new Promise((resolve) => void process.stdout.write('', resolve));
await new Promise((resolve) => void process.stderr.write('', resolve));
// What is still open belongs to a broken start or stop; it must not keep a process alive that has said its last word.
process.exit(code);

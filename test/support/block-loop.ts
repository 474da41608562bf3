/** Preloaded into a real server: SIGUSR2 makes its event loop stand still for as many ms as this says. */
export const BLOCK_LOOP_MS = 'TEST_BLOCK_LOOP_MS';

process.on('SIGUSR2', () => {
  const until = performance.now() + Number(process.env[BLOCK_LOOP_MS]);
  while (performance.now() < until);
});

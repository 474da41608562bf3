// seeded: oxlint Unused eslint-disable directive
// eslint-disable-next-line no-console -- nothing is printed any more
export const silent = true;

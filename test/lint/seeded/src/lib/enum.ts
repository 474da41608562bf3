// seeded: tsc TS1294
export enum Lane {
  page,
  mail,
}

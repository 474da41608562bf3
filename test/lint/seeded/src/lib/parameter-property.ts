// seeded: tsc TS1294
export class Box {
  constructor(readonly value: string) {}
}

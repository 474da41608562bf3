// seeded: tsc TS4114
export class Refused extends Error {
  toString(): string {
    return this.message;
  }
}

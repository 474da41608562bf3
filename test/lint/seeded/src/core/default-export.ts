// seeded: oxlint import(no-default-export)
export default function decide(): void {}

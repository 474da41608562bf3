// seeded: knip forgotten
export const used = 'used';
export const forgotten = 'forgotten';

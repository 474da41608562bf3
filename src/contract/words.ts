/** Words as people see them, whatever a vendor does to what lies between them. */

function seen(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Whether both texts say the same to a reader: line breaks and blanks are the vendor's matter. */
export function readsAlike(one: string, other: string): boolean {
  return seen(one) === seen(other);
}

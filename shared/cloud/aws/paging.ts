// Lists that AWS hands out a page at a time.

interface Page<Item> {
  readonly items: readonly Item[] | undefined;
  /** Where the next page begins; nothing after the last. */
  readonly next: string | undefined;
}

/** All items of all pages. A list that says it goes on for ever is a fault of the other side, and is not followed for ever. */
export async function allPages<Item>(ask: (from: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  const seen = new Set<string>();
  let from: string | undefined;
  do {
    const page = await ask(from);
    all.push(...(page.items ?? []));
    from = page.next === '' ? undefined : page.next;
    if (from !== undefined && seen.has(from)) throw new Error(`the page after ${from} is the same page again`);
    if (from !== undefined) seen.add(from);
  } while (from !== undefined);
  return all;
}

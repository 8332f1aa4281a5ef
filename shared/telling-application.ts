// An application told that its database is elsewhere: a request to each door of its environment, where the estate says that it listens.
import type { Outside } from './cloud/ports.ts';
import type { Estate } from './estate.ts';

/** Every public name that serves the API, by the name itself or through a door of its own. Says who did not take it. */
export async function tellApplication(
  environment: string,
  { application, names }: Estate,
  outside: Outside,
  doors: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const path = application.reload;
  if (path === undefined) return [];
  const told = names
    .filter(({ needs }) => needs.api)
    .map(async ({ name }) => {
      const bare = name.replace(/\.$/, '');
      const at = doors[name];
      const answer = await outside.ask({ scheme: 'https', name: bare, path, method: 'POST', ...(at !== undefined && { at }) });
      const taken = answer.status !== null && answer.status < 300;
      return taken ? [] : [`${environment} under ${bare}: ${answer.status ?? answer.trouble ?? 'no answer'}`];
    });
  return (await Promise.all(told)).flat();
}

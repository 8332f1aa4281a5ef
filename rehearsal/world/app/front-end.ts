// The front-end bundle: a page and one script with the API's address baked in, as a build leaves it.
import { createHash } from 'node:crypto';

export interface Bundle {
  /** Path to what is served there. */
  readonly files: ReadonlyMap<string, { readonly contentType: string; readonly body: string }>;
}

const script = (apiUrl: string): string => `const API_URL = ${JSON.stringify(apiUrl)};
const line = document.querySelector('#health');
const orders = document.querySelector('#orders');
async function refresh() {
  const health = await (await fetch(API_URL + '/api/health')).json();
  line.textContent = 'served by ' + health.environment + ', build ' + health.build;
  const { orders: newest } = await (await fetch(API_URL + '/api/orders')).json();
  orders.replaceChildren(...newest.map(({ number, placedAt }) => Object.assign(document.createElement('li'), { textContent: number + ' at ' + placedAt })));
}
refresh().catch((error) => { line.textContent = String(error); });
`;

export function buildFrontEnd(apiUrl: string): Bundle {
  const body = script(apiUrl);
  const asset = `/assets/app-${createHash('sha256').update(body).digest('hex').slice(0, 10)}.js`;
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Orders</title><script type="module" src="${asset}"></script></head><body><h1>Orders</h1><p id="health">…</p><ul id="orders"></ul></body></html>`;
  return {
    files: new Map([
      ['/', { contentType: 'text/html; charset=utf-8', body: page }],
      ['/index.html', { contentType: 'text/html; charset=utf-8', body: page }],
      [asset, { contentType: 'text/javascript; charset=utf-8', body }],
    ]),
  };
}

/** @typedef {{ probe: string | null, run: string | null, text: string, state: string, page: number }} Route */

/**
 * What the address asks for: it can be kept, sent and gone back to.
 *
 * @returns {Route}
 */
export function currentRoute() {
  const query = new URLSearchParams(location.search);
  return {
    probe: query.get('probe'),
    run: query.get('run'),
    text: query.get('text') ?? '',
    state: query.get('state') ?? '',
    page: Math.max(1, Number.parseInt(query.get('page') ?? '1', 10) || 1),
  };
}

/** @param {Partial<Route>} route */
export function hrefOf({ probe, run, text, state, page }) {
  const query = new URLSearchParams();
  if (probe) query.set('probe', probe);
  if (run) query.set('run', run);
  if (text) query.set('text', text);
  if (state) query.set('state', state);
  if (page !== undefined && page > 1) query.set('page', String(page));
  const search = query.toString();
  return search === '' ? '/' : `/?${search}`;
}

/**
 * Follows the links of the page without loading it again; those that open elsewhere are left to the browser.
 *
 * @param {() => void} onRoute
 */
export function followLinks(onRoute) {
  addEventListener('popstate', onRoute);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plainClick = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || link.target !== '' || !plainClick || event.defaultPrevented) return;
    if (link.origin !== location.origin || link.pathname !== '/' || link.hash !== '') return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    onRoute();
  });
}

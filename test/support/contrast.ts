/** A script for a page: the lowest WCAG contrast of any text on the page against the nearest opaque ground behind it. */
export const LOWEST_CONTRAST = `(() => {
  const read = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { const c = read(getComputedStyle(e).backgroundColor); return c.length === 4 && c[3] === 0 ? ground(e.parentElement) : c; };
  const ratios = [...document.querySelectorAll('body *')]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '') && e.closest('title') === null)
    .map((e) => {
      const inSvg = e.closest('svg') !== null;
      const [a, b] = [light(read(getComputedStyle(e)[inSvg ? 'fill' : 'color'])), light(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  return Math.min(...ratios);
})()`;

/**
 * On every page: htmx, and the "/" key. Pages work without either.
 *
 * A page opts in to "/" by marking its search box with data-search-shortcut; WCAG 2.1.4 asks that
 * single-key shortcuts can be turned off, so whoever has them off gets pages without the mark.
 */
import 'htmx.org';

const TYPING = 'input, textarea, select, [contenteditable]';

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  const box = document.querySelector('[data-search-shortcut]');
  if (!box) return;
  event.preventDefault();
  box.focus();
});

/**
 * Single keys: / finds, ? tells all keys, j and k go through the rows of a list, x ticks one; a
 * button with data-key="n" is pressed by n. Escape closes an open menu.
 *
 * WCAG 2.1.4 asks that single keys can be turned off: who has turned them off on /keys gets pages
 * without data-keys. Only "/" is also on for any box marked data-search-shortcut.
 */
const TYPING = 'input, textarea, select, [contenteditable], .djs-container';
const TICKING = 'input[type=checkbox], input[type=radio]';

export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeMenu();
    else if (isFree(event) && press(event.key)) event.preventDefault();
  });
}

/** A key is free while nobody types, and no other program is meant. */
function isFree(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const at = event.target instanceof Element ? event.target : null;
  return !at?.closest(TYPING) || at.matches(TICKING);
}

/** Do what the key means here. Says whether it means anything. */
function press(key) {
  if (key === '/') return focusOn(document.querySelector('[data-search-shortcut]'));
  if (document.documentElement.dataset.keys !== 'on') return false;
  if (key === '?') return follow(document.body.dataset.keysPage);
  if (key === 'j') return step(1);
  if (key === 'k') return step(-1);
  if (key === 'x') return tick();
  return /^[a-z]$/.test(key) && click(document.querySelector(`main [data-key="${key}"]`));
}

function closeMenu() {
  const open = document.querySelector('details.drop[open]');
  if (!open) return;
  const hadFocus = open.contains(document.activeElement);
  open.open = false;
  if (hadFocus) open.querySelector('summary').focus();
}

function focusOn(element) {
  element?.focus();
  return Boolean(element);
}

function follow(address) {
  if (address) location.assign(address);
  return Boolean(address);
}

function click(button) {
  if (!button || button.disabled) return false;
  button.click();
  return true;
}

/** The rows one can go through: those of lists, each by its main link. */
function rows() {
  return [...document.querySelectorAll('main tbody tr')].filter((row) => handle(row));
}

function handle(row) {
  return row.querySelector('a.main-link') ?? row.querySelector('td a');
}

function step(by) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  handle(all[next]).focus();
  return true;
}

function tick() {
  const row = rows().find((each) => each.contains(document.activeElement));
  const box = row?.querySelector('td.tick input[type=checkbox]');
  if (!box) return false;
  box.click();
  return true;
}

/**
 * What is new, asked every twenty seconds while the page is looked at.
 *
 * The page itself is left alone: figures in the menu change, and a bar at the lower edge says what
 * is new in the list. Only who presses its button gets the new rows; the row one works on, ticks
 * and everything typed stay. The bar also tells that the connection is lost (and tries again, less
 * and less often) and that the sign-in has expired; once one has signed in elsewhere, the forms
 * that stand open get a fresh token, so that they can still be sent.
 */
const EVERY = 20_000;
const SOON = 3_000; // while the page shows work that goes on by itself: [data-live-now]
const AT_MOST = 300_000;
const state = { etag: '', failures: 0, expired: false, isActive: false, asked: 0, timer: 0 };

export function stayLive() {
  if (!document.body.dataset.live) return;
  plan(pace());
  document.addEventListener('visibilitychange', onSight);
  window.addEventListener('online', () => ask());
  window.addEventListener('pageshow', (event) => event.persisted && ask());
  document.addEventListener('submit', holdBack, true);
  for (const sign of ['keydown', 'pointerdown']) document.addEventListener(sign, isHere, true);
}

/** An unattended screen is signed out after a while; who fills in a long form is not. */
function isHere() {
  state.isActive = true;
}

function plan(wait) {
  clearTimeout(state.timer);
  if (document.hidden) return;
  state.timer = setTimeout(ask, wait * (0.9 + Math.random() * 0.2)); // not all desks at once
}

/** Nobody looks at a hidden tab; when somebody does again, what is old is asked at once. */
function onSight() {
  clearTimeout(state.timer);
  if (document.hidden) return;
  const age = Date.now() - state.asked;
  if (age >= pace() || state.expired || state.failures > 0) ask();
  else plan(pace() - age);
}

function pace() {
  return goesOn() ? SOON : EVERY;
}

function goesOn() {
  return document.querySelector('[data-live-now]') !== null;
}

async function ask() {
  clearTimeout(state.timer);
  state.asked = Date.now();
  try {
    await take(await fetch(address(), { headers: headers(), credentials: 'same-origin', cache: 'no-store' }));
    state.failures = 0;
    plan(pace());
  } catch {
    state.failures += 1;
    if (state.failures > 1 || !navigator.onLine) tell('lost', bar().dataset.lost);
    plan(Math.min(EVERY * 2 ** (state.failures - 1), AT_MOST));
  }
}

function address() {
  const url = new URL(document.body.dataset.live, location.href);
  const seen = [...document.querySelectorAll('[data-row]')].map((row) => row.dataset.row);
  if (url.searchParams.has('list')) url.searchParams.set('seen', seen.join(','));
  if (state.expired) url.searchParams.set('token', '1');
  return url;
}

function headers() {
  const sign = { 'X-Huzheng-Poll': state.isActive ? 'active' : 'idle' };
  state.isActive = false;
  return state.etag ? { ...sign, 'If-None-Match': state.etag } : sign;
}

async function take(response) {
  if (response.status === 401) return expire();
  if (response.status !== 304 && !response.ok) throw new Error(String(response.status));
  if (response.status === 304) {
    if (bar().dataset.kind === 'lost') clear();
    return undefined;
  }
  state.etag = response.headers.get('ETag') ?? '';
  const news = await response.json();
  if (news.token) renew(news.token);
  count(news.counts);
  if (news.told && goesOn()) await follow();
  else if (news.told) offer(news.told);
  else clear();
  return undefined;
}

function count(figures) {
  for (const place of document.querySelectorAll('[data-count]')) {
    const figure = figures[place.dataset.count];
    if (figure === undefined) continue;
    const text = figure ? String(figure) : '';
    if (place.textContent !== text) place.textContent = text;
    place.hidden = !figure;
  }
}

// --- the bar ------------------------------------------------------------------------------------

function bar() {
  return document.getElementById('live');
}

/** Screen readers announce what changes, so what is told already is not told again. */
function tell(kind, text, ...more) {
  const place = bar();
  if (place.dataset.kind === kind && place.dataset.text === text) return;
  Object.assign(place.dataset, { kind, text });
  const line = document.createElement('p');
  line.textContent = text;
  place.replaceChildren(line, ...more);
}

function clear() {
  const place = bar();
  if (place.contains(document.activeElement)) document.getElementById('main').focus();
  delete place.dataset.kind;
  delete place.dataset.text;
  place.replaceChildren();
}

function offer(told) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn compact';
  button.textContent = bar().dataset.show;
  button.addEventListener('click', show);
  tell('news', told, button);
}

// --- the sign-in --------------------------------------------------------------------------------

function expire() {
  state.expired = true;
  state.etag = '';
  const link = document.createElement('a');
  link.className = 'btn compact';
  link.href = bar().dataset.signIn;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = bar().dataset.expiredLink;
  tell('expired', bar().dataset.expired, link);
}

/** A new session has new form tokens; what stands open goes on with them. */
function renew(token) {
  state.expired = false;
  for (const field of document.querySelectorAll('input[name=csrf_token]')) field.value = token;
}

/** A form sent without a sign-in would be lost on the way; it waits here, as it was typed. */
function holdBack(event) {
  if (!state.expired || event.target.method !== 'post') return;
  event.preventDefault();
  event.stopPropagation();
  bar().querySelector('a')?.focus();
}

// --- the new rows -------------------------------------------------------------------------------

async function show() {
  if (!(await renewParts(() => true))) return;
  document.getElementById('main').focus({ preventScroll: true });
  tell('updated', bar().dataset.updated);
  setTimeout(() => bar().dataset.kind === 'updated' && clear(), 4000);
}

/** Work that goes on by itself is followed unasked; what one is in stays as it is. */
async function follow() {
  await renewParts((part) => !part.contains(document.activeElement));
}

async function renewParts(isTaken) {
  let fresh;
  try {
    const response = await fetch(location.href, { credentials: 'same-origin', cache: 'no-store' });
    if (response.redirected || !response.ok) throw new Error(String(response.status));
    fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  } catch {
    tell('lost', bar().dataset.lost);
    return false;
  }
  for (const part of document.querySelectorAll('[data-live-part]')) {
    const other = fresh.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
    if (other && isTaken(part)) exchange(part, other);
  }
  state.etag = '';
  return true;
}

/** Take the new rows; a row that is the same, or is being worked on, stays the very same. */
function exchange(part, other) {
  const [body, otherBody] = [part.querySelector('tbody'), other.querySelector('tbody')];
  if (!body || !otherBody) {
    part.replaceChildren(...other.childNodes);
    return;
  }
  const present = new Map([...body.rows].map((row) => [name(row), row]));
  const rows = [...otherBody.rows].map((row) => keep(present.get(name(row)), row));
  body.replaceChildren(...rows);
  other.querySelectorAll('caption').forEach((caption) => {
    const own = part.querySelector('caption');
    if (own && own.textContent !== caption.textContent) own.replaceWith(caption);
  });
}

function name(row) {
  return (row.dataset.row ?? '').split('.')[0];
}

function keep(mine, fresh) {
  if (!mine) return fresh;
  if (mine.dataset.row === fresh.dataset.row || isWorkedOn(mine)) return mine;
  const ticked = new Set([...mine.querySelectorAll('input:checked')].map((box) => box.value));
  for (const box of fresh.querySelectorAll('input[type=checkbox]')) box.checked = ticked.has(box.value);
  return fresh;
}

function isWorkedOn(row) {
  const typed = [...row.querySelectorAll('input:not([type=hidden], [type=checkbox]), textarea')];
  return row.querySelector('details[open]') !== null || typed.some((field) => field.value !== field.defaultValue);
}

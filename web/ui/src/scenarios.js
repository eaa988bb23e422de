/**
 * The scenarios of a draft, run one after the other with progress. Without JavaScript the button
 * asks the server to run all of them in one go.
 */
const button = document.querySelector('[data-run-all]');

button?.addEventListener('click', async (event) => {
  event.preventDefault();
  button.disabled = true;
  const rows = [...document.querySelectorAll('[data-run-url]')];
  const progress = document.querySelector('[data-progress]');
  for (const [index, row] of rows.entries()) {
    progress.textContent = filled(progress.dataset.words, { n: index + 1, all: rows.length });
    await run(row);
  }
  finish();
});

/** The whole page again, with what no scenario visits: every answer is remembered by now. */
function finish() {
  const address = new URL(location.href);
  address.searchParams.set('run', '1');
  location.assign(address);
}

async function run(row) {
  const cell = row.querySelector('[data-result]');
  cell.textContent = row.dataset.running;
  const answer = await fetch(row.dataset.runUrl, { credentials: 'same-origin' });
  if (!answer.ok) {
    cell.textContent = `${answer.status}`;
    return;
  }
  const { holds, failures } = await answer.json();
  const mark = document.createElement('span');
  mark.className = `due ${holds ? 'ok' : 'late'}`;
  mark.textContent = `${holds ? '✓' : '!'} ${holds ? row.dataset.held : row.dataset.fails}`;
  cell.replaceChildren(mark, ...failures.map(small));
}

function small(text) {
  const line = document.createElement('small');
  line.textContent = text;
  return line;
}

function filled(template, facts) {
  return template.replace(/—/, facts.n).replace(/—/, facts.all);
}

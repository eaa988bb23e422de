/**
 * A field that often repeats another (the applicant's name where the applicant is who moves) takes
 * its text when one comes to it empty, marked, so that typing replaces it.
 */
export function repeatWhatIsTheSame() {
  document.addEventListener('focusin', (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.dataset.sameAs || field.value) return;
    const other = document.getElementById(field.dataset.sameAs);
    if (!other?.value) return;
    field.value = other.value;
    field.select();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

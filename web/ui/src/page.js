/** On every page: htmx, the keys, open menus, and what is new. Pages work without any of it. */
import 'htmx.org';

import { listenToKeys } from './keys.js';
import { stayLive } from './live.js';
import { repeatWhatIsTheSame } from './same.js';

listenToKeys();
stayLive();
repeatWhatIsTheSame();

document.addEventListener('click', (event) => closeMenus(event.target));
document.addEventListener('focusin', (event) => closeMenus(event.target));

/** A menu that is left closes by itself. */
function closeMenus(target) {
  for (const menu of document.querySelectorAll('details.drop[open]')) {
    if (!(target instanceof Node && menu.contains(target))) menu.open = false;
  }
}

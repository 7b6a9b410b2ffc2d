/**
 * The keys of a menu button (ARIA's pattern): arrows move among the items, Home and End to the first and last, a letter
 * to the next item that starts with it, Escape and Tab close.
 * @param {{button: Element, items: Element, place: Element, open: () => any, close: (focus?: boolean) => void,
 *   isOpen: () => boolean}} menu `place` holds button and items; a click outside it closes
 */
export function menuKeys({ button, items, place, open, close, isOpen }) {
  const all = () => [...items.querySelectorAll("[role=menuitem]")];
  const focus = (index) =>
    all()
      .at(index % all().length)
      ?.focus();

  button.addEventListener("click", () => {
    if (isOpen()) close();
    else {
      open();
      focus(0);
    }
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (!isOpen()) open();
    focus(event.key === "ArrowDown" ? 0 : -1);
  });
  items.addEventListener("keydown", (event) => {
    const at = all().indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: -1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      focus(to);
    } else if (event.key === "Tab") close();
    else if (event.key.length === 1 && event.key !== " ") focus(startingWith(all(), event.key, at));
  });
  place.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) close(true);
  });
  items.addEventListener("click", () => isOpen() && close(true));
  document.addEventListener("pointerdown", (event) => {
    if (isOpen() && !place.contains(event.target)) close();
  });
}

function startingWith(items, letter, from) {
  const after = [...items.keys()].map((step) => (from + 1 + step) % items.length);
  const starts = (index) => items[index].textContent.trim().toLowerCase().startsWith(letter.toLowerCase());
  return after.find(starts) ?? from;
}

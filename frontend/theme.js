// Before the first paint, so that nothing flashes: the theme chosen here earlier, else the system's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("ecodml.theme");
  } catch {
    // Without storage the system decides.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();

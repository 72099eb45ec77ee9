
// Starts the dashboard. What must happen before the first frame of it is here: the theme that was chosen.
const root = document.documentElement;
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
} catch { /* no storage: the system's theme */ }
__wbg_init({ module_or_path: "{{wasm}}" }).catch((error) => {
  const status = document.getElementById("boot-status");
  if (status) status.textContent = "The dashboard could not start: " + error + ". Reload the page.";
  root.dataset.boot = "failed";
});

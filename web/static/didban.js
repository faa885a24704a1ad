// Small comforts; every page works without them.

// A first collect under way: renew the page in place, without losing where the reader stands.
function renew() {
  const page = document.querySelector("main[data-refresh]");
  if (!page) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      if (answer.ok && fresh) page.replaceWith(fresh);
    } catch {
      // Offline for a moment: the next round asks again.
    }
    renew();
  }, Number(page.dataset.refresh) * 1000);
}

// A link to one result of page one opens it.
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

// A menu closes on Escape and when the reader goes elsewhere.
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.switch[open]")) {
    if (event.key === "Escape" || (event.type === "click" && !menu.contains(event.target))) menu.open = false;
  }
}

// A button that takes the words of a field into the clipboard.
function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value));
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
window.addEventListener("hashchange", openTarget);
openTarget();
offerCopies();
renew();

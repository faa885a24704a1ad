// Small comforts; every page works without them.

// By what an element is known again in the page as it is a moment later.
function nameOf(element) {
  const words = (element.querySelector(":scope > summary") ?? element).textContent.trim();
  return element.id || [element.localName, element.getAttribute("href"), element.getAttribute("name"), words].join(" ");
}

// What the reader has opened stays open, and the keyboard stays where it was.
function takeIn(page, fresh) {
  const opened = [...page.querySelectorAll("details[open]")].map(nameOf);
  for (const each of fresh.querySelectorAll("details")) each.open ||= opened.includes(nameOf(each));
  const held = page.contains(document.activeElement) && page !== document.activeElement && nameOf(document.activeElement);
  page.replaceChildren(...fresh.childNodes);
  if (!fresh.dataset.refresh) delete page.dataset.refresh;
  if (held) [...page.querySelectorAll("a, button, input, select, summary")].find((each) => nameOf(each) === held)?.focus({ preventScroll: true });
}

// A first collect under way: renew the page in place, without losing where the reader stands.
function renew() {
  const page = document.querySelector("main[data-refresh]");
  if (!page) return;
  setTimeout(async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (!answer.ok || !fresh) throw new TypeError(answer.statusText);
      takeIn(page, fresh);
    } catch {
      // The next round asks again; until then the page says that it is not the newest.
      page.querySelector("[data-stale]")?.removeAttribute("hidden");
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

// On a phone the tab that is open may stand beyond the edge.
function showOpenTab() {
  const tab = document.querySelector(".tabs [aria-current]");
  if (!tab) return;
  const [here, row] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
  tab.parentElement.scrollBy({ left: (here.left + here.right - row.left - row.right) / 2 });
}

// A button that takes the words of a field into the clipboard.
function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value));
  }
}

// A list worked through by keyboard, for whoever has asked for it: j and k walk, the other keys press what stands in
// the row. Off until it is asked for: a key that does something must not be met by accident.
const worklist = document.querySelector("[data-worklist]");
const keys = document.querySelector("[data-keys]");
const LABELS = { 1: "negative", 2: "neutral", 3: "positive" };
const ELSEWHERE = {
  "/": () => document.getElementById("words").select(),
  "?": () => document.getElementById("keys-help").showModal(),
  z: () => document.querySelector(".notes form button")?.click(),
};

// A letter or a sign where the layout has one of ours, else its place: a Persian layout has other letters there.
function keyOf({ key, code }) {
  if (key === "؟") return "?";
  return /^[!-~]$/.test(key) ? key : code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();
}

function worksByKeyboard() {
  return keys !== null && localStorage.getItem("keys") === "on";
}

function showKeys() {
  keys.hidden = false;
  keys.querySelector("[data-keys-switch]").setAttribute("aria-pressed", String(worksByKeyboard()));
}

function walk(step) {
  const rows = [...worklist.children];
  const here = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  rows[here]?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
}

function pressKey(event) {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
  if (!worklist || !worksByKeyboard() || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = keyOf(event);
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  if (ELSEWHERE[key]) {
    // The key must not be typed into the field that it leads to.
    event.preventDefault();
    return ELSEWHERE[key]();
  }
  const wanted = LABELS[key] ? `[name=label][value=${LABELS[key]}]` : `[data-key="${CSS.escape(key)}"]`;
  const row = worklist.querySelector(".is-current");
  sessionStorage.setItem("row", [...worklist.children].indexOf(row));
  row?.querySelector(wanted)?.click();
}

// After a button of a row the page opens at that row again, or, where the row no longer fits the list, at the next.
function takeUpTheRow() {
  const row = location.hash && document.getElementById(location.hash.slice(1));
  if (row && row.parentElement === worklist) row.classList.add("is-current");
  else if (location.hash.startsWith("#mention-")) worklist.children[sessionStorage.getItem("row")]?.classList.add("is-current");
}

function workByKeyboard() {
  if (!keys || !worklist) return;
  showKeys();
  keys.querySelector("[data-keys-switch]").addEventListener("click", () => {
    localStorage.setItem("keys", worksByKeyboard() ? "off" : "on");
    showKeys();
  });
  if (worksByKeyboard()) takeUpTheRow();
  document.addEventListener("keydown", pressKey);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
window.addEventListener("hashchange", openTarget);
openTarget();
showOpenTab();
offerCopies();
workByKeyboard();
renew();

"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // -- times: the deadline in the payer's own zone, and the time left, counted from what the server said
  let left = null;
  let toldAt = 0;
  let stands = false;

  const two = (number) => String(number).padStart(2, "0");
  const write = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };
  const now = () => left - (stands ? 0 : performance.now() - toldAt);
  const tick = () => {
    const shown = document.getElementById("countdown");
    if (!shown || left === null) return;
    shown.textContent = write(now());
    shown.parentElement.classList.toggle("soon", now() < 60000);
    if (now() <= 0 && !stands) look();
  };
  const readTimes = () => {
    for (const each of document.querySelectorAll("time[data-local]")) {
      const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
      each.textContent = new Intl.DateTimeFormat(root.lang, options).format(new Date(each.dateTime));
    }
    const shown = document.getElementById("countdown");
    const told = shown ? Number(shown.dataset.leftMs) : null;
    stands = told !== null && told === left;  // the emulator's clock can stand still
    [left, toldAt] = [told, performance.now()];
    tick();
  };

  // -- what a screen reader says
  const said = document.getElementById("said");
  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
  };

  // -- copying, even if the page came over an insecure connection
  const copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await copyText(button.dataset.copy);
    const name = (button.dataset.name ??= button.textContent);
    button.textContent = button.dataset.done;
    say(button.dataset.done);
    setTimeout(() => {
      button.textContent = name;
      say("");
    }, 2000);
    button.focus();
  });

  // -- a choice that decides what else is asked for
  document.addEventListener("change", (event) => {
    if (event.target.dataset.goto) location.replace(event.target.dataset.goto);
  });

  // -- a form is sent once
  document.addEventListener("submit", (event) => {
    if (event.target.ariaBusy === "true") event.preventDefault();
    event.target.ariaBusy = "true";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => (form.ariaBusy = "false")));

  // -- checking what has become of the order, instead of the browser's own refresh
  const isBusy = (part) => [...part.querySelectorAll("input, select")].some((field) =>
    field === document.activeElement || (field.defaultValue ?? field.value) !== field.value);
  const texts = new WeakMap();
  const remember = () => document.querySelectorAll("[data-part]").forEach((part) => texts.set(part, part.innerHTML));
  const replace = (part, fresh) => {
    if (texts.get(part) === fresh.innerHTML || isBusy(part)) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
    for (const { name } of [...part.attributes]) if (!fresh.hasAttribute(name)) part.removeAttribute(name);
    for (const { name, value } of fresh.attributes) part.setAttribute(name, value);
    part.innerHTML = fresh.innerHTML;
    texts.set(part, fresh.innerHTML);
    if (focused !== null) (document.getElementById(focused) ?? document.querySelector("main")).focus();
  };
  const partsOf = (page) => [...page.querySelectorAll("[data-part]")];
  const namesOf = (page) => partsOf(page).map((part) => part.dataset.part).join();
  const stateOf = (page) => page.getElementById("state")?.textContent.trim() ?? "";
  const show = (fresh) => {
    document.title = fresh.title;
    if (stateOf(fresh) !== stateOf(document)) say(stateOf(fresh));
    const [main, other] = [document.querySelector("main"), fresh.querySelector("main")];
    for (const { name, value } of other.attributes) main.setAttribute(name, value);
    if (namesOf(document) === namesOf(fresh)) {
      const parts = partsOf(fresh);
      partsOf(document).forEach((part, at) => replace(part, parts[at]));
    } else {
      const had = main.contains(document.activeElement);
      main.innerHTML = other.innerHTML;
      document.querySelector(".strip")?.replaceWith(fresh.querySelector(".strip") ?? "");
      if (had) main.focus();
      remember();
    }
    readTimes();
  };

  let timer = null;
  let looking = false;
  const lost = document.getElementById("lost");
  const look = async () => {
    if (looking || !document.body.dataset.lookAt) return;
    looking = true;
    try {
      const answer = await fetch(document.body.dataset.lookAt, { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") return location.assign(document.body.dataset.lookAt);
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      lost.textContent = "";
      show(fresh);
      if (fresh.body.dataset.lookAt === undefined) {
        delete document.body.dataset.lookAt;
        clearInterval(timer);
      }
    } catch {
      lost.textContent = lost.dataset.text;
    } finally {
      looking = false;
    }
  };
  remember();
  readTimes();
  setInterval(tick, 1000);
  if (document.body.dataset.lookAt) timer = setInterval(look, Number(document.body.dataset.refreshS) * 1000);
})();

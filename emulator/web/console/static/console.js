"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const by = (id) => document.getElementById(id);
  const PAINT_MS = 250;

  // -- what a screen reader says
  const say = (text) => {
    if (by("said").textContent !== text) by("said").textContent = text;
  };

  // -- the clock goes on by itself between two answers
  const two = (number) => String(number).padStart(2, "0");
  const span = (ms, stands) => {
    const s = ms / 1000;
    if (s < 60) return `${stands ? Math.floor(s * 10) / 10 : s.toFixed(1)}s`;
    if (s < 3600) return `${Math.floor(s / 60)}m${Math.floor(s % 60)}s`;
    return s < 86400 ? `${Math.floor(s / 3600)}h${Math.floor(s / 60) % 60}m` : `${Math.floor(s / 86400)}d${Math.floor(s / 3600) % 24}h`;
  };
  let shownClock = null;
  let toldAt = 0;
  const tick = () => {
    const clock = by("clock");
    if (!clock) return;
    if (clock !== shownClock) [shownClock, toldAt] = [clock, performance.now()];
    const now = Number(clock.dataset.nowMs) + (performance.now() - toldAt) * Number(clock.dataset.rate);
    const date = new Date(now);
    by("now").textContent = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
    if (by("due-in")) by("due-in").textContent = span(Math.max(0, Number(clock.dataset.dueMs) - now), clock.dataset.rate === "0");
  };
  setInterval(tick, 100);

  // -- what happens is gathered, and the list is painted at most four times a second
  let fresh = 0;
  let concerned = false;
  let timer = null;
  let paintedAt = -PAINT_MS;
  const rows = () => by("rows");
  const isAtTop = () => rows().scrollTop < 8 && (matchMedia("(min-width: 860px)").matches || scrollY < 200);
  const isTyping = () => {
    const chosen = by("chosen");
    const typed = [...chosen.querySelectorAll("input:not([type=hidden]), select")].some((each) =>
      each === document.activeElement || (each.defaultValue !== undefined && each.defaultValue !== each.value));
    return typed || !getSelection().isCollapsed;
  };
  const paint = () => {
    timer = null;
    if (document.hidden) return;
    if (underWay > 0 || pressed) return schedule();
    paintedAt = performance.now();
    if (by("life").dataset.page === "1" && isAtTop()) {
      fresh = 0;
      htmx.trigger(rows(), "life");
    }
    by("waiting").hidden = fresh === 0;
    by("waiting").textContent = `${fresh} new`;
    if (concerned && !isTyping()) {
      concerned = false;
      htmx.trigger(by("chosen"), "news");
    }
  };
  const schedule = () => {
    timer ??= setTimeout(paint, Math.max(20, PAINT_MS - (performance.now() - paintedAt)));
  };
  // -- an answer that comes late replaces nothing newer: the list and what is chosen show what was asked for last, the
  // clock what was read last
  let underWay = 0;
  let pressed = false;  // then nothing is replaced, lest the click be lost
  addEventListener("pointerdown", () => (pressed = true), true);
  for (const name of ["pointerup", "pointercancel", "dragend", "blur"]) addEventListener(name, () => setTimeout(() => (pressed = false)), true);
  const wishes = { chosen: 0, list: 0 };
  const placeOf = ({ target }) => (target.id === "chosen" ? "chosen" : "list");
  const isRefresh = ({ requestConfig }) => ["life", "news"].includes(requestConfig.triggeringEvent?.type);
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const { elt } = detail;
    const place = placeOf(detail);
    // What becomes of the answer is said around the element that asks, which may be out of the page when it comes.
    for (const name of ["hx-select", "hx-select-oob", "hx-swap"]) {
      elt.setAttribute(name, elt.closest(`[${name}]`).getAttribute(name));
    }
    if (!isRefresh(detail)) wishes[place] += 1;
    detail.requestConfig.wish = wishes[place];
    underWay += 1;
    // When the answer comes, another may have replaced its target; and htmx tells nobody of what ends there.
    detail.xhr.addEventListener("readystatechange", () => (detail.target = by(detail.target.id) ?? detail.target));
    detail.xhr.addEventListener("loadend", () => (underWay -= 1));
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const place = placeOf(detail);
    if (detail.requestConfig.wish === wishes[place] && !(pressed && isRefresh(detail))) return;
    detail.shouldSwap = false;  // but for the clock, and what was refused
    htmx.swap(by("chosen"), detail.xhr.response, { swapStyle: "none", ignoreTitle: true }, { selectOOB: "#clock" });
    const refused = new DOMParser().parseFromString(detail.xhr.response, "text/html").querySelector("[role=alert]");
    if (refused) return by("chosen").prepend(refused);
    concerned ||= place === "chosen";
    schedule();
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const [shown, came] = [detail.target, detail.fragment.firstElementChild];
    if (pressed || (shown.id === "clock" && Number(came.dataset.readMs) < Number(shown.dataset.readMs))) detail.shouldSwap = false;
  });
  const concerns = (entry) => {
    const { order, webhook } = by("chosen").dataset;
    return (order && (entry.orders ?? []).includes(order)) || (webhook && entry.webhook === webhook) || by("chosen").dataset.follows !== undefined;
  };
  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    event.preventDefault();
    const entry = JSON.parse(event.detail.data || "{}");
    if (entry.kind !== "request" || entry.method !== "GET" || entry.error || !entry.sent) fresh += 1;
    if (event.detail.type === "reset" || concerns(entry)) concerned = true;
    if (entry.kind === "request" && (entry.error || !entry.sent)) say(`Refused: ${entry.status ?? ""} ${entry.error ?? ""}`);
    schedule();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#waiting")) return;
    rows().scrollTop = 0;
    scrollTo(0, 0);
    if (by("life").dataset.page !== "1") return by("kind-all").click();
    schedule();
  });

  // -- the connection: none while nobody looks; if it is lost, the page says so
  let lostAt = "";
  const connected = (is) => {
    by("live")?.classList.toggle("on", is);
    const bar = by("lost");
    if (is) {
      if (lostAt) [fresh, concerned] = [fresh + 1, true], schedule();
      lostAt = "";
    }
    bar.hidden = !lostAt;
    bar.textContent = lostAt && bar.dataset.text.replace("{}", lostAt);
    document.querySelectorAll("form[method=post] button").forEach((each) => {
      if (lostAt) each.dataset.off ??= each.disabled ? "always" : "meanwhile";
      if (each.dataset.off) each.disabled = Boolean(lostAt) || each.dataset.off === "always";
      if (!lostAt) delete each.dataset.off;
    });
  };
  document.addEventListener("htmx:sseOpen", () => connected(true));
  document.addEventListener("htmx:sseError", () => {
    lostAt ||= new Date().toTimeString().slice(0, 8);
    connected(false);
  });
  const close = () => htmx.trigger(by("stream"), "htmx:beforeCleanupElement");
  document.addEventListener("visibilitychange", () => {
    close();
    if (document.hidden) return;
    const again = by("stream").cloneNode();
    by("stream").replaceWith(again);
    htmx.process(again);
    [fresh, concerned] = [fresh + 1, true];
    schedule();
  });
  addEventListener("pagehide", close);

  // -- after each swap: which row is chosen, what was open, where the keyboard is
  let open = [];
  let state = by("chosen")?.dataset.state;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "chosen") open = [...document.querySelectorAll("#chosen details[open]")].map((each) => each.id);
  });
  document.addEventListener("htmx:afterSettle", () => {
    connectedShown();
    showPart();
    // The clock may have come with the list, which knows nothing of what is chosen: time is moved where one is.
    for (const each of document.querySelectorAll("#clock [name=back]")) each.value = by("chosen").getAttribute("hx-get");
    const { order, webhook } = by("chosen").dataset;
    document.querySelectorAll(".row").forEach((each) => {
      const key = each.id.replace(/^row-\w+-/, "");
      each.toggleAttribute("aria-current", Boolean(key) && key === (webhook || order));
      if (each.hasAttribute("aria-current")) each.setAttribute("aria-current", "true");
    });
    for (const id of open) if (id && by(id)) by(id).open = true;
    const now = by("chosen").dataset.state;
    if (now && now !== state) say(now);
    state = now;
    tick();
  });
  const showPart = () => {
    document.querySelectorAll(".parts [data-part]").forEach((each) => {
      const here = each.dataset.part === by("chosen").dataset.part;
      if (here === each.hasAttribute("aria-current")) return;
      each.toggleAttribute("aria-current", here);
      if (here) each.setAttribute("aria-current", "page");
    });
    document.querySelector(".parts [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  if (by("chosen")) showPart();
  const connectedShown = () => by("live")?.classList.toggle("on", !lostAt);
  document.addEventListener("htmx:pushedIntoHistory", () => {
    open = [];
    if (document.activeElement === document.body || by("life").offsetParent === null) by("chosen").focus({ preventScroll: true });
    document.querySelector(".pane").scrollTop = 0;
  });

  // -- copying, even if the page came over an insecure connection
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const field = Object.assign(document.createElement("textarea"), { value: button.dataset.copy, readOnly: true });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    const label = button.querySelector("span");
    const name = (button.dataset.name ??= label.textContent);
    label.textContent = "Copied";
    say("Copied");
    setTimeout(() => (label.textContent = name), 1500);
  });
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) by(opens.dataset.opens).open = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.submits !== undefined) event.target.form.submit();
  });

  // -- keys: / searches, j and k go through the list, . goes through what is possible
  const go = (elements, step) => {
    const shown = [...elements].filter((each) => each.checkVisibility());
    if (!shown.length) return;
    const at = shown.indexOf(document.activeElement);
    shown[at < 0 ? 0 : (at + step + shown.length) % shown.length].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const does = {
      "/": () => by("search").focus(),
      j: () => go(document.querySelectorAll(".row"), 1),
      k: () => go(document.querySelectorAll(".row"), -1),
      ".": () => go(document.querySelectorAll("[data-fire]"), 1),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  tick();
})();

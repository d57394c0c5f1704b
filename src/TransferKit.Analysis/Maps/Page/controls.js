"use strict";
// Connects pointer, keys and buttons with the map, and begins.

const pointers = new Map();
let drag = null;

const at = event => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

canvas.addEventListener("pointerdown", event => {
  if (event.button !== 0)
    return;
  const place = at(event);
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, place);
  state.lasso = pointers.size === 1 && (state.lassoing || event.shiftKey) ? [place] : null;
  drag = { start: place, moved: false };
  byId("hint").hidden = true;
});

canvas.addEventListener("pointermove", event => {
  const [x, y] = at(event), before = pointers.get(event.pointerId);
  if (!before) {
    showHint(x, y);
    return;
  }
  drag.moved ||= Math.hypot(x - drag.start[0], y - drag.start[1]) > 4;
  if (state.lasso)
    state.lasso.push([x, y]);
  else if (pointers.size === 2)
    pinch(event.pointerId, before, [x, y]);
  else if (drag.moved) {
    canvas.classList.add("drag");
    view.x += x - before[0];
    view.y += y - before[1];
  }
  pointers.set(event.pointerId, [x, y]);
  reframe();
});

function pinch(id, before, after) {
  const [, other] = [...pointers].find(([pointer]) => pointer !== id);
  const length = place => Math.max(1, Math.hypot(place[0] - other[0], place[1] - other[1]));
  zoom(length(after) / length(before), other[0], other[1]);
}

function release(event) {
  if (!pointers.delete(event.pointerId))
    return;
  canvas.classList.remove("drag");
  const [x, y] = at(event), lasso = state.lasso;
  state.lasso = null;
  if (event.type === "pointercancel" || pointers.size > 0) {
    reframe();
    return;
  }
  if (lasso && drag.moved)
    addToList(enclosed(lasso));
  else if (!drag.moved)
    pick(nearest(x, y, 14));
  reframe();
}
canvas.addEventListener("pointerup", release);
canvas.addEventListener("pointercancel", release);

function enclosed(corners) {
  const found = [];
  for (let picture = 0; picture < count; picture++) {
    if (isLit(picture) && within(corners, left(picture), top_(picture)))
      found.push(picture);
  }
  return found;
}

function showHint(x, y) {
  const hint = byId("hint"), picture = nearest(x, y, 12);
  hint.hidden = picture < 0;
  if (picture < 0)
    return;
  hint.replaceChildren(...hasThumbnail(picture) ? [thumbnail(picture, Math.min(96, data.side))] : [], shown(names[picture]));
  const toLeft = x > view.width - 200, above = y > view.height - 180;
  hint.style.transform = `translate(${x + (toLeft ? -12 : 14)}px, ${y + (above ? -12 : 14)}px)`
    + ` translate(${toLeft ? -100 : 0}%, ${above ? -100 : 0}%)`;
}
canvas.addEventListener("pointerleave", () => { byId("hint").hidden = true; });

canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 20 : 1);
  zoom(Math.exp(-Math.max(-200, Math.min(200, pixels)) / 250), ...at(event));
}, { passive: false });

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const keys = {
  "+": () => zoom(1.4),
  "=": () => zoom(1.4),
  "-": () => zoom(1 / 1.4),
  "0": showWhole,
  " ": () => state.picked >= 0 && toggleListed(state.picked),
  "l": toggleLasso,
  "p": toggleThumbnails,
  "Enter": () => byId("neighbours")?.querySelector("button")?.focus(),
  "Escape": () => { state.lasso = null; pick(-1); },
};

canvas.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey)
    return;
  const arrow = arrows[event.key], key = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!arrow && !key)
    return;
  event.preventDefault();
  if (key)
    key();
  else if (event.shiftKey)
    pan(arrow);
  else
    step(arrow);
});

function pan([dx, dy]) {
  view.x -= dx * 60;
  view.y -= dy * 60;
  reframe();
}

function step([dx, dy]) {
  const next = state.picked < 0 ? nearest(view.width / 2, view.height / 2, Infinity) : towards(state.picked, dx, dy);
  if (next >= 0)
    pick(next);
}

document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== byId("query")) {
    event.preventDefault();
    byId("query").focus();
  }
});

function press(id, isPressed) {
  byId(id).setAttribute("aria-pressed", isPressed);
}

function toggleLasso() {
  state.lassoing = !state.lassoing;
  canvas.classList.toggle("lasso", state.lassoing);
  press("lasso", state.lassoing);
}

function toggleThumbnails() {
  state.thumbnails = !state.thumbnails && sheets.length > 0;
  press("thumbnails", state.thumbnails);
  redraw();
}

function choices(id, labels, choose) {
  labels.forEach((label, i) => byId(id).append(element("label", {},
    element("input", { type: "radio", name: id, checked: i === 0, onchange: () => choose(i) }), label)));
}

function showAbout() {
  const sample = count < data.total ? ` A random sample of ${number(count)} of ${number(data.total)} pictures, seed ${data.seed}.` : "";
  byId("about").replaceChildren(element("span", { textContent: layouts[state.layout].about + sample }));
}

const buttons = {
  "lasso": toggleLasso, "thumbnails": toggleThumbnails, "whole": showWhole, "closer": () => zoom(1.4), "farther": () => zoom(1 / 1.4),
  "save-list": saveList, "clear-list": () => { state.list.clear(); showList(); showPicked(); }, "show-all": showAll,
  "add-matches": () => addToList([...names.keys()].filter(i => state.matches?.[i] === 1)),
};
for (const [id, act] of Object.entries(buttons))
  byId(id).addEventListener("click", act);

byId("query").addEventListener("input", event => search(event.target.value));
byId("search").addEventListener("submit", event => { event.preventDefault(); pickNextMatch(); });

function begin() {
  readTheme();
  byId("title").textContent = document.title = "Map of " + pictures(count);
  byId("thumbnails").hidden = sheets.length === 0;
  choices("layouts", layouts.map(l => l.name), layout => { moveTo(layout); showAbout(); });
  choices("groupings", groupings.map(g => g.name), grouping => {
    state.grouping = grouping;
    state.lit.clear();
    showLegend();
    showPicked();
    showList();
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readTheme();
    showLegend();
    showPicked();
    showList();
  });
  // Sheets load while the scripts begin.
  for (const sheet of sheets)
    sheet.onload = () => { redraw(); showPicked(); showList(); };
  new ResizeObserver(resize).observe(canvas);
  showAbout();
  showPicked();
  showList();
  showLegend();
}
begin();

"use strict";
// Fills the page beside the map: the picked picture and its neighbours, the list, the legend and the search.

const mostOfList = 100;
let foundAt = -1;

function say(text) {
  byId("said").textContent = text;
}

function pictureButton(picture, note = "") {
  const button = element("button", { type: "button", onclick: () => pickFromPanel(picture) }, thumbnail(picture, 40),
    element("span", { textContent: shown(names[picture]) }), element("small", { textContent: note }));
  button.dataset.picture = picture;
  return element("li", {}, button);
}

function labelsOf(picture) {
  const label = g => shown(g.labels[g.groups[picture]]);
  return groupings.map(g => g.name === "Cluster" ? label(g) : g.name + " " + label(g)).join(", ");
}

function pick(picture) {
  state.picked = picture;
  showPicked();
  if (picture < 0) {
    reframe();
    return;
  }
  showPicture(picture);
  say(shown(names[picture]) + ", " + labelsOf(picture) + (state.list.has(picture) ? ", on the list" : ""));
}

// The panel gets new buttons, so the one with the focus goes. The arrow keys continue on the map.
function pickFromPanel(picture) {
  pick(picture);
  canvas.focus({ preventScroll: true });
}

function showPicked() {
  const box = byId("picked"), picture = state.picked;
  if (picture < 0) {
    box.replaceChildren(element("p", { className: "faint", textContent: "Click a picture, or move to it with the arrow keys." }));
    return;
  }
  const toggle = element("button", { type: "button", id: "toggle", onclick: () => toggleListed(picture) },
    state.list.has(picture) ? "Take off the list" : "Put on the list");
  const near = element("ol", { id: "neighbours", className: "pictures" },
    ...neighboursOf(picture).map(n => pictureButton(n.picture, n.cosine.toFixed(3))));
  box.replaceChildren(
    ...hasThumbnail(picture) ? [thumbnail(picture, data.side, "large")] : [],
    element("p", { className: "name", id: "name", textContent: shown(names[picture]) }),
    element("p", { className: "faint", textContent: labelsOf(picture) }),
    ...unreadable.has(picture) ? [element("p", { textContent: "This picture could not be read." })] : [],
    toggle,
    ...data.neighbourCount > 0 ? [element("h3", { textContent: "Most similar, with the cosine" }), near] : []);
}

function toggleListed(picture) {
  if (!state.list.delete(picture))
    state.list.add(picture);
  showList();
  showPicked();
  const where = state.list.has(picture) ? " is on the list" : " is off the list";
  say(shown(names[picture]) + where + ", which has " + pictures(state.list.size));
}

function addToList(added) {
  for (const picture of added)
    state.list.add(picture);
  showList();
  showPicked();
  say(pictures(added.length) + " added to the list, which has " + pictures(state.list.size));
}

function showList() {
  const listed = [...state.list];
  byId("list-count").textContent = listed.length === 0
    ? "Empty. Draw a lasso around pictures, or press Space on one."
    : pictures(listed.length) + (listed.length > mostOfList ? ", the first " + mostOfList + " shown" : "");
  byId("save-list").disabled = byId("clear-list").disabled = listed.length === 0;
  byId("list").replaceChildren(...listed.slice(0, mostOfList).map(picture => pictureButton(picture)));
  redraw();
}

// One line for each picture. transferkit extract reads the column "path".
function listAsCsv() {
  const cell = text => '"' + text.replaceAll('"', '""') + '"';
  const lines = [["path", ...groupings.map(g => g.name.toLowerCase())].join(",")];
  for (const picture of state.list)
    lines.push([names[picture], ...groupings.map(g => g.labels[g.groups[picture]])].map(cell).join(","));
  return lines.join("\n") + "\n";
}

function saveList() {
  const address = URL.createObjectURL(new Blob([listAsCsv()], { type: "text/csv" }));
  element("a", { href: address, download: "list.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function showLegend() {
  const { name, labels, sizes } = groupings[state.grouping];
  byId("legend-title").textContent = name + "s";
  byId("show-all").hidden = state.lit.size === 0;
  byId("legend").replaceChildren(...labels.map((label, group) => {
    const button = element("button", { type: "button", title: "Show only this", onclick: () => toggleLit(group) }, swatch(group),
      element("span", { textContent: shown(label) }), element("small", { textContent: number(sizes[group]) }));
    button.setAttribute("aria-pressed", state.lit.has(group));
    return element("li", {}, button);
  }));
}

function toggleLit(group) {
  if (!state.lit.delete(group))
    state.lit.add(group);
  showLegend();
  // The new buttons replace the one that had the focus.
  byId("legend").querySelectorAll("button")[group].focus();
  redraw();
}

function showAll() {
  state.lit.clear();
  showLegend();
  redraw();
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  let found = 0;
  state.matches = null;
  if (wanted) {
    state.matches = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      if (names[i].toLowerCase().includes(wanted)) {
        state.matches[i] = 1;
        found++;
      }
    }
  }
  foundAt = -1;
  byId("matches").textContent = wanted ? number(found) + " of " + number(count) : "";
  byId("add-matches").hidden = found === 0;
  redraw();
}

function pickNextMatch() {
  if (!state.matches)
    return;
  for (let step = 1; step <= count; step++) {
    const picture = (foundAt + step) % count;
    if (state.matches[picture] === 1) {
      foundAt = picture;
      pick(picture);
      return;
    }
  }
}

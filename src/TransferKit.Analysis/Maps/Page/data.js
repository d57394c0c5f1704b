"use strict";
// Reads the data of the page. Numbers are 32-bit and little-endian in base64; names are shown as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const names = data.names;
const count = names.length;

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++)
    bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

const neighbours = new Int32Array(bytesOf(data.neighbours));
const cosines = new Float32Array(bytesOf(data.cosines));
const unreadable = new Set(new Int32Array(bytesOf(data.unreadable)));

// The longer side of each layout goes from -1 to 1. The reach is how far the other goes.
const layouts = data.layouts.map(layout => {
  const raw = new Float32Array(bytesOf(layout.points));
  const least = [Infinity, Infinity], most = [-Infinity, -Infinity];
  for (let i = 0; i < raw.length; i++) {
    least[i & 1] = Math.min(least[i & 1], raw[i]);
    most[i & 1] = Math.max(most[i & 1], raw[i]);
  }
  const half = Math.max(most[0] - least[0], most[1] - least[1]) / 2 || 1;
  const places = Float32Array.from(raw, (value, i) => (value - (least[i & 1] + most[i & 1]) / 2) / half * (i & 1 ? -1 : 1));
  const reach = axis => Math.max((most[axis] - least[axis]) / 2 / half, .05);
  return { name: layout.name, about: layout.about, places, width: reach(0), height: reach(1) };
});

const groupings = data.groupings.map(grouping => {
  const groups = new Int32Array(bytesOf(grouping.groups));
  const sizes = new Int32Array(grouping.labels.length);
  for (const group of groups)
    sizes[group]++;
  return { name: grouping.name, labels: grouping.labels, groups, sizes };
});

const sheets = data.sheets.map(base64 => {
  const image = new Image();
  image.src = "data:image/jpeg;base64," + base64;
  return image;
});
data.sheets = null;

const state = {
  layout: 0,
  grouping: 0,
  picked: -1,
  matches: null,        // an Uint8Array: 1 for each picture that the search found
  lit: new Set(),       // the groups that the legend singles out; none means all
  list: new Set(),
  thumbnails: sheets.length > 0,
  lassoing: false,
  lasso: null,          // the corners of the lasso while it is drawn
};

const byId = id => document.getElementById(id);
const number = value => value.toLocaleString("en");
const pictures = value => value === 1 ? "1 picture" : number(value) + " pictures";

// Control characters and marks of direction in a name could hide or reorder the text around it.
function shown(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]/g,
    c => "\\u" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0"));
}

function groupOf(picture) {
  return groupings[state.grouping].groups[picture];
}

function isLit(picture) {
  return (!state.matches || state.matches[picture] === 1) && (state.lit.size === 0 || state.lit.has(groupOf(picture)));
}

function neighboursOf(picture) {
  const found = [];
  for (let at = picture * data.neighbourCount; at < (picture + 1) * data.neighbourCount; at++)
    found.push({ picture: neighbours[at], cosine: cosines[at] });
  return found;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

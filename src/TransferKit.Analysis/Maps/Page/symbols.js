"use strict";
// Draws the symbol of a group: a colour and a shape, so that neither colour nor shape is needed alone. Sixty-four groups differ.

const shapes = [
  (c, r) => c.arc(0, 0, r * .95, 0, 2 * Math.PI),
  (c, r) => c.rect(-r * .82, -r * .82, r * 1.64, r * 1.64),
  (c, r) => corners(c, r * 1.2, 3, -90),
  (c, r) => corners(c, r * 1.2, 4, 0),
  (c, r) => corners(c, r * 1.2, 3, 90),
  (c, r) => cross(c, r, 0),
  (c, r) => star(c, r * 1.3),
  (c, r) => cross(c, r, 45),
];
const colours = 8;

let theme = {};
let sprites = new Map();

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const value = name => style.getPropertyValue(name).trim();
  theme = { back: value("--back"), text: value("--text"), edge: value("--edge"), accent: value("--accent"), groups: [] };
  for (let i = 0; i < colours; i++)
    theme.groups.push(value("--group-" + i));
  sprites = new Map();
}

const colourOf = group => theme.groups[group % colours];
const shapeOf = group => shapes[(group + Math.floor(group / colours)) % shapes.length];

function corners(c, r, sides, turn) {
  for (let i = 0; i < sides; i++) {
    const angle = (turn + 360 * i / sides) * Math.PI / 180;
    c.lineTo(r * Math.cos(angle), r * Math.sin(angle));
  }
  c.closePath();
}

function star(c, r) {
  for (let i = 0; i < 10; i++) {
    const angle = (-90 + 36 * i) * Math.PI / 180, length = i % 2 ? r * .45 : r;
    c.lineTo(length * Math.cos(angle), length * Math.sin(angle));
  }
  c.closePath();
}

function cross(c, r, turn) {
  const arm = r * 1.15, half = r * .36;
  c.rotate(turn * Math.PI / 180);
  c.moveTo(-half, -arm);
  for (const [x, y] of [[half, -arm], [half, -half], [arm, -half], [arm, half], [half, half], [half, arm], [-half, arm], [-half, half],
    [-arm, half], [-arm, -half], [-half, -half]])
    c.lineTo(x, y);
  c.closePath();
}

function drawSymbol(c, group, x, y, r) {
  c.save();
  c.translate(x, y);
  c.beginPath();
  shapeOf(group)(c, r);
  c.fillStyle = colourOf(group);
  c.fill();
  // The edge parts symbols that overlap.
  c.strokeStyle = theme.back;
  c.lineWidth = Math.min(1, r / 4);
  c.stroke();
  c.restore();
}

// Copying a small picture of the symbol is faster than filling its path ten thousand times.
function sprite(group, r, density) {
  const key = group + "/" + r + "/" + density;
  let made = sprites.get(key);
  if (!made) {
    made = document.createElement("canvas");
    made.width = made.height = Math.ceil((2.6 * r + 2) * density);
    const c = made.getContext("2d");
    c.scale(density, density);
    drawSymbol(c, group, made.width / density / 2, made.width / density / 2, r);
    sprites.set(key, made);
  }
  return made;
}

function swatch(group, size = 20) {
  const made = element("canvas", { width: 2 * size, height: 2 * size });
  made.style.width = made.style.height = size + "px";
  made.setAttribute("aria-hidden", "true");
  const c = made.getContext("2d");
  c.scale(2, 2);
  drawSymbol(c, group, size / 2, size / 2, size * .36);
  return made;
}

function hasThumbnail(picture) {
  return sheets.length > 0 && !unreadable.has(picture) && sheetOf(picture).complete;
}

function sheetOf(picture) {
  return sheets[Math.floor(picture / (data.columns * data.columns))];
}

function drawThumbnail(c, picture, x, y, size) {
  const place = picture % (data.columns * data.columns);
  c.drawImage(sheetOf(picture), place % data.columns * data.side, Math.floor(place / data.columns) * data.side, data.side, data.side,
    x, y, size, size);
}

// A picture that cannot be shown has the symbol of its group in its place.
function thumbnail(picture, size, className = "") {
  const made = element("canvas", { width: 2 * size, height: 2 * size, className });
  made.setAttribute("aria-hidden", "true");
  if (!className)
    made.style.width = made.style.height = size + "px";
  const c = made.getContext("2d");
  c.scale(2, 2);
  if (hasThumbnail(picture))
    drawThumbnail(c, picture, 0, 0, size);
  else
    drawSymbol(c, groupOf(picture), size / 2, size / 2, Math.min(12, size * .3));
  return made;
}

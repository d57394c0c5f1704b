"use strict";
// Shows the map on the canvas: where it is looked at from, what is drawn, and which picture is under the pointer.

const canvas = byId("canvas");
const context = canvas.getContext("2d");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const thumbnailSize = 44;
const framed = thumbnailSize + 6;

const view = { scale: 1, x: 0, y: 0, width: 1, height: 1, density: 1 };
const places = new Float32Array(layouts[0].places);

// The points are drawn on a layer that is larger than the view. While the map moves, the layer is copied, so a slow machine moves it
// smoothly too. When it rests, the layer is drawn again.
const layer = { canvas: document.createElement("canvas"), unit: 0, x: 0, y: 0, width: 0, height: 0, time: 0 };
const layerMargin = .25;
const rest = 120;
let requested = 0;
let isStale = true;
let resting = 0;
let motion = null;

// Draws the points again, and what lies over them.
function redraw() {
  isStale = true;
  reframe();
}

// Draws what lies over the points, and the points where they are on the layer.
function reframe() {
  requested ||= requestAnimationFrame(draw);
}

function resize() {
  const box = canvas.getBoundingClientRect();
  const before = Math.min(view.width, view.height);
  Object.assign(view, { width: box.width, height: box.height, density: devicePixelRatio || 1 });
  canvas.width = Math.round(view.width * view.density);
  canvas.height = Math.round(view.height * view.density);
  const factor = Math.min(view.width, view.height) / before;
  view.x *= factor;
  view.y *= factor;
  redraw();
}

// Both layouts fit, so that the scale is the same. The tools and the line below the map need a margin.
const widest = Math.max(...layouts.map(l => l.width)), highest = Math.max(...layouts.map(l => l.height));
const unit = () => view.scale * Math.max(20, Math.min((view.width / 2 - 36) / widest, (view.height / 2 - 72) / highest));
const left = picture => view.width / 2 + view.x + places[2 * picture] * unit();
const top_ = picture => view.height / 2 + view.y + places[2 * picture + 1] * unit();

// The position of a picture in the window.
function screenOf(picture) {
  const box = canvas.getBoundingClientRect();
  return { x: box.left + left(picture), y: box.top + top_(picture) };
}

function zoom(factor, x = view.width / 2, y = view.height / 2) {
  const scale = Math.min(400, Math.max(.5, view.scale * factor));
  const ratio = scale / view.scale;
  view.x = (x - view.width / 2) * (1 - ratio) + view.x * ratio;
  view.y = (y - view.height / 2) * (1 - ratio) + view.y * ratio;
  view.scale = scale;
  reframe();
}

function showWhole() {
  Object.assign(view, { scale: 1, x: 0, y: 0 });
  reframe();
}

function showPicture(picture) {
  const x = left(picture), y = top_(picture), margin = 60;
  if (x < margin || x > view.width - margin || y < margin || y > view.height - margin) {
    view.x += view.width / 2 - x;
    view.y += view.height / 2 - y;
  }
  reframe();
}

function moveTo(layout) {
  state.layout = layout;
  motion = { from: new Float32Array(places), to: layouts[layout].places, start: performance.now(), time: calm.matches ? 0 : 500 };
  redraw();
}

function advance() {
  const done = motion.time ? Math.min(1, (performance.now() - motion.start) / motion.time) : 1;
  const part = done * done * (3 - 2 * done);
  for (let i = 0; i < places.length; i++)
    places[i] = motion.from[i] + part * (motion.to[i] - motion.from[i]);
  if (done === 1) {
    motion = null;
    isStale = true;
  }
}

const radius = () => Math.min(9, (count > 3000 ? 3 : count > 500 ? 4 : 5.5) * Math.max(1, Math.sqrt(view.scale) * .9));
const inside = (x, y, margin) => Math.abs(x - view.width / 2) < view.width * (.5 + layerMargin) + margin
  && Math.abs(y - view.height / 2) < view.height * (.5 + layerMargin) + margin;

function draw() {
  requested = 0;
  if (motion)
    advance();
  if (isStale || motion || (!isCovered() && performance.now() - layer.time > rest))
    drawLayer();
  context.setTransform(view.density, 0, 0, view.density, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  copyLayer();
  if (state.picked >= 0)
    drawPicked();
  if (state.lasso)
    drawLasso();
  if (motion)
    reframe();
}

function drawLayer() {
  Object.assign(layer, { unit: unit(), x: view.x, y: view.y, width: view.width, height: view.height, time: performance.now() });
  isStale = false;
  const part = 1 + 2 * layerMargin;
  layer.canvas.width = Math.ceil(view.width * part * view.density);
  layer.canvas.height = Math.ceil(view.height * part * view.density);
  const c = layer.canvas.getContext("2d");
  c.setTransform(view.density, 0, 0, view.density, layerMargin * view.width * view.density, layerMargin * view.height * view.density);
  const bright = [];
  c.globalAlpha = .15;
  for (let picture = 0; picture < count; picture++) {
    if (isLit(picture))
      bright.push(picture);
    else
      drawPoint(c, picture);
  }
  c.globalAlpha = 1;
  for (const picture of bright)
    drawPoint(c, picture);
  for (const picture of state.list) {
    if (inside(left(picture), top_(picture), 20))
      ring(c, picture, radius() + 1.5, theme.text, 1.25);
  }
  if (state.thumbnails && !motion)
    drawThumbnails(c, bright);
}

function layerBox() {
  const ratio = unit() / layer.unit;
  return {
    x: view.width / 2 + view.x - ratio * (layer.width * (layerMargin + .5) + layer.x),
    y: view.height / 2 + view.y - ratio * (layer.height * (layerMargin + .5) + layer.y),
    width: layer.width * (1 + 2 * layerMargin) * ratio,
    height: layer.height * (1 + 2 * layerMargin) * ratio,
  };
}

function isCovered() {
  const box = layerBox();
  return box.x <= 0 && box.y <= 0 && box.x + box.width >= view.width && box.y + box.height >= view.height;
}

function copyLayer() {
  const box = layerBox();
  context.drawImage(layer.canvas, box.x, box.y, box.width, box.height);
  if (unit() !== layer.unit || view.x !== layer.x || view.y !== layer.y) {
    clearTimeout(resting);
    resting = setTimeout(redraw, rest);
  }
}

function drawPoint(c, picture) {
  const x = left(picture), y = top_(picture);
  if (!inside(x, y, 20))
    return;
  const image = sprite(groupOf(picture), Math.round(radius() * 2) / 2, view.density);
  const size = image.width / view.density;
  c.drawImage(image, x - size / 2, y - size / 2, size, size);
}

function drawThumbnails(c, shownPictures) {
  for (const picture of withRoom(shownPictures)) {
    const x = left(picture), y = top_(picture);
    if (inside(x, y, thumbnailSize) && hasThumbnail(picture))
      drawFramed(c, picture, x, y, thumbnailSize);
  }
}

// The pictures that do not cover each other, the first ones first. The choice ignores where the map is, so pictures do not flicker
// while it moves.
function withRoom(shownPictures) {
  const chosen = [], taken = new Map(), size = unit() / framed;
  for (const picture of shownPictures) {
    const x = places[2 * picture] * size, y = places[2 * picture + 1] * size;
    const column = Math.floor(x), row = Math.floor(y);
    if (isFree(taken, column, row, x, y)) {
      taken.set(column * 65536 + row, [x, y]);
      chosen.push(picture);
    }
  }
  return chosen;
}

// A cell is as large as a picture, so it holds one at most, and only those of the cells around can touch it.
function isFree(taken, column, row, x, y) {
  for (let c = column - 1; c <= column + 1; c++) {
    for (let r = row - 1; r <= row + 1; r++) {
      const other = taken.get(c * 65536 + r);
      if (other && Math.abs(other[0] - x) < 1 && Math.abs(other[1] - y) < 1)
        return false;
    }
  }
  return true;
}

function drawFramed(c, picture, x, y, size) {
  const half = size / 2;
  c.fillStyle = colourOf(groupOf(picture));
  c.fillRect(x - half - 2, y - half - 2, size + 4, size + 4);
  drawThumbnail(c, picture, x - half, y - half, size);
  c.fillStyle = theme.back;
  c.fillRect(x - half - 2, y - half - 2, 15, 15);
  drawSymbol(c, groupOf(picture), x - half + 5.5, y - half + 5.5, 5);
  if (state.list.has(picture)) {
    c.strokeStyle = theme.text;
    c.lineWidth = 2;
    c.strokeRect(x - half - 3, y - half - 3, size + 6, size + 6);
  }
}

function ring(c, picture, r, colour, width) {
  c.beginPath();
  c.arc(left(picture), top_(picture), r, 0, 2 * Math.PI);
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.stroke();
}

function drawPicked() {
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.5;
  for (const { picture } of neighboursOf(state.picked)) {
    context.beginPath();
    context.moveTo(left(state.picked), top_(state.picked));
    context.lineTo(left(picture), top_(picture));
    context.stroke();
    ring(context, picture, radius() + 3, theme.accent, 1.5);
  }
  if (state.thumbnails && hasThumbnail(state.picked))
    drawFramed(context, state.picked, left(state.picked), top_(state.picked), thumbnailSize);
  const r = state.thumbnails && hasThumbnail(state.picked) ? thumbnailSize * .78 : radius() + 5;
  ring(context, state.picked, r, theme.back, 5);
  ring(context, state.picked, r, theme.text, 2.5);
}

function drawLasso() {
  context.beginPath();
  for (const [x, y] of state.lasso)
    context.lineTo(x, y);
  context.closePath();
  context.globalAlpha = .15;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.setLineDash([6, 4]);
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
}

// The nearest picture to a place on the canvas, or -1 if none is near enough.
function nearest(x, y, farthest) {
  let best = -1, least = farthest * farthest;
  for (let picture = 0; picture < count; picture++) {
    const square = (left(picture) - x) ** 2 + (top_(picture) - y) ** 2;
    if (square <= least && isLit(picture))
      [best, least] = [picture, square];
  }
  return best;
}

// The nearest picture from another in a direction, in which sideways counts double.
function towards(from, dx, dy) {
  let best = -1, least = Infinity;
  for (let picture = 0; picture < count; picture++) {
    const x = left(picture) - left(from), y = top_(picture) - top_(from);
    const along = x * dx + y * dy, across = Math.abs(x * dy - y * dx);
    if (along > 0 && across <= along && along + 2 * across < least && isLit(picture))
      [best, least] = [picture, along + 2 * across];
  }
  return best;
}

function within(corners, x, y) {
  let isInside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [xi, yi] = corners[i], [xj, yj] = corners[j];
    if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi)
      isInside = !isInside;
  }
  return isInside;
}

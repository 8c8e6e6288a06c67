// Draws the picture that was analysed, and over it what was found. Coordinates of findings are pixels of the picture.

const kLimbs = [[15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7], [7, 9], [6, 8], [8, 10],
                [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6]];  // of COCO's 17 keypoints
const kSeen = 0.3;  // a keypoint below this is not drawn
const kHues = [168, 34, 205, 330, 265, 85, 12, 235];

/** The same label has the same colour everywhere. */
function colourOf(label) {
  let sum = 0;
  for (const c of label) sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  return `hsl(${kHues[sum % kHues.length]} 90% 68%)`;
}

function text(g, unit, x, y, words, colour) {
  g.font = `600 ${13 * unit}px system-ui, "DejaVu Sans", sans-serif`;
  const width = g.measureText(words).width + 8 * unit, height = 18 * unit;
  const top = y - height < 0 ? y : y - height;
  g.fillStyle = colour;
  g.fillRect(x, top, width, height);
  g.fillStyle = "#06100d";
  g.fillText(words, x + 4 * unit, top + 13.5 * unit);
}

function outline(g, corners) {
  g.beginPath();
  for (let i = 0; i < corners.length; i += 2) g.lineTo(corners[i], corners[i + 1]);
  g.closePath();
  g.stroke();
}

function boundsOf(corners, size) {
  if (!corners) return [0, 0, size[0], size[1]];
  const xs = corners.filter((_, i) => i % 2 === 0), ys = corners.filter((_, i) => i % 2 === 1);
  const left = Math.min(...xs), top = Math.min(...ys);
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

/**
 * A heat map: transparent where nothing is, red where most is. One that says where it lies is an anomaly's, and counts in
 * its threshold, 1; of any other its own values are the scale.
 */
function heat(g, grid, region, size) {
  let low = Infinity, high = -Infinity;
  for (const v of grid.values) if (v !== null) { low = Math.min(low, v); high = Math.max(high, v); }
  if (grid.corners) [low, high] = [0.5, 1.5];
  if (!(high > low)) return;
  const image = new ImageData(grid.cols, grid.rows);
  grid.values.forEach((v, i) => {
    const share = v === null ? 0 : Math.min(1, Math.max(0, (v - low) / (high - low)));
    image.data.set([255, 60 + 120 * (1 - share), 60, 200 * share * share], i * 4);
  });
  const small = new OffscreenCanvas(grid.cols, grid.rows);
  small.getContext("2d").putImageData(image, 0, 0);
  g.imageSmoothingEnabled = true;
  g.drawImage(small, ...boundsOf(grid.corners ?? region, size));
}

function detections(g, unit, seen) {
  for (const d of seen.detections ?? []) {
    const [x, y, w, h] = d.box, colour = colourOf(d.label);
    g.strokeStyle = colour;
    g.lineWidth = 2 * unit;
    g.strokeRect(x, y, w, h);
    if (w > 34 * unit || (seen.detections.length < 12)) text(g, unit, x, y, `${d.label} ${Math.round(d.score * 100)}`, colour);
  }
}

function poses(g, unit, seen) {
  for (const pose of seen.poses ?? []) {
    const at = pose.keypoints;
    g.strokeStyle = "#ffd27a";
    g.lineWidth = 2 * unit;
    if (at.length === 17)
      for (const [a, b] of kLimbs) {
        if (at[a][2] < kSeen || at[b][2] < kSeen) continue;
        g.beginPath();
        g.moveTo(at[a][0], at[a][1]);
        g.lineTo(at[b][0], at[b][1]);
        g.stroke();
      }
    g.fillStyle = "#fff";
    for (const [x, y, score] of at) {
      if (score < kSeen) continue;
      g.beginPath();
      g.arc(x, y, 2.5 * unit, 0, 7);
      g.fill();
    }
  }
}

function digits(g, unit, seen, regions) {
  for (const digit of seen.digits ?? []) {
    const corners = regions[digit.region ?? 0];
    if (!corners) continue;
    const colour = digit.confidence > 0.7 ? "hsl(168 90% 60%)" : "hsl(34 95% 60%)";
    g.strokeStyle = colour;
    g.lineWidth = 1.5 * unit;
    outline(g, corners);
    const [left, top, , height] = boundsOf(corners);
    text(g, unit, left, top + height + 20 * unit, digit.value.toFixed(digit.classes === 100 ? 1 : 0), colour);
  }
}

/**
 * @param canvas   as large as it is shown
 * @param picture  the ImageBitmap, or null
 * @param looks    [{seen, regions}]: the observations of this very picture, with the fixed regions of their tasks
 */
export function draw(canvas, picture, looks) {
  const g = canvas.getContext("2d");
  const shown = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(shown.width * ratio));
  canvas.height = Math.max(1, Math.round(shown.height * ratio));
  if (!picture) return;
  // Findings refer to the frame, which of a thermal camera is its grid, and the picture a drawing of it.
  const size = looks[0]?.seen.size ?? [picture.width, picture.height];
  const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const width = picture.width * scale, height = picture.height * scale;
  g.imageSmoothingQuality = "high";
  g.translate((canvas.width - width) / 2, (canvas.height - height) / 2);
  g.drawImage(picture, 0, 0, width, height);
  g.scale(width / size[0], height / size[1]);
  const unit = (ratio * size[0]) / width;  // a CSS pixel
  for (const { seen, regions } of looks) {
    for (const grid of seen.grids ?? []) heat(g, grid, regions[grid.region ?? 0], size);
    detections(g, unit, seen);
    poses(g, unit, seen);
    digits(g, unit, seen, regions);
  }
}

/** What is drawn, in words. */
export function describe(looks) {
  const parts = [];
  for (const { seen } of looks) {
    const counts = new Map();
    for (const d of seen.detections ?? []) counts.set(d.label, (counts.get(d.label) ?? 0) + 1);
    for (const [label, count] of counts) parts.push(`${count} ${label}`);
    if (seen.poses?.length) parts.push(`${seen.poses.length} poses`);
    if (seen.digits?.length) parts.push(`digits ${seen.digits.map((d) => d.value).join(" ")}`);
    if (seen.grids?.length) parts.push("a heat map");
  }
  return parts.join(", ");
}

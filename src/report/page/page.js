/* SPDX-License-Identifier: MIT */
/* page.js - draws the scene that stands in the page: lanes on a canvas, a panel for what is chosen, a table. */
'use strict';
(function () {

const data = JSON.parse(document.getElementById('data').textContent);
const $ = id => document.getElementById(id);
const LEFT = 210, LANE = 30, AXIS = 26, span = Math.max(data.span, 1);
const NO_LANE = -1;
const KIND = Object.fromEntries(data.kinds.map((k, i) => [k.name, i]));
const FIRST_WAIT = KIND.packet, LAST_WAIT = KIND.wait;
const isWait = kind => kind >= FIRST_WAIT && kind <= LAST_WAIT;

/* ---- the data, unpacked: of each lane, begin and end of its pieces by the scene's begin ------------ */

const lanes = data.lanes.map((lane, number) => {
	const n = lane.kind.length, begin = new Float64Array(n), end = new Float64Array(n);
	let at = 0;

	for (let i = 0; i < n; i++) {
		begin[i] = at += lane.gap[i];
		end[i] = at += lane.length[i];
	}
	return {number, name: lane.name, comm: lane.comm, tid: lane.tid, pid: lane.pid, n, begin, end, kind: lane.kind,
		syscall: lane.syscall, cause: lane.cause, merged: lane.merged || {}};
});
const text = i => i ? data.texts[i - 1] : null;
const arrows = [];
for (let i = 0, end = 0; i < data.arrows.kind.length; i++) {
	end += data.arrows.gap[i];
	arrows.push({kind: data.arrows.kind[i], from: data.arrows.from[i], to: data.arrows.to[i],
		     begin: end - data.arrows.length[i], end, label: text(data.arrows.label[i])});
}
const arrowsTo = lanes.map(() => []);
arrows.forEach(a => arrowsTo[a.to].push(a));

/* ---- words --------------------------------------------------------------------------------------- */

const pad = (n, width) => String(n).padStart(width, '0');
const thousandths = ns => (Math.round(ns / 1e3) / 1e3).toFixed(3);
const ms = ns => thousandths(ns) + ' ms';
let timeForm = data.clock === null ? 'relative' : 'local';

/* ns since the epoch have more digits than a number: seconds and the rest apart. */
function when(time) {
	if (timeForm === 'relative')
		return '+' + (time / 1e9).toFixed(9) + ' s';
	if (timeForm === 'monotonic')
		return String(BigInt(data.begin) + BigInt(Math.round(time)));
	const ns = BigInt(data.begin) + BigInt(data.clock) + BigInt(Math.round(time));
	const date = new Date(Number(ns / 1000000n));

	return pad(date.getHours(), 2) + ':' + pad(date.getMinutes(), 2) + ':' + pad(date.getSeconds(), 2) +
		'.' + pad(ns % 1000000000n, 9);
}

const syscallOf = (lane, i) => text(lane.syscall[i]);
const causeOf = (lane, i) => text(lane.cause[i]);
const called = call => call ? 'sys_' + call : '–';

/* ---- what is shown -------------------------------------------------------------------------------- */

const shown = data.kinds.map(() => true);
let view = {from: 0, to: span};
let chosen = null; /* {lane, i} */
let path = [];     /* of it: {lane, begin, end} */
let found = null;  /* of a search: a set of "lane" or texts; null: none */
let width = 0, height = 0, dirty = false;
const frames = [];

const canvas = $('picture'), over = $('over');
const x = d3.scaleLinear();
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let colors = {};

/* A square of a kind's colour. */
function swatch(kind) {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');

	rect.setAttribute('class', 'k' + kind);
	rect.setAttribute('width', 12);
	rect.setAttribute('height', 10);
	svg.setAttribute('width', 12);
	svg.setAttribute('height', 10);
	svg.append(rect);
	return svg;
}

function readColors() {
	const svg = swatch(0), probe = svg.firstChild;

	svg.style.display = 'none';
	document.body.append(svg);
	colors.kinds = data.kinds.map((k, i) => {
		probe.setAttribute('class', 'k' + i);
		return getComputedStyle(probe).fill;
	});
	svg.remove();
	for (const name of ['bg', 'fg', 'dim', 'line', 'wake', 'send', 'path', 'mark', 'focus'])
		colors[name] = css('--' + name);
}

function fit(target, w, h) {
	const ratio = window.devicePixelRatio || 1;

	target.width = Math.round(w * ratio);
	target.height = Math.round(h * ratio);
	target.style.width = w + 'px';
	target.style.height = h + 'px';
	const g = target.getContext('2d');
	g.setTransform(ratio, 0, 0, ratio, 0, 0);
	return g;
}

/* The first piece of a lane that ends behind a time. */
function firstAfter(lane, time) {
	let low = 0, high = lane.n;

	while (low < high) {
		const middle = (low + high) >> 1;

		if (lane.end[middle] > time)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

function pieceAt(lane, time) {
	const i = firstAfter(lane, time);

	return i < lane.n && lane.begin[i] <= time ? i : -1;
}

/* However many pieces there are, one a pixel is drawn: the longest that begins there. */
function eachVisible(lane, from, to, pixel, draw) {
	for (let i = firstAfter(lane, from); i < lane.n && lane.begin[i] < to;) {
		let best = i;

		if (lane.end[i] - lane.begin[i] < pixel) {
			const next = firstAfter(lane, lane.begin[i] + pixel);
			const step = Math.max(1, Math.floor((next - i) / 8));

			for (let k = i; k < next; k += step)
				if (lane.end[k] - lane.begin[k] > lane.end[best] - lane.begin[best])
					best = k;
			draw(best, lane.begin[i], Math.max(lane.end[Math.max(next - 1, i)], lane.begin[i] + pixel));
			i = Math.max(next, i + 1);
		} else {
			draw(i, lane.begin[i], lane.end[i]);
			i++;
		}
	}
}

function isFound(lane, i) {
	return !found || found.lanes.has(lane.number) || found.texts.has(lane.syscall[i]) || found.texts.has(lane.cause[i]);
}

function drawPieces(g, lane, top) {
	const pixel = (view.to - view.from) / (width - LEFT);

	eachVisible(lane, view.from, view.to, pixel, (i, begin, end) => {
		const kind = lane.kind[i], low = kind > KIND.interrupt;
		const x1 = Math.max(x(begin), LEFT), x2 = Math.max(x(end), x1 + 1);
		const h = low ? 8 : 16;

		g.globalAlpha = !shown[kind] ? 0.06 : isFound(lane, i) ? 1 : 0.2;
		g.fillStyle = colors.kinds[kind];
		g.fillRect(x1, top + (LANE - h) / 2, x2 - x1, h);
		if (low && lane.syscall[i] && x2 - x1 > 60 && shown[kind] && !lane.merged[i]) {
			g.globalAlpha = 1;
			g.fillStyle = colors.dim;
			g.save();
			g.beginPath();
			g.rect(x1, top, x2 - x1, LANE);
			g.clip();
			g.fillText(called(syscallOf(lane, i)), x1 + 4, top + LANE - 2);
			g.restore();
		}
	});
	g.globalAlpha = 1;
}

function middle(number) {
	return AXIS + number * LANE + LANE / 2 - $('lanes').scrollTop;
}

/* `labels`: where the last one ends, by its height. */
function drawArrow(g, a, labels) {
	const x1 = x(a.begin), x2 = x(a.end), y2 = middle(a.to);
	const y1 = a.from === NO_LANE ? y2 - LANE * 0.45 : middle(a.from), side = y1 < y2 ? 1 : -1;

	if (x2 < LEFT || x1 > width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > height)
		return;
	g.strokeStyle = g.fillStyle = a.kind === 'sends' ? colors.send : colors.wake;
	g.beginPath();
	g.moveTo(x1, y1 + (a.from === NO_LANE ? 0 : side * 8));
	g.lineTo(x2, y2 - side * 5);
	g.stroke();
	g.beginPath();
	g.moveTo(x2, y2 - side * 4);
	g.lineTo(x2 - 3, y2 - side * 10);
	g.lineTo(x2 + 3, y2 - side * 10);
	g.fill();
	if (a.label && x2 > LEFT) {
		const at = (x1 + x2) / 2 + 3, y = (y1 + y2) / 2 + 4, place = Math.round(y);

		if (at < (labels.get(place) || 0))
			return;
		labels.set(place, at + g.measureText(a.label).width + 6);
		g.lineWidth = 3;
		g.strokeStyle = colors.bg;
		g.strokeText(a.label, at, y);
		g.fillText(a.label, at, y);
		g.lineWidth = 1;
	}
}

/* Arrows of one pair of lanes that end in one pixel are one. */
function drawArrows(g) {
	const last = new Map(), labels = new Map();
	let low = 0, high = arrows.length;

	while (low < high) {
		const m = (low + high) >> 1;

		if (arrows[m].end < view.from)
			low = m + 1;
		else
			high = m;
	}
	for (let i = low; i < arrows.length; i++) {
		const a = arrows[i];

		if (a.begin > view.to && a.end > view.to + span)
			break;
		const key = a.from * 65536 + a.to, pixel = Math.round(x(a.end) / (a.label ? 24 : 4));

		if (last.get(key) === pixel)
			continue;
		last.set(key, pixel);
		drawArrow(g, a, labels);
	}
}

/* Whatever the clock, ticks are at round times of it. */
function ticks(most) {
	const length = view.to - view.from;
	let step = 1;

	while (length / step > most)
		step *= String(step)[0] === '2' ? 2.5 : 2;
	const origin = timeForm === 'relative' ? 0n : BigInt(data.begin) + (timeForm === 'local' ? BigInt(data.clock) : 0n);
	const first = Number(-origin % BigInt(step)), at = [];

	for (let t = first + Math.ceil((view.from - first) / step) * step; t <= view.to; t += step)
		at.push(t);
	return {step, at};
}

function tickWords(time, step) {
	if (timeForm === 'local')
		return when(time).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
	if (timeForm === 'monotonic')
		return when(time);
	for (const [ns, unit] of [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']])
		if (step >= ns)
			return '+' + Math.round(time / ns) + ' ' + unit;
	return '+' + Math.round(time) + ' ns';
}

function drawAxis(g) {
	const {step, at} = ticks(Math.max(2, Math.floor((width - LEFT) / 130)));

	g.fillStyle = colors.bg;
	g.fillRect(0, 0, width, AXIS);
	g.strokeStyle = colors.line;
	g.fillStyle = colors.dim;
	for (const t of at) {
		g.beginPath();
		g.moveTo(x(t), AXIS - 6);
		g.lineTo(x(t), AXIS);
		g.stroke();
		g.fillText(tickWords(t, step), x(t) + 3, AXIS - 10);
	}
}

function drawPath(g) {
	g.strokeStyle = colors.path;
	g.lineWidth = 2;
	for (const p of path) {
		const y = middle(p.lane);

		g.strokeRect(x(p.begin), y - 10, Math.max(x(p.end) - x(p.begin), 1), 20);
	}
	g.lineWidth = 1;
}

function draw() {
	const start = performance.now(), g = canvas.getContext('2d'), scroll = $('lanes').scrollTop;

	dirty = false;
	x.domain([view.from, view.to]).range([LEFT, width]);
	g.font = '11px system-ui,sans-serif';
	g.fillStyle = colors.bg;
	g.fillRect(0, 0, width, height);
	g.fillStyle = colors.mark;
	for (const m of data.marks)
		g.fillRect(Math.max(x(m.begin), LEFT), AXIS, Math.max(x(m.end) - Math.max(x(m.begin), LEFT), 1), height);
	for (const lane of lanes) {
		const top = AXIS + lane.number * LANE - scroll;

		if (top > height || top + LANE < 0)
			continue;
		g.fillStyle = colors.line;
		g.fillRect(LEFT, top + LANE / 2, width - LEFT, 0.5);
		drawPieces(g, lane, top);
	}
	drawArrows(g);
	drawPath(g);
	if (chosen) {
		const y = middle(chosen.lane.number), a = x(chosen.lane.begin[chosen.i]), b = x(chosen.lane.end[chosen.i]);

		g.strokeStyle = colors.focus;
		g.lineWidth = 2;
		g.strokeRect(a, y - 12, Math.max(b - a, 1), 24);
		g.lineWidth = 1;
	}
	drawAxis(g);
	drawOver();
	frames.push(performance.now() - start);
	if (frames.length > 600)
		frames.shift();
}

let overPicture = null;

/* All of the scene, once; the window of it that is shown is drawn on top. */
function paintOver() {
	const w = over.clientWidth, h = over.clientHeight, each = Math.max(h / Math.max(lanes.length, 1), 0.5);

	overPicture = document.createElement('canvas');
	overPicture.width = w;
	overPicture.height = h;
	const g = overPicture.getContext('2d');
	lanes.forEach(lane => eachVisible(lane, 0, span, span / w, (i, begin, end) => {
		g.fillStyle = colors.kinds[lane.kind[i]];
		g.fillRect(begin / span * w, lane.number * each, Math.max((end - begin) / span * w, 1), Math.max(each - 0.5, 0.5));
	}));
}

function drawOver() {
	const g = over.getContext('2d'), w = over.clientWidth, h = over.clientHeight;
	const a = view.from / span * w, b = view.to / span * w;

	g.clearRect(0, 0, w, h);
	g.drawImage(overPicture, 0, 0);
	g.fillStyle = colors.mark;
	g.fillRect(0, 0, a, h);
	g.fillRect(b, 0, w - b, h);
	g.strokeStyle = colors.focus;
	g.strokeRect(a + 0.5, 0.5, Math.max(b - a - 1, 1), h - 1);
}

function redraw() {
	if (!dirty)
		requestAnimationFrame(draw);
	dirty = true;
}

/* ---- moving -------------------------------------------------------------------------------------- */

/* D3 tells of an event by itself up to version 5, as an argument from then on. */
const zoom = d3.zoom().filter(e => {
		const event = d3.event || e;

		return !event.button && !(event.type === 'wheel' && event.shiftKey);
	})
	.on('zoom', e => {
		const t = (d3.event || e).transform, base = d3.scaleLinear().domain([0, span]).range([LEFT, width]);
		const shownNow = t.rescaleX(base).domain();

		view = {from: shownNow[0], to: shownNow[1]};
		redraw();
	});

function show(from, to) {
	const least = 100, length = Math.min(Math.max(to - from, least), span);
	const begin = Math.min(Math.max(from, 0), span - length);
	const k = span / length;
	const base = d3.scaleLinear().domain([0, span]).range([LEFT, width]);

	d3.select(canvas).call(zoom.transform, d3.zoomIdentity.translate(LEFT - k * base(begin), 0).scale(k));
}

function resize() {
	const box = $('lanes');

	width = Math.max(box.clientWidth, LEFT + 100);
	height = Math.max(box.clientHeight, 60);
	fit(canvas, width, height);
	fit(over, over.clientWidth, over.clientHeight);
	$('space').style.height = AXIS + lanes.length * LANE + 8 + 'px';
	zoom.extent([[LEFT, 0], [width, height]]).translateExtent([[LEFT, 0], [width, height]])
		.scaleExtent([1, Math.max(span / 100, 1)]);
	paintOver();
	show(view.from, view.to);
	redraw();
}

/* ---- one that is chosen --------------------------------------------------------------------------- */

/* Whose arrow ended it: what that task did meanwhile stands for the wait, and so on. */
function follow(lane, begin, end, depth, to) {
	if (depth > 12 || begin >= end)
		return;
	for (let i = firstAfter(lane, begin); i < lane.n && lane.begin[i] < end; i++) {
		const from = Math.max(lane.begin[i], begin), until = Math.min(lane.end[i], end);
		const arrow = isWait(lane.kind[i]) && arrowsTo[lane.number].find(a => a.from !== NO_LANE && a.from !== lane.number &&
			a.end > lane.begin[i] && a.end <= lane.end[i] && a.begin >= begin);

		if (arrow)
			follow(lanes[arrow.from], from, Math.min(arrow.begin, until), depth + 1, to);
		else
			to.push({lane: lane.number, begin: from, end: until});
		if (to.length > 2000)
			return;
	}
}

function element(name, words, className) {
	const e = document.createElement(name);

	if (words !== undefined)
		e.textContent = words;
	if (className)
		e.className = className;
	return e;
}

function choose(lane, i) {
	const panel = $('panel'), kind = lane.kind[i], length = lane.end[i] - lane.begin[i];
	const story = data.stories.find(s => s.lane === lane.number && s.begin < lane.end[i] && s.end > lane.begin[i]);

	chosen = {lane, i};
	path = [];
	panel.replaceChildren();
	panel.append(element('h2', lane.name + ' ' + data.kinds[kind].words + ' for ' + ms(length)));
	panel.append(element('p', (syscallOf(lane, i) ? 'In ' + called(syscallOf(lane, i)) + ', f' : 'F') + 'rom ' + when(lane.begin[i]) +
		(causeOf(lane, i) ? (isWait(kind) ? '; ended by ' : ': ') + causeOf(lane, i) : '') +
		(lane.merged[i] ? '; most of ' + lane.merged[i] + ' short pieces, which are not told apart here' : '')));
	if (isWait(kind)) {
		const steps = element('ol');

		if (story) {
			panel.append(element('p', story.root));
			for (const link of story.links) {
				const step = element('li', link.words);

				step.style.marginLeft = Math.min(link.depth, 8) * 14 + 'px';
				steps.append(step);
				if (link.lane !== NO_LANE && link.leaf)
					path.push(link);
			}
		} else {
			follow(lane, lane.begin[i], lane.end[i], 0, path);
			for (const p of path.filter(one => (one.end - one.begin) * 20 >= length).slice(0, 12)) {
				const of = lanes[p.lane], at = pieceAt(of, p.begin);

				steps.append(element('li', ms(p.end - p.begin) + '  ' + of.name + ' ' + data.kinds[of.kind[at]].words +
					(syscallOf(of, at) ? ' in ' + called(syscallOf(of, at)) : '') +
					(causeOf(of, at) ? ', ' + causeOf(of, at) : '')));
			}
		}
		panel.append(steps);
	}
	panel.hidden = false;
	$('hint').hidden = true;
	if (lane.end[i] < view.from || lane.begin[i] > view.to)
		show(lane.begin[i] - length, lane.end[i] + length);
	if (middle(lane.number) < AXIS || middle(lane.number) > height)
		$('lanes').scrollTop = lane.number * LANE - height / 2;
	redraw();
}

function unchoose() {
	chosen = null;
	path = [];
	$('panel').hidden = true;
	$('hint').hidden = false;
	redraw();
}

function nextWait(lane, i, step) {
	for (i += step; i >= 0 && i < lane.n; i += step)
		if (isWait(lane.kind[i]))
			return i;
	return -1;
}

/* ---- the table ------------------------------------------------------------------------------------ */

const ROWS = 500;
const waits = [];
lanes.forEach(lane => {
	for (let i = 0; i < lane.n; i++)
		if (isWait(lane.kind[i]))
			waits.push({lane, i});
});
const columns = [
	{name: 'Task', of: w => w.lane.name},
	{name: 'Start', of: w => w.lane.begin[w.i], words: w => when(w.lane.begin[w.i]), num: true},
	{name: 'Duration (ms)', of: w => w.lane.end[w.i] - w.lane.begin[w.i],
	 words: w => thousandths(w.lane.end[w.i] - w.lane.begin[w.i]), num: true},
	{name: 'Syscall', of: w => called(syscallOf(w.lane, w.i))},
	{name: 'Waits for', of: w => data.kinds[w.lane.kind[w.i]].name},
	{name: 'Ended by', of: w => causeOf(w.lane, w.i) || '–'},
];
let sortBy = 2, descending = true;

function isListed(w) {
	return shown[w.lane.kind[w.i]] && isFound(w.lane, w.i);
}

function fillTable() {
	const of = columns[sortBy].of, body = $('rows'), listed = waits.filter(isListed);

	listed.sort((a, b) => {
		const p = of(a), q = of(b), order = typeof p === 'number' ? p - q : p < q ? -1 : p > q ? 1 : 0;

		return descending ? -order : order;
	});
	body.replaceChildren(...listed.slice(0, ROWS).map(w => {
		const row = element('tr');

		row.tabIndex = 0;
		for (const c of columns)
			row.append(element('td', (c.words || c.of)(w), c.num ? 'num' : undefined));
		row.onclick = () => choose(w.lane, w.i);
		row.onkeydown = e => e.key === 'Enter' && choose(w.lane, w.i);
		return row;
	}));
	$('count').textContent = listed.length > ROWS ? ROWS + ' of ' + listed.length + ' waits' :
		listed.length + (listed.length === 1 ? ' wait' : ' waits');
	[...$('heads').children].forEach((head, c) =>
		head.setAttribute('aria-sort', c !== sortBy ? 'none' : descending ? 'descending' : 'ascending'));
}

columns.forEach((c, number) => {
	const head = element('th', undefined, c.num ? 'num' : undefined), button = element('button', c.name);

	head.scope = 'col';
	button.onclick = () => {
		descending = sortBy === number ? !descending : Boolean(c.num);
		sortBy = number;
		fillTable();
	};
	head.append(button);
	$('heads').append(head);
});

function showTable(on) {
	$('table').hidden = !on;
	$('lanes').hidden = on;
	$('astable').setAttribute('aria-expanded', String(on));
	if (on)
		fillTable();
	else
		resize();
}

/* ---- what people do ------------------------------------------------------------------------------- */

data.kinds.forEach((kind, i) => {
	if (!lanes.some(lane => lane.kind.includes(i)))
		return;
	const button = element('button', '');

	button.setAttribute('aria-pressed', 'true');
	button.append(swatch(i), kind.words);
	button.onclick = () => {
		shown[i] = !shown[i];
		button.setAttribute('aria-pressed', String(shown[i]));
		fillTable();
		redraw();
	};
	$('kinds').append(button);
});

lanes.forEach(lane => {
	const name = element('div', lane.name, 'name');

	name.style.top = AXIS + lane.number * LANE + 'px';
	name.title = lane.name;
	$('space').append(name);
});

function search(words) {
	words = words.trim().toLowerCase();
	found = null;
	if (words) {
		const has = t => t && t.toLowerCase().includes(words);

		found = {lanes: new Set(lanes.filter(l => has(l.name)).map(l => l.number)),
			 texts: new Set(data.texts.map((t, i) => has(t) || has('sys_' + t) ? i + 1 : 0).filter(Boolean))};
	}
	fillTable();
	redraw();
}

/* The next one that is found, behind what is chosen. */
function searchNext() {
	const listed = waits.filter(w => isListed(w)).sort((a, b) => a.lane.begin[a.i] - b.lane.begin[b.i]);
	const at = chosen ? chosen.lane.begin[chosen.i] : -1;
	const next = listed.find(w => w.lane.begin[w.i] > at) || listed[0];

	if (next)
		choose(next.lane, next.i);
}

function onKey(e) {
	const length = view.to - view.from, center = (view.from + view.to) / 2;

	if (e.target.matches('input,select') || e.ctrlKey || e.metaKey || e.altKey) {
		if (e.key === 'Escape')
			e.target.blur();
		return;
	}
	switch (e.key) {
	case '+': case '=': show(center - length / 4, center + length / 4); break;
	case '-': show(center - length, center + length); break;
	case '0': case 'Home': show(0, span); break;
	case '/': $('search').focus(); break;
	case 'Escape': unchoose(); break;
	case 't': showTable($('table').hidden); break;
	case 'ArrowLeft': case 'ArrowRight': {
		const step = e.key === 'ArrowLeft' ? -1 : 1;

		if (chosen && !e.shiftKey) {
			const i = nextWait(chosen.lane, chosen.i, step);

			if (i >= 0)
				choose(chosen.lane, i);
		} else {
			show(view.from + step * length / 5, view.to + step * length / 5);
		}
		break;
	}
	case 'ArrowUp': case 'ArrowDown': {
		if (!chosen || !$('table').hidden)
			return;
		const lane = lanes[chosen.lane.number + (e.key === 'ArrowUp' ? -1 : 1)];
		const i = lane ? firstAfter(lane, chosen.lane.begin[chosen.i]) : -1;

		if (lane && i < lane.n)
			choose(lane, i);
		break;
	}
	default:
		return;
	}
	e.preventDefault();
}

function onPick(e) {
	const box = canvas.getBoundingClientRect(), px = e.clientX - box.left, py = e.clientY - box.top;
	const lane = lanes[Math.floor((py - AXIS + $('lanes').scrollTop) / LANE)];

	if (px < LEFT || py < AXIS || !lane)
		return;
	const pixel = (view.to - view.from) / (width - LEFT);
	let i = pieceAt(lane, x.invert(px));

	if (i < 0)
		i = pieceAt(lane, x.invert(px) + pixel);
	if (i >= 0)
		choose(lane, i);
	else
		unchoose();
}

function dragOver(e) {
	const box = over.getBoundingClientRect(), start = (e.clientX - box.left) / box.width * span;

	over.setPointerCapture(e.pointerId);
	over.onpointermove = m => {
		const now = (m.clientX - box.left) / box.width * span;

		if (Math.abs(m.clientX - e.clientX) > 3)
			show(Math.min(start, now), Math.max(start, now));
	};
	over.onpointerup = u => {
		const half = (view.to - view.from) / 2;

		over.onpointermove = over.onpointerup = null;
		if (Math.abs(u.clientX - e.clientX) <= 3)
			show(start - half, start + half);
	};
}

$('time').value = timeForm;
if (data.clock === null)
	$('time').querySelector('[value=local]').disabled = true;
$('time').onchange = () => {
	timeForm = $('time').value;
	fillTable();
	if (chosen)
		choose(chosen.lane, chosen.i);
	redraw();
};
$('search').oninput = () => search($('search').value);
$('search').onkeydown = e => e.key === 'Enter' && searchNext();
$('astable').onclick = () => showTable($('table').hidden);
$('all').onclick = () => show(0, span);
$('lanes').onscroll = redraw;
canvas.addEventListener('click', onPick);
over.addEventListener('pointerdown', dragOver);
document.addEventListener('keydown', onKey);
window.matchMedia('(prefers-color-scheme:dark)').addEventListener('change', () => {
	readColors();
	resize();
});
d3.select(canvas).call(zoom).on('dblclick.zoom', null);
readColors();
fillTable();
resize();
new ResizeObserver(() => $('lanes').hidden || resize()).observe($('lanes'));

/* For who drives the page by a program. */
window.flightbox = {data, lanes, arrows, waits, choose, show, search, frames, view: () => view,
		    chosen: () => chosen, path: () => path};
})();

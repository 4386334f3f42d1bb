"""A life cycle as a drawing: where boxes stand and how arrows run. Two shapes: wide, from left to right, and tall."""

from collections.abc import Sequence

from msgspec import Struct

from emulator.web.console.course import Course, Stop, Way

_ORDER_OF_MARKS = ("moving", "waiting", "held", "good", "short", "again", "over", "bad", "refused")
"""Of statuses side by side, those that go on come first."""
_LETTER, _CAPITAL = 8.0, 9.6
"""Width of a letter of a name, in px; fallback faces are wider than most."""
_PADDING, _ICON = 20, 22
_LINE, _PILL = 20, 29
_FRAME = 14
_LEAST_WIDTH = 148
"""Room for what is below a name."""
_GAP_WIDE, _GAP_HIGH = 46, 14
_INDENT, _LANE = 18, 22
_GAP_TALL = 9
_ROW, _ROW_FROM = 38, 500
"""Height of a box with everything on one line, and the width from which a tall drawing has such boxes."""
_ROOM = 4
"""Around the drawing, for the halo of the status now."""
TALL_WIDTHS = (284, 520)
BUCKETS = (420, 500, 580, 660, 740, 820, 900, 1000, 1120)
"""Widths that the style sheet knows: a wide drawing is shown where the next one of these fits."""


class Box(Struct, frozen=True):
    """Where a status is drawn, in px."""

    stop: Stop
    x: int
    y: int
    width: int
    height: int


class Arrow(Struct, frozen=True):
    """A way, as the path of an SVG."""

    path: str
    state: str


class Drawing(Struct, frozen=True):
    """One shape of a life cycle."""

    name: str
    """`wide-740` or `tall-284`: by this the style sheet shows it where it fits."""
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    """Those that matter most come last, and so lie above the others."""


def draw(course: Course) -> tuple[Drawing, ...]:
    """The life cycle in each shape; the wide one only if some screen has room for it."""
    ranks = _ranks(course)
    wide = _draw_wide(course, ranks)
    shapes = [_draw_tall(course, ranks, width) for width in TALL_WIDTHS]
    return tuple(shapes if wide is None else [wide, *shapes])


def _ranks(course: Course) -> dict[str, int]:
    """How many arrows each status is away from the first one."""
    ranks, waiting = {course.first: 0}, [course.first]
    while waiting:
        source = waiting.pop(0)
        for way in course.ways:
            if way.source == source and way.target not in ranks:
                ranks[way.target] = ranks[source] + 1
                waiting.append(way.target)
    return ranks | {stop.status: 0 for stop in course.stops if stop.status not in ranks}


def _name_width(stop: Stop) -> int:
    capitals = sum(letter.isupper() for letter in stop.status)
    letters = len(stop.status) - capitals
    return round(capitals * _CAPITAL + letters * _LETTER) + _PADDING + _ICON


def _pill_width(event: str) -> int:
    return round(len(event) * _LETTER) + 34


def _text_width(stop: Stop) -> int:
    pills = max(map(_pill_width, (*stop.arriving, *stop.staying)), default=0)
    return max(_name_width(stop), pills + _PADDING, _LEAST_WIDTH)


def _height(stop: Stop, width: int) -> int:
    """High enough for all that may ever stand in a box of this width, so that nothing moves as the order goes on."""
    arriving, staying = _lines(stop.arriving, width), _lines(stop.staying, width)
    now = _LINE + staying * _PILL
    return _FRAME + _LINE + max(now, arriving * _PILL)


def _lines(events: Sequence[str], width: int) -> int:
    """How many lines the pills of these events take."""
    lines, left = 0, 0
    for event in events:
        taken = _pill_width(event) + 4
        if taken > left:
            lines, left = lines + 1, width - _PADDING
        left -= taken
    return lines


def _draw_wide(course: Course, ranks: dict[str, int]) -> Drawing | None:
    columns: list[list[Stop]] = [[] for _ in range(max(ranks.values()) + 1)]
    for stop in sorted(course.stops, key=lambda each: _ORDER_OF_MARKS.index(each.mark)):
        columns[ranks[stop.status]].append(stop)
    boxes: dict[str, Box] = {}
    x = _ROOM
    for column in columns:
        width, y = max(map(_text_width, column)), _ROOM
        for stop in column:
            boxes[stop.status] = Box(stop, x, y, width, _height(stop, width))
            y += _height(stop, width) + _GAP_HIGH
        x += width + _GAP_WIDE
    ways = _worth_drawing(course, _parents(course, ranks))
    beside = any(ranks[way.source] == ranks[way.target] == len(columns) - 1 for way in ways)
    width = x - _GAP_WIDE + (_LANE + 8 if beside else 0) + _ROOM
    below = any(ranks[way.source] > ranks[way.target] for way in ways)
    height = max(box.y + box.height for box in boxes.values()) + _ROOM + (_LANE if below else 0)
    bucket = next((each for each in BUCKETS if each >= width), None)
    if bucket is None:
        return None
    arrows = [Arrow(_wide_path(boxes[way.source], boxes[way.target]), way.state) for way in ways]
    return Drawing(f"wide-{bucket}", width, height, tuple(boxes.values()), tuple(arrows))


def _wide_path(source: Box, target: Box) -> str:
    """From side to side; beside the column between two of the same one; below, where it leads back."""
    start_y, end_y = source.y + 24, target.y + 24
    right = source.x + source.width
    if target.x > source.x:
        bend = min(_GAP_WIDE, target.x - right) // 2
        return f"M{right} {start_y}C{right + bend} {start_y} {target.x - bend - 6} {end_y} {target.x - 6} {end_y}"
    if target.x == source.x:
        out = right + _LANE
        return f"M{right} {start_y}C{out} {start_y} {out} {end_y} {right + 6} {end_y}"
    start_x, end_x = source.x + 24, target.x + target.width - 24
    bottom, end = source.y + source.height, target.y + target.height
    low = max(bottom, end) + _LANE
    return f"M{start_x} {bottom}C{start_x} {low} {end_x} {low} {end_x} {end + 6}"


def _worth_drawing(course: Course, parents: dict[str, str]) -> list[Way]:
    """The ways, without those that would only be a tangle: what is not possible now, from elsewhere, to where another
    way leads as well. What matters most comes last."""
    shown = [
        way for way in course.ways
        if way.state != "not" or way.source == course.now or parents.get(way.target) == way.source
    ]  # fmt: skip
    return sorted(shown, key=lambda way: ("not", "been", "possible").index(way.state))


def _draw_tall(course: Course, ranks: dict[str, int], width: int) -> Drawing:
    """A status a row, each indented below the one that leads to it first."""
    parents = _parents(course, ranks)
    boxes: dict[str, Box] = {}
    y = _ROOM
    for status in _in_turn(course, parents):
        stop = next(each for each in course.stops if each.status == status)
        x = _ROOM + _INDENT * _depth(parents, status)
        box_width = width - x - _ROOM - _LANE
        height = _ROW if width >= _ROW_FROM else _height(stop, box_width)
        boxes[status] = Box(stop, x, y, box_width, height)
        y += height + _GAP_TALL
    tree = {(parent, status) for status, parent in parents.items()}
    arrows = [
        Arrow(_elbow(boxes[way.source], boxes[way.target]) if (way.source, way.target) in tree
              else _beside(boxes[way.source], boxes[way.target]), way.state)
        for way in _worth_drawing(course, parents) if (way.source, way.target) in tree or way.state != "not"
    ]  # fmt: skip
    return Drawing(f"tall-{width}", width, y - _GAP_TALL + _ROOM, tuple(boxes.values()), tuple(arrows))


def _parents(course: Course, ranks: dict[str, int]) -> dict[str, str]:
    """The status below which each one is drawn."""
    parents: dict[str, str] = {}
    for way in course.ways:
        if ranks[way.target] == ranks[way.source] + 1:
            parents.setdefault(way.target, way.source)
    return parents


def _depth(parents: dict[str, str], status: str) -> int:
    depth = 0
    while status in parents:
        status, depth = parents[status], depth + 1
    return depth


def _in_turn(course: Course, parents: dict[str, str]) -> list[str]:
    marks = {stop.status: _ORDER_OF_MARKS.index(stop.mark) for stop in course.stops}
    children: dict[str, list[str]] = {}
    for status in sorted(parents, key=lambda each: -marks[each]):
        children.setdefault(parents[status], []).append(status)
    turn: list[str] = []
    waiting = [stop.status for stop in course.stops if stop.status not in parents and stop.status != course.first]
    waiting.append(course.first)
    while waiting:
        status = waiting.pop()
        turn.append(status)
        waiting += sorted(children.get(status, []), key=lambda each: (each in children, -marks[each]))
    return turn


def _elbow(source: Box, target: Box) -> str:
    x, y = source.x + 9, target.y + min(24, target.height // 2)
    return f"M{x} {source.y + source.height}V{y - 6}Q{x} {y} {x + 4} {y}H{target.x - 5}"


def _beside(source: Box, target: Box) -> str:
    right, end = source.x + source.width, target.x + target.width
    out = max(right, end) + _LANE - 6
    start_y, end_y = source.y + 16, target.y + 32
    return f"M{right} {start_y}C{out} {start_y} {out} {end_y} {end + 6} {end_y}"

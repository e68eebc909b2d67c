"""
A mail as a page: blocks of escaped text, set by MJML into HTML that mail programs agree on.

Nothing in it is fetched from anywhere: no picture, no font, no style sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import mrml

from seatwright.delivery.domain.colors import ink_on, sound

_FONTS = "-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
_INK, _QUIET, _PAGE, _PAPER, _LINE = "#16181d", "#5c6470", "#f4f5f7", "#ffffff", "#e3e6ea"
# Without this the library names fonts of a foreign server in the page.
_NO_FONTS_FROM_ELSEWHERE = mrml.RenderOptions(fonts={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """Whose mail it is: `name` in the band above it, `accent` the band's colour."""

    name: str
    accent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What both forms of a mail are made of, in reading order."""

    heading: str
    hello: str
    text: str
    facts: Sequence[tuple[str, ...]]
    rows: Sequence[tuple[str, str]]
    button: str
    url: str
    after: Sequence[str]
    footer: str


def as_text(parts: Parts) -> str:
    """The mail as plain text."""
    blocks = [parts.heading, parts.hello, parts.text]
    blocks += ["\n".join(line for line in fact if line) for fact in parts.facts]
    if parts.rows:
        blocks.append("\n".join(f"{name}: {value}" for name, value in parts.rows))
    if parts.url:
        blocks.append(f"{parts.button}:\n{parts.url}")
    blocks += [line for line in (*parts.after, parts.footer) if line]
    return "\n\n".join(block for block in blocks if block) + "\n"


def as_html(parts: Parts, language: str, branding: Branding) -> str:
    """The mail as HTML; every text is escaped here and nowhere else."""
    accent = sound(branding.accent)
    title = escape(parts.heading)
    band = (
        f'<mj-section background-color="{accent}" border-radius="12px 12px 0 0" padding="14px 0">'
        f'<mj-column><mj-text color="{ink_on(accent)}" font-size="14px" font-weight="600">'
        f"{escape(branding.name)}</mj-text></mj-column></mj-section>"
        if branding.name
        else ""
    )
    return mrml.to_html(
        f'<mjml lang="{escape(language)}"><mj-head><mj-title>{title}</mj-title>'
        f"<mj-preview>{escape(parts.text)}</mj-preview><mj-attributes>"
        f'<mj-all font-family="{_FONTS}" /><mj-text color="{_INK}" font-size="16px" '
        'line-height="1.5" padding="0 28px" /></mj-attributes></mj-head>'
        f'<mj-body background-color="{_PAGE}" width="600px">'
        f'<mj-section padding="12px 0 0"></mj-section>{band}'
        f'<mj-section background-color="{_PAPER}" border-radius="{_corners(branding)}" '
        f'padding="28px 0 20px"><mj-column>{_content(parts, accent)}</mj-column></mj-section>'
        '<mj-section padding="0 0 12px"></mj-section></mj-body></mjml>',
        render_options=_NO_FONTS_FROM_ELSEWHERE,
    ).content


def _corners(branding: Branding) -> str:
    return "0 0 12px 12px" if branding.name else "12px"


def _content(parts: Parts, accent: str) -> str:
    heading = (
        '<mj-text><h1 style="margin:0 0 20px;font-size:24px;line-height:1.25">'
        f"{escape(parts.heading)}</h1></mj-text>"
    )
    body = [
        heading,
        _paragraph(parts.hello),
        _paragraph(parts.text),
        *(_fact(fact) for fact in parts.facts),
        _table(parts.rows) if parts.rows else "",
        _button(parts.button, parts.url, accent) if parts.url else "",
        *(_paragraph(line, small=True) for line in (*parts.after, parts.footer) if line),
    ]
    return "".join(body)


def _paragraph(words: str, *, small: bool = False) -> str:
    style = f'color="{_QUIET}" font-size="13px" padding-bottom="10px"'
    shape = style if small else 'padding-bottom="16px"'
    return f"<mj-text {shape}>{escape(words)}</mj-text>" if words else ""


def _fact(lines: Sequence[str]) -> str:
    said = [escape(line) for line in lines if line]
    if not said:
        return ""
    below = "".join(f"<br />{line}" for line in said[1:])
    return f'<mj-text padding-bottom="16px"><strong>{said[0]}</strong>{below}</mj-text>'


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cell = f"padding:8px 0;border-top:1px solid {_LINE};vertical-align:top"
    lines = "".join(
        f'<tr><td style="{cell}">{escape(name)}</td>'
        f'<td align="right" style="{cell};white-space:nowrap;padding-left:12px">{escape(value)}'
        "</td></tr>"
        for name, value in rows
    )
    return (
        f'<mj-table color="{_INK}" font-size="15px" line-height="1.4" padding="4px 28px 20px">'
        f"{lines}</mj-table>"
    )


def _button(name: str, url: str, accent: str) -> str:
    return (
        f'<mj-button align="left" background-color="{accent}" color="{ink_on(accent)}" '
        'border-radius="8px" font-size="16px" font-weight="600" inner-padding="13px 24px" '
        f'padding="4px 28px 24px" href="{escape(url)}">{escape(name)}</mj-button>'
    )

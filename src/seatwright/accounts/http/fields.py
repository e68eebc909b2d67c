"""Fields that several bodies share, with their bounds."""

from typing import Annotated

from msgspec import Meta

# One line of text with something in it: no control characters, so no header or log can be forged.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Email = Annotated[
    str,
    Meta(min_length=3, max_length=254, description="An address.", examples=["ada@example.com"]),
]
# Wider than the rule, so that the rule can answer in its own words.
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1024,
        description="At least 15 characters when it is chosen; words are fine.",
        examples=["four muddy boots by the door"],
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE, examples=["Ada Lovelace"])]
Phone = Annotated[
    str,
    Meta(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164.", examples=["+4930123456"]),
]
Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="BCP 47.", examples=["de", "pt-BR"])
]

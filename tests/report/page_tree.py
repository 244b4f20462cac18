"""HTML as a tree, for tests of pages: well-formed, or it fails."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def children(self) -> list["Element"]:
        return [e for e in self.inside if isinstance(e, Element)]

    @property
    def text(self) -> str:
        return "".join(e for e in self.inside if isinstance(e, str))

    def all(self, tag: str, css_class: str | None = None) -> list["Element"]:
        here = [self] if self.tag == tag and (css_class is None or css_class in self.classes) else []
        return here + [found for child in self.children for found in child.all(tag, css_class)]

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def words(self) -> str:
        return " ".join(" ".join(e if isinstance(e, str) else e.words() for e in self.inside).split())


class Tree(HTMLParser):
    """Builds elements; a tag that closes another than the innermost open one fails."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("root", {})
        self.open = [self.root]
        self.feed(page)
        self.close()
        assert self.open == [self.root], f"unclosed: {[e.tag for e in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

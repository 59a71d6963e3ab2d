#!/usr/bin/env python3
"""bundle.py OUTPUT PAGE FILE...: writes PAGE with each {{NAME}} replaced by the FILE of that name: style sheets and scripts as
they are, but for imports of each other, anything else compressed by gzip, in base64. Standard library only.
"""

import base64
import gzip
import re
import sys
from pathlib import Path


def embedded(path):
    if path.suffix not in (".css", ".js"):
        return base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()
    text = path.read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        sys.exit(f"{path}: would end the element that it is embedded in")
    return re.sub(r'^import .* from "\./.*";\n', "", text, flags=re.M)


def main():
    output, page, *files = map(Path, sys.argv[1:])
    contents = {path.name: embedded(path) for path in files}
    wanted = re.findall(r"\{\{(.*?)\}\}", page.read_text(encoding="utf-8"))
    if sorted(wanted) != sorted(contents):
        sys.exit(f"{page} asks for {sorted(wanted)}, there are {sorted(contents)}")
    text = re.sub(r"\{\{(.*?)\}\}", lambda match: contents[match[1]], page.read_text(encoding="utf-8"))
    output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

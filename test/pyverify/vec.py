"""The .vec files of test/vectors: groups of `key = value` lines, see test/vectors/README.md."""


def parse(text):
    """[{key: value}] in file order; each group starts with its kind."""
    groups, current = [], {}
    for line in text.split("\n") + [""]:
        if line.startswith("#"):
            continue
        if not line:
            if current:
                groups.append(current)
            current = {}
            continue
        key, sep, value = line.partition(" =")
        if not sep or (not current) != (key == "kind") or key in current:
            raise ValueError(f"malformed vector line: {line!r}")
        current[key] = value[1:]
    return groups


def load(path):
    with open(path, encoding="utf-8") as f:
        return parse(f.read())


def show(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return b"".join(value).hex()
    return str(value)


def group(kind, **fields):
    lines = [f"kind = {kind}"]
    for key, value in fields.items():
        value = show(value)
        assert "\n" not in value and "\r" not in value
        lines.append(f"{key} = {value}".rstrip(" "))
    return "\n".join(lines) + "\n"


def document(comment, groups):
    return "".join(f"# {line}\n" for line in comment.split("\n")) + "\n" + "\n".join(groups)

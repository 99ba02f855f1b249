"""What the asynchronous twin of a method is called."""


def twin_names(name: str) -> tuple[str, ...]:
    """How the asynchronous twin of a method may be called: `ainvoke`, `invoke_async`, …"""
    names = [f"a{name}", f"{name}_async", f"async_{name}", f"{name}Async", f"a_{name}"]
    if name.endswith("_sync"):
        names.append(name.removesuffix("_sync"))
    if name.startswith("sync_"):
        names.append(name.removeprefix("sync_"))
    return tuple(names)

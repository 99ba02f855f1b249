"""Rule files: what they may say, and how each mistake in one is told."""

from pathlib import Path

import pytest

from asyncblock_lint.errors import RuleError
from asyncblock_lint.load import BUNDLED, check_rules, load_catalogue
from asyncblock_lint.model.catalogue import (
    Apply,
    Circumstances,
    Client,
    Consume,
    Handler,
    NonBlockingForm,
    Offload,
    Question,
    Schedule,
)
from asyncblock_lint.model.certainty import Certainty

HEAD = 'library = "shop"\n'
BLOCKS = '[[blocks]]\ncalls = ["shop.buy"]\ncode = "ABL201"\nbecause = "waits for the shop"\n'


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """A stand-in for the bundled rules: one library with one blocking call."""
    folder = tmp_path / "bundled"
    (folder / "http").mkdir(parents=True)
    (folder / "http" / "shop.toml").write_text(HEAD + BLOCKS)
    return folder


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def complaints(path: Path, bundled: Path) -> list[str]:
    with pytest.raises(RuleError) as caught:
        load_catalogue([path], bundled=bundled)
    return str(caught.value).splitlines()


def test_every_table_reaches_the_catalogue(tmp_path: Path, bundled: Path) -> None:
    path = written(
        tmp_path,
        """
library = "till"
distribution = "till-py"
versions = ">=2"
[[blocks]]
calls = ["till.Till.*", "till.ring"]
code = "ABL204"
because = "waits for the till"
instead = "till.aio.Till"
fix = "same-thread"
certainty = "likely"
[[nonblocking]]
calls = ["till.Till.*", "till.ring"]
argument = "wait"
position = 1
equals = [false, 0, "<none>"]
types = ["till.Free"]
absent = true
[[nonblocking]]
call = "till.ring"
[[makes]]
call = "till.connect"
type = "tuple[till.Till, list[till.Coin]]"
[[makes]]
attribute = "till.Till.owner"
type = "till.Owner"
[[types]]
name = "till.BigTill"
bases = ["till.Till"]
[[same]]
name = "till.Till"
also = ["till.core.Till", "tills"]
[[offloads]]
call = "till.in_thread"
argument = [1, "job"]
source = "till/threads.py:in_thread"
coroutine = "loop"
kind = "background-task"
[[schedules]]
call = "till.soon"
argument = 0
source = "till/loop.py:soon"
[[applies]]
call = "till.each"
argument = "key"
when = "iterated"
[[wrappers]]
call = "till.shared"
gives = "same"
[[consumes]]
call = "till.total"
argument = 0
[[asks]]
call = "till.Till.is_open"
answer = false
methods = ["close"]
[[handlers]]
decorator = "till.Till.on_sale"
sync = "thread"
source = "till/core.py:on_sale"
[[handlers]]
base = "till.Clerk"
methods = ["greet"]
source = "till/core.py:Clerk"
[[handlers]]
call = "till.Till"
argument = "opening"
kind = "startup"
source = "till/core.py:Till"
[[routes]]
base = "till.Clerk"
method = "hire"
source = "till/core.py:Till"
[[injects]]
call = "till.Hall"
types = ["till.Till"]
source = "till/core.py:Hall"
[[streams]]
call = "till.open"
[[twins]]
owner = "till.Till"
methods = {sell = "asell"}
source = "till/core.py:Till"
[[loop_only]]
call = "till.ring"
source = "till/core.py:Till"
[[current]]
call = "till.clerk"
source = "till/core.py:Till"
[[clients]]
use = "till.aio.Client"
library = "till"
module = "till"
replaces = "till"
defaults = {wait = "<none>", count = 3}
bodies = {coin = "coins"}
[clients.methods]
buy = ["coin"]
[clients.keywords]
coin = "coin"
[[example]]
title = "ring"
code = "import till"
""",
    )
    got = load_catalogue([path], bundled=bundled)
    assert got.blocks.keys() == {"shop.buy", "till.ring"}
    ring, every = got.blocks["till.ring"], got.families["till.Till"]
    assert (ring.code, ring.because, ring.instead) == ("ABL204", "waits for the till", "till.aio.Till")
    assert (every.name, every.fix, every.certainty) == ("till.Till.*", "same-thread", Certainty.LIKELY)
    form = NonBlockingForm("wait", 1, (False, 0, None), True, ("till.Free",))
    assert got.nonblocking == {"till.Till.*": (form,), "till.ring": (form, NonBlockingForm())}
    assert got.makes == {"till.connect": "tuple[till.Till, list[till.Coin]]"}
    assert got.attributes == {"till.Till.owner": "till.Owner"}
    assert got.types == {"till.BigTill": ("till.Till",)}
    assert got.aliases == {"till.core.Till": "till.Till", "tills": "till.Till"}
    assert got.offloads == {"till.in_thread": Offload((1, "job"), False, "loop", "background-task")}
    assert got.schedules == {
        "till.soon": (Schedule((0,)),),
        "till.Till": (Schedule(("opening",), Circumstances(kind="startup")),),
    }
    assert got.applies == {"till.each": Apply(("key",), "iterated")}
    assert got.wrappers == {"till.shared": "same"}
    assert got.consumes == {"till.total": Consume((0,))}
    assert got.asks == {"till.Till.is_open": Question(("close",), answer=False)}
    assert got.handlers == (
        Handler(decorators=("till.Till.on_sale",), circumstances=Circumstances(sync="thread")),
        Handler(bases=("till.Clerk",), methods=("greet",)),
    )
    assert got.routes == {"till.Clerk": ("hire",)}
    assert got.injects == {"till.Hall": ("till.Till",)}
    assert got.streams == {"till.open"}
    assert got.loop_only == {"till.ring"}
    assert got.current == {"till.clerk"}
    assert got.twins == {"till.Till.sell": "till.Till.asell"}
    assert got.clients == (
        Client(
            "till.aio.Client",
            "till",
            "till",
            "till",
            (),
            {"buy": ("coin",)},
            {"coin": "coin"},
            bodies={"coin": "coins"},
            defaults={"wait": "None", "count": "3"},
        ),
    )
    shop, till = got.libraries
    assert (shop.name, shop.path, shop.versions) == ("shop", "rules/http/shop.toml", None)
    assert (till.name, till.distribution, till.versions) == ("till", "till-py", ">=2")
    assert [blocker.name for blocker in till.blockers] == ["till.Till.*", "till.ring"]
    assert [(example.title, example.code) for example in till.examples] == [("ring", "import till")]


OFFLOAD = '[[offloads]]\ncall = "shop.off"\nargument = 0\nsource = "shop.py"\n'
HANDLER = '[[handlers]]\ndecorator = "shop.on"\nsource = "shop.py"\n'
FORM = '[[nonblocking]]\ncall = "shop.buy"\nargument = "wait"\nequals = [false]\n'
MAKES = '[[makes]]\ncall = "shop.open"\ntype = "list[shop.Shop]"\n'
SAME = '[[same]]\nname = "shop.Shop"\nalso = ["shop.core.Shop"]\n'

CLIENT = """[[clients]]
use = "shop.aio.Client"
library = "shop"
module = "shop"
replaces = "shop"
[clients.methods]
buy = ["what"]
[clients.keywords]
what = "what"
ok = "wants"
[clients.attributes]
good = "fine"
"""

MISTAKES = {
    "client of another module": (
        HEAD + CLIENT,
        HEAD + CLIENT.replace('module = "shop"', 'module = "till"'),
        "[[clients]] number 1: key `use` does not begin with key `module`",
    ),
    "client without methods": (
        HEAD + CLIENT,
        HEAD + CLIENT.replace('[clients.methods]\nbuy = ["what"]\n', ""),
        "[[clients]] number 1: missing key `methods`",
    ),
    "a method without parameters": (
        HEAD + CLIENT,
        HEAD + CLIENT.replace('["what"]', "3"),
        "key `methods`: expected a table of lists of names, not {'buy': 3}",
    ),
    "a form that is no argument": (
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nforms = ['what']"),
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nforms = ['which']"),
        "key `forms`: `which` is not in key `keywords`",
    ),
    "an attribute that is not there": (
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nunlike = ['good']"),
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nunlike = ['bad']"),
        "key `unlike`: `bad` is not in key `attributes`",
    ),
    "a method that is not there": (
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nunredirected = ['buy']"),
        HEAD + CLIENT.replace("[[clients]]", "[[clients]]\nunredirected = ['sell']"),
        "key `unredirected`: `sell` is not in key `methods`",
    ),
    "an exception for nothing": (
        HEAD + CLIENT + '[clients.exceptions]\n"shop.Sold" = ["shop.Gone"]\n',
        HEAD + CLIENT + '[clients.exceptions]\n"shop.Sold" = []\n',
        "key `exceptions`: expected a table of lists of names",
    ),
    "a stream of nothing": (
        HEAD + '[[streams]]\ncall = "shop.open"\n',
        HEAD + "[[streams]]\n",
        "[[streams]] number 1: missing key `calls`",
    ),
    "unknown table": (HEAD, HEAD + "[[block]]\n", "unknown table `[[block]]`"),
    "unknown top-level key": (HEAD, HEAD + "author = 1\n", "unknown key `author`"),
    "missing library": (HEAD, "", "missing key `library`"),
    "library is no text": (HEAD, "library = 3\n", "key `library`: expected a line of text, not 3"),
    "library is empty": (HEAD, 'library = ""\n', "key `library`: expected a line of text, not ''"),
    "single brackets": (HEAD + BLOCKS, HEAD + BLOCKS.replace("[[blocks]]", "[blocks]"), "as `[[blocks]]`"),
    "a plain list": (HEAD, HEAD + "blocks = [1]\n", "as `[[blocks]]`"),
    "unknown key": (HEAD + BLOCKS, HEAD + BLOCKS + 'cod = "x"\n', "[[blocks]] number 1: unknown key `cod`"),
    "missing key": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace("because", "instead"),
        "[[blocks]] number 1: missing key `because`",
    ),
    "no calls": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace('"shop.buy"', ""),
        "number 1: missing key `calls` or `attributes`",
    ),
    "singular and plural": (
        HEAD + BLOCKS,
        HEAD + BLOCKS + 'call = "shop.sell"\n',
        "keys `call` and `calls` are one key written twice",
    ),
    "wrong type of the singular": (
        HEAD + OFFLOAD,
        HEAD + OFFLOAD.replace('"shop.off"', "7"),
        "[[offloads]] number 1: key `call`: expected a name such as `package.function`, not 7",
    ),
    "name without a dot": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace("shop.buy", "buy"),
        "key `calls`: expected a name",
    ),
    "name with a bracket": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace("shop.buy", "shop.buy()"),
        "not 'shop.buy()'",
    ),
    "unknown code": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace("ABL201", "ABL999"),
        "key `code`: expected the code of a blocking call, not 'ABL999'",
    ),
    "code of no call": (HEAD + BLOCKS, HEAD + BLOCKS.replace("ABL201", "ABL000"), "key `code`"),
    "unknown certainty": (
        HEAD + BLOCKS + 'certainty = "guess"\n',
        HEAD + BLOCKS + 'certainty = "sure"\n',
        "key `certainty`: expected one of `exact`, `guess`, `likely`, not 'sure'",
    ),
    "reason of two lines": (
        HEAD + BLOCKS,
        HEAD + BLOCKS.replace('"waits for the shop"', '"waits\\nand waits"'),
        "key `because`: expected a line of text",
    ),
    "context without a source": (
        HEAD + OFFLOAD,
        HEAD + OFFLOAD.replace("source", "#"),
        "[[offloads]] number 1: missing key `source`",
    ),
    "offload of nothing": (
        HEAD + OFFLOAD,
        HEAD + OFFLOAD.replace("argument", "#"),
        "missing key `arguments`",
    ),
    "position below zero": (
        HEAD + OFFLOAD,
        HEAD + OFFLOAD.replace("= 0", "= -1"),
        "key `argument`: expected a position from 0 or a parameter's name, not -1",
    ),
    "wraps is no boolean": (
        HEAD + OFFLOAD + "wraps = true\n",
        HEAD + OFFLOAD + 'wraps = "yes"\n',
        "key `wraps`: expected true or false, not 'yes'",
    ),
    "unknown context": (
        HEAD + OFFLOAD + 'kind = "coroutine"\n',
        HEAD + OFFLOAD + 'kind = "cron"\n',
        "key `kind`: expected one of `background-task`",
    ),
    "form without a test": (HEAD + FORM, HEAD + FORM.replace("equals", "#"), "missing key `equals`"),
    "form without a place": (
        HEAD + FORM,
        HEAD + FORM.replace("argument", "#"),
        "missing key `argument` or `position`",
    ),
    "form against a list": (
        HEAD + FORM,
        HEAD + FORM.replace("[false]", "[[1]]"),
        "key `equals`: expected a string or a whole number or a number or true or false, not [1]",
    ),
    "makes nothing named": (
        HEAD + MAKES,
        HEAD + MAKES.replace("call", "#"),
        "missing key `calls` or `attributes`",
    ),
    "broken type": (HEAD + MAKES, HEAD + MAKES.replace("Shop]", "Shop"), "key `type`: expected a type"),
    "handler of nothing": (
        HEAD + HANDLER,
        HEAD + HANDLER.replace("decorator", "#"),
        "[[handlers]] number 1: missing one, and only one, of the keys",
    ),
    "handler twice over": (
        HEAD + HANDLER,
        HEAD + HANDLER + 'base = "shop.Base"\n',
        "and only one, of the keys",
    ),
    "an option without its values": (
        HEAD + HANDLER + 'option = "threaded"\nequals = [true]\n',
        HEAD + HANDLER + 'option = "threaded"\n',
        "missing key `equals` or `absent`",
    ),
    "a form without its values": (
        HEAD + BLOCKS + 'argument = "wait"\nequals = [true]\n',
        HEAD + BLOCKS + 'argument = "wait"\n',
        "missing key `equals`, `types` or `like`",
    ),
    "values without an argument": (
        HEAD + BLOCKS + 'argument = "wait"\nequals = [true]\n',
        HEAD + BLOCKS + "equals = [true]\n",
        "missing key `argument` or `position`",
    ),
    "handed over nowhere": (
        HEAD + HANDLER.replace("decorator", "call") + "argument = 0\n",
        HEAD + HANDLER.replace("decorator", "call"),
        "keys `calls` and `argument` go together",
    ),
    "alias of an alias": (
        HEAD + SAME,
        HEAD + SAME + '[[same]]\nname = "shop.core.Shop.Till"\nalso = ["shop.Till"]\n',
        "[[same]] number 2: key `name`: `shop.core.Shop.Till`",
    ),
    "the same name twice": (
        HEAD + BLOCKS,
        HEAD + BLOCKS + BLOCKS,
        "[[blocks]] number 2: `shop.buy` is also in",
    ),
    "bad TOML": (HEAD, HEAD + "x = = 1\n", "2: not valid TOML: Invalid value"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_and_its_repair_accepted(case: str, tmp_path: Path, bundled: Path) -> None:
    good, bad, words = MISTAKES[case]
    path = written(tmp_path, bad)
    (line,) = complaints(path, bundled)
    assert line.startswith(f"{path.as_posix()}:")
    assert words in line
    load_catalogue([written(tmp_path, good)], bundled=bundled)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path, bundled: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.toml").write_text(HEAD + "[[blocks]]\ncode = 1\nwho = 2\n[[makes]]\n" + BLOCKS)
    (folder / "b.toml").write_text("{")
    told = [line.removeprefix(folder.as_posix()) for line in complaints(folder, bundled)]
    assert [line[: line.index(" `") if " `" in line else 20] for line in told] == [
        "/a.toml: [[blocks]] number 1: missing key",
        "/a.toml: [[blocks]] number 1: key",
        "/a.toml: [[blocks]] number 1: unknown key",
        "/a.toml: [[makes]] number 1: missing key",
        "/b.toml:1: not valid",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe", "not UTF-8 at byte 0"), (None, "cannot be read")],
    ids=["bytes", "folder"],
)
def test_unreadable_files(content: bytes | None, words: str, tmp_path: Path, bundled: Path) -> None:
    path = tmp_path / "mine" / "odd.toml"
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)
    assert words in complaints(path.parent, bundled)[0]


def test_missing_and_empty_paths(tmp_path: Path, bundled: Path) -> None:
    assert "no such rule file" in complaints(tmp_path / "nowhere.toml", bundled)[0]
    (tmp_path / "empty").mkdir()
    assert "no rule file" in complaints(tmp_path / "empty", bundled)[0]
    assert load_catalogue(bundled=bundled).blocks.keys() == {"shop.buy"}


def test_the_users_word_is_the_last(tmp_path: Path, bundled: Path) -> None:
    first = written(tmp_path, HEAD + BLOCKS.replace("ABL201", "ABL204"))
    second = tmp_path / "second.toml"
    second.write_text(HEAD + BLOCKS.replace("ABL201", "ABL502"))
    assert load_catalogue([first], bundled=bundled).blocks["shop.buy"].code == "ABL204"
    assert load_catalogue([first, second], bundled=bundled).blocks["shop.buy"].code == "ABL502"
    assert load_catalogue([second, first, second], bundled=bundled).blocks["shop.buy"].code == "ABL204"


def test_bundled_files_may_not_disagree(bundled: Path) -> None:
    (bundled / "store.toml").write_text(HEAD + BLOCKS)
    with pytest.raises(
        RuleError, match=r"rules/store\.toml: \[\[blocks\]\] number 1: `shop\.buy` is also in rules/h"
    ):
        load_catalogue(bundled=bundled)


EXAMPLE = '[[example]]\ntitle = "buying"\ncode = "import shop"\n'


def test_checking_gives_the_libraries_of_that_path_only(tmp_path: Path) -> None:
    (library,) = check_rules(written(tmp_path, HEAD + BLOCKS + EXAMPLE))
    assert library.name == "shop"


def test_the_bundled_rules_stand_the_closer_look() -> None:
    assert len(check_rules(BUNDLED)) == len(load_catalogue().libraries)


def test_checking_compiles_the_examples(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + EXAMPLE + EXAMPLE.replace("import shop", "return"))
    with pytest.raises(
        RuleError, match=r"mine\.toml: \[\[example\]\] number 2: key `code` does not compile: "
    ):
        check_rules(path)


def test_checking_refuses_a_spelling_that_never_matches(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + SAME + BLOCKS.replace("shop.buy", "shop.core.Shop.buy"))
    with pytest.raises(RuleError, match=r"`shop\.core\.Shop\.buy` is known here as `shop\.Shop\.buy`"):
        check_rules(path)
    check_rules(written(tmp_path, HEAD + SAME + BLOCKS.replace("shop.buy", "shop.Shop.buy")))

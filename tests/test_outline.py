import pytest

from adamlint.project.outline import Body, Outline, body_of, outline


def read(source: str) -> Outline:
    return outline(source.encode())


def test_imports_say_what_each_name_stands_for() -> None:
    source = "import a.b\nimport c.d as e\nfrom f import g, h as i\nfrom . import j\nfrom ..k import l\n"
    assert read(source).imported == {"a": "a", "e": "c.d", "g": "f.g", "i": "f.h", "j": ".j", "l": "..k.l"}


def test_classes_have_their_bases() -> None:
    assert read("class A(keras.Model, B[int]):\n    pass\nclass C:\n    pass\n").classes == {"A": ("keras.Model", "B[int]"), "C": ()}


@pytest.mark.parametrize(
    "source",
    [
        "import x\nx = wrap(x)",
        "from a import x\nfrom b import x",
        "try:\n    import x\nexcept ImportError:\n    pass",
        "if new:\n    from a import x",
        "class x:\n    pass\nclass x:\n    pass",
        "def x():\n    pass",
        "(x, y), *z = make()",
        "for x in y:\n    pass",
        "with make() as x:\n    pass",
    ],
)
def test_what_is_computed_chosen_or_bound_twice_is_left_to_the_tree(source: str) -> None:
    found = read(f"{source}\n")
    assert "x" in found.others
    assert "x" not in {**found.imported, **found.classes}


def test_names_inside_of_functions_and_classes_are_no_names_of_the_file() -> None:
    found = read("def f():\n    import x\n    y = 1\nclass C:\n    z = 2\n")
    assert found.others == {"f"}


def test_the_same_import_twice_is_one() -> None:
    assert read("import a.b\nimport a.c\n").imported == {"a": "a"}


def test_runs_are_the_imports_that_happen_for_sure() -> None:
    source = """
import a
from b import c
try:
    import d
except ImportError:
    import e
if x:
    import f.g
elif y:
    import f.h
else:
    import f.i
if TYPE_CHECKING:
    import j
if __name__ == "__main__":
    import k
def lazy():
    import l
from . import m
"""
    assert [name for name, _ in read(source).runs] == ["a", "b", "b.c", "d", "f.g", ".m"]


def test_constants_are_literals_bound_once() -> None:
    source = "A = 'adam'\nB: float = 0.1\nC = True\nD = None\nE = F = 1\nG = [1]\nH = 1\nH = 2\nI = 1\nif x:\n    I = 2\nJ = x\nK = [x]\n"
    assert read(source).constants == {"A": "adam", "B": 0.1, "C": True, "G": [1]}


def test_a_class_says_which_constants_it_has_and_what_may_give_an_optimizer_or_a_model() -> None:
    source = """
class C(B):
    a = "adam"
    b = "sgd"
    b = "adam"
    c: dict = {"x": 1}
    def d(self):
        self.e = make_model()
        self.a.f = 2
        self.g, self.h = 1, 2
    def i(self):
        return Sequential()
    def j(self):
        "A method of a model."
        return self.h
    def k(self):
        def inner():
            return model
        inner()
"""
    body = body_of("C", source.encode())
    assert body.constants == {"a": "adam", "c": {"x": 1}}
    assert body.others == {"b": True, "d": False, "e": True, "g": False, "h": False, "i": True, "j": False, "k": False}
    assert read(source).constructing == frozenset()
    assert read("class A:\n    def __init__(self):\n        pass\nclass B(A):\n    pass\n").constructing == {"A"}


@pytest.mark.parametrize("then", ["RATES[0] = 0.1", "del RATES[0]", "RATES.append(3)", "def f():\n    RATES.pop()", "RATES[0] *= 2"])
def test_a_list_that_is_changed_is_no_constant(then: str) -> None:
    assert read(f"RATES = [1, 2]\nDEPTHS = [3]\n{then}\n").constants == {"DEPTHS": [3]}


def test_what_a_function_gives_another_value_is_no_constant() -> None:
    assert read("RATE = 1\nDEPTH = 2\ndef use(rate):\n    global RATE\n    RATE = rate\n").constants == {"DEPTH": 2}



@pytest.mark.parametrize("data", [b"def f(:\n", b"\xff\n", b"x = 1\0", b"(" * 5000])
def test_what_python_cannot_parse_has_no_outline(data: bytes) -> None:
    assert outline(data) == Outline()
    assert body_of("A", data) == Body()


def test_encodings_are_read_as_python_does() -> None:
    assert outline("\ufeffimport a\n".encode()).imported == {"a": "a"}
    assert outline("# coding: latin-1\nimport é\n".encode("latin-1")).imported == {"é": "é"}

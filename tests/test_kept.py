"""What an object of a class of another file keeps of what its constructor was given: `Config(optimizer="adam").optimizer`."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.checking import among

CONFIGS = """
    from dataclasses import dataclass, field
    from typing import ClassVar

    class Par:
        def __init__(self, units, optimizer="sgd", *, second="sgd"):
            self.units, self.optimizer = units, optimizer
            self.second = second

    class Changing:
        def __init__(self, optimizer, other="sgd"):
            optimizer = resolve(optimizer)
            self.optimizer = optimizer
            self.other = other
        def change(self, other):
            self.other = other

    @dataclass
    class Config:
        kind: ClassVar[str] = "plain"
        units: int = 3
        optimizer: str = "adam"

    @dataclass
    class Larger(Config):
        second: str = field(default="sgd")

    class Calling(Par):
        def __init__(self, optimizer="adam", **given):
            super().__init__(3, "adam", **given)

    class Silent(Par):
        pass

    class Older(Par):
        def __init__(self, optimizer):
            super(Older, self).__init__(3)
            self.optimizer = optimizer

    class Checked:
        def __init__(self, optimizer):
            self.optimizer = optimizer
        @property
        def optimizer(self):
            return resolve(self._optimizer)
        @optimizer.setter
        def optimizer(self, value):
            self._optimizer = value

    class Setting:
        def __init__(self, optimizer):
            self.optimizer = optimizer
            setattr(self, "optimizer", resolve(optimizer))

    class Handing:
        def __init__(self, optimizer):
            self.optimizer = optimizer
            register(self)

    @dataclass
    class Converted:
        optimizer: str = field(converter=resolve)

    class Validated(BaseModel):
        optimizer: str
        @field_validator("optimizer")
        def check(cls, value):
            return resolve(value)
"""
LINES = """
    import tensorflow as tf
    from configs import Calling, Changing, Checked, Config, Converted, Handing, Larger, Older, Par, Setting, Silent, Validated

    model = tf.keras.Sequential()
    config = {made}
    model.compile(config.{attribute}, "mse")
"""


def found(tmp_path: Path, made: str, attribute: str) -> list[tuple[int, int]]:
    (tmp_path / "configs.py").write_text(dedent(CONFIGS))
    report = among(tmp_path, "train.py", dedent(LINES).format(made=made, attribute=attribute), "ADM101")
    return [(finding.place.line, finding.place.column) for finding in report]


@pytest.mark.parametrize(
    ("made", "attribute"),
    [
        ('Par(3, "adam")', "optimizer"),
        ('Par(3, optimizer="adam")', "optimizer"),
        ('Par(3, second="adam")', "second"),
        ('Config(3, "adam")', "optimizer"),
        ('Config(optimizer="adam")', "optimizer"),
        ('Larger(second="adam")', "second"),
        ('Larger(optimizer="adam")', "optimizer"),
        ('Silent(3, "adam")', "optimizer"),
        ('Older("adam")', "optimizer"),
    ],
)
def test_a_name_is_found_where_the_constructor_is_given_it(tmp_path: Path, made: str, attribute: str) -> None:
    assert found(tmp_path, made, attribute) == [(6, len("config = ") + made.index('"adam"') + 1)]


def test_a_default_is_found_where_it_is_used(tmp_path: Path) -> None:
    assert found(tmp_path, "Config()", "optimizer") == [(7, len("model.compile(") + 1)]


@pytest.mark.parametrize(
    ("made", "attribute"),
    [
        ("Config(optimizer=tf.keras.optimizers.Adam(0.1))", "optimizer"),
        ("Config(3, tf.keras.optimizers.Adam(0.1))", "optimizer"),
        ("Config(*given)", "optimizer"),
        ("Config(**given)", "optimizer"),
        ('Par("adam")', "optimizer"),
        ('Par("adam", second="adam")', "optimizer"),
        ('Changing("adam")', "optimizer"),
        ('Changing("x", other="adam")', "other"),
        ('Larger("adam")', "second"),
        ('Checked("adam")', "optimizer"),
        ('Setting("adam")', "optimizer"),
        ('Handing("adam")', "optimizer"),
        ('Converted("adam")', "optimizer"),
        ('Validated(optimizer="adam")', "optimizer"),
        ("Larger(optimizer=tf.keras.optimizers.Adam(0.1))", "optimizer"),
        ("Calling(tf.keras.optimizers.Adam(0.1))", "optimizer"),
        ('Config("adam")', "kind"),
        ('make(Config)(optimizer="adam")', "optimizer"),
    ],
)
def test_what_it_was_given_is_something_else_or_not_known(tmp_path: Path, made: str, attribute: str) -> None:
    assert found(tmp_path, made, attribute) == []

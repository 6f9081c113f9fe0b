"""What each file must run on: what the settings ask for, else what the metadata of the project says that it is in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from adamlint.config import Config

if TYPE_CHECKING:
    from adamlint.metadata import Metadata
    from adamlint.metadata.notebook import Install
    from adamlint.target import Target

_LACKING_TF_KERAS = "ADM404"
_NEEDING_TENSORFLOW = "ADM4"  # of TF_USE_LEGACY_KERAS, which Keras alone does not read


@dataclass(frozen=True)
class Aim:
    """What a group of files must run on."""

    target: Target
    source: str  # the setting, or the lines of metadata, that say so
    notes: tuple[str, ...] = ()
    keras_only: bool = False  # the project uses Keras 3 without TensorFlow
    lacks_tf_keras: bool = False  # there is metadata, and it does not require tf-keras

    @property
    def key(self) -> str:
        """What findings depend on beside the settings, in few words."""
        legacy = any(cell.tf_keras for cell in self.target.cells)
        older = sorted({cell.keras for cell in self.target.cells} - {""})
        said = {" tf_keras": legacy, " keras": self.keras_only, " no tf_keras": self.lacks_tf_keras, f" keras {older}": bool(older)}
        return " ".join(self.target.releases) + "".join(word for word, holds in said.items() if holds)

    def codes(self, codes: frozenset[str]) -> frozenset[str]:
        """Those of the rules that can say something about the group."""
        known = () if self.lacks_tf_keras else (_LACKING_TF_KERAS,)
        off = (_NEEDING_TENSORFLOW, *known) if self.keras_only else known
        return frozenset(code for code in codes if not code.startswith(off)) if off else codes


class Targets:
    """The aims of the files of one run; each folder is looked at once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._aims: dict[str, Aim] = {}

    def of(self, path: str, installs: Sequence[Install] = ()) -> Aim:
        """The aim of the file ``path``; what a notebook ``installs`` counts before the metadata of its project.

        Raises ConfigError for settings that fit no release.
        """
        folder = os.path.dirname(path) if self._config.infers else ""
        if folder not in self._aims:
            self._aims[folder] = self._inferred(folder) if self._config.infers else self._asked
        aim = self._aims[folder]
        return self._installed(path, aim, installs) if installs and self._config.infers else aim

    @cached_property
    def _asked(self) -> Aim:
        return Aim(self._config.target, self._config.asked_by)

    @cached_property
    def _metadata(self) -> Metadata:
        from adamlint.metadata import Metadata  # it brings in packaging and the atlas, and most files need neither

        return Metadata()

    def _inferred(self, folder: str) -> Aim:
        found = self._metadata.infer(folder or os.curdir)
        target = self._target(found.target.releases, found.legacy_keras_set, found.older_keras)
        return Aim(target, found.source, found.notes, found.keras_only, lacks_tf_keras=found.has_tf_keras is False)

    def _installed(self, path: str, aim: Aim, installs: Sequence[Install]) -> Aim:
        from adamlint.metadata.notebook import choice

        chosen = choice(path, installs)
        if chosen is None or not chosen.releases:
            return replace(aim, notes=(*aim.notes, *(chosen.notes if chosen else ())), lacks_tf_keras=False)
        target = self._target(chosen.releases, any(cell.tf_keras for cell in aim.target.cells), chosen.older_keras)
        return Aim(target, chosen.source, chosen.notes, aim.keras_only and chosen.by_keras)

    def _target(self, releases: Sequence[str], is_legacy: bool, keras: Sequence[str]) -> Target:
        from adamlint.target import Target

        target = Target.of(releases, self._config.platforms, self._config.mode, keras)
        return target.with_tf_keras() if is_legacy else target

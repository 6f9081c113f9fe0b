"""What each file must run on: what the settings ask for, else what the metadata of the project says that it is in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from adamlint.config import Config

if TYPE_CHECKING:
    from adamlint.metadata import Metadata
    from adamlint.target import Target

_NEEDING_TENSORFLOW = "ADM4"  # of TF_USE_LEGACY_KERAS, which Keras alone does not read


@dataclass(frozen=True)
class Aim:
    """What a group of files must run on."""

    target: Target
    source: str  # the setting, or the lines of metadata, that say so
    notes: tuple[str, ...] = ()
    keras_only: bool = False  # the project uses Keras 3 without TensorFlow

    @property
    def key(self) -> str:
        """What findings depend on beside the settings, in few words."""
        legacy = any(cell.tf_keras for cell in self.target.cells)
        return f"{' '.join(self.target.releases)}{' tf_keras' if legacy else ''}{' keras' if self.keras_only else ''}"

    def codes(self, codes: frozenset[str]) -> frozenset[str]:
        """Those of the rules that can say something about the group."""
        if not self.keras_only:
            return codes
        return frozenset(code for code in codes if not code.startswith(_NEEDING_TENSORFLOW))


class Targets:
    """The aims of the files of one run; each folder is looked at once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._aims: dict[str, Aim] = {}

    def of(self, path: str) -> Aim:
        """The aim of the file ``path``.  Raises ConfigError for settings that fit no release."""
        folder = os.path.dirname(path) if self._config.infers else ""
        if folder not in self._aims:
            self._aims[folder] = self._inferred(folder) if self._config.infers else self._asked
        return self._aims[folder]

    @cached_property
    def _asked(self) -> Aim:
        return Aim(self._config.target, self._config.asked_by)

    @cached_property
    def _metadata(self) -> Metadata:
        from adamlint.metadata import Metadata  # it brings in packaging and the atlas, and most files need neither

        return Metadata()

    def _inferred(self, folder: str) -> Aim:
        from adamlint.target import Target

        found = self._metadata.infer(folder or os.curdir)
        target = Target.of(found.target.releases, self._config.platforms, self._config.mode)
        target = target.with_tf_keras() if found.legacy_keras_set else target
        return Aim(target, found.source, found.notes, found.keras_only)

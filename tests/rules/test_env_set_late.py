import json

import pytest

from adamlint.engine import lint
from adamlint.findings import Effect, Finding, Safety
from adamlint.fixing import fix
from adamlint.rules import load
from adamlint.text.source import Program, read
from tests.checking import findings, fixed, places, settings, silent, text

SET = 'os.environ["TF_USE_LEGACY_KERAS"] = "1"'


def notebook(*cells: str) -> Program:
    return read("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4}).encode())


def in_notebook(*cells: str) -> list[Finding]:
    return list(lint(notebook(*cells), load(["ADM401"]), settings()).findings)


# Reported -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "import tensorflow as tf",
        "import numpy, tensorflow",
        "from tensorflow import keras",
        "import tensorflow.compat.v1 as tf",
        "import keras",
        "import tf_keras",
        "import tensorflow_hub as hub",
        "from tf_agents.agents.dqn import dqn_agent",
        "import gpflow",
        "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None",
        "if v1:\n    import tensorflow.compat.v1 as tf\nelse:\n    import tensorflow as tf",
        "with quiet():\n    import tensorflow as tf",
    ],
)
def test_reports_what_comes_after_any_import_of_tensorflow(line: str) -> None:
    (found,) = findings("ADM401", f"import os\n{line}\n{SET}\n")
    assert found.place.line == 3 + line.count("\n")
    assert found.place.column == 1
    assert found.effect is Effect.BREAKS


@pytest.mark.parametrize(
    "line", ["from tensorflow.keras import layers", "import tensorflow.keras as K", "from tensorflow.keras.layers import Dense"]
)
def test_says_that_it_has_no_effect_once_keras_is_there(line: str) -> None:
    (found,) = findings("ADM401", f"import os\n{line}\n{SET}\n")
    assert found.message == "`TF_USE_LEGACY_KERAS` has no effect after the import of `tensorflow.keras` (line 2)"


def test_says_that_two_keras_are_mixed_before_the_first_use() -> None:
    (found,) = findings("ADM401", f"import os\nimport tensorflow as tf\n{SET}\n")
    assert "`tf.keras.…` may become tf_keras, `from tensorflow.keras import …` does not" in found.message
    assert found.message.endswith("TensorFlow is imported before (line 2)")


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")',
        'os.environ.update({"TF_USE_LEGACY_KERAS": "1"})',
        'os.environ["TF_USE_LEGACY_KERAS"] = "TRUE"',
        'os.environ["TF_USE_LEGACY_KERAS"] = "1" if legacy else "0"',
        'if legacy:\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"',
        'if __name__ == "__main__":\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"',
    ],
)
def test_reports_every_way_to_set_it(line: str) -> None:
    assert len(findings("ADM401", f"import os\nimport tensorflow\n{line}\n")) == 1


def test_reports_a_function_defined_after_the_import() -> None:
    source = """
        import os
        import tensorflow as tf

        def main():
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
        """
    assert places("ADM401", source) == [(5, 5)]


def test_reports_a_function_called_after_the_import() -> None:
    source = """
        import os

        def use_legacy_keras():
            os.environ["TF_USE_LEGACY_KERAS"] = "1"

        import tensorflow as tf
        use_legacy_keras()
        """
    assert places("ADM401", source) == [(4, 5)]


def test_reports_an_import_in_the_same_function() -> None:
    source = """
        import os

        def main():
            import tensorflow as tf
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
        """
    assert places("ADM401", source) == [(5, 5)]


def test_reports_putenv_wherever_it_stands() -> None:
    put = 'os.putenv("TF_USE_LEGACY_KERAS", "1")'
    for source in (f"{put}\nimport tensorflow\n", f"import tensorflow\n{put}\n"):
        (found,) = findings("ADM401", "import os\n" + source)
        assert found.message == "`os.putenv` does not change `os.environ`, where TensorFlow looks for `TF_USE_LEGACY_KERAS`"


def test_notebooks_run_in_the_order_of_their_cells() -> None:
    (found,) = in_notebook("import os", "x = 1\nimport tensorflow as tf", SET)
    assert (found.place.cell, found.place.line) == (2, 1)
    assert found.message.endswith("(cell 2, line 2)")


def test_reports_a_magic_without_a_fix() -> None:
    (found,) = in_notebook("import tensorflow as tf", "%env TF_USE_LEGACY_KERAS=1")
    assert (found.place.cell, found.place.line, found.fix) == (1, 1, None)


def test_no_effect_where_no_release_reads_it() -> None:
    source = f"import os\nimport tensorflow\n{SET}\n"
    assert silent("ADM401", source, tensorflow="<2.15")
    assert not silent("ADM401", source, tensorflow=">=2.14")


def test_a_version_test_narrows_the_target() -> None:
    source = """
        import os
        import tensorflow as tf
        if tf.__version__.startswith("2.14"):
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
        """
    assert silent("ADM401", source)


# Silent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        f"import os\n{SET}\nimport tensorflow as tf\n",
        f"import os\nimport numpy as np\nimport torch\n{SET}\nfrom tensorflow import keras\n",
        f"import os, transformers, tensorflow_probability, tensorflow_datasets\n{SET}\nimport tensorflow\n",
        f"import os\nfrom . import tensorflow\nfrom .keras import layers\n{SET}\nimport tensorflow as tf\n",
        f"import os\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tensorflow as tf\n{SET}\n",
        f"import os\nif gpu:\n    import tensorflow as tf\n{SET}\nimport tensorflow as tf\n",
        f"import os\ndef load():\n    import tensorflow as tf\n{SET}\nload()\n",
        f"import os\nload = lambda: __import__('tensorflow')\n{SET}\nload()\n",
        f"import os, importlib\nfound = importlib.util.find_spec('tensorflow')\n{SET}\nimport tensorflow\n",
    ],
)
def test_silent_where_tensorflow_is_not_surely_imported_before(source: str) -> None:
    assert silent("ADM401", source)


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["TF_USE_LEGACY_KERAS"] = "0"',
        'os.environ["TF_USE_LEGACY_KERAS"] = "false"',
        'os.environ["TF_USE_LEGACY_KERAS"] = previous',
        'os.environ.pop("TF_USE_LEGACY_KERAS", None)',
        'del os.environ["TF_USE_LEGACY_KERAS"]',
        'if os.environ.get("TF_USE_LEGACY_KERAS") == "1": pass',
        'os.putenv("TF_USE_LEGACY_KERAS", "0")',
        'os.environ["TF_CPP_MIN_LOG_LEVEL"] = "1"',
        'env = os.environ.copy()\nenv["TF_USE_LEGACY_KERAS"] = "1"',
        'env = {"TF_USE_LEGACY_KERAS": "1"}',
    ],
)
def test_silent_on_off_unknown_reads_and_other_things(line: str) -> None:
    assert silent("ADM401", f"import os\nimport tensorflow as tf\n{line}\n")


def test_silent_where_the_import_failed() -> None:
    assert silent("ADM401", f"import os\ntry:\n    import tensorflow\nexcept ImportError:\n    {SET}\n")


def test_silent_on_a_function_that_is_called_in_time() -> None:
    source = """
        import os

        def use_legacy_keras():
            os.environ["TF_USE_LEGACY_KERAS"] = "1"

        use_legacy_keras()
        import tensorflow as tf
        """
    assert silent("ADM401", source)


def test_silent_on_a_function_that_others_may_call_in_time() -> None:
    assert silent("ADM401", f"import os\ndef use_legacy_keras():\n    {SET}\nimport tensorflow as tf\n")


def test_silent_where_another_method_imports_tensorflow() -> None:
    source = """
        import os

        class Test(TestCommand):
            def run(self):
                import tensorflow as tf

        if __name__ == "__main__":
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
            main()
        """
    assert silent("ADM401", source)


def test_silent_where_the_program_goes_on_with_tf_keras() -> None:
    source = """
        import os
        import tensorflow as tf

        def keras_2():
            os.environ["TF_USE_LEGACY_KERAS"] = "1"
            if tf.keras.version().startswith("3."):
                import tf_keras as keras
            else:
                keras = tf.keras
            return keras

        keras = keras_2()
        """
    assert silent("ADM401", source)


@pytest.mark.parametrize(
    "line",
    ['subprocess.run(["python", "train.py"])', 'os.system("python train.py")', "multiprocessing.Process(target=train).start()"],
)
def test_silent_where_other_processes_inherit_it(line: str) -> None:
    assert silent("ADM401", f"import os, subprocess, multiprocessing\nimport tensorflow\n{SET}\n{line}\n")


def test_an_installation_is_no_process_that_matters() -> None:
    source = f'import os, subprocess\nsubprocess.run(["pip", "install", "tf_keras"])\nimport tensorflow\n{SET}\n'
    assert places("ADM401", source) == [(4, 1)]


def test_a_shell_command_of_a_notebook_inherits_it() -> None:
    assert in_notebook("import os, tensorflow", SET, "!python train.py") == []
    assert len(in_notebook("import os, tensorflow", SET, "!pip install tf-keras")) == 1


def test_silent_where_it_repeats_what_was_set_in_time() -> None:
    assert in_notebook("import os", SET, "import tensorflow as tf", SET, 'os.putenv("TF_USE_LEGACY_KERAS", "1")') == []


def test_silent_in_tests_that_set_it_for_their_own_code() -> None:
    assert silent("ADM401", f"import os\nimport tensorflow\ndef test_flag():\n    {SET}\n    assert flag()\n")
    assert silent("ADM401", 'import tensorflow\ndef test_flag(monkeypatch):\n    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")\n')


def test_silent_where_keras_may_run_on_another_backend() -> None:
    source = f'import os\nos.environ["KERAS_BACKEND"] = "jax"\nimport keras\n{SET}\nimport tensorflow as tf\n'
    assert silent("ADM401", source)


def test_silent_behind_a_look_at_the_loaded_modules() -> None:
    source = f'import os, sys\nimport keras\nif "tensorflow" not in sys.modules:\n    {SET}\n'
    assert silent("ADM401", source)


# Fixed --------------------------------------------------------------------------------------------


def test_moves_the_statement_above_the_import_only_if_asked() -> None:
    source = f"import os\nimport tensorflow as tf\n{SET}\nx = 1\n"
    assert fixed("ADM401", source, unsafe=True) == f"import os\n{SET}\n# isort: split\nimport tensorflow as tf\nx = 1\n"
    assert fixed("ADM401", source) == source


def test_the_fix_is_unsafe_and_says_why() -> None:
    move = findings("ADM401", f"import os\nimport tensorflow as tf\n{SET}\n")[0].fix
    assert move is not None
    assert move.safety is Safety.UNSAFE
    assert move.title == "set it before the import (it switches the Keras package)"


def test_takes_comments_and_the_import_of_os_along() -> None:
    source = """
        # Licence
        \"\"\"Train.\"\"\"
        from __future__ import annotations

        # TensorFlow
        import tensorflow as tf
        import os  # for the variable
        import numpy as np

        # The model needs Keras 2,
        # really.
        os.environ["TF_USE_LEGACY_KERAS"] = "1"  # noqa: E402
        x = 1
        """
    after = """
        # Licence
        \"\"\"Train.\"\"\"
        from __future__ import annotations

        # TensorFlow
        import os  # for the variable
        # The model needs Keras 2,
        # really.
        os.environ["TF_USE_LEGACY_KERAS"] = "1"  # noqa: E402
        # isort: split
        import tensorflow as tf
        import numpy as np

        x = 1
        """
    assert fixed("ADM401", source, unsafe=True) == text(after)


def test_imports_of_more_than_os_may_stand_before() -> None:
    source = f"import os, sys\nimport tensorflow as tf\n{SET}\n"
    assert fixed("ADM401", source, unsafe=True) == f"import os, sys\n{SET}\n# isort: split\nimport tensorflow as tf\n"


def test_moves_in_front_of_the_whole_try() -> None:
    source = f"import os\ntry:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\n{SET}"
    after = f"import os\n{SET}\n# isort: split\ntry:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\n"
    assert fixed("ADM401", source, unsafe=True) == after


def test_keeps_windows_newlines() -> None:
    source = f"import os\r\nimport tensorflow as tf\r\n{SET}\r\nx = 1\r\n"
    assert fixed("ADM401", source, unsafe=True) == f"import os\r\n{SET}\r\n# isort: split\r\nimport tensorflow as tf\r\nx = 1\r\n"


def test_leaves_the_markers_of_script_cells() -> None:
    source = f"import os\nimport tensorflow as tf\n# %%\n{SET}\n"
    assert fixed("ADM401", source, unsafe=True) == f"import os\n{SET}\n# isort: split\nimport tensorflow as tf\n# %%\n"


def test_moves_nothing_to_another_cell_of_a_notebook() -> None:
    (found,) = in_notebook("import os\nimport tensorflow as tf", f"{SET}\nx = 1")
    assert (found.place.cell, found.fix) == (1, None)


def test_leaves_the_comments_of_the_cell_before() -> None:
    done = fix(notebook("import os\n# end", f"import tensorflow\n# why\n{SET}"), load(["ADM401"]), settings(), unsafe=True)
    sources = [cell["source"] for cell in json.loads(done.program.encode())["cells"]]
    assert sources == ["import os\n# end", f"# why\n{SET}\nimport tensorflow\n"]


@pytest.mark.parametrize(
    "line",
    [
        "!export TF_USE_LEGACY_KERAS=1",
        "! export TF_USE_LEGACY_KERAS='true'",
        "!cd /tmp && export TF_USE_LEGACY_KERAS=1",
        "!set TF_USE_LEGACY_KERAS=1",
        "!setx TF_USE_LEGACY_KERAS 1",
        "%system export TF_USE_LEGACY_KERAS=1",
        "x = !export TF_USE_LEGACY_KERAS=1",
    ],
)
def test_reports_an_export_in_a_shell_of_its_own(line: str) -> None:
    (found,) = in_notebook("x = 1", f"{line}", "import tensorflow as tf")
    assert (found.place.cell, found.place.line, found.fix) == (1, 1, None)
    assert found.message.startswith("`!export` sets `TF_USE_LEGACY_KERAS` in a shell of its own, which the kernel does not see")


@pytest.mark.parametrize(
    "cells",
    [
        ("!export TF_USE_LEGACY_KERAS=1", "%env TF_USE_LEGACY_KERAS=1", "import tensorflow"),
        ("!export TF_USE_LEGACY_KERAS=1; python train.py",),
        ("!export TF_USE_LEGACY_KERAS=0", "import tensorflow"),
        ("!export OTHER=1", "!TF_USE_LEGACY_KERAS=1 python train.py"),
        ("!echo export TF_USE_LEGACY_KERAS=1",),
        ("%%bash\nexport TF_USE_LEGACY_KERAS=1",),
    ],
)
def test_is_silent_on_shells_that_do_no_harm(cells: tuple[str, ...]) -> None:
    assert in_notebook(*cells) == []


def test_reads_an_environment_magic_in_the_order_of_the_cells() -> None:
    assert in_notebook("%env TF_USE_LEGACY_KERAS=1", "import tensorflow as tf") == []
    (found,) = in_notebook("import tensorflow as tf", "%set_env TF_USE_LEGACY_KERAS=1")
    assert (found.place.cell, found.fix) == (1, None)
    assert found.message.endswith("(cell 1, line 1)")


@pytest.mark.parametrize(
    "source",
    [
        'import os\nimport tensorflow\nif legacy:\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\n',
        'import os\nimport tensorflow\nvalue = "1"\nos.environ["TF_USE_LEGACY_KERAS"] = value\n',
        'import os\nimport tensorflow\nos.environ.setdefault("TF_USE_LEGACY_KERAS", "1")\n',
        'import os\nimport tensorflow\nx = 1; os.environ["TF_USE_LEGACY_KERAS"] = "1"\n',
        'import tensorflow\nimport os, sys\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n',
        'import os\nimport tensorflow\ndef main():\n    os.environ["TF_USE_LEGACY_KERAS"] = "1"\n',
        'import tensorflow\nif x:\n    import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n',
    ],
)
def test_offers_no_move_of_anything_else(source: str) -> None:
    (found,) = findings("ADM401", source)
    assert found.fix is None


def test_sets_the_environment_instead_of_putenv_before_the_import_only() -> None:
    source = "import os\nos.putenv('TF_USE_LEGACY_KERAS', '1')  # old\nimport tensorflow\n"
    after = "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'  # old\nimport tensorflow\n"
    assert fixed("ADM401", source, unsafe=True) == after
    late = "import os\nimport tensorflow\nos.putenv('TF_USE_LEGACY_KERAS', '1')\n"
    assert fixed("ADM401", late, unsafe=True) == late

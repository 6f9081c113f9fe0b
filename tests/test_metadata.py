"""The target from a project's own files: what each format says, with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adamlint.atlas import Construct, look_up, releases
from adamlint.metadata import Inferred, Metadata, infer
from adamlint.metadata.folder import Folder, look

NEWEST = releases()[-1]
DEFAULT = ("2.12", NEWEST)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str | bytes) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def inferred(name: str, text: str | bytes) -> Inferred:
    write(name, text)
    return infer(".")


def ends(found: Inferred) -> tuple[str, str]:
    return found.target.releases[0], found.target.releases[-1]


def summary(name: str, text: str | bytes) -> tuple[str, str, str]:
    found = inferred(name, text)
    assert found.notes == ()
    return (*ends(found), found.source)


# ------------------------------------------------------------------ nothing found


def test_without_metadata_the_default_is_targeted() -> None:
    found = infer(".")
    assert (ends(found), found.source, found.notes, found.has_tf_keras) == (DEFAULT, "the default", (), None)
    assert {cell.mode for cell in found.target.cells} == {"eager"}
    assert len({cell.platform for cell in found.target.cells}) == 4


@pytest.mark.parametrize("requirement", ["tensorflow", "tensorflow # >=2.16", "numpy==1.2", "tensorflow-probability==0.20", "keras>=2.0"])
def test_a_requirement_that_leaves_tensorflow_open_does_not_constrain(requirement: str) -> None:
    found = inferred("requirements.txt", requirement)
    assert (ends(found), found.source, found.notes) == (DEFAULT, "the default", ())


# ------------------------------------------------------------------ pyproject.toml

PYPROJECT = """[project]
name = "x"
dependencies = [
    "numpy>=1",
    "TensorFlow[and-cuda] >=2.12,<2.16 ; python_version >= \\"3.8\\"",
]
"""


def test_pep_621_dependencies() -> None:
    assert summary("pyproject.toml", PYPROJECT) == ("2.12", "2.15", "pyproject.toml:5: TensorFlow[and-cuda] >=2.12,<2.16")


def test_optional_dependencies_are_alternatives() -> None:
    text = '[project.optional-dependencies]\ncpu = ["tensorflow-cpu~=2.13.0"]\ngpu = ["tensorflow-gpu==2.10.*"]\n'
    found = inferred("pyproject.toml", text)
    assert found.target.releases == ("2.10", "2.13")
    assert found.source == "pyproject.toml:2: tensorflow-cpu~=2.13.0, pyproject.toml:3: tensorflow-gpu==2.10.*"


def test_dependencies_count_before_extras_and_these_before_groups() -> None:
    groups = '[dependency-groups]\ntest = ["tensorflow==2.14.0"]\n'
    extras = '[project.optional-dependencies]\ntf = ["tensorflow==2.13.0"]\n'
    assert ends(inferred("pyproject.toml", groups)) == ("2.14", "2.14")
    assert ends(inferred("pyproject.toml", extras + groups)) == ("2.13", "2.13")
    assert ends(inferred("pyproject.toml", '[project]\ndependencies = ["tensorflow==2.12.0"]\n' + extras + groups)) == ("2.12", "2.12")


def test_a_group_has_what_it_includes() -> None:
    text = '[dependency-groups]\ntrain = [{include-group = "Base_TF"}, "numpy"]\nbase-tf = ["tensorflow<2.12,>=2.10", {include-group = "train"}]\n'
    assert summary("pyproject.toml", text) == ("2.10", "2.11", "pyproject.toml:3: tensorflow<2.12,>=2.10")


@pytest.mark.parametrize(
    ("version", "oldest", "newest"),
    [
        ('"^2.12"', "2.12", NEWEST),
        ('"~2.12"', "2.12", "2.12"),
        ('"~2.12.1"', "2.12", "2.12"),
        ('"2.13.*"', "2.13", "2.13"),
        ('"2.13.1"', "2.13", "2.13"),
        ('">=2.10 <2.13"', "2.10", "2.12"),
        ('"2.10.* || 2.15.*"', "2.10", "2.15"),
        ('{version = "^2.16", extras = ["and-cuda"], optional = true}', "2.16", NEWEST),
        ('{version = "2.8.*", python = "<3.11"}', "2.8", "2.8"),
        ('[{version = "2.10.*", platform = "win32"}, {version = "2.13.*", markers = "sys_platform != \'win32\'"}]', "2.10", "2.13"),
        ('{url = "https://host/tensorflow-2.15.0-cp311-cp311-linux_x86_64.whl"}', "2.15", "2.15"),
    ],
)
def test_poetry_dependencies(version: str, oldest: str, newest: str) -> None:
    found = inferred("pyproject.toml", f'[tool.poetry.dependencies]\nnumpy = "^1"\ntensorflow = {version}\n')
    assert ends(found) == (oldest, newest)
    assert found.source.startswith("pyproject.toml:3: tensorflow = ")
    assert found.notes == ()


def test_a_poetry_dependency_with_its_own_table() -> None:
    text = '[tool.poetry.dependencies]\npython = "^3.9"\n[tool.poetry.dependencies.tensorflow]\nversion = "~2.14"\n'
    assert summary("pyproject.toml", text) == ("2.14", "2.14", 'pyproject.toml:3: tensorflow = "~2.14"')


def test_poetry_groups() -> None:
    text = '[tool.poetry.group.train.dependencies]\ntensorflow = "<2.11"\n'
    assert summary("pyproject.toml", text) == (releases()[0], "2.10", 'pyproject.toml:2: tensorflow = "<2.11"')


def test_pdm_and_uv_development_dependencies() -> None:
    assert ends(inferred("pyproject.toml", '[tool.pdm.dev-dependencies]\ntrain = ["tensorflow==2.13"]\n')) == ("2.13", "2.13")
    assert ends(inferred("pyproject.toml", '[tool.uv]\ndev-dependencies = ["tensorflow==2.14"]\n')) == ("2.14", "2.14")


def test_dependencies_that_setuptools_takes_from_a_file() -> None:
    write("deps/base.txt", "numpy\ntensorflow==2.13.*\n")
    text = '[tool.setuptools.dynamic]\ndependencies = {file = ["deps/base.txt"]}\n'
    assert summary("pyproject.toml", text) == ("2.13", "2.13", "deps/base.txt:2: tensorflow==2.13.*")


# ------------------------------------------------------------------ lock files


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.train.toml"])
def test_lock_files_in_toml(name: str) -> None:
    packages = "packages" if name.startswith("pylock") else "package"
    text = f'version = 1\n\n[[{packages}]]\nname = "keras"\nversion = "2.13.1"\n\n[[{packages}]]\nname = "tensorflow"\nversion = "2.13.1"\n'
    assert summary(name, text) == ("2.13", "2.13", f"{name}:9: tensorflow==2.13.1")


def test_versions_of_one_lock_file_are_alternatives() -> None:
    blocks = [f'[[package]]\nname = "tensorflow"\nversion = "{version}"\n' for version in ("2.13.1", "2.15.0.post1")]
    found = inferred("uv.lock", "".join(blocks))
    assert found.target.releases == ("2.13", "2.15")


def test_pipfile_and_its_lock() -> None:
    assert summary("Pipfile", '[packages]\ntensorflow = "~=2.13.0"\n') == ("2.13", "2.13", 'Pipfile:2: tensorflow = "~=2.13.0"')
    Path("Pipfile").write_text('[packages]\ntensorflow = "*"\n', encoding="utf-8")
    lock = json.dumps({"default": {"tensorflow": {"version": "==2.15.1"}}, "develop": {}}, indent=4)
    assert summary("Pipfile.lock", lock) == ("2.15", "2.15", "Pipfile.lock:3: tensorflow==2.15.1")


# ------------------------------------------------------------------ requirements files


@pytest.mark.parametrize(
    ("text", "oldest", "newest", "source"),
    [
        ("numpy\ntensorflow==2.12.0  # pinned\n", "2.12", "2.12", "2: tensorflow==2.12.0"),
        ("tensorflow~=2.13.0\r\n", "2.13", "2.13", "1: tensorflow~=2.13.0"),
        ("tensorflow>=2.10, \\\n    <2.13\n", "2.10", "2.12", "1: tensorflow>=2.10, <2.13"),
        ("tensorflow==2.15.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n", "2.15", "2.15", "1: tensorflow==2.15.0"),
        ("tensorflow-macos==2.9.2; sys_platform == 'darwin'\n", "2.9", "2.9", "1: tensorflow-macos==2.9.2"),
        ("TensorFlow_CPU==2.11.0\n", "2.11", "2.11", "1: TensorFlow_CPU==2.11.0"),
        ("tf-nightly==2.17.0.dev20240301\n", "2.17", "2.17", "1: tf-nightly==2.17.0.dev20240301"),
        ("tensorflow==2.16.0rc0\n", "2.16", "2.16", "1: tensorflow==2.16.0rc0"),
        ("tensorflow-intel >= 2.*\n", releases()[0], NEWEST, "1: tensorflow-intel >= 2.*"),
        (
            "tensorflow @ https://host/tensorflow-2.14.0-cp310-cp310-win_amd64.whl\n",
            "2.14", "2.14", "1: tensorflow @ https://host/tensorflow-2.14.0-cp310-cp310-win_amd64.whl",
        ),
        ("--index-url https://host/tensorflow==2.3/\n-e .\ntensorflow<2.16,>=2.15\n", "2.15", "2.15", "3: tensorflow<2.16,>=2.15"),
    ],
)  # fmt: skip
def test_requirements_files(text: str, oldest: str, newest: str, source: str) -> None:
    assert summary("requirements.txt", text) == (oldest, newest, f"requirements.txt:{source}")


def test_a_requirements_file_of_powershell_is_utf_16() -> None:
    text = "numpy==1.0\r\ntensorflow==2.13.0\r\n".encode("utf-16")
    assert summary("requirements.txt", text) == ("2.13", "2.13", "requirements.txt:2: tensorflow==2.13.0")


def test_named_requirements_files_are_followed_once() -> None:
    write("deps/base.txt", "tensorflow==2.14.*\n-r ../requirements.txt\n")
    assert summary("requirements.txt", "-r deps/base.txt\nnumpy\n") == ("2.14", "2.14", "deps/base.txt:1: tensorflow==2.14.*")


def test_a_constraint_counts_where_the_package_is_required() -> None:
    write("pins.txt", "tensorflow==2.13.0\nkeras==3.0\n")
    source = "requirements.txt:2: tensorflow>=2.10, pins.txt:1: tensorflow==2.13.0"
    assert summary("requirements.txt", "-c pins.txt\ntensorflow>=2.10\n") == ("2.13", "2.13", source)
    assert ends(inferred("requirements.txt", "-cpins.txt\nnumpy\n")) == DEFAULT


@pytest.mark.parametrize("name", ["requirements-gpu.txt", "dev-requirements.txt", "requirements/base.txt", "constraints.txt"])
def test_other_names_of_requirements_files(name: str) -> None:
    assert summary(name, "tensorflow==2.13.0\n") == ("2.13", "2.13", f"{name}:1: tensorflow==2.13.0")


# ------------------------------------------------------------------ setuptools, conda, Docker


def test_setup_cfg() -> None:
    text = "[metadata]\nname = x\n[options]\ninstall_requires =\n    numpy\n    tensorflow>=2.12,<2.14  # why\n"
    assert summary("setup.cfg", text) == ("2.12", "2.13", "setup.cfg:6: tensorflow>=2.12,<2.14")
    text = "[options.extras_require]\ntf =\n    tensorflow==2.14\n"
    assert summary("setup.cfg", text) == ("2.14", "2.14", "setup.cfg:3: tensorflow==2.14")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("from setuptools import setup\nsetup(install_requires=['numpy',\n 'tensorflow>=2.12,<2.14'])\n", 3),
        ("import setuptools\nREQUIRES = ['numpy']\nREQUIRES += ['tensorflow>=2.12,<2.14']\nsetuptools.setup(install_requires=REQUIRES)\n", 3),
        ("TF = '>=2.12'\nsetup(install_requires=[f'tensorflow{TF},<2.14'])\n", 2),
        ("TF = '>=2.12'\nsetup(install_requires=['tensorflow' + TF + ',<2.14'])\n", 2),
        ("TF = '2.12'\nsetup(install_requires=['tensorflow>=%s,<2.14' % TF])\n", 2),
        ("tf = 'tensorflow-cpu' if docs else 'tensorflow'\nsetup(install_requires=[f'{tf}>=2.12,<2.14'])\n", 2),
        ("base = ['tensorflow>=2.12,<2.14']\nsetup(install_requires=['numpy'] + base)\n", 1),
        ("reqs = []\nif gpu():\n    reqs.append('tensorflow-gpu>=2.12,<2.14')\nsetup(install_requires=reqs)\n", 3),
        ("def reqs():\n    return ['tensorflow>=2.12,<2.14']\nsetup(install_requires=reqs())\n", 2),
        ("setup(**{'install_requires': '''\nnumpy\ntensorflow>=2.12,<2.14\n'''})\n", 1),
        ("setup(extras_require={'tf': ['tensorflow>=2.12,<2.14'], 'doc': ['sphinx']})\n", 1),
        ("extras = {}\nextras['tf'] = ['tensorflow>=2.12,<2.14']\nsetup(extras_require=extras)\n", 2),
        ("tf = ['tensorflow>=2.12,<2.14']\nsetup(extras_require=dict(tf=tf, all=tf))\n", 1),
    ],
)
def test_the_literals_of_a_setup_py(text: str, line: int) -> None:
    oldest, newest, source = summary("setup.py", text)
    assert (oldest, newest) == ("2.12", "2.13")
    assert source.startswith(f"setup.py:{line}: tensorflow")


def test_a_setup_py_is_never_run() -> None:
    text = "open('ran', 'w')\nfrom setuptools import setup\nsetup(install_requires=open('requirements.txt').read() or ['tensorflow==2.13'])\n"
    assert ends(inferred("setup.py", text)) == ("2.13", "2.13")
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("item", "oldest", "newest"),
    [
        ("tensorflow=2.12", "2.12", "2.12"),
        ("tensorflow=2", releases()[0], NEWEST),
        ("tensorflow==2.12.0", "2.12", "2.12"),
        ("tensorflow=2.12.0=cuda112py310h457873b_0", "2.12", "2.12"),
        ("conda-forge::tensorflow-gpu>=2.10,<2.13", "2.10", "2.12"),
        ("tensorflow 2.13.*", "2.13", "2.13"),
        ("'tensorflow >=2.10, <2.12'  # why", "2.10", "2.11"),
        ("tensorflow[version='>=2.16']", "2.16", NEWEST),
        ("tensorflow=2.10|2.11", "2.10", "2.11"),
    ],
)
@pytest.mark.parametrize("indent", ["", "  "])
def test_environment_yml(item: str, oldest: str, newest: str, indent: str) -> None:
    text = f"name: x\nchannels:\n{indent}- tensorflow=2.3\ndependencies:\n{indent}- numpy\n{indent}- {item}\nprefix: /x\n"
    found = inferred("environment.yml", text)
    assert ends(found) == (oldest, newest)
    assert found.source.startswith("environment.yml:6: ")


def test_the_pip_part_of_an_environment() -> None:
    text = "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - numpy\n    - tensorflow==2.15.0\n  - scipy\n"
    assert summary("environment.yaml", text) == ("2.15", "2.15", "environment.yaml:6: tensorflow==2.15.0")


@pytest.mark.parametrize(
    ("text", "line", "release"),
    [
        ("FROM tensorflow/tensorflow:2.12.0-gpu-jupyter AS base\n", 1, "2.12"),
        ("# x\nARG TF=2.13.0\nFROM --platform=linux/amd64 docker.io/tensorflow/tensorflow:${TF}-gpu\n", 3, "2.13"),
        ("FROM python:3.11\nRUN apt update && \\\n    # tools\n    pip3 install --no-cache-dir numpy \\\n    'tensorflow==2.14.0'\n", 2, "2.14"),
        ("FROM ubuntu\nRUN python -m pip install -q tensorflow==2.15.0; ls\n", 2, "2.15"),
        ("FROM mambaorg/micromamba\nRUN micromamba install -y tensorflow=2.10\n", 2, "2.10"),
    ],
)
@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.gpu"])
def test_dockerfiles(name: str, text: str, line: int, release: str) -> None:
    oldest, newest, source = summary(name, text)
    assert (oldest, newest) == (release, release)
    assert source.startswith(f"{name}:{line}: ")


def test_an_image_without_a_version_does_not_constrain() -> None:
    assert ends(inferred("Dockerfile", "FROM tensorflow/tensorflow:latest-gpu\nRUN pip install -r requirements.txt\n")) == DEFAULT


# ------------------------------------------------------------------ Python and markers


@pytest.mark.parametrize(
    ("name", "text", "oldest", "newest"),
    [
        ("pyproject.toml", '[project]\nrequires-python = ">=3.11"\ndependencies = ["tensorflow>=2.10,<2.17"]\n', "2.12", "2.16"),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.8,<3.9"\ndependencies = ["tensorflow>=2.10"]\n', "2.10", "2.13"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.8"\ntensorflow = ">=2.10"\n', "2.10", "2.13"),
        ("setup.cfg", "[options]\npython_requires = >=3.12\ninstall_requires = tensorflow>=2.10\n", "2.16", NEWEST),
        ("setup.py", "setup(python_requires='>=3.12', install_requires=['tensorflow>=2.10'])\n", "2.16", NEWEST),
        ("uv.lock", 'requires-python = ">=3.10"\n[[package]]\nname = "tensorflow"\nversion = "2.15.0"\n', "2.15", "2.15"),
        ("environment.yml", "dependencies:\n- python=3.8\n- tensorflow>=2.10\n", "2.10", "2.13"),
    ],
)
def test_the_releases_of_python_narrow(name: str, text: str, oldest: str, newest: str) -> None:
    assert ends(inferred(name, text)) == (oldest, newest)


def test_python_that_narrows_is_named() -> None:
    text = '[project]\nrequires-python = ">=3.12"\ndependencies = ["tensorflow>=2.10"]\n'
    assert inferred("pyproject.toml", text).source == "pyproject.toml:3: tensorflow>=2.10, pyproject.toml:2: requires-python >=3.12"


def test_python_of_the_package_narrows_the_requirements_file_beside_it_and_the_default() -> None:
    found = inferred("pyproject.toml", '[project]\nrequires-python = ">=3.12"\n')
    assert (ends(found), found.source) == (("2.16", NEWEST), "the default, pyproject.toml:2: requires-python >=3.12")
    assert ends(inferred("requirements.txt", "tensorflow<2.18\n")) == ("2.16", "2.17")


def test_a_python_that_no_tensorflow_is_for_narrows_nothing() -> None:
    text = '[project]\nrequires-python = ">=3.99"\ndependencies = ["tensorflow>=2.13,<2.15"]\n'
    assert ends(inferred("pyproject.toml", text)) == ("2.13", "2.14")


def test_a_marker_that_no_supported_python_meets_counts_for_nothing() -> None:
    text = "tensorflow==2.10.*; python_version < '3.11'\ntensorflow==2.15.*; python_version >= '3.11'\n"
    found = inferred("requirements.txt", text)
    assert found.target.releases == ("2.10", "2.15")
    write("pyproject.toml", '[project]\nrequires-python = ">=3.11"\n')
    assert infer(".").target.releases == ("2.15",)


def test_requirements_for_different_systems_are_alternatives() -> None:
    text = "tensorflow>=2.15,<2.17; sys_platform != 'darwin'\ntensorflow-macos==2.12.*; platform_machine == 'arm64' and sys_platform == 'darwin'\n"
    assert inferred("requirements.txt", text).target.releases == ("2.12", "2.15", "2.16")


def test_a_marker_about_extras_may_hold() -> None:
    assert ends(inferred("requirements.txt", "tensorflow==2.13.*; extra == 'tf'\n")) == ("2.13", "2.13")


# ------------------------------------------------------------------ Keras


def test_keras_2_is_that_of_one_tensorflow() -> None:
    assert summary("requirements.txt", "tensorflow\nkeras==2.13.1\n") == ("2.13", "2.13", "requirements.txt:2: keras==2.13.1")
    assert ends(inferred("requirements.txt", "tensorflow>=2.10\nkeras<3\n")) == ("2.10", "2.15")


def test_keras_3_is_that_of_the_later_tensorflow() -> None:
    found = inferred("requirements.txt", "tensorflow\nkeras>=3\n")
    assert (ends(found), found.keras_only) == (("2.16", NEWEST), False)


def test_keras_3_without_tensorflow() -> None:
    found = inferred("requirements.txt", "keras>=3.0\njax\n")
    assert (ends(found), found.keras_only) == (("2.16", NEWEST), True)
    write("requirements-test.txt", "tensorflow\n")
    assert not infer(".").keras_only


def test_the_keras_of_a_project_narrows_its_extras() -> None:
    text = '[project]\ndependencies = ["keras>=3"]\n[project.optional-dependencies]\ntf = ["tensorflow>=2.14,<2.18"]\n'
    assert ends(inferred("pyproject.toml", text)) == ("2.16", "2.17")


@pytest.mark.parametrize(("text", "expected"), [
        ("tensorflow==2.16.1\ntf_keras\n", True),
        ("tensorflow==2.16.1\n", False),
        ("tensorflow==2.16.1\ntensorflow-hub\n", True),
        ("tensorflow==2.16.1\ntf-models-official\n", True),
        ("numpy\n", None),
    ],
)
def test_tf_keras_is_remembered(text: str, expected: bool | None) -> None:
    assert inferred("requirements.txt", text).has_tf_keras is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Dockerfile", "FROM tensorflow/tensorflow:2.16.1\nENV A=1 TF_USE_LEGACY_KERAS=1\n", True),
        ("Dockerfile", "FROM tensorflow/tensorflow:2.16.1\nENV TF_USE_LEGACY_KERAS True\n", True),
        ("Dockerfile", "FROM tensorflow/tensorflow:2.16.1\nENV TF_USE_LEGACY_KERAS=0\n", False),
        ("environment.yml", 'dependencies:\n- tensorflow=2.16\nvariables:\n  TF_USE_LEGACY_KERAS: "1"\n', True),
        ("environment.yml", "dependencies:\n- tensorflow=2.16\nvariables:\n  TF_USE_LEGACY_KERAS: no\n", False),
    ],
)
def test_the_variable_in_metadata_is_remembered(name: str, text: str, expected: bool) -> None:
    found = inferred(name, text)
    assert (ends(found), found.legacy_keras_set) == (("2.16", "2.16"), expected)


# ------------------------------------------------------------------ what cannot be


def test_newer_than_the_atlas_is_its_newest_row() -> None:
    found = inferred("requirements.txt", "tensorflow>=2.99\n")
    assert ends(found) == (NEWEST, NEWEST)
    assert found.notes == (f"requirements.txt:1: tensorflow>=2.99: the newest TensorFlow that adamlint knows is {NEWEST}: that is the target",)


def test_tensorflow_1_is_the_default() -> None:
    found = inferred("requirements.txt", "tensorflow-gpu==1.15.2\nkeras>=2.2\n")
    assert ends(found) == DEFAULT
    assert len(found.notes) == 1
    assert found.notes[0].startswith("requirements.txt:1: tensorflow-gpu==1.15.2, requirements.txt:2: keras>=2.2: adamlint knows")


def test_from_a_range_that_begins_in_tensorflow_1_the_rest_counts() -> None:
    assert summary("requirements.txt", "tensorflow>=1.15,<2.8\n")[:2] == (releases()[0], "2.7")


@pytest.mark.parametrize(
    "requirements",
    ["tensorflow>=2.16\nkeras<3\n", "tensorflow==2.12\nkeras==2.2.4\n", "-c pins.txt\ntensorflow<2.12\n"],
)
def test_what_contradicts_itself_is_noted_and_the_next_file_counts(requirements: str) -> None:
    write("pins.txt", "tensorflow==2.14\n")
    write("setup.cfg", "[options]\ninstall_requires = tensorflow==2.13\n")
    found = inferred("requirements.txt", requirements)
    assert (ends(found), found.source) == (("2.13", "2.13"), "setup.cfg:2: tensorflow==2.13")
    assert len(found.notes) == 1
    assert found.notes[0].endswith("no TensorFlow fits all of it: passed over")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("uv.lock", "<<<<<<< tensorflow\n"),
        ("Pipfile", "[packages\n"),
        ("Pipfile.lock", "{"),
        ("pyproject.toml", b"\xff\xff"),
        ("requirements.txt", b"tensorflow==2.10\n\x81\n"),
        ("setup.cfg", "tensorflow\n"),
        ("setup.py", "setup(\n"),
    ],
)
def test_a_broken_file_is_noted_and_the_next_one_counts(name: str, text: str | bytes) -> None:
    write("environment.yml", "dependencies:\n- tensorflow=2.13\n")
    found = inferred(name, text)
    assert (ends(found), found.source) == (("2.13", "2.13"), "environment.yml:2: tensorflow=2.13")
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"{name}: ")
    assert "\n" not in found.notes[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "numpy\ntensorflow=2.4\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\ntensorflow = 'latest'\n"),
        ("environment.yml", "dependencies:\n- tensorflow=>2\n"),
    ],
)
def test_a_line_that_makes_no_sense_is_noted(name: str, text: str) -> None:
    found = inferred(name, text)
    assert ends(found) == DEFAULT
    assert len(found.notes) == 1
    assert found.notes[0].startswith(f"{name}:2: ")


def test_a_named_file_that_is_missing_is_noted() -> None:
    found = inferred("requirements.txt", "-r gone.txt\ntensorflow==2.13\n")
    assert (ends(found), found.notes) == (("2.13", "2.13"), ("gone.txt: cannot be read: No such file or directory",))


# ------------------------------------------------------------------ which files


def test_the_order_of_files() -> None:
    texts = {
        "Dockerfile": "FROM tensorflow/tensorflow:2.3.0\n",
        "environment.yml": "dependencies:\n- tensorflow=2.6\n",
        "setup.py": "setup(install_requires=['tensorflow==2.7'])\n",
        "setup.cfg": "[options]\ninstall_requires = tensorflow==2.8\n",
        "constraints.txt": "tensorflow==2.9\n",
        "requirements-dev.txt": "tensorflow==2.10\n",
        "requirements.txt": "tensorflow==2.11\n",
        "pylock.toml": '[[packages]]\nname = "tensorflow"\nversion = "2.12.0"\n',
        "Pipfile.lock": '{"default": {"tensorflow": {"version": "==2.13.0"}}}',
        "Pipfile": '[packages]\ntensorflow = "==2.14"\n',
        "pdm.lock": '[[package]]\nname = "tensorflow"\nversion = "2.15.0"\n',
        "poetry.lock": '[[package]]\nname = "tensorflow"\nversion = "2.16.0"\n',
        "uv.lock": '[[package]]\nname = "tensorflow"\nversion = "2.17.0"\n',
        "pyproject.toml": '[project]\ndependencies = ["tensorflow==2.18"]\n',
    }
    order = [inferred(name, text).source.partition(":")[0] for name, text in texts.items()]
    assert order == list(texts)


def test_the_nearest_folder_that_constrains_counts() -> None:
    write("pyproject.toml", '[project]\ndependencies = ["tensorflow==2.12"]\n')
    write("a/requirements.txt", "tensorflow==2.13\n")
    write("b/requirements.txt", "tensorflow\n")
    metadata = Metadata()
    sources = [metadata.infer(folder).source for folder in ("a/src", "b", ".")]
    assert sources == [f"{Path('a/requirements.txt')}:1: tensorflow==2.13", *["pyproject.toml:2: tensorflow==2.12"] * 2]


def test_the_search_ends_at_the_root_of_the_repository() -> None:
    write("requirements.txt", "tensorflow==2.13\n")
    write("repository/.git/HEAD", "x\n")
    write("repository/src/a.py", "\n")
    assert infer("repository/src").source == "the default"
    write("repository/requirements.txt", "tensorflow==2.14\n")
    assert ends(infer("repository/src")) == ("2.14", "2.14")
    assert infer("repository/src", stop="repository/src").source == "the default"


def test_without_a_repository_the_search_ends_at_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    write("requirements.txt", "tensorflow==2.13\n")
    write("project/src/a.py", "\n")
    monkeypatch.chdir("project")
    assert infer("src").source == "the default"


def test_a_folder_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def listing(folder: str) -> Folder:
        looked.append(folder)
        return look(folder)

    monkeypatch.setattr("adamlint.metadata.look", listing)
    metadata = Metadata()
    for folder in ("a/b", "a/c", "a/b", "a"):
        metadata.infer(folder)
    assert sorted(looked) == sorted({str(Path(folder).resolve()) for folder in (".", "a", "a/b", "a/c")})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", '[[package]]\nname = "tensorflow"\nversion = "x.y"\n'),
        ("requirements.txt", "-r a\0b\n"),
        ("setup.py", f"setup(install_requires={' + '.join(['x'] * 5000)})\n"),
        ("setup.cfg", "[options]\npython_requires = >=3.8\n  install_requires =\n  tensorflow>=2\n"),
    ],
)
def test_whatever_is_in_a_file_the_note_is_one_line(name: str, text: str) -> None:
    found = inferred(name, text)
    assert ends(found) == DEFAULT
    assert len(found.notes) == 1
    assert "\n" not in found.notes[0]


def test_a_keras_older_than_that_of_tensorflow_2_tells_no_release() -> None:
    found = inferred("requirements.txt", "tensorflow>=1.10.1\nkeras==2.2.2\n")
    assert ends(found) == DEFAULT
    assert found.notes


@pytest.mark.parametrize("requirement", ["keras<2.4", "keras==2.2.2", "keras==1.2.2", "keras==2.4.3"])
def test_an_old_keras_alone_is_the_default_with_a_note(requirement: str) -> None:
    found = inferred("requirements.txt", f"{requirement}\n")
    assert (ends(found), found.source) == (DEFAULT, "the default")
    known = f"adamlint knows TensorFlow {releases()[0]} to {NEWEST}, which come with a newer Keras"
    assert found.notes == (f"requirements.txt:1: {requirement}: {known}: the target is >=2.12",)


def test_any_keras_can_be_beside_a_tensorflow_that_depends_on_none() -> None:
    assert summary("requirements.txt", "tensorflow==2.3.0\nkeras==2.3.1\n")[:2] == ("2.3", "2.3")


@pytest.mark.parametrize(
    ("requirements", "older"),
    [
        ("tensorflow>=2.16\nkeras<3.4\n", ("3.0", "3.3")),
        ("tensorflow==2.16.1\nkeras==3.6.0\n", ("3.6",)),
        ("keras>=3.0,<3.11\n", ("3.0", "3.3", "3.6", "3.10")),
        ("tensorflow>=2.16\nkeras>=3.3\n", ()),
        ("tensorflow>=2.12\nkeras==3.4.1\n", ()),  # not measured: what the newest does is the nearest that is known
        ("tensorflow>=2.12\n", ()),
    ],
)
def test_a_pinned_keras_3_is_the_one_that_is_targeted(requirements: str, older: tuple[str, ...]) -> None:
    found = inferred("requirements.txt", requirements)
    assert found.older_keras == older
    assert {cell.keras for cell in found.target.cells if cell.tensorflow == NEWEST} <= set(older or ("",))


@pytest.mark.parametrize(("keras", "own"), [("==2.1.2", True), ("<2.4", True), (">=2.2,<=2.3.1", True), ("==2.4.3", False), (">=2.2", False), ("!=2.4.*", False)])
def test_a_keras_with_backends_of_its_own_beside_tensorflow_is_not_that_of_tensorflow(keras: str, own: bool) -> None:
    cells = inferred("requirements.txt", f"tensorflow==2.5.0\nKeras{keras}\n").target.cells
    assert {look_up(Construct("keras.optimizers.Adam"), cell) is None for cell in cells} == {own}
    assert None not in {look_up(Construct("tensorflow.keras.optimizers.Adam"), cell) for cell in cells}


@pytest.mark.parametrize(("versions", "older"), [(["3.3.3"], ("3.3",)), (["3.3.3", "3.6.0"], ()), (["3.15.1"], ()), ([], ())])
def test_the_keras_of_a_lock_file_counts_beside_its_tensorflow(versions: list[str], older: tuple[str, ...]) -> None:
    pins = [("tensorflow", "2.16.1"), *(("keras", version) for version in versions)]
    found = inferred("uv.lock", "version = 1\n" + "".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in pins))
    assert (ends(found), found.older_keras) == (("2.16", "2.16"), older)


def test_releases_before_keras_3_have_no_other_keras() -> None:
    cells = inferred("requirements.txt", "tensorflow>=2.14\nkeras>=2.14,<3.4\n").target.cells
    assert {(cell.tensorflow, cell.keras) for cell in cells} == {
        ("2.14", ""), ("2.15", ""), *((release, keras) for release in releases()[releases().index("2.16"):] for keras in ("3.0", "3.3")),
    }  # fmt: skip


def test_the_keras_of_another_backend_says_nothing_of_the_one_that_runs_with_tensorflow() -> None:
    write("requirements_jax.txt", "jax\nkeras>=3.10\n")
    assert ends(infer("."))[0] == "2.16"
    write("requirements_tf.txt", "tensorflow\n")
    assert ends(infer(".")) == DEFAULT
    write("requirements_jax.txt", "jax\n")
    write("requirements_tf.txt", "tensorflow\nkeras>=3.0\n")
    assert ends(infer("."))[0] == "2.16"

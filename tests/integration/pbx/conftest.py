"""The folder with the real Asterisk. None to be had: the tests fail with the reason, they are never skipped."""

from pathlib import Path

import pytest

from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain


@pytest.fixture(scope="session")
def asterisk_folder() -> Path:
    try:
        return obtain()
    except PbxError as error:
        pytest.fail(str(error), pytrace=False)

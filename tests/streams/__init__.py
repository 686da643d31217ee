import pytest

pytest.register_assert_rewrite("tests.streams.contract_log")

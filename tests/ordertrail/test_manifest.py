"""What data a start accepts: its own, empty data, or a log that tells what the lost manifest said."""

import json
from pathlib import Path

import pytest

from ordertrail import manifest
from ordertrail.manifest import DataRefused
from ordertrail.settings import LogKind, Settings
from streams.log import ClaimRecord


def settings(data: Path, **more: object) -> Settings:
    return Settings.model_validate({"data": data, **more})


def test_empty_data_becomes_a_training_company_with_a_sample(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path), "0a1b")
    assert (made.company, made.training, made.number_prefix, made.sample_due) == ("training-0a1b", True, "DEMO", True)


def test_sample_no_starts_empty_and_still_trains(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path, sample=False), "0a1b")
    assert (made.training, made.sample_due) == (True, False)


def test_a_real_company_has_no_sample(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path, training=False), "0a1b")
    assert (made.number_prefix, made.sample_due) == ("OT", False)


def test_a_lost_manifest_is_restored_from_the_claims(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path, company="acme", partitions=7), "0a1b")
    again = manifest.settle(None, [made.claim_record("http://here", "run-1")], settings(tmp_path, partitions=4), "ffff")
    assert again == made.model_copy(update={"claimed": True, "sample": None})


def test_a_saved_manifest_is_what_was_saved(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path), "0a1b")
    manifest.save(tmp_path, made)
    assert manifest.load(tmp_path) == made


def test_a_start_that_never_claimed_may_start_again(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path), "0a1b")
    assert manifest.settle(made, [], settings(tmp_path), "ffff") == made


def test_a_manifest_whose_log_is_gone_is_refused(tmp_path: Path) -> None:
    claimed = manifest.settle(None, [], settings(tmp_path), "0a1b").model_copy(update={"claimed": True})
    with pytest.raises(DataRefused, match="a log that is gone"):
        manifest.settle(claimed, [], settings(tmp_path), "ffff")


def test_the_log_of_another_company_is_refused(tmp_path: Path) -> None:
    ours = manifest.settle(None, [], settings(tmp_path, company="ours"), "0a1b")
    theirs = manifest.settle(None, [], settings(tmp_path, company="theirs"), "0a1b")
    with pytest.raises(DataRefused, match="company 'theirs'"):
        manifest.settle(ours, [theirs.claim_record("http://there", "run-1")], settings(tmp_path), "ffff")


def test_data_of_the_other_log_is_refused(tmp_path: Path) -> None:
    embedded = manifest.settle(None, [], settings(tmp_path), "0a1b")
    with pytest.raises(DataRefused, match=r"is of LOG=embedded; it cannot be run with LOG=kafka\.$"):
        manifest.require_kind(embedded, settings(tmp_path, log=LogKind.KAFKA))


@pytest.mark.parametrize("text", ['{"data_format": 99}', "{", '{"what": "else"}'])
def test_data_of_another_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.MANIFEST_FILE).write_text(text)
    with pytest.raises(DataRefused, match="another version"):
        manifest.load(tmp_path)


def test_a_newer_format_is_refused_by_its_number(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path), "0a1b").model_copy(update={"data_format": 3})
    manifest.save(tmp_path, made)
    with pytest.raises(DataRefused, match="has format 3"):
        manifest.load(tmp_path)


def test_data_of_the_first_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    made = manifest.settle(None, [], settings(tmp_path), "0a1b").model_copy(update={"data_format": 1})
    manifest.save(tmp_path, made)
    with pytest.raises(DataRefused, match=r"was written by Ordertrail 0\.1, whose events have another form"):
        manifest.load(tmp_path)


@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_log_of_the_first_version_is_refused_with_a_sentence(tmp_path: Path, with_manifest: bool) -> None:
    ours = manifest.settle(None, [], settings(tmp_path), "0a1b")
    claim = json.loads(ours.claim_record("http://here", "run-1").to_bytes())
    del claim["data_format"]
    old = ClaimRecord.from_bytes(json.dumps(claim).encode())
    with pytest.raises(DataRefused, match=r"The log was written by Ordertrail 0\.1"):
        manifest.settle(ours if with_manifest else None, [old], settings(tmp_path), "ffff")

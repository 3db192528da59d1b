"""The key that signs frames: which files are refused, what a signature holds, what one byte changes."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from outcry.journal.errors import FrameDamaged, SigningKeyUnusable
from outcry.journal.frames import NO_KEY, TRAILER, Genesis, build_frame, decode_frame, unsigned
from outcry.journal.signing import FILE_NAME, SIGNED, Signatures, check_signature, new_signer, offer_signer, sign_of
from tests.journal.chains import entry


def test_a_frame_is_signed_over_its_hash(tmp_path: Path) -> None:
    signer = new_signer(tmp_path)
    frame = build_frame(1, 1, entry(1), bytes(32), bytes(32), signer.sign)
    assert decode_frame(frame.data) == frame
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(frame.signature, SIGNED + frame.hash)
    signatures = Signatures(Genesis(1, 0, signing_key=signer.public_key))
    assert signatures.hold(frame)
    assert not signatures.hold(build_frame(1, 1, entry(1), bytes(32), b"x" * 32))
    assert not check_signature(signer.public_key, b"x" * 32, frame.signature)
    assert not check_signature(NO_KEY, frame.hash, frame.signature)


def test_a_journal_without_a_key_carries_zeros(tmp_path: Path) -> None:
    signatures, plain = Signatures(Genesis(1, 0)), build_frame(1, 1, entry(1), bytes(32), bytes(32))
    assert signatures.hold(plain)
    assert not signatures.hold(build_frame(1, 1, entry(1), bytes(32), bytes(32), new_signer(tmp_path).sign))
    assert sign_of(tmp_path, Genesis(1, 0)) is unsigned


def test_every_byte_of_a_trailer_counts(tmp_path: Path) -> None:
    frame = build_frame(1, 1, entry(1), bytes(32), bytes(32), new_signer(tmp_path).sign)
    for place in range(len(frame.data) - TRAILER.size, len(frame.data)):
        damaged = bytearray(frame.data)
        damaged[place] ^= 1
        with pytest.raises(FrameDamaged, match="signature"):
            decode_frame(bytes(damaged))


def test_the_key_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    signer = new_signer(tmp_path)
    for make in (new_signer, offer_signer):
        with pytest.raises(SigningKeyUnusable, match="of a journal that is not here"):
            make(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    genesis = Genesis(1, 0, signing_key=signer.public_key)
    assert sign_of(tmp_path, genesis)(bytes(32)) == signer.sign(bytes(32))


def test_a_key_that_is_not_the_journals_is_refused(tmp_path: Path) -> None:
    genesis, path = Genesis(1, 0, signing_key=new_signer(tmp_path).public_key), tmp_path / FILE_NAME
    with pytest.raises(SigningKeyUnusable, match="another key"):
        sign_of(tmp_path, replace(genesis, signing_key=b"k" * 32))
    path.chmod(0o644)
    with pytest.raises(SigningKeyUnusable, match="chmod 600"):
        sign_of(tmp_path, genesis)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SigningKeyUnusable, match="5 bytes"):
        sign_of(tmp_path, genesis)
    path.unlink()
    with pytest.raises(SigningKeyUnusable, match="missing"):
        sign_of(tmp_path, genesis)


def test_a_genesis_of_the_format_before_is_read_as_it_is() -> None:
    old = Genesis(1, 99, 64, format=3)
    assert len(old.encode()) == 40
    assert Genesis.decode(old.encode()) == old
    assert old.hash != Genesis(1, 99, 64).hash

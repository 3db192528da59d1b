"""BitMEX's published vector, and that a secret does not show."""

from outcry.client.signing import Credentials, signature

SECRET = "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO"


def test_the_published_vector() -> None:
    got = signature(SECRET, "GET", b"/api/v1/instrument", 1518064236, b"")
    assert got == "c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00"


def test_the_body_counts() -> None:
    assert signature(SECRET, "POST", b"/api/v1/order", 1, b"{}") != signature(SECRET, "POST", b"/api/v1/order", 1, b"")


def test_the_secret_does_not_show() -> None:
    assert SECRET not in repr(Credentials("key", SECRET))

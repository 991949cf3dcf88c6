import gc
import time

import boto3
import botocore.session
import pytest
from conftest import REGION, SECRET
from feed import environment
from feed.sign_in import IamCredentials
from feed.store import CACHE_ERRORS
from signature import is_signed


def credentials(clock=lambda: 0, cache="test-alert-feed"):
    return IamCredentials(botocore.session.get_session(), cache, "test-feed-sender", REGION, clock)


def test_token_is_an_address_that_is_signed_for_one_cache_and_user(become):
    user, token = credentials().get_credentials()
    assert user == "test-feed-sender"
    assert token.startswith("test-alert-feed/?Action=connect&User=test-feed-sender&ResourceType=ServerlessCache&")
    assert "X-Amz-Expires=900" in token and is_signed(token, SECRET, REGION, "elasticache")


@pytest.mark.parametrize("change", [
    lambda token: token.replace("test-alert-feed/", "other-alert-feed/"),
    lambda token: token.replace("User=test-feed-sender", "User=test-feed-writer"),
    lambda token: token.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"),
])
def test_token_that_was_changed_is_not_genuine(become, change):
    token = credentials().get_credentials()[1]
    changed = change(token)
    assert changed != token and not is_signed(changed, SECRET, REGION, "elasticache")


def test_token_of_another_secret_is_not_genuine(become):
    assert not is_signed(credentials().get_credentials()[1], SECRET + "x", REGION, "elasticache")


def test_token_is_made_anew_before_it_expires(become, monkeypatch):
    now, made = [0], []
    provider = credentials(lambda: now[0])
    monkeypatch.setattr(provider, "_sign", lambda: made.append(now[0]) or f"token {len(made)}")
    for at in (0, 599, 600, 601, 1300, 1000):
        now[0] = at
        provider.get_credentials()
    assert made == [0, 601, 1300, 1000], "and where the clock was set back"


def test_token_ages_by_the_clock_that_the_cache_has(become):
    """A process that Lambda froze may find a monotonic clock where it left it."""
    assert IamCredentials(botocore.session.get_session(), "test-alert-feed", "test-feed-sender", REGION)._clock is time.time


def test_token_is_made_anew_when_only_the_provider_is_left(become):
    now = [0]
    provider = credentials(lambda: now[0])
    gc.collect()
    first = provider.get_credentials()[1]
    now[0] = 3600
    gc.collect()
    assert is_signed(first, SECRET, REGION, "elasticache") and is_signed(provider.get_credentials()[1], SECRET, REGION, "elasticache")


def test_cache_refuses_a_token_that_it_was_not_given(become, cache, monkeypatch):
    class Forger(IamCredentials):
        def _sign(self):
            return "test-alert-feed/?Action=connect&User=test-feed-sender"

    become.anew("sender")
    monkeypatch.setattr(environment, "IamCredentials", Forger)
    with pytest.raises(CACHE_ERRORS, match="invalid username-password"):
        become.anew("sender")


def test_cache_with_another_certificate_is_not_believed(become, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(CACHE_ERRORS, match="CERTIFICATE_VERIFY_FAILED"):
        become.anew("sender")

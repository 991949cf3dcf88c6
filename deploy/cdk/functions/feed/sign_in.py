"""Signing in to ElastiCache by IAM: the password is an address that is signed and never fetched."""

import time
from urllib.parse import urlencode

from botocore.model import ServiceId
from botocore.signers import RequestSigner
from redis.credentials import CredentialProvider

TOKEN_SECONDS = 900


class IamCredentials(CredentialProvider):
    """A token holds for 15 minutes, which is for new connections; one is used for ten of them at most.

    By the clock that the cache knows too: a monotonic one may stand still while Lambda keeps a process frozen, and the token ages.
    """

    def __init__(self, session, cache, user, region, clock=time.time):
        self._cache, self._user, self._region, self._clock = cache, user, region, clock
        # The signer holds the session weakly, and can sign nothing once it is gone.
        self._session = session
        self._signer = RequestSigner(
            ServiceId("elasticache"), region, "elasticache", "v4", session.get_credentials(),
            session.get_component("event_emitter"))
        self._token, self._made_at = None, None

    def get_credentials(self):
        now = self._clock()
        if self._token is None or not 0 <= now - self._made_at <= TOKEN_SECONDS - 300:
            self._token, self._made_at = self._sign(), now
        return self._user, self._token

    def _sign(self):
        query = urlencode({"Action": "connect", "User": self._user, "ResourceType": "ServerlessCache"})
        request = {"method": "GET", "url": f"https://{self._cache}/?{query}", "body": {}, "headers": {}, "context": {}}
        address = self._signer.generate_presigned_url(
            request, operation_name="connect", expires_in=TOKEN_SECONDS, region_name=self._region)
        return address.removeprefix("https://")

"""The permission-change log: one method for each operation of the same name."""

from octui.client.endpoints import SLOW_DEADLINE_S, Endpoints, params_of
from octui.schema.audit import AuditHead, AuditPage, AuditVerification, Log


class AuditEndpoints(Endpoints):
    """The permission-change log."""

    async def audit(
        self,
        *,
        time_from: int | None = None,
        time_to: int | None = None,
        action: str = "",
        name: str = "",
        ip: str = "",
        service: str = "",
        account: str = "",
        words: str = "",
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
        log: Log = Log.PERMISSIONS,
    ) -> AuditPage:
        """A page of a log, newest first. `before` and `after` are entry numbers of the one chain of both."""
        filters: dict[str, str | int | None] = {"from": time_from, "to": time_to, "action": action, "name": name}
        filters |= {"ip": ip, "service": service, "account": account, "words": words}
        params = params_of(**filters, before=before, after=after, limit=limit, log=log.value)
        return await self._send_request("audit", AuditPage, params=params)

    async def audit_head(self) -> AuditHead:
        return await self._send_request("audit_head", AuditHead)

    async def verify_audit(self) -> AuditVerification:
        return await self._send_request("verify_audit", AuditVerification, deadline=SLOW_DEADLINE_S)

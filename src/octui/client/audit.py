"""Requests of the permission-change log: one method for each operation of the same name."""

from octui.client.endpoints import SLOW_DEADLINE_S, Endpoints, params_of
from octui.schema.audit import AuditFilter, AuditHead, AuditPage, AuditVerification


class AuditEndpoints(Endpoints):
    """Requests of the permission-change log."""

    async def audit(self, query: AuditFilter) -> AuditPage:
        """Return a page of the log entries that match the filter, newest first."""
        return await self._send_request("audit", AuditPage, params=params_of(**query.model_dump(by_alias=True)))

    async def audit_head(self) -> AuditHead:
        return await self._send_request("audit_head", AuditHead)

    async def verify_audit(self) -> AuditVerification:
        return await self._send_request("verify_audit", AuditVerification, deadline=SLOW_DEADLINE_S)

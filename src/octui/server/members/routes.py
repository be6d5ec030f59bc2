"""HTTP routes of the members."""

from octui.schema.members import Member, MemberPage, NewMember
from octui.server.members import removal, store
from octui.server.web.operations import ContextArg, Operations
from octui.server.web.parameters import PAGE, AfterArg, LimitArg, QueryArg

operations = Operations()


@operations("members")
def list_members(
    context: ContextArg, query: QueryArg = "", after: AfterArg = None, limit: LimitArg = PAGE
) -> MemberPage:
    """Return the members by account, filtered by part of name (initials too), account or e-mail."""
    return context.store.read(lambda connection: store.list_members(connection, query=query, after=after, limit=limit))


@operations("add_member", 201)
def add_member(body: NewMember, context: ContextArg) -> Member:
    """Add a person to the organization."""
    return context.store.write(lambda change: store.add_member(change, body), context.principal)


@operations("look_up_members")
def look_up_members(
    context: ContextArg,
    name: QueryArg = "",
    account: QueryArg = "",
    email: QueryArg = "",
    after: AfterArg = None,
    limit: LimitArg = PAGE,
) -> MemberPage:
    """Return members to choose from, by part of name (initials too), account or e-mail; at least one is required."""
    return context.store.read(
        lambda connection: store.look_up_members(
            connection, name=name, account=account, email=email, after=after, limit=limit
        )
    )


@operations("remove_member", 204)
def remove_member(account: str, context: ContextArg) -> None:
    """Remove a member with all their rights, sessions and tokens."""
    context.store.write(lambda change: removal.remove_member(change, account), context.principal)

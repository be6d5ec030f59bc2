"""Members of the organization."""

from octui.schema.members import Member, MemberPage, NewMember
from octui.server.members import removal, store
from octui.server.web.list_parameters import PAGE, AfterArg, LimitArg, QueryArg
from octui.server.web.operations import CallArg, Operations

operations = Operations()


@operations("members")
def page(call: CallArg, query: QueryArg = "", after: AfterArg = None, limit: LimitArg = PAGE) -> MemberPage:
    """Members by account, looked up by part of name (initials too), account or e-mail."""
    return call.store.read(lambda connection: store.page(connection, query=query, after=after, limit=limit))


@operations("add_member", 201)
def add(body: NewMember, call: CallArg) -> Member:
    """Add a person to the organization."""
    return call.store.write(lambda change: store.add(change, body), call.principal)


@operations("look_up_members")
def look_up(
    call: CallArg,
    name: QueryArg = "",
    account: QueryArg = "",
    email: QueryArg = "",
    after: AfterArg = None,
    limit: LimitArg = PAGE,
) -> MemberPage:
    """Members to choose from, by part of name (initials too), account or e-mail; at least one is to be given."""
    return call.store.read(
        lambda connection: store.look_up(connection, name=name, account=account, email=email, after=after, limit=limit)
    )


@operations("remove_member", 204)
def remove(account: str, call: CallArg) -> None:
    """Take a member out of the organization with all their rights, sessions and tokens."""
    call.store.write(lambda change: removal.remove_member(change, account), call.principal)

"""Texts of the mails, in the reader's language. Plain text only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A mail's subject, which is one line, and its text."""

    subject: str
    body: str


_INVITATION = {
    "ko": Letter(
        "{organization}: octui 초대",
        """{name} 님, 안녕하세요.

{sender} 님이 {organization} 조직에 초대했습니다. (ID: {account})
터미널에서 아래 명령을 실행하고 비밀번호를 정하면 로그인할 수 있습니다.

    {command}

초대 코드: {code}

코드는 {days}일 동안 한 번만 쓸 수 있습니다. 초대를 다시 받으면 이전 코드는 쓸 수 없습니다.
이 초대를 예상하지 못했다면 이 메일을 무시하세요.
""",
    ),
    "en": Letter(
        "{organization}: invitation to octui",
        """Hello {name},

{sender} invites you to the organization {organization}. (Your account: {account})
Run this command in a terminal and choose a password; then you can sign in.

    {command}

Invitation code: {code}

The code can be used once, within {days} days. A newer invitation makes it void.
If you did not expect this invitation, ignore this mail.
""",
    ),
    "ja": Letter(
        "{organization}: octui への招待",
        """{name} 様

{sender} 様から組織「{organization}」に招待されました。(ID: {account})
ターミナルで次のコマンドを実行し、パスワードを設定するとログインできます。

    {command}

招待コード: {code}

コードは {days} 日間、一度だけ使えます。新しい招待を受け取ると、以前のコードは使えません。
この招待に心当たりがない場合は、このメールを無視してください。
""",
    ),
}


def invitation_letter(
    language: str, *, organization: str, sender: str, account: str, name: str, code: str, url: str, days: int
) -> Letter:
    """Return the mail with the one-time code. `url`: the server's address; empty where the reader knows it."""
    letter = _INVITATION.get(language, _INVITATION["en"])
    command = f"octui accept --url {url} {code}" if url else f"octui accept {code}"
    # An invitation by the operator, before there are members, names no sender.
    values = {"organization": organization, "sender": sender or organization, "account": account, "name": name}
    values |= {"command": command, "code": code, "days": str(days)}
    return Letter(letter.subject.format_map(values), letter.body.format_map(values))

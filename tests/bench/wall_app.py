"""A wall over floors that change by key: `python wall_app.py TURN_SECONDS`. F9: a call comes in and waits."""

import asyncio
import sys
from typing import Any

from octui.client.api import Api
from octui.ui.wall.app import WallApp, WallOptions
from ui.wall_server import PICTURED, WallServer

FRESH = ("cs", "mall", "vip")
BEAT_S = 10


class ChangingWall(WallApp):
    BINDINGS = [("f9", "call", "")]

    def __init__(self, turn_s: int, **options: Any) -> None:
        self.server = WallServer(*PICTURED)
        super().__init__(lambda: Api(self.server), WallOptions(place="2층 상담실", turn_s=turn_s), **options)

    def on_mount(self) -> None:
        # Beside the wall's own: Textual calls the handlers of all classes.
        self.run_worker(self._beat())

    async def _beat(self) -> None:
        while True:
            self.server.beat(*FRESH)
            await asyncio.sleep(BEAT_S)

    def action_call(self) -> None:
        floor = self.server.floors["mall"]
        assert floor.calls is not None
        assert floor.waiting is not None
        now = self.server.now_ms()
        calls = floor.calls.model_copy(update={"offered": floor.calls.offered + 1})
        news = {"waiting": floor.waiting + 1, "waiting_since": floor.waiting_since or now, "calls": calls}
        self.server.change(floor.model_copy(update=news | {"known_until": now, "at": now}))


if __name__ == "__main__":
    ChangingWall(int(sys.argv[1])).run(mouse=False)

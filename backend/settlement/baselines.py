"""Carries out what the rater decided: baselines on the market chain, the newest decision about a node prevailing."""

from __future__ import annotations

import structlog

from backend.domain.effects import SetBaseline
from backend.errors import Conflict, Recoverable
from backend.log import about
from backend.ports import Effects, Nodes, Rater
from backend.settlement.settler import Follow, back_off, require_followed, unfollowed

log = structlog.get_logger()

KINDS = (SetBaseline.__name__,)


class BaselineSettler:
    """Effects in, transactions of the account that may set baselines out; `follow` as for the settler."""

    def __init__(self, rater: Rater, nodes: Nodes, effects: Effects, follow: Follow = unfollowed) -> None:
        self._rater = rater
        self._nodes = nodes
        self._effects = effects
        self._follow = follow

    def run_once(self) -> int:
        """Try every effect that is due; how many are done now and were not before."""
        done = 0
        for queued in self._effects.pending(KINDS):
            effect = queued.effect
            if not isinstance(effect, SetBaseline):
                continue
            try:
                with about(effect=queued.key, node=effect.provider):
                    tx = "" if self._overtaken(effect) else self._rater.set_baseline(effect)
                    require_followed(self._follow)
            except Recoverable as error:
                self._effects.retry(queued.key, back_off(queued.attempts), error.message)
                log.warning("effect.postponed", effect=queued.key, code=error.code, message=error.message)
            except Conflict as error:
                self._effects.fail(queued.key, error.code, error.message)
                log.error("effect.refused", effect=queued.key, code=error.code, message=error.message)  # noqa: TRY400 -- a refusal is a sentence
            else:
                self._effects.done(queued.key, {"tx": tx})
                log.info("effect.done", effect=queued.key, tx=tx)
                done += 1
        return done

    def _overtaken(self, effect: SetBaseline) -> bool:
        """Whether something newer was decided while this one waited."""
        node = self._nodes.get(effect.provider)
        if node is None or node.baseline is None:
            return False
        return (effect.benchmark, effect.periods) < (node.baseline.benchmark, node.baseline.periods)

"""The automations of ``automations.yaml`` on Prefect's server, by name: created once, then updated in place.

A dead-man's switch must not run inside what it watches.  Prefect's server evaluates the automation and calls the
webhook itself, so the alert comes when worker, flow and scheduler are dead.  If the server may die as well, set
GAPINDEX_PING_URL to a watchdog elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger
from pydantic import SecretStr

from warehouse.alerts.subscriptions import Alerts

_KEYS = frozenset({"name", "description", "trigger", "action"})
_ACTIONS = ({"channel", "payload"}, {"state", "message"})


class BadAutomations(ValueError):
    """The file, or the server's answer to it, cannot be used; the message states what was found and what to do."""


def declared(file: Path) -> list[dict[str, Any]]:
    """The automations of a file, with the fields used here checked."""
    try:
        document = yaml.safe_load(file.read_text("utf-8"))
        listed = list(document["automations"])
        wrong = [one for one in listed if set(one) != _KEYS or set(one["action"]) not in _ACTIONS]
        names = [str(one["name"]) for one in listed]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise BadAutomations(f"{file}: no list of automations ({type(error).__name__}); see docs/alerts.md") from error
    if wrong:
        raise BadAutomations(
            f"{file}: {wrong[0].get('name')}: expected name, description, trigger, and action with channel and payload,"
            " or with state and message"
        )
    if len(set(names)) < len(names):
        raise BadAutomations(f"{file}: two automations of one name; give each its own")
    return listed


async def apply(file: Path, alerts: Alerts) -> dict[str, str]:
    """Creates or updates the file's automations on the server; returns by name what was done."""
    wanted = declared(file)
    done = {}
    async with get_client() as client:
        for one in wanted:
            if "state" in one["action"]:
                done[str(one["name"])] = await _settle(client, _automation(one, _state_change(one)))
                continue
            channel = str(one["action"]["channel"])
            if channel not in alerts.channels or not (address := _address(alerts, channel)):
                done[str(one["name"])] = (
                    f"left out: alerts.yaml has no channel {channel} with a webhook or http address"
                )
                continue
            payload = json.dumps(one["action"]["payload"], sort_keys=True)
            call = CallWebhook(block_document_id=await _block(channel, address), payload=payload)
            done[str(one["name"])] = await _settle(client, _automation(one, call))
    return done


def _address(alerts: Alerts, channel: str) -> str:
    """The address the server can post to: a webhook, or the one to which Apprise would post JSON."""
    chosen = alerts.channels[channel]
    if chosen.webhook:
        return chosen.webhook
    for scheme, real in (("jsons://", "https://"), ("json://", "http://"), ("https://", "https://")):
        if chosen.url.startswith(scheme):
            return real + chosen.url.removeprefix(scheme)
    return ""


async def _block(channel: str, address: str) -> UUID:
    """The id of the block that holds a channel's address on the server."""
    return await Webhook(method="POST", url=SecretStr(address)).asave(f"gapindex-{channel}", overwrite=True)


def _state_change(one: Mapping[str, Any]) -> ChangeFlowRunState:
    """The action that gives the run of the trigger another state."""
    state = str(one["action"]["state"])
    if state not in StateType.__members__:
        raise BadAutomations(f"{one['name']}: state {state!r} is none of {', '.join(StateType.__members__)}")
    return ChangeFlowRunState(name=None, state=StateType[state], force=False, message=str(one["action"]["message"]))


def _automation(one: Mapping[str, Any], action: CallWebhook | ChangeFlowRunState) -> AutomationCore:
    try:
        return AutomationCore(
            name=str(one["name"]),
            description=str(one["description"]),
            trigger=EventTrigger.model_validate(one["trigger"]),
            actions=[action],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadAutomations(f"{one['name']}: its trigger is none Prefect knows ({type(error).__name__})") from error


async def _settle(client: PrefectClient, wanted: AutomationCore) -> str:
    there: list[Automation] = await client.read_automations_by_name(name=wanted.name)
    if not there:
        await client.create_automation(wanted)
        return "created"
    first, *others = sorted(there, key=lambda automation: str(automation.id))
    for extra in others:
        await client.delete_automation(extra.id)
    if _same(first, wanted) and not others:
        return "as declared"
    await client.update_automation(first.id, wanted)
    return "updated"


def _same(there: Automation, wanted: AutomationCore) -> bool:
    def plain(one: AutomationCore) -> dict[str, Any]:
        dumped = one.model_dump(mode="json", include={"name", "description", "enabled", "trigger", "actions"})
        dumped["trigger"].pop("id", None)
        for key in ("expect", "after", "for_each"):
            dumped["trigger"][key] = sorted(dumped["trigger"].get(key) or ())
        return dumped

    return plain(there) == plain(wanted)

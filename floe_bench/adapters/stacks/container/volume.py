"""What containers of one stack share: a network, and the volumes that keep its data."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.daemon import told
from floe_bench.adapters.stacks.container.label import Place
from floe_bench.adapters.stacks.container.settings import ServiceSettings
from floe_bench.errors import StackUnavailable

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.volumes import Volume


def network_name(place: Place) -> str:
    return place.prefix


def make_network(client: DockerClient, place: Place) -> None:
    with told("making the stack's network"):
        if not any(found.name == network_name(place) for found in client.networks.list(filters=place.filters)):
            client.networks.create(network_name(place), labels=place.labels(**{label.OWNER: label.owner()}))


def remove_networks(client: DockerClient, place: Place) -> None:
    _remove(client, place, place.filters)


def remove_idle_networks(client: DockerClient, place: Place) -> None:
    """Of other stacks of this project, once their containers are gone."""
    _remove(client, place, place.of_project)


def _remove(client: DockerClient, place: Place, filters: dict[str, list[str]]) -> None:
    from docker.errors import APIError

    with told("removing the stack's network"):
        for network in client.networks.list(filters=filters):
            if place.owns((network.attrs or {}).get("Labels")):
                with contextlib.suppress(APIError):  # somebody attached a container of their own: it stays
                    network.remove()


def make_volumes(client: DockerClient, place: Place, service: ServiceSettings, *, secrets: str) -> None:
    """Made before the container, which would make them without labels.

    Raises:
        StackUnavailable: one is there from a start with other secrets, and opens with those only.
    """
    known = {volume.name: volume for volume in _volumes(client, place)}
    with told("making the stack's volumes"):
        for name in service.volumes:
            full = f"{place.prefix}-{name}"
            if full not in known:
                client.volumes.create(full, labels=place.labels(**{label.SECRETS: secrets}))
            elif service.locked and _labels(known[full]).get(label.SECRETS) != secrets:
                raise StackUnavailable(
                    f"the volume {full} of {service.title} was made with other credentials than this project has now",
                    remedy="floe-bench reset deletes the volume and everything in the lakehouse",
                )


def volumes(client: DockerClient, place: Place) -> list[str]:
    return [str(volume.name) for volume in _volumes(client, place)]


def remove_volumes(client: DockerClient, place: Place) -> None:
    for volume in _volumes(client, place):
        with told(f"removing the volume {volume.name}"):
            volume.remove()


def _volumes(client: DockerClient, place: Place) -> list[Volume]:
    with told("listing the stack's volumes"):
        found = client.volumes.list(filters=place.filters)
    mine = (place.project, place.stack)
    return [each for each in found if (_labels(each).get(label.PROJECT), _labels(each).get(label.STACK)) == mine]


def _labels(volume: Volume) -> dict[str, str]:
    return (volume.attrs or {}).get("Labels") or {}

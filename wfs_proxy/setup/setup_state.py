"""What the person has chosen so far, in memory only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from wfs_proxy.config import SIGNALEN_FILES, Layer, SignalenInstance, read_signalen_file
from wfs_proxy.features import FeatureBatch
from wfs_proxy.inspect import (
    ComposedLayer,
    Diagnosis,
    Finding,
    InspectionStep,
    LayerDraft,
    Login,
    ServiceReport,
    TypeReport,
)
from wfs_proxy.reports import SignalenCategory

__all__ = ["STEPS", "SetupState", "Step", "known_instances"]

Step = Literal["address", "type", "objects", "fields", "id", "reports", "save", "question"]

STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(kw_only=True)
class SetupState:
    """The state of one run of the command. All tabs of the browser share it."""

    folder: Path
    """Of the layer files."""

    address: str = ""
    login: Login | None = field(default=None, repr=False)
    diagnosis: Diagnosis | Finding | None = None
    """Why the last inspection gave nothing to go on with."""

    service: ServiceReport | None = None
    report: TypeReport | None = None
    sample: FeatureBatch | None = field(default=None, repr=False)
    draft: LayerDraft | None = None
    signalen_url: str = ""
    """The address of a new Signalen instance; "" without one."""

    signalen_token: str = field(default="", repr=False)
    categories: tuple[SignalenCategory, ...] = ()
    """Of the Signalen that was asked last, to choose from."""

    may_skip_check: bool = False
    """Whether the last form was refused because of what Signalen answered, or because it did not answer."""

    signalen_unchecked: bool = False
    """Whether the person went on without that Signalen was asked."""

    saved: Path | None = None
    written: ComposedLayer | None = None
    layer: Layer | None = None
    """As the proxy reads the saved file."""

    public_url: str = ""
    """Of the proxy, for the question; "" while it is unknown."""

    inspection: asyncio.Task[None] | None = None
    progress: InspectionStep | None = None

    @property
    def inspecting(self) -> bool:
        """Whether an inspection is in progress."""
        return self.inspection is not None and not self.inspection.done()

    def may_visit(self, step: Step) -> bool:
        """Whether everything that a step needs is there."""
        if step == "address":
            return True
        if step == "type":
            return self.service is not None
        return self.draft is not None if step != "question" else self.saved is not None

    def current(self) -> Step:
        """Return the step to go on with."""
        if self.saved is not None:
            return "question"
        if self.draft is not None:
            return "objects"
        login_needed = self.diagnosis is not None and self.diagnosis.needs_login
        return "type" if self.service is not None and not login_needed else "address"

    def forget_type(self) -> None:
        """Forget what is about one type."""
        self.report = self.sample = self.draft = self.saved = self.written = self.layer = None

    def forget_service(self) -> None:
        """Forget what is about one service, but not its address and credentials."""
        self.forget_type()
        self.service = self.diagnosis = None


def known_instances(folder: Path, environment: Mapping[str, str]) -> Mapping[str, SignalenInstance | None]:
    """Return the instances of Signalen that the folder has, by name. Empty without a file of them.

    An instance of a file with a problem counts too, as None, because `wfs-proxy check` reports the problem. So does one
    that is not configured.
    """
    path = next((folder / name for name in SIGNALEN_FILES if (folder / name).is_file()), None)
    if path is None:
        return {}
    checked = read_signalen_file(path, environment)
    instances = checked.file.value.get("instances")
    named: Iterable[str] = instances if isinstance(instances, dict) else ()
    return {**dict.fromkeys(named), **(checked.model.instances if checked.model is not None else {})}

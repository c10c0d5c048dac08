"""The question of a layer: what an administrator pastes into Signalen or Meldingen, and a check of what is there."""

from wfs_proxy.question.addresses import address_problem, host_of, is_this_machine, layer_path, map_endpoint
from wfs_proxy.question.checker import check_question
from wfs_proxy.question.findings import QuestionFinding, finding_line
from wfs_proxy.question.icons import icons
from wfs_proxy.question.kinds import named_kinds
from wfs_proxy.question.labels import capitalised, form_labels
from wfs_proxy.question.layer_question import FORMS, Form, LayerQuestion, layer_question, obstacles
from wfs_proxy.question.signalen import FIELD_TYPE, signalen_question

__all__ = [
    "FIELD_TYPE",
    "FORMS",
    "Form",
    "LayerQuestion",
    "QuestionFinding",
    "address_problem",
    "capitalised",
    "check_question",
    "finding_line",
    "form_labels",
    "host_of",
    "icons",
    "is_this_machine",
    "layer_path",
    "layer_question",
    "map_endpoint",
    "named_kinds",
    "obstacles",
    "signalen_question",
]

"""The ids and the words of messages to users."""

from lapilli.model.messages import Action, Detail, Resource, event_id, words


def test_event_ids_are_cinders() -> None:
    """Clients compare them."""
    known = event_id(Resource.SNAPSHOT, Action.SNAPSHOT_CREATE, Detail.SNAPSHOT_CREATE_ERROR)
    assert known == "VOLUME_VOLUME_SNAPSHOT_009_013"


def test_ids_are_numbered_without_a_gap() -> None:
    """Each number means one thing: Cinder's from 1 on, ours from 901 on."""
    for kind, of_cinder in ((Action, 16), (Detail, 30)):
        ours = range(901, 901 + len(kind) - of_cinder)
        assert [int(each.id) for each in kind] == [*range(1, of_cinder + 1), *ours]


def test_words_say_what_and_why() -> None:
    """The action and the detail, and something sensible for what no release of ours knows."""
    assert words("007", "010").startswith("Extending the volume:The storage could not grow it.")
    assert words("999", "999").endswith(Detail.UNKNOWN_ERROR.words)

"""From files to dataclasses: whole configurations, chains of sections, and all mistakes at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lapilli.model.options import option
from lapilli.settings.core import ApiSettings, CoreSettings, LogSettings, QuotaSettings, VolumeSettings
from lapilli.settings.database import DatabaseSettings
from lapilli.settings.settings import InvalidSettings, Settings, load

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class BackendSettings:
    volume_driver: str = option("lvm", help="")
    volume_backend_name: str | None = option(None, help="")
    volume_group: str = option("cinder-volumes", help="")
    target_helper: str = option("tgtadm", help="", choices=("tgtadm", "lioadm"))
    target_ip_address: str = option("$my_ip", help="")
    volumes_dir: str = option("$state_path/volumes", help="")
    reserved_percentage: int = option(0, low=0, high=100, help="")
    san_ip: str = option("", help="", legacy=("san_address", "san/ip"))
    pure_api_token: str = option("", secret=True, help="")
    use_chap_auth: bool = option(False, help="")
    extra_capabilities: Mapping[str, Any] = option("{}", help="")
    replication_device: tuple[dict[str, str], ...] = option((), help="")


@dataclass(frozen=True)
class BusSettings:
    transport_url: str = option("", help="", secret=True)


@dataclass(frozen=True)
class IdentitySettings:
    auth_url: str = option("", help="")
    username: str = option("", help="")
    password: str = option("", help="", secret=True)
    project_name: str = option("", help="")


def loaded(tmp_path: Path, text: str, **overrides: str) -> Settings:
    path = tmp_path / "cinder.conf"
    path.write_text(text)
    return load(path, overrides)


def remarks(settings: Settings, tmp_path: Path) -> list[str]:
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in settings.problems]


def test_the_first_seed_loads_as_it_stands() -> None:
    """A008 to A037: every value arrives under its new name, without a problem."""
    settings = load(DATA / "two_lvm_backends.conf")
    core, log = settings.bind(CoreSettings), settings.bind(LogSettings)
    assert settings.bind(ApiSettings).auth_strategy == "keystone"
    assert settings.enabled_backends == core.enabled_backends == ("lvm1", "lvm2")
    assert settings.bind(BusSettings).transport_url == "rabbit://guest:guest@caldara01:5672/"
    assert log == LogSettings(debug=True, log_dir="/var/log/cinder", log_file=None, use_syslog=False)
    database = settings.bind(DatabaseSettings, section="database")
    assert database.connection == "mysql://cinder:caldera123@controller/cinder"
    assert (database.max_retries, database.retry_interval, database.connection_recycle_time) == (10, 10, 3600)
    identity = settings.bind(IdentitySettings, section="keystone_authtoken")
    assert identity == IdentitySettings("http://controller:35357/", "cinder", "******", "services")
    first, second = (settings.backend(name, BackendSettings) for name in settings.enabled_backends)
    assert (first.volume_backend_name, second.volume_backend_name) == ("LOLLA", "LOLLO")
    assert (first.target_helper, first.target_ip_address, first.volume_group) == ("lioadm", "192.168.2.30", "storage")
    assert first.volume_driver == "cinder.volume.drivers.lvm.LVMISCSIDriver"
    settings.check()


def test_each_old_name_of_the_first_seed_gets_one_notice() -> None:
    """A008: nineteen options have old names or no effect, each is said once, however often sections are bound."""
    settings = load(DATA / "two_lvm_backends.conf")
    for _ in range(2):
        settings.bind(CoreSettings)
        settings.backend("lvm1", BackendSettings)
    lines = [notice.line for notice in settings.notices]
    assert lines == [3, 9, 10, 11, 12, 13, 16, 17, 18, 23, 24, 25, 26, 27, 28, 31, 32, 38, 39]


def test_the_stanzas_of_the_second_seed_load() -> None:
    """B004 to B014: inline comments are gone and the capabilities are typed."""
    settings = load(DATA / "three_arrays.conf", {"enabled_backends": "flasharray_x_01,flasharray_x_02,flasharray_x_03"})
    arrays = [settings.backend(name, BackendSettings) for name in settings.enabled_backends]
    settings.check()
    assert {array.volume_backend_name for array in arrays} == {"pure_performance"}
    assert [array.san_ip for array in arrays] == ["10.1.0.10", "10.1.0.11", "10.1.0.12"]
    assert (arrays[0].pure_api_token, arrays[0].use_chap_auth) == ("<secret>", False)
    assert arrays[0].extra_capabilities == {
        "array_model": "FlashArray//X",
        "avg_latency_ms": 0.35,
        "avg_throughput_mbps": 5200,
        "dedupe_ratio": 4.5,
        "max_volume_size_gb": 8000,
    }


def test_ten_mistakes_are_ten_problems_at_their_lines() -> None:
    """All of them are raised at once, each beginning with its file and line."""
    path = DATA / "ten_mistakes.conf"
    settings = load(path)
    for cls in (CoreSettings, ApiSettings, LogSettings, QuotaSettings, VolumeSettings):
        settings.bind(cls)
    settings.bind(DatabaseSettings, section="database")
    settings.backend("lvm1", BackendSettings)
    with pytest.raises(InvalidSettings) as caught:
        settings.check()
    assert str(caught.value).replace(f"{path}:", "").splitlines() == [
        "1: state_path stands before the first [section]; most options belong to [DEFAULT]",
        "3: enabled_backends names lvm9, but there is no section [lvm9]; did you mean [lvm1]?",
        "4: osapi_volume_listen_port = many: must be a whole number",
        "6: debug = perhaps: must be true or false",
        (
            "7: auth_strategy = keystoen: must be keystone or noauth or noauth_include_project_id or http_basic; "
            "did you mean keystone?"
        ),
        "8: the line is neither `name = value` nor [section] nor a # comment",
        "9: log_dir = $nowhere/log: refers to $nowhere, which is not set; write $$ for a dollar sign",
        "11: the line is indented, but continues no option; remove the blanks before it",
        "14: max_pool_size = 0: must be at least 1",
        "18: extra_capabilities: must be a JSON object: Expecting ':' delimiter",
    ]


def test_a_backend_reads_its_section_then_the_shared_one_and_never_the_default(tmp_path: Path) -> None:
    """A value in [DEFAULT] does not reach a named backend; references still do."""
    settings = loaded(
        tmp_path,
        "[DEFAULT]\nenabled_backends = a\nvolume_group = no\nmy_ip = 10.0.0.1\n"
        "[backend_defaults]\nsan_ip = 10.0.0.2\nreserved_percentage = 5\n[a]\nreserved_percentage = 7\n",
    )
    backend = settings.backend("a", BackendSettings)
    assert (backend.volume_group, backend.san_ip, backend.reserved_percentage) == ("cinder-volumes", "10.0.0.2", 7)
    assert (backend.target_ip_address, backend.volumes_dir) == ("10.0.0.1", "/var/lib/cinder/volumes")


def test_references_are_followed(tmp_path: Path) -> None:
    """The own section comes first, then [DEFAULT], then defaults; `$$` and a lonely `$` are dollar signs."""
    text = (
        "[DEFAULT]\nstate_path = /srv\nroot = /default\n[a]\nroot = /own\nvolumes_dir = ${root}/$state_path\n"
        "volume_group = $$x${b.name}$5\nsan_ip = $my_ip\n[b]\nname = -b-\n"
    )
    backend = loaded(tmp_path, text).backend("a", BackendSettings)
    assert (backend.volumes_dir, backend.volume_group, backend.san_ip) == ("/own//srv", "$x-b-$5", "127.0.0.1")


def test_a_circle_of_references_is_a_problem(tmp_path: Path) -> None:
    """It is reported once, not followed for ever."""
    settings = loaded(tmp_path, "[DEFAULT]\nhost = $one\none = $two\ntwo = $one\n")
    assert remarks(settings, tmp_path) == ["cinder.conf:2: host = $one: refers to $one, which refers back to it"]


def test_repeated_options_add_up_or_the_last_counts(tmp_path: Path) -> None:
    """Replication devices add up; a single value given twice gets a notice."""
    settings = loaded(
        tmp_path,
        "[a]\nreplication_device = backend_id:x\nreplication_device = backend_id:y\nsan_ip = 1\nsan_ip = 2\n",
    )
    backend = settings.backend("a", BackendSettings)
    assert backend.replication_device == ({"backend_id": "x"}, {"backend_id": "y"})
    assert backend.san_ip == "2"
    assert [notice.message for notice in settings.notices] == ["san_ip has no effect here: line 5 sets it again"]


def test_legacy_names_of_a_field_are_read_with_a_notice(tmp_path: Path) -> None:
    """A consumer may declare old names beside its option, in its own or another section."""
    settings = loaded(tmp_path, "[a]\nsan_address = 1\n[b]\n[san]\nip = 2\n")
    assert settings.backend("a", BackendSettings).san_ip == "1"
    assert settings.backend("b", BackendSettings).san_ip == "2"
    assert [notice.message for notice in settings.notices] == [
        "san_address is an old name; write san_ip instead",
        "ip is an old name; write san_ip instead",
    ]
    assert settings.unread() == ()


def test_unknown_options_are_notices_with_a_guess(tmp_path: Path) -> None:
    """A file of Cinder holds options of parts that are not here; none of them stops the start."""
    settings = loaded(tmp_path, "[DEFAULT]\nreport_intervall = 3\nnfs_thing = 1\nroot = 2\nhost = $root\n[x]\ny = 1\n")
    settings.check()
    assert [f"{notice.line}: {notice.message}" for notice in settings.unknown()] == [
        "2: unknown option report_intervall in [DEFAULT]; did you mean report_interval?",
        "3: unknown option nfs_thing in [DEFAULT]",
        "7: nothing reads the section [x]",
    ]


def test_overrides_beat_the_file(tmp_path: Path) -> None:
    """They are checked like the file, and say where they come from."""
    settings = loaded(tmp_path, "[DEFAULT]\nhost = file\n", **{"host": "mine", "database.max_pool_size": "none"})
    settings.bind(DatabaseSettings, section="database")
    assert settings.bind(CoreSettings).host == "mine"
    assert remarks(settings, tmp_path) == ["command line: max_pool_size = none: must be a whole number"]
    assert settings.notices == ()


def test_a_mistake_leaves_the_default_and_hides_secrets(tmp_path: Path) -> None:
    """Binding goes on with the default; a secret is not printed with its mistake."""
    settings = loaded(tmp_path, "[a]\npure_api_token = a$b\nreserved_percentage = 200\n")
    backend = settings.backend("a", BackendSettings)
    assert (backend.pure_api_token, backend.reserved_percentage) == ("", 0)
    assert remarks(settings, tmp_path) == [
        "cinder.conf:2: pure_api_token = ***: refers to $b, which is not set; write $$ for a dollar sign",
        "cinder.conf:3: reserved_percentage = 200: must be at most 100",
    ]


def test_an_empty_backend_section_is_a_section(tmp_path: Path) -> None:
    """A backend may live of [backend_defaults] alone."""
    loaded(tmp_path, "[DEFAULT]\nenabled_backends = a\n[a]\n").check()


def test_without_a_file_everything_has_its_default() -> None:
    """The node is named after its machine."""
    settings = load()
    settings.check()
    assert settings.bind(CoreSettings).host
    assert settings.bind(DatabaseSettings, "database").connection == "sqlite:////var/lib/cinder/cinder.sqlite"


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """Missing, a directory, or not text: each is said with the file's name."""
    (tmp_path / "bytes").write_bytes(b"[DEFAULT]\nhost = \xff\n")
    messages = [str(load(tmp_path / name).problems[0]) for name in ("missing", ".", "bytes")]
    assert messages == [
        f"{tmp_path}/missing: cannot be read: No such file or directory",
        f"{tmp_path}: cannot be read: Is a directory",
        f"{tmp_path}/bytes:2: is not text in UTF-8",
    ]
